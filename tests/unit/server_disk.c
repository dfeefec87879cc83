/* server_disk.c - batches are on disk when they are answered, in their order, together where they
 * wait; one that cannot be written does not spoil the others. */
#include "cases.h"
#include "journal_dir.h"
#include "server/disk.h"
#include <string.h>
#include <uv.h>

#define KIND 42

static char dir[DIR_PATH];
static struct store *store;
static struct mailbox box;
static uv_sem_t some;

static void wake(void *ctx)
{
    (void)ctx;
    uv_sem_post(&some);
}

static void start(void)
{
    struct oops o = {{0}};
    dir_make(dir);
    store = store_open(dir, &o);
    ck_assert_msg(store != NULL, "%s", o.text);
    ck_assert(uv_sem_init(&some, 0) == 0);
    mailbox_init(&box, wake, NULL);
}

static void stop(void)
{
    store_close(store);
    uv_sem_destroy(&some);
    dir_remove(dir);
}

static struct store_batch batch(unsigned n)
{
    struct store_batch b = {0};
    char key[16];
    snprintf(key, sizeof key, "%08u", n);
    batch_put(&b, STORE_ZONE, key, 8, "value", 5);
    return b;
}

static bool on_disk(unsigned n)
{
    struct buf out = {0};
    struct oops o = {{0}};
    char key[16];
    snprintf(key, sizeof key, "%08u", n);
    bool found = store_get(store, STORE_ZONE, key, 8, &out, &o);
    buf_free(&out);
    return found;
}

/* Answers to orders 1..count, in order; `failed`: the one that could not be had, 0: none. */
static void expect_answers(unsigned count, unsigned failed)
{
    unsigned number = 1;
    while (number <= count) {
        struct letter *l = mail_drain(&box), *next;
        for (; l != NULL; l = next, number++) {
            struct disk_done *done = (struct disk_done *)l;
            next = l->next;
            ck_assert_int_eq(l->kind, KIND);
            ck_assert_uint_eq(done->number, number);
            ck_assert_int_eq(done->ok, number != failed);
            ck_assert_int_eq(done->why.text[0] == '\0', number != failed);
            ck_assert_int_eq(on_disk(number), number != failed);
            free(done);
        }
        if (number <= count) {
            uv_sem_wait(&some);
        }
    }
}

START_TEST(answered_when_on_disk_in_order)
{
    struct oops o = {{0}};
    struct disk *d = disk_start(store, &box, KIND, &o);
    ck_assert_msg(d != NULL, "%s", o.text);
    disk_rest(d);
    for (unsigned n = 1; n <= 50; n++) {
        struct store_batch b = batch(n);
        disk_commit(d, n, &b);
        ck_assert_uint_eq(b.count, 0); /* taken over */
    }
    disk_rest(d);
    expect_answers(50, 0);
    disk_stop(d);
}
END_TEST

START_TEST(a_bad_one_spoils_no_other)
{
    struct oops o = {{0}};
    struct disk *d = disk_start(store, &box, KIND, &o);
    ck_assert_ptr_nonnull(d);
    for (unsigned n = 1; n <= 20; n++) {
        struct store_batch b = batch(n);
        b.ops.failed = n == 13; /* memory ran out while it was built */
        disk_commit(d, n, &b);
    }
    expect_answers(20, 13);
    disk_stop(d);
}
END_TEST

START_TEST(a_stop_commits_what_waits)
{
    struct oops o = {{0}};
    struct disk *d = disk_start(store, &box, KIND, &o);
    ck_assert_ptr_nonnull(d);
    for (unsigned n = 1; n <= 30; n++) {
        struct store_batch b = batch(n);
        disk_commit(d, n, &b);
    }
    disk_stop(d);
    ck_assert(on_disk(30));
    expect_answers(30, 0);
    disk_stop(NULL);
}
END_TEST

TCase *case_server_disk(void)
{
    TCase *c = tcase_create("server_disk");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, answered_when_on_disk_in_order);
    tcase_add_test(c, a_bad_one_spoils_no_other);
    tcase_add_test(c, a_stop_commits_what_waits);
    return c;
}
