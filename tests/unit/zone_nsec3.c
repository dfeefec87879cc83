/* zone_nsec3.c - hashed names, against the table of RFC 5155 appendix A; NSEC3 rdata taken
 * apart. */
#include "cases.h"
#include "zone/nsec3.h"
#include "zonekit.h"

static const uint8_t rdata[] = {1,   1,   0,   12,  4,   0xaa, 0xbb, 0xcc, 0xdd, 20,  'n',
                                'e', 'x', 't', ' ', 'h', 'a',  's',  'h',  ' ',  'o', 'f',
                                ' ', 't', 'w', 'e', 'n', 't',  'y',  'x',  0,    1,   0x40};

static void expect(const struct nsec3_parameters *p, const char *name, const char *hash)
{
    uint8_t label[NSEC3_LABEL];
    nsec3_hash(p, kit_name(name).octets, label);
    ck_assert_uint_eq(label[0], 32);
    ck_assert_msg(memcmp(label + 1, hash, 32) == 0, "%s: %.32s, not %s", name, (char *)label + 1,
                  hash);
    ck_assert(key_is_hash(label, sizeof label));
}

START_TEST(the_hashes_of_rfc_5155)
{
    struct nsec3_parameters p;
    ck_assert(nsec3_read(rdata, sizeof rdata, &p));
    expect(&p, "example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
    expect(&p, "a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl");
    expect(&p, "AI.example", "gjeqe526plbf1g8mklp59enfd789njgi");
    expect(&p, "ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr");
    expect(&p, "ns2.eXample", "q04jkcevqvmu85r014c7dkba38o0ji5r");
    expect(&p, "w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h");
    expect(&p, "*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en");
    expect(&p, "x.w.example", "b4um86eghhds6nea196smvmlo4ors995");
    expect(&p, "y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc");
    expect(&p, "x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s");
    expect(&p, "xx.example", "t644ebqk9bibcna874givr6joj62mlhv");
    expect(&p, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi");
}
END_TEST

/* RFC 9276 3.1: no salt, no iterations. By `ldns-nsec3-hash -t 0`. */
START_TEST(hashed_once)
{
    struct nsec3_parameters p;
    static const uint8_t bare[] = {1, 0, 0, 0, 0};
    ck_assert(nsec3_read(bare, sizeof bare, &p));
    expect(&p, "example", "3msev9usmd4br9s97v51r2tdvmr9iqo1");
    expect(&p, ".", "bekjp7dgpvsjukll47bk43i3urmq4u2f");
}
END_TEST

START_TEST(taken_apart)
{
    struct nsec3_parameters p, q;
    const uint8_t *bitmap, *next;
    size_t len;
    uint8_t other[sizeof rdata];
    ck_assert(nsec3_read(rdata, sizeof rdata, &p));
    ck_assert_uint_eq(p.algorithm, NSEC3_SHA1);
    ck_assert_uint_eq(p.flags, 1);
    ck_assert_uint_eq(p.iterations, 12);
    ck_assert_uint_eq(p.salt_len, 4);
    next = nsec3_next(rdata, sizeof rdata, &bitmap, &len);
    ck_assert_ptr_eq(next, rdata + 10);
    ck_assert_ptr_eq(bitmap, rdata + 30);
    ck_assert_uint_eq(len, 3);
    ck_assert_ptr_null(nsec3_next(rdata, 29, &bitmap, &len));
    ck_assert_ptr_null(nsec3_next(rdata, 9, &bitmap, &len));
    ck_assert_ptr_null(nsec3_next(rdata, 3, &bitmap, &len));
    ck_assert(nsec3_read(rdata, 9, &q));
    ck_assert(!nsec3_read(rdata, 8, &q));
    ck_assert(!nsec3_read(rdata, 4, &q));
    for (unsigned i = 0; i < 9; i++) {
        memcpy(other, rdata, sizeof rdata);
        other[i]--;
        ck_assert(nsec3_read(other, sizeof other, &q));
        ck_assert_int_eq(nsec3_same(&p, &q), i == 1); /* the flags do not count */
    }
}
END_TEST

START_TEST(one_step_back)
{
    static const char *const rows[][2] = {
        {"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tol"},
        {"b0000000000000000000000000000000", "avvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"},
        {"000000000000000000000000000000a0", "0000000000000000000000000000009v"},
        {"00000000000000000000000000000000", "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t label[NSEC3_LABEL] = {32};
        memcpy(label + 1, rows[i][0], 32);
        nsec3_step_back(label);
        ck_assert_mem_eq(label + 1, rows[i][1], 32);
    }
}
END_TEST

TCase *case_zone_nsec3(void)
{
    TCase *c = tcase_create("zone_nsec3");
    tcase_add_test(c, the_hashes_of_rfc_5155);
    tcase_add_test(c, hashed_once);
    tcase_add_test(c, taken_apart);
    tcase_add_test(c, one_step_back);
    return c;
}
