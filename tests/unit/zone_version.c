/* zone_version.c - what a version says of itself, who holds it, and readers beside a builder. */
#include "cases.h"
#include "zonekit.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

START_TEST(says_what_it_is)
{
    static const struct kit_line lines[] = {
        {"z.Q", TYPE_NS, "ns.z.q"}, {"a.z.q", TYPE_A, "1"}, {"*.z.q", TYPE_A, "2"}};
    struct zone_line *l = kit_line("Z.q");
    struct zone_version *v = kit_zone(l, "z.q", lines, 3);
    struct name apex = kit_name("z.q");
    struct rrset set;
    uint16_t len;
    uint32_t ttl;
    struct soa soa;
    ck_assert(name_same_case(zone_apex(v), apex.octets));
    ck_assert(name_same_case(zone_line_apex(l), apex.octets));
    ck_assert_uint_eq(zone_line_seed(l), 7);
    ck_assert_uint_eq(zone_serial(v), 1);
    ck_assert_uint_eq(zone_records(v), 4);
    ck_assert_uint_eq(zone_max_ttl(v), 300);
    ck_assert_ptr_eq(zone_version_line(v), l);
    const uint8_t *rdata = zone_soa(v, &len, &ttl);
    ck_assert(soa_read(rdata, len, &soa));
    ck_assert_uint_eq(soa.minimum, 4000);
    ck_assert_uint_eq(ttl, 300);
    ck_assert(zone_rrset(zone_apex_node(v), TYPE_NS, &set));
    ck_assert_uint_gt(zone_line_bytes(l), zone_bytes(v));
    ck_assert(!zone_is_signed(v));
    zone_release(v);
    zone_line_free(l);
    zone_line_free(NULL);
}
END_TEST

START_TEST(signed_by_rrsig_or_zonemd_at_the_apex)
{
    static const struct kit_line at_apex[] = {{"z", TYPE_RRSIG, "x"}},
                                 md[] = {{"z", TYPE_ZONEMD, "x"}},
                                 below[] = {{"a.z", TYPE_RRSIG, "x"}};
    struct zone_line *l = kit_line("z");
    struct zone_version *a = kit_zone(l, "z", at_apex, 1), *b = kit_zone(l, "z", md, 1),
                        *c = kit_zone(l, "z", below, 1);
    ck_assert(zone_is_signed(a) && zone_is_signed(b) && !zone_is_signed(c));
    zone_release(a);
    zone_release(b);
    zone_release(c);
    zone_line_free(l);
}
END_TEST

START_TEST(the_last_hold_is_known)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", NULL, 0);
    zone_hold(v);
    zone_hold(v);
    ck_assert(!zone_release(v));
    ck_assert(!zone_release(v));
    ck_assert(!zone_line_reclaim(l, 1000));
    ck_assert_uint_eq(zone_serial(v), 1);
    ck_assert(zone_release(v));
    zone_line_free(l);
}
END_TEST

/* ---- readers beside a builder; most telling under the thread sanitizer ---- */

#define NAMES  300
#define ROUNDS 60

struct shared {
    _Atomic(struct zone_version *) published;
    atomic_uint readers; /* inside: the test's simple epoch */
    atomic_bool stop;
    atomic_uint wrong;
};

/* In version n all addresses are n, and there are as many owners as n says. */
static unsigned read_version(const struct zone_version *v)
{
    unsigned wrong = 0, owners = 0;
    struct zone_found f;
    struct zone_walk w;
    struct name owner;
    struct rrset set;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &f.node); owners++) {
        zone_find(v, owner.octets, &f);
        wrong += f.match != ZONE_EXACT;
        wrong += zone_rrset(f.node, TYPE_A, &set) && get_u32(set.data + 2) != zone_serial(v);
    }
    return wrong + (owners != 1 + NAMES / 2 + zone_serial(v));
}

static void *reader(void *ctx)
{
    struct shared *s = ctx;
    while (!atomic_load(&s->stop)) {
        atomic_fetch_add(&s->readers, 1);
        struct zone_version *v = atomic_load(&s->published);
        zone_hold(v);
        atomic_fetch_sub(&s->readers, 1);
        atomic_fetch_add(&s->wrong, read_version(v));
        zone_release(v);
    }
    return NULL;
}

static struct zone_version *next_version(struct zone_line *l, const struct zone_version *base)
{
    char text[16], old[16], owner[32];
    uint32_t serial = base != NULL ? zone_serial(base) + 1 : 1;
    snprintf(text, sizeof text, "%u", serial);
    snprintf(old, sizeof old, "%u", serial - 1);
    struct zone_edit *e = kit_start(l, serial % 10 == 0 ? NULL : base);
    if (serial % 10 != 0 && base != NULL) {
        must(kit_remove(e, "z", TYPE_SOA, old) == ZONE_EDIT_OK);
    }
    must(kit_add(e, "z", TYPE_SOA, text) == ZONE_EDIT_OK);
    for (unsigned i = 0; i < NAMES / 2 + serial; i++) {
        snprintf(owner, sizeof owner, "n%u.z", i);
        kit_remove(e, owner, TYPE_A, old);
        must(kit_add(e, owner, TYPE_A, text) == ZONE_EDIT_OK);
    }
    return kit_finish(e);
}

START_TEST(readers_see_whole_versions)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = next_version(l, NULL);
    struct shared *s = calloc(1, sizeof *s);
    pthread_t threads[2];
    atomic_init(&s->published, v);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, reader, s), 0);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct zone_version *next = next_version(l, v);
        atomic_store(&s->published, next);
        while (atomic_load(&s->readers) > 0) {
            sched_yield();
        }
        zone_release(v);
        while (i % 3 == 0 && zone_line_reclaim(l, 50)) {
        }
        v = next;
    }
    atomic_store(&s->stop, true);
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_uint_eq(s->wrong, 0);
    while (zone_line_reclaim(l, 100)) {
    }
    ck_assert_uint_eq(zone_line_pinned(l), 0);
    zone_release(v);
    zone_line_free(l);
    free(s);
}
END_TEST

TCase *case_zone_version(void)
{
    TCase *c = tcase_create("zone_version");
    tcase_add_test(c, says_what_it_is);
    tcase_add_test(c, signed_by_rrsig_or_zonemd_at_the_apex);
    tcase_add_test(c, the_last_hold_is_known);
    tcase_add_test(c, readers_see_whole_versions);
    return c;
}
