/* forward_fresh.c - entries that a waiter carries with it, up to their bound. */
#include "cases.h"
#include "forward/fresh.h"

START_TEST(entries_are_copies_up_to_the_bound)
{
    struct epoch *epoch = epoch_new(1);
    struct cache_options o = {.size = 1 << 20, .max_ttl_s = 60, .epoch = epoch, .seed = 1};
    struct cache *c = cache_new(&o);
    struct cache_zone *z = cache_zone_new(1, (const uint8_t *)"\3com", 1);
    uint8_t name[] = "\3www\3com", rdata[] = {0, 4, 192, 0, 2, 1};
    struct fresh *f = NULL;
    struct classify_link l = {
        .key = {z, name, 1, false},
        .entry = {.kind = CACHE_RRSET, .set = {.type = 1, .count = 1, .size = 6, .data = rdata}},
    };
    for (unsigned i = 0; i < FRESH_MOST; i++) {
        ck_assert(fresh_add(&f, c, &l, (struct mono){0}));
    }
    ck_assert(!fresh_add(&f, c, &l, (struct mono){0}));
    memset(name, 0, sizeof name);
    memset(rdata, 0, sizeof rdata);
    ck_assert_uint_eq(f->count, FRESH_MOST);
    ck_assert(memcmp(f->items[3].key.name, "\3www\3com", 9) == 0);
    ck_assert_uint_eq(f->items[3].found.set.data[5], 1);
    fresh_free(f);
    fresh_free(NULL);
    cache_free(c);
    epoch_free(epoch);
    cache_zone_free(z);
}
END_TEST

TCase *case_forward_fresh(void)
{
    TCase *t = tcase_create("forward_fresh");
    tcase_add_test(t, entries_are_copies_up_to_the_bound);
    return t;
}
