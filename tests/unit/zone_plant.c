/* zone_plant.c - planted at once is as added one by one and packed: the same content, totals,
 * and bytes. */
#include "base/rand.h"
#include "cases.h"
#include "zone/store.h"
#include "zone/twig.h"
#include "zone_planting.h"
#include <stdio.h>

static void run_backwards(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index),
                          void *arg)
{
    (void)ctx;
    while (parts > 0) {
        part(arg, --parts);
    }
}

static const struct hands backwards = {.count = 3, .run = run_backwards, .least = 2};

/* One of few owners, so that they come again, and hashes among them. */
static void random_owner(struct rand *r, char *text, size_t size)
{
    static const char *const labels[] = {"a",  "b",     "ab", "*",     "\\001\\000",
                                         "A-", "w\\.w", "x_", "\\255", "longer-one"};
    char under[200] = "";
    for (unsigned n = rand_below(r, 4); n > 0; n--) {
        strcat(under, labels[rand_below(r, 10)]);
        strcat(under, ".");
    }
    if (rand_below(r, 6) == 0) {
        snprintf(text, size, "0123456789abcdefghijklmnopqrstu%c.Z", "0123vV"[rand_below(r, 6)]);
        return;
    }
    snprintf(text, size, "%sz", under);
}

static void add_random(struct rand *r, struct bulk *b)
{
    static const uint16_t types[] = {TYPE_A, TYPE_TXT, TYPE_NS, TYPE_NSEC3, TYPE_RRSIG, TYPE_DNAME};
    char owner[300], value[4] = {(char)('1' + rand_below(r, 4)), '\0'};
    struct kit_record k;
    random_owner(r, owner, sizeof owner);
    struct name n = kit_name(owner);
    (void)kit_set(&k, n.octets, types[rand_below(r, 6)], value);
    k.rr.ttl = 300 + rand_below(r, 3);
    bulk_add(b, &k.rr, 0, 1);
}

/* The same nodes, and in both the leaves lie in canonical order, as they are met. `few`: the owners
 * are one bough, in which the branches lie as packing puts them, too. */
static void same_nodes(const struct zone_version *x, const struct zone_version *y, bool few)
{
    uint32_t before[2] = {0};
    for (int part = 0; part < TRIE_PARTS; part++) {
        struct zone_walk_part a, b;
        walk_root(&a, x, (enum trie_part)part);
        for (walk_root(&b, y, (enum trie_part)part); b.at != 0;) {
            must((a.at & 3) == (b.at & 3) && (!few || a.at == b.at));
            if (trie_is_leaf(a.at)) {
                must(blob_same(trie_blob(x->map, a.at), trie_blob(y->map, b.at)));
                must(trie_place(a.at) > before[0] && trie_place(b.at) > before[1]);
                before[0] = trie_place(a.at);
                before[1] = trie_place(b.at);
            } else {
                must(trie_branch(x->map, a.at)->word == trie_branch(y->map, b.at)->word);
            }
            (trie_is_leaf(a.at) ? walk_next : walk_down)(&a);
            (trie_is_leaf(b.at) ? walk_next : walk_down)(&b);
        }
        must(a.at == 0);
    }
}

START_TEST(is_what_an_edit_makes)
{
    struct rand r;
    rand_seed(&r, 11);
    for (unsigned round = 0; round < 300; round++) {
        struct zone_line *one = kit_line("z"), *other = kit_line("z");
        struct name apex = kit_name("Z");
        struct kit_record k;
        struct bulk b;
        bulk_start(&b, apex.octets);
        bulk_add(&b, kit_set(&k, apex.octets, TYPE_SOA, "1"), 0, 1);
        for (unsigned n = rand_below(&r, round + 1); n > 0; n--) {
            add_random(&r, &b);
        }
        bulk_sort(&b, round % 2 == 0 ? &backwards : NULL);
        must(!b.failed);
        struct zone_version *x = planting_edit(one, &b);
        const struct hands *hands = round % 3 == 0 ? NULL : &backwards;
        struct zone_version *y = planting(other, &b, hands);
        same_nodes(x, y, hands == NULL && b.count <= 128);
        must(x->records == y->records && x->content_hash == y->content_hash);
        must(x->max_ttl == y->max_ttl && x->stars == y->stars && x->bytes == y->bytes);
        must(zone_line_bytes(one) == zone_line_bytes(other));
        (void)zone_release(x);
        (void)zone_release(y);
        bulk_free(&b);
        zone_line_free(one);
        zone_line_free(other);
    }
}
END_TEST

