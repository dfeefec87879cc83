/* zone_words.c - words taken one by one; a fault says where, why and what might have been meant. */
#include "zone/words.h"
#include "cases.h"
#include <string.h>

struct taking {
    struct lex lex;
    struct words w;
    struct name origin;
    struct buf out;
};

static void start(struct taking *t, const char *text)
{
    *t = (struct taking){.out = {.len = 0}};
    ck_assert(name_from("example.com", &t->origin));
    lex_start(&t->lex, text, strlen(text));
    ck_assert(lex_entry(&t->lex));
    t->w.lex = &t->lex;
    words_origin(&t->w, t->origin.octets);
    words_next(&t->w);
}

START_TEST(each_kind_is_taken)
{
    struct taking t;
    uint8_t n8, ip4[4], ip6[16];
    uint16_t n16, type;
    uint32_t n32, ttl;
    uint64_t n64;
    struct name name;
    size_t len;
    start(&t, "255 65535 4294967295 18446744073709551615 1h 192.0.2.1 2001:db8::1 www aaaa t\\032x \"q q\" "
              "ab0 VV Zm9v ab cd");
    ck_assert(words_u8(&t.w, &n8) && n8 == 255);
    ck_assert(words_u16(&t.w, &n16) && n16 == 65535);
    ck_assert(words_u32(&t.w, &n32) && n32 == UINT32_MAX);
    ck_assert(words_u64(&t.w, &n64) && n64 == UINT64_MAX);
    ck_assert(words_ttl(&t.w, &ttl) && ttl == 3600);
    ck_assert(words_ipv4(&t.w, ip4) && ip4[3] == 1);
    ck_assert(words_ipv6(&t.w, ip6) && ip6[0] == 0x20);
    ck_assert(words_name(&t.w, &name, &len) && len == 17 && name.octets[1] == 'w');
    ck_assert(words_is(&t.w, "AAAA") && !words_is(&t.w, "AAA"));
    ck_assert(words_type(&t.w, &type) && type == 28);
    ck_assert(words_text(&t.w, &t.out, 3) && words_text(&t.w, &t.out, 3));
    ck_assert_str_eq(buf_text(&t.out), "t xq q");
    ck_assert(!words_hex_one(&t.w, &t.out) && !words_base32hex_one(&t.w, &t.out));
    t.out.len = 0;
    ck_assert(words_base64_one(&t.w, &t.out) && words_hex(&t.w, &t.out) && words_end(&t.w));
    ck_assert_str_eq(buf_text(&t.out), "foo\xab\xcd");
    buf_free(&t.out);
}
END_TEST

START_TEST(names)
{
    static const struct {
        const char *text, *name;
    } rows[] = {{"www", "www.example.com."},
                {"www.", "www."},
                {"a.b.C", "a.b.C.example.com."},
                {"@", "example.com."},
                {".", "."},
                {"\\@", "\\@.example.com."},
                {"a\\.b", "a\\.b.example.com."},
                {"*", "*.example.com."}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct taking t;
        struct name name;
        size_t len;
        char text[NAME_TEXT];
        start(&t, rows[i].text);
        ck_assert(words_name(&t.w, &name, &len));
        ck_assert_str_eq(name_print_dot(name.octets, text), rows[i].name);
        ck_assert_uint_eq(len, name_len(name.octets));
        ck_assert(words_end(&t.w) && t.w.doubt.at == NULL);
    }
}
END_TEST

START_TEST(long_names)
{
    char text[400];
    struct taking t;
    struct name name;
    size_t len;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 60 == 59 ? '.' : 'a';
    }
    text[241] = '\0'; /* with example.com: 241 + 1 + 13 = 255 octets */
    start(&t, text);
    ck_assert(words_name(&t.w, &name, &len) && len == 255);
    text[241] = 'a';
    text[242] = '\0';
    start(&t, text);
    ck_assert(!words_name(&t.w, &name, &len));
    ck_assert_ptr_nonnull(strstr(t.w.fault.why, "longer than 255"));
    memset(text, 'b', 64);
    text[63] = '\0';
    start(&t, text);
    ck_assert(words_name(&t.w, &name, &len) && len == 77);
    text[63] = 'b';
    text[64] = '\0';
    start(&t, text);
    ck_assert(!words_name(&t.w, &name, &len));
}
END_TEST

START_TEST(a_name_that_misses_its_dot_is_doubted)
{
    static const char *const doubtful[] = {"example.com", "www.EXAMPLE.com", "a.b.example.com"};
    static const char *const fine[] = {"example.com.", "com", "xample.com", "@", "www", "example.com.x"};
    struct taking t;
    struct name name;
    size_t len;
    for (size_t i = 0; i < 3; i++) {
        start(&t, doubtful[i]);
        ck_assert(words_name(&t.w, &name, &len) && t.w.doubt.at == t.lex.entry);
    }
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        start(&t, fine[i]);
        ck_assert(words_name(&t.w, &name, &len));
        ck_assert_msg(t.w.doubt.at == NULL, "%s", fine[i]);
    }
}
END_TEST

START_TEST(a_fault_says_where)
{
    struct taking t;
    uint8_t n8;
    uint16_t type;
    start(&t, "256");
    ck_assert(!words_u8(&t.w, &n8));
    ck_assert(t.w.fault.at == t.lex.entry && t.w.fault.hint == NULL);
    start(&t, "7  ; end");
    ck_assert(words_u8(&t.w, &n8) && !words_u8(&t.w, &n8));
    ck_assert(t.w.fault.at == t.lex.entry + 1 && t.w.fault.hint != NULL);
    start(&t, "\"7\"");
    ck_assert(!words_u8(&t.w, &n8) && t.w.fault.at == t.lex.entry);
    start(&t, "7 x\"y\"");
    ck_assert(words_u8(&t.w, &n8) && !words_u8(&t.w, &n8));
    ck_assert(t.w.fault.at == t.lex.entry + 3 && strncmp(t.w.fault.why, "a quote", 7) == 0);
    start(&t, "MXX");
    ck_assert(!words_type(&t.w, &type));
    ck_assert_str_eq(t.w.fault.word, "MX");
    start(&t, "abcg");
    ck_assert(!words_hex(&t.w, &t.out) && t.w.fault.at == t.lex.entry + 3);
    buf_free(&t.out);
    start(&t, "abc");
    ck_assert(!words_hex(&t.w, &t.out) && t.w.fault.at == t.lex.entry + 3);
    buf_free(&t.out);
    start(&t, "a\\999");
    ck_assert(!words_text(&t.w, &t.out, 255) && t.w.fault.at == t.lex.entry + 1);
    buf_free(&t.out);
    start(&t, "abcd");
    ck_assert(!words_text(&t.w, &t.out, 3) && t.w.fault.at == t.lex.entry);
    buf_free(&t.out);
}
END_TEST

TCase *case_zone_words(void)
{
    TCase *c = tcase_create("zone_words");
    tcase_add_test(c, each_kind_is_taken);
    tcase_add_test(c, names);
    tcase_add_test(c, long_names);
    tcase_add_test(c, a_name_that_misses_its_dot_is_doubted);
    tcase_add_test(c, a_fault_says_where);
    return c;
}
