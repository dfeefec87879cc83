/* base_epoch.c - nothing is freed while one who was inside may look; all is freed in the end.
 * The tests with threads are for TSan and ASan to watch: apart from the epoch the threads share
 * nothing that orders them, so that a missing barrier is a race TSan can see. */
#include "base/epoch.h"
#include "cases.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct thing {
    struct retired retired; /* first, so that a retired is a thing */
    unsigned value, copy;
};

static void note(struct retired *r, void *ctx)
{
    (void)r;
    ++*(unsigned *)ctx;
}

START_TEST(waits_for_those_inside)
{
    struct epoch *e = epoch_new(2);
    struct retired r[3];
    unsigned freed = 0;
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 0);
    epoch_enter(e, 1);
    epoch_retire(e, 0, &r[0], note, &freed);
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 1);
    ck_assert_uint_eq(freed, 0);
    epoch_leave(e, 1);
    epoch_enter(e, 1); /* anew: it cannot have seen r[0], but can see r[1] */
    epoch_retire(e, 0, &r[1], note, &freed);
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 1);
    ck_assert_uint_eq(freed, 1);
    epoch_leave(e, 1);
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 0);
    ck_assert_uint_eq(freed, 2);
    epoch_enter(e, 0);
    epoch_retire(e, 0, &r[2], note, &freed);
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 1); /* inside itself: not yet */
    epoch_leave(e, 0);
    ck_assert_uint_eq(epoch_sweep(e, 0, 10), 0);
    epoch_free(e);
    ck_assert_uint_eq(freed, 3);
}
END_TEST

START_TEST(frees_no_more_than_told)
{
    struct epoch *e = epoch_new(1);
    struct retired r[10];
    unsigned freed = 0;
    for (int i = 0; i < 10; i++) {
        epoch_retire(e, 0, &r[i], note, &freed);
    }
    ck_assert_uint_eq(epoch_sweep(e, 0, 0), 10);
    ck_assert_uint_eq(epoch_sweep(e, 0, 4), 6);
    ck_assert_uint_eq(freed, 4);
    epoch_free(e);
    ck_assert_uint_eq(freed, 10);
}
END_TEST

START_TEST(marks_pass)
{
    struct epoch *e = epoch_new(3);
    ck_assert(epoch_passed(e, epoch_mark(e)));
    epoch_enter(e, 2);
    uint64_t mark = epoch_mark(e);
    ck_assert(!epoch_passed(e, mark));
    epoch_leave(e, 2);
    ck_assert(epoch_passed(e, mark));
    epoch_enter(e, 2);
    ck_assert(epoch_passed(e, mark));
    epoch_leave(e, 2);
    epoch_free(e);
}
END_TEST

struct chain {
    struct retired retired;
    struct epoch *e;
    unsigned left, *freed;
};

static void free_and_retire(struct retired *r, void *ctx)
{
    struct chain *c = ctx;
    ++*c->freed;
    if (c->left-- > 0) {
        epoch_retire(c->e, 1, r, free_and_retire, c);
    }
}

START_TEST(a_free_function_may_retire)
{
    unsigned freed = 0;
    struct epoch *e = epoch_new(2);
    struct chain c = {.e = e, .left = 5, .freed = &freed};
    epoch_retire(e, 0, &c.retired, free_and_retire, &c);
    epoch_free(e);
    ck_assert_uint_eq(freed, 6);
    epoch_free(NULL);
}
END_TEST

#define THREADS 3
#define ROUNDS  1000

struct shared {
    struct epoch *e;
    _Atomic(struct thing *) current[2]; /* each replaced by one thread, read by all */
    atomic_uint made, freed;            /* relaxed: they must not order anything */
    atomic_uint wrong; /* libcheck's assertions lock, which would order the threads */
    atomic_bool stop;
};
struct actor {
    struct shared *s;
    unsigned slot;
};

static struct thing *make(struct shared *s, unsigned value)
{
    struct thing *t = malloc(sizeof *t);
    *t = (struct thing){.value = value, .copy = value};
    atomic_fetch_add_explicit(&s->made, 1, memory_order_relaxed);
    return t;
}

