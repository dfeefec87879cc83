/* zone_denial.c - which NSEC or NSEC3 speaks of a name, in a zone of every construct and against an
 * oracle over random zones. */
#include "cases.h"
#include "zone/denial.h"
#include "zonemodel.h"
#include <stdio.h>

static void expect(const struct zone_version *v, const char *asked, const char *want)
{
    struct name name = kit_name(asked), owner;
    struct zone_node node = zone_nsec(v, name.octets);
    if (want == NULL) {
        ck_assert_uint_eq(node.ref, 0);
        return;
    }
    ck_assert_msg(node.ref != 0, "nothing for %s", asked);
    zone_node_owner(node, &owner);
    ck_assert_msg(name_same(owner.octets, kit_name(want).octets), "%s: not %s", asked, want);
}

START_TEST(matches_or_covers)
{
    static const struct kit_line lines[] = {
        {"z", TYPE_NSEC, ""},     {"cut.z", TYPE_NS, "ns.cut.z"}, {"cut.z", TYPE_NSEC, ""},
        {"a.cut.z", TYPE_A, "1"}, {"ns.cut.z", TYPE_A, "1"},      {"d.z", TYPE_DNAME, "x"},
        {"d.z", TYPE_NSEC, ""},   {"b.d.z", TYPE_A, "1"},         {"x.y.z", TYPE_A, "1"},
        {"x.y.z", TYPE_NSEC, ""}, {"yy.z", TYPE_A, "1"},
    };
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", lines, sizeof lines / sizeof *lines);
    ck_assert_int_eq(zone_denial(v), DENIAL_NSEC);
    expect(v, "Z", "z");
    expect(v, "a.z", "z");
    expect(v, "\\000.z", "z");
    expect(v, "cut.z", "cut.z");
    expect(v, "cuu.z", "cut.z"); /* glue stands in between */
    expect(v, "d.z", "d.z");
    expect(v, "dd.z", "d.z"); /* what the DNAME hides, too */
    expect(v, "y.z", "d.z");  /* an empty non-terminal */
    expect(v, "a.y.z", "d.z");
    expect(v, "y.y.z", "x.y.z");
    expect(v, "yy.z", NULL); /* has none: the chain is broken */
    expect(v, "z.z", NULL);
    expect(v, "elsewhere", NULL);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(a_zone_without_signatures)
{
    struct zone_line *l = kit_line("z");
    struct zone_version *v = kit_zone(l, "z", NULL, 0);
    ck_assert_int_eq(zone_denial(v), DENIAL_NONE);
    expect(v, "a.z", NULL);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

/* Is the name below a cut or a DNAME? */
static bool is_hidden(const struct model *m, const uint8_t *name)
{
    struct name owner;
    enum zone_match match = model_find(m, name, true, &owner);
    return match == ZONE_CUT || match == ZONE_DNAME;
}

static void sign(struct model *m, struct zone_edit *e)
{
    unsigned count = m->count;
    struct kit_record k;
    for (unsigned i = 0; i < count; i++) {
        if (!is_hidden(m, m->records[i].owner.octets)) {
            kit_set(&k, m->records[i].owner.octets, TYPE_NSEC, "");
            bool changed = model_add(m, &k.rr);
            must(zone_edit_add(e, &k.rr) == (changed ? ZONE_EDIT_OK : ZONE_EDIT_SAME));
        }
    }
}

static void expect_last(const struct model *m, const struct zone_version *v, const uint8_t *name)
{
    const uint8_t *best = NULL;
    for (unsigned i = 0; i < m->count; i++) {
        const struct record *rr = &m->records[i].rr;
        if (rr->type == TYPE_NSEC && name_compare(rr->owner, name) <= 0 &&
            (best == NULL || name_compare(best, rr->owner) < 0)) {
            best = rr->owner;
        }
    }
    struct name owner;
    struct zone_node node = zone_nsec(v, name);
    must(node.ref != 0 && best != NULL);
    zone_node_owner(node, &owner);
    must(name_same(owner.octets, best));
}

START_TEST(random_zones)
{
    struct rand r;
    struct model *m = malloc(sizeof *m);
    rand_seed(&r, 12);
    for (unsigned i = 0; i < 150; i++) {
        struct zone_line *l = kit_line("x");
        struct zone_edit *e = kit_start(l, NULL);
        model_start(m, "x");
        must(zone_edit_add(e, &m->records[0].rr) == ZONE_EDIT_OK);
        model_fill(m, e, &r, rand_below(&r, 20));
        sign(m, e);
        struct zone_version *v = kit_finish(e);
        for (unsigned j = 0; j < 40; j++) {
            struct name name;
            model_name(m, &r, 4, &name);
            if (!is_hidden(m, name.octets)) {
                expect_last(m, v, name.octets);
            }
        }
        zone_release(v);
        zone_line_free(l);
    }
    free(m);
}
END_TEST

/* ---- NSEC3 ---- */

static void add(struct zone_edit *e, const uint8_t *owner, uint16_t type, const uint8_t *octets,
                uint16_t len)
{
    struct record rr = {.owner = owner, .type = type, .class = CLASS_IN, .ttl = 300};
    rr.rdata = octets;
    rr.rdlen = len;
    must(zone_edit_add(e, &rr) == ZONE_EDIT_OK);
}

static void add_hash(struct zone_edit *e, const char *label, const char *salt)
{
    uint8_t octets[28] = {1, 0, 0, 0, 1, (uint8_t)salt[0], 20};
    struct name owner = {{0}};
    owner.octets[0] = 32;
    memcpy(owner.octets + 1, label, 32);
    memcpy(owner.octets + 33, "\1z", 3);
    add(e, owner.octets, TYPE_NSEC3, octets, 27);
}

static void add_parameters(struct zone_edit *e, uint8_t algorithm, uint8_t flags,
                           uint16_t iterations)
{
    uint8_t octets[6] = {algorithm, flags, (uint8_t)(iterations >> 8), (uint8_t)iterations, 1, 'A'};
    add(e, kit_name("z").octets, TYPE_NSEC3PARAM, octets, sizeof octets);
}

static void hash_of(const char *name, char text[33])
{
    uint8_t label[NSEC3_LABEL];
    struct nsec3_parameters p = {.algorithm = 1, .salt = (const uint8_t *)"A", .salt_len = 1};
    nsec3_hash(&p, kit_name(name).octets, label);
    memcpy(text, label + 1, 32);
    text[32] = '\0';
}

static void random_digits(struct rand *r, char text[33])
{
    for (unsigned i = 0; i < 32; i++) {
        text[i] = "0123456789abcdefghijklmnopqrstuv"[rand_below(r, 32)];
    }
    text[32] = '\0';
}

/* Hashes of our chain, and of another one: of ours is the last at or before the name's, or the very
 * last. */
START_TEST(random_rings)
{
    struct rand r;
    char hashes[40][33], wanted[33], name[16];
    rand_seed(&r, 13);
    for (unsigned round = 0; round < 50; round++) {
        struct zone_line *l = kit_line("z");
        struct zone_edit *e = kit_start(l, NULL);
        unsigned count = 1 + rand_below(&r, 39);
        must(kit_add(e, "z", TYPE_SOA, "1") == ZONE_EDIT_OK);
        add_parameters(e, 1, 0, 0);
        hash_of("z", hashes[0]);
        add_hash(e, hashes[0], "A");
        for (unsigned i = 1; i < count; i++) {
            random_digits(&r, hashes[i]);
            add_hash(e, hashes[i], "A");
        }
        for (unsigned i = rand_below(&r, 30); i > 0; i--) {
            random_digits(&r, wanted);
            add_hash(e, wanted, "B");
        }
        struct zone_version *v = kit_finish(e);
        must(zone_denial(v) == DENIAL_NSEC3);
        for (unsigned i = 0; i < 40; i++) {
            const char *best = NULL, *last = hashes[0];
            bool matches;
            struct name owner;
            snprintf(name, sizeof name, "n%u.z", rand_below(&r, 1000));
            hash_of(i > 0 ? name : "z", wanted);
            for (unsigned j = 0; j < count; j++) {
                last = strcmp(last, hashes[j]) < 0 ? hashes[j] : last;
                bool before = strcmp(hashes[j], wanted) <= 0;
                best = before && (best == NULL || strcmp(best, hashes[j]) < 0) ? hashes[j] : best;
            }
            struct zone_node node = zone_nsec3(v, kit_name(i > 0 ? name : "z").octets, &matches);
            must(node.ref != 0);
            zone_node_owner(node, &owner);
            must(memcmp(owner.octets + 1, best != NULL ? best : last, 32) == 0);
            must(matches == (i == 0));
        }
        zone_release(v);
        zone_line_free(l);
    }
}
END_TEST

/* RFC 5155 4.1.2, 9276: chains that are not for us, or not there. */
START_TEST(chains_that_are_not_used)
{
    static const struct {
        uint8_t algorithm, flags;
        uint16_t iterations;
        bool has_apex;
        enum zone_denial denial;
    } rows[] = {{1, 0, 0, true, DENIAL_NSEC3}, {1, 0, 0, false, DENIAL_NSEC},
                {2, 0, 0, true, DENIAL_NSEC},  {1, 1, 0, true, DENIAL_NSEC},
                {1, 0, 1, true, DENIAL_NSEC}, /* of another chain */
                {1, 0, 151, true, DENIAL_NSEC}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone_line *l = kit_line("z");
        struct zone_edit *e = kit_start(l, NULL);
        char hash[33];
        must(kit_add(e, "z", TYPE_SOA, "1") == ZONE_EDIT_OK);
        must(kit_add(e, "z", TYPE_NSEC, "") == ZONE_EDIT_OK);
        add_parameters(e, rows[i].algorithm, rows[i].flags, rows[i].iterations);
        hash_of(rows[i].has_apex ? "z" : "a.z", hash);
        add_hash(e, hash, "A");
        struct zone_version *v = kit_finish(e);
        ck_assert_int_eq(zone_denial(v), rows[i].denial);
        zone_release(v);
        zone_line_free(l);
    }
}
END_TEST

/* Far between others: given up, not searched for ever. */
START_TEST(a_foreign_chain_in_the_way)
{
    struct zone_line *l = kit_line("z");
    struct zone_edit *e = kit_start(l, NULL);
    char hash[33];
    bool matches;
    must(kit_add(e, "z", TYPE_SOA, "1") == ZONE_EDIT_OK);
    add_parameters(e, 1, 0, 0);
    hash_of("z", hash);
    add_hash(e, hash, "A");
    for (unsigned i = 0; i < 1024; i++) {
        memset(hash, '0', 32);
        hash[0] = "0123456789abcdefghijklmnopqrstuv"[i / 32];
        hash[1] = "0123456789abcdefghijklmnopqrstuv"[i % 32];
        add_hash(e, hash, "B");
    }
    struct zone_version *v = kit_finish(e);
    ck_assert_uint_ne(zone_nsec3(v, kit_name("z").octets, &matches).ref, 0);
    ck_assert(matches);
    ck_assert_uint_eq(zone_nsec3(v, kit_name("a.z").octets, &matches).ref, 0);
    ck_assert(!matches);
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_denial(void)
{
    TCase *c = tcase_create("zone_denial");
    tcase_add_test(c, matches_or_covers);
    tcase_add_test(c, a_zone_without_signatures);
    tcase_add_test(c, random_zones);
    tcase_add_test(c, random_rings);
    tcase_add_test(c, chains_that_are_not_used);
    tcase_add_test(c, a_foreign_chain_in_the_way);
    return c;
}
