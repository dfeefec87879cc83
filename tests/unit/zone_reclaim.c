/* zone_reclaim.c - random edits, holds and releases: what is held reads as it was, what is not
 * held goes. */
#include "cases.h"
#include "zonemodel.h"
#include <stdio.h>

#define VERSIONS 12

struct held {
    struct zone_version *v;
    struct buf dump;
    unsigned holds;
};

static void random_edit(struct zone_edit *e, const struct zone_version *base, struct rand *r)
{
    struct model none = {.apex = kit_name("z")};
    struct kit_record k;
    if (base == NULL) {
        must(kit_add(e, "z", TYPE_SOA, "1") == ZONE_EDIT_OK);
    }
    for (unsigned i = rand_below(r, base == NULL || rand_below(r, 9) == 0 ? 150 : 8); i > 0; i--) {
        model_record(&none, r, 4, &k);
        (rand_below(r, 5) < 2 ? zone_edit_remove : zone_edit_add)(e, &k.rr);
    }
}

/* Takes the newest held version as base, or nothing; or tries, and gives the version up at once. */
static void make_version(struct zone_line *l, struct held *held, struct rand *r)
{
    unsigned last = VERSIONS, free_slot = VERSIONS;
    for (unsigned i = 0; i < VERSIONS; i++) {
        last = held[i].v != NULL ? i : last;
    }
    free_slot = last == VERSIONS ? 0 : last + 1;
    const struct zone_version *base = last < VERSIONS && rand_below(r, 6) > 0 ? held[last].v : NULL;
    struct zone_edit *e = kit_start(l, base);
    random_edit(e, base, r);
    if (rand_below(r, 5) == 0) {
        zone_edit_drop(e);
        return;
    }
    struct zone_version *v = kit_finish(e);
    if (free_slot >= VERSIONS || rand_below(r, 5) == 0) {
        must(zone_release(v));
        return;
    }
    held[free_slot] = (struct held){.v = v, .holds = 1};
    kit_dump(v, &held[free_slot].dump);
}

static void let_go(struct held *h)
{
    h->holds--;
    must(zone_release(h->v) == (h->holds == 0));
    if (h->holds == 0) {
        buf_free(&h->dump);
        h->v = NULL;
    }
}

/* Versions stay in the order of their slots; those let go of are closed up. */
static void close_up(struct held *held)
{
    unsigned to = 0;
    for (unsigned i = 0; i < VERSIONS; i++) {
        if (held[i].v != NULL) {
            held[to++] = held[i];
        }
    }
    for (; to < VERSIONS; to++) {
        held[to] = (struct held){.v = NULL};
    }
}

static void one_line(struct rand *r)
{
    struct zone_line *l = kit_line("z");
    struct held held[VERSIONS] = {{.v = NULL}};
    for (unsigned step = 0; step < 60; step++) {
        struct held *h = &held[rand_below(r, VERSIONS)];
        switch (rand_below(r, 4)) {
        case 0:
        case 1:
            make_version(l, held, r);
            break;
        case 2:
            if (h->v != NULL) {
                let_go(h);
            }
            break;
        default:
            if (h->v != NULL) {
                zone_hold(h->v);
                h->holds++;
            }
        }
        close_up(held);
        if (rand_below(r, 2) == 0) {
            (void)zone_line_reclaim(l, 1 + rand_below(r, 40));
        }
        h = &held[rand_below(r, VERSIONS)];
        if (h->v != NULL) {
            kit_same(h->v, &h->dump);
        }
    }
    for (unsigned i = 0; i < VERSIONS; i++) {
        while (held[i].v != NULL) {
            kit_same(held[i].v, &held[i].dump);
            if (held[i].holds == 1) {
                while (zone_line_reclaim(l, 100)) {
                }
                bool last = i + 1 == VERSIONS || held[i + 1].v == NULL;
                must(!last || zone_line_pinned(l) == 0);
            }
            let_go(&held[i]);
        }
    }
    while (zone_line_reclaim(l, 100)) {
    }
    must(zone_line_pinned(l) == 0);
    zone_line_free(l);
}

START_TEST(random_lines)
{
    struct rand r;
    rand_seed(&r, 13);
    for (unsigned i = 0; i < 60; i++) {
        one_line(&r);
    }
}
END_TEST

START_TEST(memory_returns_to_one_version)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v[5] = {kit_zone(l, "z", NULL, 0)};
    char owner[32];
    for (unsigned i = 1; i < 5; i++) {
        struct zone_edit *e = kit_start(l, v[i - 1]);
        for (unsigned j = 0; j < 200; j++) {
            snprintf(owner, sizeof owner, "n%u.z", j);
            ck_assert_int_eq(kit_add(e, owner, TYPE_A, i % 2 == 0 ? "1" : "2"),
                             i < 3 ? ZONE_EDIT_OK : ZONE_EDIT_SAME);
        }
        v[i] = kit_finish(e);
    }
    uint64_t all = zone_line_pinned(l);
    ck_assert_uint_gt(all, 0);
    zone_release(v[1]);
    while (zone_line_reclaim(l, 10)) {
    }
    ck_assert_uint_lt(zone_line_pinned(l), all);
    zone_release(v[0]);
    zone_release(v[2]);
    zone_release(v[3]);
    unsigned calls = 1;
    for (; zone_line_reclaim(l, 10); calls++) {
    }
    ck_assert_uint_eq(zone_line_pinned(l), 0);
    zone_release(v[4]);
    for (; zone_line_reclaim(l, 10); calls++) {
    }
    ck_assert_uint_gt(calls, 10);
    zone_line_free(l);
}
END_TEST

/* A version that nobody wanted is taken back before the next is built on the same base. */
START_TEST(a_line_does_not_fork)
{
    static const struct kit_line lines[] = {{"a.z", TYPE_A, "1"}, {"b.z", TYPE_A, "1"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, 2);
    struct buf dump = {.len = 0};
    kit_dump(v, &dump);
    uint64_t bytes = zone_line_bytes(l);
    for (unsigned i = 0; i < 4; i++) {
        struct zone_edit *e = kit_start(l, v);
        kit_add(e, i % 2 == 0 ? "a.z" : "c.z", TYPE_A, "2");
        struct zone_version *one = kit_finish(e);
        e = kit_start(l, one);
        kit_remove(e, "b.z", TYPE_A, "1");
        struct zone_version *two = kit_finish(e);
        ck_assert(zone_release(one));
        ck_assert(zone_release(two));
    }
    zone_edit_drop(kit_start(l, v));
    ck_assert_uint_eq(zone_line_bytes(l), bytes);
    kit_same(v, &dump);
    buf_free(&dump);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_reclaim(void)
{
    TCase *c = tcase_create("zone_reclaim");
    tcase_add_test(c, random_lines);
    tcase_add_test(c, memory_returns_to_one_version);
    tcase_add_test(c, a_line_does_not_fork);
    return c;
}