static void unmake(struct retired *r, void *ctx)
{
    struct shared *s = ctx;
    struct thing *t = (struct thing *)r;
    t->copy = ~t->value; /* who still looks sees it, besides the sanitizers */
    free(t);
    atomic_fetch_add_explicit(&s->freed, 1, memory_order_relaxed);
}

static void look(struct shared *s, unsigned slot)
{
    epoch_enter(s->e, slot);
    for (int i = 0; i < 2; i++) {
        struct thing *t = atomic_load_explicit(&s->current[i], memory_order_acquire);
        if (t->value % 64 == 0) {
            sched_yield(); /* stay inside for long, now and then */
        }
        if (t->value != t->copy) {
            atomic_fetch_add_explicit(&s->wrong, 1, memory_order_relaxed);
        }
    }
    epoch_leave(s->e, slot);
}

static void *read_only(void *arg)
{
    struct actor *a = arg;
    while (!atomic_load_explicit(&a->s->stop, memory_order_relaxed)) {
        look(a->s, a->slot);
        sched_yield(); /* be seen outside, too */
    }
    return NULL;
}

static void *replace(void *arg)
{
    struct actor *a = arg;
    struct shared *s = a->s;
    for (unsigned i = 1; i <= ROUNDS; i++) {
        struct thing *t = make(s, i);
        struct thing *old = atomic_exchange_explicit(&s->current[a->slot], t, memory_order_acq_rel);
        epoch_retire(s->e, a->slot, &old->retired, unmake, s);
        look(s, a->slot);
        epoch_sweep(s->e, a->slot, 5);
        if (i % 16 == 0) { /* often enough to mix, seldom enough for a machine that is busy */
            sched_yield();
        }
    }
    return NULL;
}

static void *look_once(void *arg)
{
    struct actor *a = arg;
    look(a->s, a->slot);
    atomic_store_explicit(&a->s->stop, true, memory_order_relaxed);
    return NULL;
}

START_TEST(what_was_read_inside_happened_before_the_free)
{
    struct shared s = {.e = epoch_new(2)};
    struct actor reader = {.s = &s, .slot = 1};
    pthread_t thread;
    struct thing *old = make(&s, 1);
    atomic_store(&s.current[0], old);
    atomic_store(&s.current[1], old);
    ck_assert_int_eq(pthread_create(&thread, NULL, look_once, &reader), 0);
    while (!atomic_load_explicit(&s.stop, memory_order_relaxed)) {
        sched_yield();
    }
    epoch_retire(s.e, 0, &old->retired, unmake, &s);
    ck_assert_uint_eq(epoch_sweep(s.e, 0, 1), 0);
    pthread_join(thread, NULL);
    epoch_free(s.e);
}
END_TEST

START_TEST(three_threads_never_see_freed_memory)
{
    struct shared s = {.e = epoch_new(THREADS)};
    struct actor actors[THREADS];
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < 2; i++) {
        atomic_store(&s.current[i], make(&s, 0));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        actors[i] = (struct actor){.s = &s, .slot = i};
        void *(*run)(void *) = i < 2 ? replace : read_only;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &actors[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        atomic_store(&s.stop, i == 2);
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(atomic_load(&s.wrong), 0);
    for (unsigned i = 0; i < 2; i++) { /* nobody is inside: sweeping alone must free the rest */
        ck_assert_uint_eq(epoch_sweep(s.e, i, 2 * ROUNDS), 0);
    }
    ck_assert_uint_eq(atomic_load(&s.freed), 2 * ROUNDS);
    epoch_free(s.e);
    free(atomic_load(&s.current[0]));
    free(atomic_load(&s.current[1]));
}
END_TEST

TCase *case_base_epoch(void)
{
    TCase *c = tcase_create("base_epoch");
    tcase_add_test(c, waits_for_those_inside);
    tcase_add_test(c, frees_no_more_than_told);
    tcase_add_test(c, marks_pass);
    tcase_add_test(c, a_free_function_may_retire);
    tcase_add_test(c, what_was_read_inside_happened_before_the_free);
    tcase_add_test(c, three_threads_never_see_freed_memory);
    return c;
}
