/* zone_ahead.c - calling for memory ends where the search will: at the leaf of a name there is. */
#include "cases.h"
#include "zone/ahead.h"
#include "zone/trie.h"
#include "zonekit.h"
#include <stdio.h>

#define OWNERS 5000 /* of more than 200 octets: above a megabyte */

static struct zone_version *owners(struct zone_line *l, unsigned count)
{
    char text[201] = {0}, owner[32];
    memset(text, 'x', sizeof text - 1);
    struct zone_edit *e = kit_start(l, NULL);
    must(kit_add(e, "example", TYPE_SOA, "1") == ZONE_EDIT_OK);
    for (unsigned i = 0; i < count; i++) {
        snprintf(owner, sizeof owner, "h%u.example", i);
        must(kit_add(e, owner, TYPE_TXT, text) == ZONE_EDIT_OK);
    }
    return kit_finish(e);
}

/* Returns the node called for last. */
static uint32_t go(const struct zone_version *v, const struct name *name)
{
    struct zone_ahead a;
    unsigned steps = 0;
    must(zone_ahead_start(&a, v, name->octets));
    while (zone_ahead_step(&a)) {
        must(++steps <= KEY_LENGTH);
    }
    return a.ref;
}

START_TEST(a_large_zone)
{
    struct zone_line *l = kit_line("example");
    struct zone_version *v = owners(l, OWNERS);
    for (unsigned step = 0; step < ZONE_AHEAD_STEPS; step++) {
        zone_ahead(v, step);
    }
    for (unsigned i = 0; i < OWNERS; i++) {
        char owner[32];
        snprintf(owner, sizeof owner, "h%u.example", i);
        struct name name = kit_name(owner);
        must(trie_place(go(v, &name)) == zone_lookup(v, name.octets).ref);
    }
    static const char *const not_there[] = {"h.example", "z.example", "a.h1.example", "*.example"};
    for (unsigned i = 0; i < 4; i++) {
        struct name name = kit_name(not_there[i]);
        ck_assert_uint_ne(go(v, &name), 0);
    }
    struct zone_ahead a;
    struct name outside = kit_name("h1.test");
    ck_assert(!zone_ahead_start(&a, v, outside.octets));
    zone_release(v);
    zone_line_free(l);
}
END_TEST

START_TEST(a_small_zone_is_left_alone)
{
    struct zone_line *l = kit_line("example");
    struct zone_version *v = owners(l, 10);
    struct zone_ahead a;
    struct name name = kit_name("h1.example");
    ck_assert(!zone_ahead_start(&a, v, name.octets));
    zone_release(v);
    zone_line_free(l);
}
END_TEST

TCase *case_zone_ahead(void)
{
    TCase *c = tcase_create("zone_ahead");
    tcase_add_test(c, a_large_zone);
    tcase_add_test(c, a_small_zone_is_left_alone);
    return c;
}
