/* server_shell.c - what the keeper wants is carried out, and what comes of it is told to the
 * keeper: a saved file goes through watch, pool and disk and is answered. */
#include "cases.h"
#include "host_fixture.h"

static struct host h;

static void start(void)
{
    host_make(&h);
    host_zone(&h, 1, 80);
    host_configure(&h, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_start(&h);
    host_answers(&h, "www.example", "192.0.2.80");
}

static void stop(void)
{
    host_remove(&h);
}

START_TEST(a_saved_file_is_answered)
{
    host_zone(&h, 2, 81);
    host_answers(&h, "www.example", "192.0.2.81");
    host_wait(&h, "zone example: serial 1 -> 2 from file, 1 RRset, ");
    ck_assert(disk_file_id(h.conf, &(struct file_id){0}));
}
END_TEST

START_TEST(a_bad_file_is_said_and_mended)
{
    host_write(&h, "example.zone", "nonsense\n");
    host_wait(&h, "error: zone example: the file has errors: serial 1 is served on\n");
    host_answers(&h, "www.example", "192.0.2.80");
    host_zone(&h, 2, 82);
    host_answers(&h, "www.example", "192.0.2.82");
}
END_TEST

/* Stopped in the middle of work: nothing is lost, nothing hangs. */
START_TEST(stopped_while_a_file_is_read)
{
    struct buf large = {0};
    buf_print(&large, HOST_ZONE, 2, 83);
    for (unsigned i = 0; i < 20000; i++) {
        buf_print(&large, "host%u 60 A 192.0.2.1\n", i);
    }
    host_write(&h, "example.zone", buf_text(&large));
    buf_free(&large);
    usleep(2000);
    host_stop(&h);
    ck_assert(host_said(&h, "notice: stopped\n"));
}
END_TEST

TCase *case_server_shell(void)
{
    TCase *c = tcase_create("server_shell");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_saved_file_is_answered);
    tcase_add_test(c, a_bad_file_is_said_and_mended);
    tcase_add_test(c, stopped_while_a_file_is_read);
    return c;
}