/* Records of 60,000 octets: two of a type do not fit, and seventeen of one owner do not, either. */
static void too_much(const uint16_t *types, unsigned count, size_t refused)
{
    static uint8_t rdata[60000];
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z");
    struct kit_record k;
    struct bulk b;
    bulk_start(&b, apex.octets);
    bulk_add(&b, kit_set(&k, apex.octets, TYPE_SOA, "1"), 0, 1);
    for (unsigned i = 0; i < count; i++) {
        memset(rdata, (int)i, sizeof rdata);
        struct record rr = {.owner = apex.octets,
                            .type = types[i],
                            .ttl = 300 + i % 2,
                            .rdlen = sizeof rdata,
                            .rdata = rdata};
        bulk_add(&b, &rr, 0, 1);
    }
    bulk_sort(&b, NULL);
    struct plant p = {.edit = kit_start(l, NULL), .batch = &b};
    ck_assert(!plant_survey(&p));
    ck_assert_int_eq(p.status, ZONE_EDIT_FULL);
    ck_assert_uint_eq(p.row, refused);
    zone_edit_drop(p.edit);
    plant_free(&p);
    bulk_free(&b);
    zone_line_free(l);
}

START_TEST(says_which_record_is_too_much)
{
    uint16_t types[20] = {TYPE_TXT, TYPE_TXT, TYPE_TXT};
    too_much(types, 3, 2);
    for (uint16_t i = 0; i < 20; i++) {
        types[i] = 300 + i;
    }
    too_much(types, 20, 18); /* SOA and 17 make 1,020,000 octets */
}
END_TEST

/* Names and hashes in two lists: a zone without hashes needs none. */
START_TEST(says_that_memory_is_too_little)
{
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z");
    struct rand r;
    struct bulk b;
    rand_seed(&r, 2);
    bulk_start(&b, apex.octets);
    for (unsigned i = 0; i < 300; i++) {
        add_random(&r, &b);
    }
    bulk_sort(&b, NULL);
    struct plant p = {.edit = kit_start(l, NULL), .batch = &b};
    ck_assert(plant_survey(&p) && p.twigs->has_hashes);
    size_t size = p.twigs->count * sizeof p.twigs->all[0];
    plant_free(&p);
    (void)no_memory_for(size);
    ck_assert(!plant_survey(&p));
    ck_assert(no_memory_for(0));
    ck_assert_int_eq(p.status, ZONE_EDIT_NO_MEMORY);
    plant_free(&p);
    zone_edit_drop(p.edit);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

START_TEST(knows_a_foreign_owner)
{
    struct zone_line *l = kit_line("z");
    struct name apex = kit_name("z"), foreign = kit_name("a.zz");
    struct kit_record k;
    struct bulk b;
    bulk_start(&b, apex.octets);
    bulk_add(&b, kit_set(&k, apex.octets, TYPE_SOA, "1"), 0, 1);
    bulk_add(&b, kit_set(&k, foreign.octets, TYPE_A, "1"), 0, 1);
    bulk_sort(&b, NULL);
    struct plant p = {.edit = kit_start(l, NULL), .batch = &b};
    ck_assert(!plant_survey(&p));
    ck_assert_int_eq(p.status, ZONE_EDIT_OUTSIDE);
    zone_edit_drop(p.edit);
    plant_free(&p);
    bulk_free(&b);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_plant(void)
{
    TCase *c = tcase_create("zone_plant");
    tcase_add_test(c, is_what_an_edit_makes);
    tcase_add_test(c, says_which_record_is_too_much);
    tcase_add_test(c, says_that_memory_is_too_little);
    tcase_add_test(c, knows_a_foreign_owner);
    return c;
}
