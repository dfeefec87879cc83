/* cache_zone.c - a cache zone is one piece of memory, zeroed, with its apex and its origins. */
#include "cache/zone.h"
#include "cases.h"
#include "wire/name.h"

START_TEST(starts_zeroed)
{
    struct name apex;
    ck_assert(name_from("Example.org", &apex));
    struct cache_zone *z = cache_zone_new(9, apex.octets, 3);
    ck_assert_uint_eq(z->id, 9);
    ck_assert(name_same_case(z->apex, apex.octets));
    ck_assert_ptr_ne(z->apex, apex.octets);
    ck_assert(!z->root);
    ck_assert_uint_eq(z->origin_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(atomic_load(&z->origins[i].seen), 0);
        z->origins[i].address.family = 6; /* does not run into the apex */
        z->origins[i].via.port = 53;
        atomic_store(&z->origins[i].failing, true);
    }
    ck_assert(name_same_case(z->apex, apex.octets));
    cache_zone_free(z);
    z = cache_zone_new(1, name_root, 0);
    ck_assert(z->root);
    cache_zone_free(z);
}
END_TEST

START_TEST(serials_have_a_form_of_their_own)
{
    uint32_t serial = 5;
    ck_assert(!cache_serial_get(0, &serial));
    ck_assert(cache_serial_get(cache_serial(0), &serial));
    ck_assert_uint_eq(serial, 0);
    ck_assert(cache_serial_get(cache_serial(0xffffffff), &serial));
    ck_assert_uint_eq(serial, 0xffffffff);
}
END_TEST

TCase *case_cache_zone(void)
{
    TCase *c = tcase_create("cache_zone");
    tcase_add_test(c, starts_zeroed);
    tcase_add_test(c, serials_have_a_form_of_their_own);
    return c;
}
