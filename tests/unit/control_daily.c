/* control_daily.c - stats count, watch shows changes as they come, stop stops. */
#include "cases.h"
#include "control_fixture.h"
#include <sys/un.h>

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_zone(&d.host, 1, 80);
    desk_start(&d, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_wait(&d.host, "serial 1 from file");
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(stats)
{
    host_answers(&d.host, "www.example", "192.0.2.80");
    json_t *doc = desk_json(&d, "stats", CONTROL_DONE);
    ck_assert_int_ge(number_of(doc, "queries_udp"), 1);
    ck_assert_int_ge(number_of(doc, "answers"), 1);
    ck_assert_int_eq(number_of(doc, "cache_entries"), 0);
    ck_assert_int_eq(number_of(doc, "changes_served"), 0);
    json_decref(doc);
    ck_assert_int_eq(desk_run(&d, false, "stats"), CONTROL_DONE);
    ck_assert_ptr_nonnull(strstr(d.out, "questions received over UDP\n"));
}
END_TEST

START_TEST(watch)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct timeval patience = {10, 0};
    char line[2048];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.80s/control.sock", d.host.dir);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert(connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
    ck_assert_int_gt(send(fd, "{\"command\":\"watch\"}\n", 20, MSG_NOSIGNAL), 0);
    FILE *in = fdopen(fd, "r");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, in));
    ck_assert_ptr_nonnull(strstr(line, "\"text\":\"example: serial 1, 0 of 0 peers serve it"));
    host_zone(&d.host, 2, 81);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, in));
    ck_assert_ptr_nonnull(strstr(line, "\"text\":\"example: serial 2, 0 of 0 peers serve it\""));
    host_write(&d.host, "example.zone", "nonsense\n");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, in));
    ck_assert_ptr_nonnull(strstr(line, "example.zone:1:"));
    fclose(in);
}
END_TEST

START_TEST(stop_by_hand)
{
    desk_expect(&d, "stop", CONTROL_DONE, "stopping\n");
    pthread_join(d.host.thread, NULL);
    ck_assert(d.host.ran);
    ck_assert(host_said(&d.host, "notice: stopped\n"));
    d.host.running = false;
    control_stop(d.control);
    server_free(d.host.server);
}
END_TEST

TCase *case_control_daily(void)
{
    TCase *c = tcase_create("control_daily");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, stats);
    tcase_add_test(c, watch);
    tcase_add_test(c, stop_by_hand);
    return c;
}
