/* keeper_jobs.c - a job carries all that it needs, holds what it reads, and comes back with its
 * result or a reason; one at a time for a zone. */
#include "cases.h"
#include "keeper_fixture.h"

#define PRIMARY "zones: [{ name: example, role: primary, file: example.zone }]\n"

static struct rig r;

static void start(void)
{
    rig_open(&r);
    rig_zone_file(&r, 1, "www 600 A 192.0.2.80\n");
}

static void stop(void)
{
    rig_close(&r);
}

/* The job that a saved file makes, not yet run. */
static struct keeper_job *a_job(struct keeper_actions *actions)
{
    struct keeper_event e = {.kind = KEEPER_FILE_CHANGED};
    struct keeper_job *job = NULL;
    struct keeper_action *a;
    rig_run(&r, 200);
    keeper_step(r.keeper, r.now, &e, actions);
    while ((a = keeper_action_take(actions)) != NULL) {
        job = a->kind == ACTION_BUILD ? a->job : job;
        keeper_action_free(a);
    }
    ck_assert_ptr_nonnull(job);
    return job;
}

START_TEST(the_base_is_held_and_the_result_looked_at)
{
    struct keeper_actions actions = {0};
    rig_start(&r, PRIMARY);
    rig_zone_file(&r, 2, "www 60 A 192.0.2.81\n");
    struct keeper_job *job = a_job(&actions);
    ck_assert_ptr_eq(job->zone.base, rig_kept(&r, 0)->current);
    ck_assert(rig_kept(&r, 0)->job);
    keeper_job_run(job);
    ck_assert(job->built.ok && job->built.next != NULL);
    ck_assert_ptr_nonnull(job->touched); /* in the pool, not on the keeper's thread */
    RIG_STEP(&r, KEEPER_BUILT, .job = job);
    ck_assert(!rig_kept(&r, 0)->job);
    ck_assert_uint_eq(rig_serial(&r), 2);
}
END_TEST

START_TEST(one_that_found_nothing_new)
{
    struct keeper_actions actions = {0};
    rig_start(&r, PRIMARY);
    struct keeper_job *job = a_job(&actions);
    keeper_job_run(job);
    ck_assert(job->built.ok && job->built.same && job->built.next == NULL);
    ck_assert_ptr_null(job->touched);
    RIG_STEP(&r, KEEPER_BUILT, .job = job);
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(one_that_failed)
{
    struct keeper_actions actions = {0};
    rig_start(&r, PRIMARY);
    rig_zone_file(&r, 2, "bad\n");
    struct keeper_job *job = a_job(&actions);
    keeper_job_run(job);
    ck_assert(!job->built.ok && job->built.next == NULL);
    RIG_STEP(&r, KEEPER_BUILT, .job = job);
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

/* At a stop, run or not. */
START_TEST(one_that_does_not_come_back)
{
    struct keeper_actions actions = {0};
    rig_start(&r, PRIMARY);
    rig_zone_file(&r, 2, "www 60 A 192.0.2.81\n");
    struct keeper_job *job = a_job(&actions);
    if (_i == 1) {
        keeper_job_run(job);
    }
    keeper_job_drop(job);
    ck_assert_uint_eq(rig_serial(&r), 1);
}
END_TEST

START_TEST(small_ones_say_that_they_are_small)
{
    struct keeper_actions actions = {0};
    struct keeper_event e = {.kind = KEEPER_FILE_CHANGED};
    struct keeper_action *a;
    rig_start(&r, PRIMARY);
    rig_run(&r, 200);
    keeper_step(r.keeper, r.now, &e, &actions);
    while ((a = keeper_action_take(&actions)) != NULL && a->kind != ACTION_BUILD) {
        keeper_action_free(a);
    }
    ck_assert_ptr_nonnull(a);
    ck_assert_uint_eq(a->size, 4); /* its records: the pool takes small zones first */
    keeper_job_drop(a->job);
    keeper_action_free(a);
}
END_TEST

TCase *case_keeper_jobs(void)
{
    TCase *c = tcase_create("keeper_jobs");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, the_base_is_held_and_the_result_looked_at);
    tcase_add_test(c, one_that_found_nothing_new);
    tcase_add_test(c, one_that_failed);
    tcase_add_loop_test(c, one_that_does_not_come_back, 0, 2);
    tcase_add_test(c, small_ones_say_that_they_are_small);
    return c;
}
