/* zone_generate.c - $GENERATE makes what BIND makes of it, within its limit. */
#include "zone_memory.h"

START_TEST(numbers_in_owner_and_rdata)
{
    zone_expect_records("$TTL 60\nowner A 192.0.2.1\n"
                        "$GENERATE 1-3 host-$ A 192.0.2.$\n"
                        "\tTXT \"the owner is as before\"\n"
                        "$GENERATE 0-8/4 $ 5 IN CNAME $.0\n"
                        "$generate 9-10 x${-1,3,d} MX \"10 m${0,2,x}\"\n"
                        "$GENERATE 255-255 a${0,4,X}-${0,0,o} TXT $$ \\$ \"b $\"\n",
                        "owner.example.com. 60 IN A 192.0.2.1\n"
                        "host-1.example.com. 60 IN A 192.0.2.1\n"
                        "host-2.example.com. 60 IN A 192.0.2.2\n"
                        "host-3.example.com. 60 IN A 192.0.2.3\n"
                        "owner.example.com. 60 IN TXT \"the owner is as before\"\n"
                        "0.example.com. 5 IN CNAME 0.0.example.com.\n"
                        "4.example.com. 5 IN CNAME 4.0.example.com.\n"
                        "8.example.com. 5 IN CNAME 8.0.example.com.\n"
                        "x008.example.com. 60 IN MX 10 m09.example.com.\n"
                        "x009.example.com. 60 IN MX 10 m0a.example.com.\n"
                        "a00FF-377.example.com. 60 IN TXT \"$\" \"$\" \"b 255\"\n");
}
END_TEST

START_TEST(nibbles)
{
    zone_expect_records("$TTL 60\n$GENERATE 26-26 ${0,7,n} A 192.0.2.1\n$GENERATE 26-26 ${0,0,N}.x A 192.0.2.1\n",
                        "a.1.0.0.example.com. 60 IN A 192.0.2.1\n"
                        "A.1.x.example.com. 60 IN A 192.0.2.1\n");
}
END_TEST

START_TEST(one_text_in_quotes_is_words)
{
    zone_expect_records("$TTL 60\n$GENERATE 1-1 a TXT \"b \\\"c d\\\" \\\\101\"\n",
                        "a.example.com. 60 IN TXT \"b\" \"c d\" \"\\\\101\"\n");
}
END_TEST

static const struct zone_fault faults[] = {
    {"$GENERATE", 10, "$GENERATE: expected a range, like 1-100 or 0-255/5, but nothing follows"},
    {"$GENERATE 1 a A 192.0.2.1", 11, "$GENERATE: expected a range, like 1-100 or 0-255/5"},
    {"$GENERATE 3-1 a A 192.0.2.1", 11,
     "$GENERATE: expected a range, like 1-100 or 0-255/5, the smaller number first"},
    {"$GENERATE 1-3/0 a A 192.0.2.1", 11,
     "$GENERATE: expected a range, like 1-100 or 0-255/5, the smaller number first"},
    {"$GENERATE 1-100001 a A 192.0.2.1", 11, "$GENERATE: this makes 100001 records; at most 100000 are allowed"},
    {"$GENERATE 1-2 a-$", 18,
     "$GENERATE: expected range, owner, type and rdata, like 1-10 host-$ A 192.0.2.$, but nothing follows"},
    {"$GENERATE 255-256 a-$ A 192.0.2.$", 25,
     "$GENERATE makes \"a-256 A 192.0.2.256\": A: expected an IPv4 address, like 192.0.2.1"},
    {"$GENERATE 1-2 a-${ A 192.0.2.1", 15, "$GENERATE: \"${\" without \"}\""},
    {"$GENERATE 1-2 a-${} A 192.0.2.1", 15,
     "$GENERATE: expected ${offset}, ${offset,width} or ${offset,width,base}, like ${-1,3,d}"},
    {"$GENERATE 1-2 a-${-2} A 192.0.2.1", 15, "$GENERATE: the offset makes a number below 0"},
    {"$GENERATE 1-2 a-${0,256} A 192.0.2.1", 15,
     "$GENERATE: the width in ${offset,width,base} is a number up to 255"},
    {"$GENERATE 1-2 a-${0,1,z} A 192.0.2.1", 15,
     "$GENERATE: the base in ${offset,width,base} is d, o, x, X, n or N"},
    {"$GENERATE 1-2 a-$ AXFR x", 24,
     "$GENERATE makes \"a-1 AXFR x\": this type is for questions and messages; it cannot stand in a zone"},
    {"$GENERATE 1-2 \"a\" A 192.0.2.1", 15, "$GENERATE: expected an owner name, like host-$"},
    {"$GENERATE 1-2 a FOO x$", 17, "$GENERATE: unknown RR type"},
    {"$GENERATE 1-2 a AAA x$", 17, "$GENERATE: unknown RR type; did you mean AAAA?"},
    {"$GENERATE 1-2 a $ A x$", 17, "$GENERATE: unknown RR type"},
};

START_TEST(a_fault_is_named_with_its_place)
{
    zone_expect_fault(&faults[_i], "error");
}
END_TEST

START_TEST(as_many_as_allowed)
{
    struct zone_disk disk = {.files = {{.path = "z", .text = "$TTL 1\n$GENERATE 1-8/2 $ A 192.0.2.$\n"}}};
    struct zone_heard h = {.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.generate = 4}, &h);
    ck_assert(h.ok && h.count == 4);
    zone_heard_free(&h);
    h = (struct zone_heard){.count = 0};
    zone_hear_limited(&disk, (struct zone_text_limits){.generate = 3}, &h);
    ck_assert(!h.ok && h.count == 0);
    zone_heard_free(&h);
}
END_TEST

TCase *case_zone_generate(void)
{
    TCase *c = tcase_create("zone_generate");
    tcase_add_test(c, numbers_in_owner_and_rdata);
    tcase_add_test(c, nibbles);
    tcase_add_test(c, one_text_in_quotes_is_words);
    tcase_add_loop_test(c, a_fault_is_named_with_its_place, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_test(c, as_many_as_allowed);
    return c;
}
