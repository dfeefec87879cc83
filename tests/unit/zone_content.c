/* zone_content.c - the hash of a record knows owner, type, TTL and rdata, but not case and not
 * the SOA's serial. */
#include "cases.h"
#include "zone/content.h"
#include "zonekit.h"

static uint64_t hash(const char *owner, uint16_t type, uint32_t ttl, const char *value)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    const struct record *rr = kit_set(&k, n.octets, type, value);
    struct rrset set = {.type = type, .ttl = ttl};
    return content_record(content_owner(rr->owner), &set, rr->rdata, rr->rdlen);
}

START_TEST(tells_records_apart)
{
    uint64_t h = hash("a.z", TYPE_A, 300, "1");
    ck_assert_uint_eq(h, hash("A.Z", TYPE_A, 300, "1"));
    ck_assert_uint_ne(h, hash("b.z", TYPE_A, 300, "1"));
    ck_assert_uint_ne(h, hash("a.z", 60000, 300, "1"));
    ck_assert_uint_ne(h, hash("a.z", TYPE_A, 301, "1"));
    ck_assert_uint_ne(h, hash("a.z", TYPE_A, 300, "2"));
    ck_assert_uint_eq(hash("z", TYPE_NS, 1, "ns.z"), hash("z", TYPE_NS, 1, "NS.z"));
    ck_assert_uint_ne(hash("z", TYPE_NS, 1, "ns.z"), hash("z", TYPE_CNAME, 1, "ns.z"));
}
END_TEST

START_TEST(the_serial_does_not_count)
{
    ck_assert_uint_eq(hash("z", TYPE_SOA, 1, "7"), hash("z", TYPE_SOA, 1, "8"));
    ck_assert_uint_ne(hash("z", TYPE_SOA, 1, "7"), hash("z", TYPE_SOA, 2, "7"));
}
END_TEST

/* RRSIGs of an owner are stored with one TTL, and shown with those of what they cover. */
START_TEST(the_ttl_of_signatures_does_not_count)
{
    ck_assert_uint_eq(hash("z", TYPE_RRSIG, 1, "1"), hash("z", TYPE_RRSIG, 2, "1"));
    ck_assert_uint_ne(hash("z", TYPE_RRSIG, 1, "1"), hash("z", TYPE_RRSIG, 1, "2"));
}
END_TEST

/* The journal keeps the sum: it must not change with the program. */
START_TEST(is_the_same_in_every_process)
{
    uint8_t two[] = {0, 4, 0, 0, 0, 1, 0, 4, 0, 0, 0, 2};
    struct rrset set = {.type = TYPE_A, .count = 2, .ttl = 300, .size = sizeof two, .data = two};
    uint64_t owner = content_owner(kit_name("a.z").octets);
    ck_assert_uint_eq(content_rrset(owner, &set),
                      hash("a.z", TYPE_A, 300, "1") + hash("a.z", TYPE_A, 300, "2"));
    ck_assert_uint_eq(content_rrset(owner, &set), UINT64_C(6718596281407666748));
}
END_TEST

TCase *case_zone_content(void)
{
    TCase *c = tcase_create("zone_content");
    tcase_add_test(c, tells_records_apart);
    tcase_add_test(c, the_serial_does_not_count);
    tcase_add_test(c, the_ttl_of_signatures_does_not_count);
    tcase_add_test(c, is_the_same_in_every_process);
    return c;
}
