/* server_pool.c - jobs run off the thread that gives them, small ones first, and every one comes
 * back, run or not. */
#include "cases.h"
#include "server/pool.h"
#include <stdatomic.h>
#include <string.h>
#include <uv.h>

#define JOBS 40

static uv_sem_t come, go;
static struct mailbox box;
static atomic_int ran;

struct counted {
    struct pool_job job;
    int number; /* in the order of running; 0: not run */
    uv_thread_t thread;
};

static struct counted first, jobs[JOBS];

static void start(void)
{
    memset(&first, 0, sizeof first);
    memset(jobs, 0, sizeof jobs);
    ran = 0;
    mailbox_init(&box, NULL, NULL);
    ck_assert(uv_sem_init(&come, 0) == 0 && uv_sem_init(&go, 0) == 0);
}

static void stop(void)
{
    uv_sem_destroy(&come);
    uv_sem_destroy(&go);
}

static void note(void *ctx)
{
    struct counted *c = ctx;
    c->number = atomic_fetch_add(&ran, 1) + 1;
    c->thread = uv_thread_self();
}

/* Says that it runs, and waits until it may end. */
static void block(void *ctx)
{
    note(ctx);
    uv_sem_post(&come);
    uv_sem_wait(&go);
}

static void give(struct pool *p, struct counted *c, uint64_t size, void (*run)(void *))
{
    c->job = (struct pool_job){.size = size, .run = run, .ctx = c};
    pool_add(p, &c->job);
}

static unsigned come_back(void)
{
    unsigned n = 0;
    for (struct letter *l = mail_drain(&box); l != NULL; l = l->next) {
        n++;
    }
    return n;
}

START_TEST(small_ones_first_equal_ones_in_order)
{
    struct oops o = {{0}};
    struct pool *p = pool_start(1, &box, &o);
    ck_assert_msg(p != NULL, "%s", o.text);
    give(p, &first, 0, block);
    uv_sem_wait(&come);
    for (unsigned i = 0; i < JOBS; i++) {
        give(p, &jobs[i], (i * 7) % 5, note);
    }
    uv_sem_post(&go);
    while (atomic_load(&ran) < JOBS + 1) {
        uv_sleep(1);
    }
    pool_stop(p);
    for (unsigned i = 0; i < JOBS; i++) {
        for (unsigned j = 0; j < JOBS; j++) {
            bool before = jobs[i].job.size < jobs[j].job.size ||
                          (jobs[i].job.size == jobs[j].job.size && i < j);
            if (before && jobs[i].number > jobs[j].number) {
                ck_abort_msg("%u ran after %u", i, j);
            }
        }
    }
    uv_thread_t self = uv_thread_self();
    ck_assert(!uv_thread_equal(&first.thread, &self));
    ck_assert_uint_eq(come_back(), JOBS + 1);
}
END_TEST

START_TEST(as_many_at_a_time_as_threads)
{
    struct oops o = {{0}};
    struct pool *p = pool_start(3, &box, &o);
    ck_assert_ptr_nonnull(p);
    for (unsigned i = 0; i < 3; i++) {
        give(p, &jobs[i], 1, block);
    }
    for (unsigned i = 0; i < 3; i++) {
        uv_sem_wait(&come); /* all three are inside */
    }
    for (unsigned i = 0; i < 3; i++) {
        uv_sem_post(&go);
    }
    pool_stop(p);
    ck_assert_uint_eq(come_back(), 3);
}
END_TEST

START_TEST(what_was_not_begun_comes_back_at_the_stop)
{
    struct oops o = {{0}};
    struct pool *p = pool_start(1, &box, &o);
    ck_assert_ptr_nonnull(p);
    give(p, &first, 0, block);
    uv_sem_wait(&come);
    for (unsigned i = 0; i < JOBS; i++) {
        give(p, &jobs[i], 1, note);
    }
    uv_sem_post(&go);
    pool_stop(p);
    ck_assert_int_eq(first.number, 1);
    ck_assert_uint_eq(come_back(), JOBS + 1);
    pool_stop(NULL);
}
END_TEST

TCase *case_server_pool(void)
{
    TCase *c = tcase_create("server_pool");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, small_ones_first_equal_ones_in_order);
    tcase_add_test(c, as_many_at_a_time_as_threads);
    tcase_add_test(c, what_was_not_begun_comes_back_at_the_stop);
    return c;
}
