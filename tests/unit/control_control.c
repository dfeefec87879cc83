/* control_control.c - the control socket: requests of any shape, clients that leave, a socket
 * that is somebody's. */
#include "cases.h"
#include "control_fixture.h"
#include <sys/stat.h>
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

/* The answer's last line, after which the connection ends. */
static const char *raw(const char *request)
{
    static char answer[8192];
    size_t len = 0;
    int fd = desk_connect(&d);
    ck_assert_int_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    ssize_t n;
    while ((n = recv(fd, answer + len, sizeof answer - 1 - len, 0)) > 0) {
        len += (size_t)n;
    }
    answer[len] = '\0';
    close(fd);
    return answer;
}

START_TEST(requests_that_are_none)
{
    static const char *const bad[][2] = {
        {"nonsense\n", "not a request: "},
        {"{}\n", "not a request: no \\\"command\\\""},
        {"[1]\n", "not a request: no \\\"command\\\""},
        {"{\"command\":\"dance\"}\n", "this daemon knows no command 'dance'"},
        {"{\"command\":\"wait\"}\n", "usage: settlectl wait ZONE"},
        {"{\"command\":\"wait\",\"arguments\":[7]}\n", "usage: settlectl wait ZONE"},
        {"{\"command\":\"status\",\"arguments\":[\"a\",\"b\",\"c\"]}\n", "usage: settlectl status"},
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *answer = raw(bad[i][0]);
        ck_assert_msg(strstr(answer, bad[i][1]) != NULL && strstr(answer, "\"exit\":2") != NULL,
                      "%s: %s", bad[i][0], answer);
    }
}
END_TEST

START_TEST(one_that_is_too_long)
{
    char *request = malloc(CONTROL_FRAME + 1);
    memset(request, 'x', CONTROL_FRAME);
    request[CONTROL_FRAME] = '\0';
    const char *answer = raw(request);
    ck_assert_ptr_nonnull(strstr(answer, "the request is longer than 65536 octets"));
    free(request);
}
END_TEST

START_TEST(in_pieces)
{
    static const char request[] = "{\"command\":\"status\"}\n";
    char answer[4096];
    int fd = desk_connect(&d);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        ck_assert_int_eq(send(fd, request + i, 1, MSG_NOSIGNAL), 1);
    }
    ck_assert_int_gt(recv(fd, answer, sizeof answer, 0), 10);
    close(fd);
}
END_TEST

/* A client that waits and leaves takes its order along; others are served. */
START_TEST(clients_that_leave)
{
    static const char *const requests[] = {
        "{\"command\":\"wait\",\"arguments\":[\"example\",\"9\"]}\n", "{\"command\":\"reload\"}\n",
        "{\"command\":\"watch\"}\n", "{\"comm"};
    for (unsigned i = 0; i < sizeof requests / sizeof *requests; i++) {
        int fd = desk_connect(&d);
        ck_assert_int_gt(send(fd, requests[i], strlen(requests[i]), MSG_NOSIGNAL), 0);
        if (i % 2 == 0) {
            usleep(2000);
        }
        close(fd);
    }
    desk_expect(&d, "status example", CONTROL_DONE, "zone example: primary, settled");
}
END_TEST

START_TEST(so_many_at_a_time)
{
    int fds[64];
    for (unsigned i = 0; i < 64; i++) {
        fds[i] = desk_connect(&d);
    }
    desk_expect(&d, "status", CONTROL_FAILED, "64 clients are connected already");
    for (unsigned i = 0; i < 64; i++) {
        close(fds[i]);
    }
    int code = CONTROL_FAILED;
    for (unsigned i = 0; code != CONTROL_DONE && i < 2000; i++) { /* until it has seen them leave */
        code = desk_run(&d, false, "status");
        usleep(1000);
    }
    ck_assert_int_eq(code, CONTROL_DONE);
}
END_TEST

START_TEST(whose_socket_it_is)
{
    char path[DIR_PATH + 32], other[DIR_PATH + 32];
    struct oops o = {{0}};
    struct stat st;
    snprintf(path, sizeof path, "%s/control.sock", d.host.dir);
    snprintf(other, sizeof other, "%s/file", d.host.dir);
    ck_assert(stat(path, &st) == 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0660);
    struct desk second;
    desk_make(&second);
    host_zone(&second.host, 1, 80);
    host_configure(&second.host, "zones: []\n");
    ck_assert_msg(host_new(&second.host), "%s", second.host.trouble.text);
    ck_assert_ptr_null(control_start(second.host.server, path, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "another settled answers on "));
    host_write(&d.host, "file", "precious");
    o.text[0] = '\0';
    ck_assert_ptr_null(control_start(second.host.server, other, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "is there and is no socket"));
    ck_assert(stat(other, &st) == 0); /* and stays */
    unlink(other);
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.80s/file", d.host.dir);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert(bind(dead, (struct sockaddr *)&sa, sizeof sa) == 0);
    close(dead); /* left by one that was killed */
    o.text[0] = '\0';
    struct control *c = control_start(second.host.server, other, &o);
    ck_assert_msg(c != NULL, "%s", o.text);
    control_stop(c);
    ck_assert(stat(other, &st) != 0);
    server_free(second.host.server);
    host_remove(&second.host);
}
END_TEST

/* A stop with a client that waits, and one in the middle of a reload. */
START_TEST(stopped_under_a_client)
{
    int waiting = desk_connect(&d), reloading = desk_connect(&d);
    const char *wait = "{\"command\":\"wait\",\"arguments\":[\"example\",\"9\"]}\n";
    const char *reload = "{\"command\":\"reload\"}\n";
    char rest[4096];
    ck_assert_int_gt(send(waiting, wait, strlen(wait), MSG_NOSIGNAL), 0);
    usleep(2000);
    ck_assert_int_gt(send(reloading, reload, strlen(reload), MSG_NOSIGNAL), 0);
    desk_stop(&d);
    while (recv(waiting, rest, sizeof rest, 0) > 0) { /* it ends */
    }
    close(waiting);
    close(reloading);
    start();
}
END_TEST

TCase *case_control_control(void)
{
    TCase *c = tcase_create("control_control");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, requests_that_are_none);
    tcase_add_test(c, one_that_is_too_long);
    tcase_add_test(c, in_pieces);
    tcase_add_test(c, clients_that_leave);
    tcase_add_test(c, so_many_at_a_time);
    tcase_add_test(c, whose_socket_it_is);
    tcase_add_test(c, stopped_under_a_client);
    return c;
}
