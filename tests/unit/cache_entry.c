/* cache_entry.c - what is built into one entry comes out again, and its size is the one that was
 * counted. */
#include "cache/entry.h"
#include "cache_fixture.h"
#include "cases.h"

static const uint8_t octets[] = {0, 2, 7, 8, 0, 1, 9};

/* Everything an entry can hold. */
struct full {
    struct cache_zone *zone;
    struct name name, soa_owner, proof_owners[2];
    struct rrset sigs, proof[2];
    struct cache_key key;
    struct cache_entry entry;
};

static void fill(struct full *f, enum cache_kind kind)
{
    ck_assert(name_from("a.b.example.com", &f->name) && name_from("example.com", &f->soa_owner));
    ck_assert(name_from("b.example.com", &f->proof_owners[0]) &&
              name_from(".", &f->proof_owners[1]));
    f->zone = cache_zone_new(1, f->soa_owner.octets, 0);
    f->sigs = (struct rrset){TYPE_RRSIG, 2, 70, sizeof octets, octets};
    f->proof[0] = (struct rrset){TYPE_NSEC, 1, 60, 4, octets};
    f->proof[1] = (struct rrset){TYPE_RRSIG, 1, 50, 3, octets + 4};
    f->key = (struct cache_key){f->zone, f->name.octets, TYPE_TXT, true};
    f->entry = (struct cache_entry){.kind = kind,
                                    .set = {TYPE_TXT, 2, 300, sizeof octets, octets},
                                    .sigs = kind == CACHE_RRSET ? &f->sigs : NULL,
                                    .ttl_s = 80,
                                    .soa = kind == CACHE_RRSET ? NULL : octets,
                                    .soa_len = sizeof octets,
                                    .soa_owner = f->soa_owner.octets,
                                    .proof = f->proof,
                                    .proof_owners = f->proof_owners,
                                    .proof_count = 2,
                                    .has_version = true,
                                    .version = 5,
                                    .step = 6};
}

static void check_proof(const struct full *f, const struct cache_found *found)
{
    size_t at = 0;
    const uint8_t *owner;
    struct rrset set;
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(cache_proof_next(found, &at, &owner, &set));
        ck_assert(name_same(owner, f->proof_owners[i].octets));
        ck_assert_uint_eq(set.type, f->proof[i].type);
        ck_assert_uint_eq(set.count, 1);
        ck_assert_uint_eq(set.ttl, found->ttl_s);
        ck_assert_uint_eq(set.size, f->proof[i].size);
        ck_assert_mem_eq(set.data, f->proof[i].data, set.size);
    }
    ck_assert(!cache_proof_next(found, &at, &owner, &set));
}

START_TEST(gives_back_what_was_put_in)
{
    const struct cache_options o = fixture_options();
    for (int kind = CACHE_RRSET; kind <= CACHE_NXDOMAIN; kind++) {
        struct full f;
        struct cache_found found;
        fill(&f, (enum cache_kind)kind);
        struct entry *e = entry_new(&f.key, &f.entry, entry_lifetime(&o, &f.entry));
        ck_assert_uint_eq(entry_bytes(e), entry_need(&f.key, &f.entry));
        entry_view(e, at_ms(0), &found);
        ck_assert_int_eq(found.kind, kind);
        ck_assert_uint_eq(found.ttl_s, 50); /* the least of all that is in it */
        ck_assert_uint_eq(found.step, 6);
        ck_assert_uint_eq(found.version, 5);
        ck_assert(found.has_version);
        ck_assert(name_same(found.owner, f.name.octets));
        check_proof(&f, &found);
        if (kind == CACHE_RRSET) {
            ck_assert_uint_eq(found.set.count, 2);
            ck_assert_mem_eq(found.set.data, octets, sizeof octets);
            ck_assert_uint_eq(found.sigs.count, 2);
            ck_assert_mem_eq(found.sigs.data, octets, sizeof octets);
            ck_assert_ptr_null(found.soa);
        } else {
            ck_assert_uint_eq(found.set.count, 0);
            ck_assert_mem_eq(found.soa, octets, sizeof octets);
            ck_assert(name_same(found.soa_owner, f.soa_owner.octets));
        }
        entry_free(e);
        cache_zone_free(f.zone);
    }
}
END_TEST

START_TEST(knows_when_it_is_dead)
{
    const struct cache_options o = fixture_options();
    struct full f;
    fill(&f, CACHE_RRSET);
    struct entry *e = entry_new(&f.key, &f.entry, entry_lifetime(&o, &f.entry));
    ck_assert(entry_is_dead(e, &o, at_ms(0))); /* step 6, the zone is at 0 */
    atomic_store(&f.zone->step, 6);
    ck_assert(!entry_is_dead(e, &o, at_ms(0)));
    ck_assert(!entry_is_dead(e, &o, at_ms(50000)));
    ck_assert(!entry_is_dead(e, &o, at_ms(50000 + 86400000 - 1)));
    ck_assert(entry_is_dead(e, &o, at_ms(50000 + 86400000)));
    entry_free(e);
    cache_zone_free(f.zone);
}
END_TEST

START_TEST(is_found_by_its_key_alone)
{
    const struct cache_options o = fixture_options();
    struct full f;
    struct sought s;
    fill(&f, CACHE_NODATA);
    struct entry *e = entry_new(&f.key, &f.entry, entry_lifetime(&o, &f.entry));
    sought_make(&s, &f.key, 3);
    uint64_t hash = s.hash;
    ck_assert(entry_is(e, &s));
    f.key.dnssec_ok = false;
    sought_make(&s, &f.key, 3);
    ck_assert(!entry_is(e, &s));
    ck_assert_uint_ne(s.hash, hash);
    f.key.dnssec_ok = true;
    f.key.type = TYPE_A;
    sought_make(&s, &f.key, 3);
    ck_assert(!entry_is(e, &s));
    ck_assert_uint_ne(s.hash, hash);
    f.key.type = TYPE_TXT;
    sought_make(&s, &f.key, 4);
    ck_assert_uint_ne(s.hash, hash);
    struct name other;
    ck_assert(name_from("a.c.example.com", &other));
    f.key.name = other.octets;
    sought_make(&s, &f.key, 3);
    ck_assert(!entry_is(e, &s));
    entry_free(e);
    cache_zone_free(f.zone);
}
END_TEST

TCase *case_cache_entry(void)
{
    TCase *c = tcase_create("cache_entry");
    tcase_add_test(c, gives_back_what_was_put_in);
    tcase_add_test(c, knows_when_it_is_dead);
    tcase_add_test(c, is_found_by_its_key_alone);
    return c;
}
