/* wire_compress.c - tests of compression: what is pointed to, whose case is kept, where pointers
 * end. */
#include "base/buf.h"
#include "cases.h"
#include "wire/compress.h"
#include "wire/name.h"
#include <string.h>

struct desk {
    uint8_t buf[40000];
    struct reply r;
};

static void begin(struct desk *d, const char *qname)
{
    struct name name;
    ck_assert(qname == NULL || name_from(qname, &name));
    reply_start_bare(&d->r, d->buf, sizeof d->buf, 1, qname != NULL ? name.octets : NULL, 1);
}

/* Writes the name; gives how many octets that took. */
static size_t put(struct desk *d, bool owner, const char *text)
{
    struct name name;
    size_t before = d->r.len;
    ck_assert(name_from(text, &name));
    ck_assert(owner ? compress_put_owner(&d->r, name.octets) : compress_put(&d->r, name.octets));
    return d->r.len - before;
}

static unsigned pointer(const struct desk *d)
{
    return get_u16(d->buf + d->r.len - 2);
}

START_TEST(suffixes_of_the_question)
{
    struct desk d;
    begin(&d, "www.example.com");
    ck_assert_uint_eq(put(&d, false, "www.example.com"), 2);
    ck_assert_uint_eq(pointer(&d), 0xc00c);
    ck_assert_uint_eq(put(&d, false, "example.com"), 2);
    ck_assert_uint_eq(pointer(&d), 0xc010);
    ck_assert_uint_eq(put(&d, false, "ns.com"), 5);
    ck_assert_uint_eq(pointer(&d), 0xc018);
    ck_assert_uint_eq(put(&d, false, "www.example.net"), 17); /* the same labels elsewhere */
    ck_assert_uint_eq(put(&d, false, "."), 1);
    ck_assert_uint_eq(put(&d, false, "net"), 2);
}
END_TEST

START_TEST(names_written_before)
{
    struct desk d;
    begin(&d, NULL);
    ck_assert_uint_eq(put(&d, false, "a.b.c"), 7);
    ck_assert_uint_eq(put(&d, false, "x.b.c"), 4);
    ck_assert_uint_eq(put(&d, false, "y.x.b.c"), 4); /* a pointer to a name with a pointer */
    ck_assert_uint_eq(pointer(&d), 0xc000 + 12 + 7);
    ck_assert_uint_eq(put(&d, false, "y.x.b.c"), 2);
    ck_assert_uint_eq(put(&d, false, "b"), 3); /* as a label it is known, as a suffix not */
}
END_TEST

START_TEST(rdata_keeps_its_case)
{
    struct desk d;
    begin(&d, "wWw.eXample.com");
    ck_assert_uint_eq(put(&d, false, "ns.Example.com"), 3 + 8 + 2); /* com alone is the same */
    ck_assert_uint_eq(put(&d, false, "mx.Example.com"), 3 + 2);
    ck_assert_uint_eq(put(&d, false, "example.com"), 8 + 2);
    ck_assert_uint_eq(put(&d, false, "EXAMPLE.COM"), 13);
}
END_TEST

START_TEST(owners_take_what_there_is)
{
    struct desk d;
    begin(&d, "wWw.eXample.com");
    ck_assert_uint_eq(put(&d, true, "WWW.example.COM"), 2);
    ck_assert_uint_eq(pointer(&d), 0xc00c);
    ck_assert_uint_eq(put(&d, false, "ns.Example.com"), 13);
    size_t same_case = d.r.len - 10;
    ck_assert_uint_eq(put(&d, true, "mx.Example.com"), 5); /* its own case first */
    ck_assert_uint_eq(pointer(&d), 0xc000 | same_case);
    ck_assert_uint_eq(put(&d, true, "NS.EXAMPLE.COM"), 3 + 2);
}
END_TEST

START_TEST(far_names_are_not_pointed_to)
{
    struct desk d;
    begin(&d, NULL);
    d.r.len = COMPRESS_FAR - 4; /* "ab" lies within reach, "cd" does not */
    memset(d.buf + 12, 0, d.r.len - 12);
    ck_assert_uint_eq(put(&d, false, "ab.c.cd"), 9);
    ck_assert_uint_eq(put(&d, false, "cd"), 4);
    ck_assert_uint_eq(put(&d, false, "ab.c.cd"), 9);
}
END_TEST

START_TEST(a_full_table_still_points_to_what_it_has)
{
    struct desk d;
    begin(&d, "example.com");
    for (char a = 'a'; a <= 'z'; a++) {
        for (char b = 'a'; b <= 'd'; b++) {
            char text[] = {a, b, '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'c', 'o', 'm', '\0'};
            ck_assert_uint_eq(put(&d, true, text), 5);
        }
    }
    ck_assert_uint_eq(d.r.names, REPLY_NAMES);
    ck_assert_uint_eq(put(&d, true, "aa.example.com"), 2);
    ck_assert_uint_eq(put(&d, true, "zd.example.com"), 5);
}
END_TEST

START_TEST(longest_names)
{
    struct desk d;
    char text[255];
    for (size_t i = 0; i < 253; i++) {
        text[i] = i % 2 == 0 ? 'a' : '.';
    }
    text[253] = '\0';
    begin(&d, text);
    ck_assert_uint_eq(put(&d, false, text), 254 - 128 + 2); /* the table took 64 labels */
    begin(&d, NULL);
    ck_assert_uint_eq(put(&d, false, text), 255);
}
END_TEST

/* What the question ends in is found at once, and the octets are those of a walk. */
START_TEST(the_base_changes_nothing)
{
    static const char *const asked[] = {"www.example.com", "x.Www.Example.Com", "example.com",
                                        "com", "."};
    static const char *const names[] = {
        "www.example.com", "ns.www.example.com", "Example.com",
        "ns.example.COM",  "ns.Example.Com",     "www.example.org",
        "x.www.com",       "xexample.com",       ".",
        "www.example.com", "ns.example.com",     "y.Www.Example.Com"};
    for (unsigned q = 0; q < sizeof asked / sizeof *asked; q++) {
        for (unsigned labels = 0; labels <= 5; labels++) { /* more than there are, too */
            struct desk plain, d;
            begin(&plain, asked[q]);
            begin(&d, asked[q]);
            reply_base(&d.r, labels);
            for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
                put(&plain, i % 3 == 0, names[i]);
                put(&d, i % 3 == 0, names[i]);
            }
            ck_assert_uint_eq(d.r.len, plain.r.len);
            ck_assert_mem_eq(d.buf + MSG_HEADER, plain.buf + MSG_HEADER, d.r.len - MSG_HEADER);
        }
    }
}
END_TEST

START_TEST(no_base_without_a_question)
{
    struct desk d;
    begin(&d, NULL);
    reply_base(&d.r, 2);
    ck_assert_uint_eq(d.r.base_labels, 0);
    ck_assert_uint_eq(put(&d, false, "www.example.com"), 17);
    ck_assert_uint_eq(put(&d, false, "ns.example.com"), 5);
    begin(&d, "example.com");
    ck_assert_uint_eq(put(&d, false, "ns.example.com"), 5);
    reply_base(&d.r, 1); /* too late */
    ck_assert_uint_eq(d.r.base_labels, 0);
    ck_assert_uint_eq(put(&d, false, "ns.example.com"), 2);
}
END_TEST

START_TEST(no_room_writes_nothing)
{
    struct desk d;
    struct name name;
    begin(&d, "example.com");
    ck_assert(name_from("a.example.com", &name));
    d.r.limit = d.r.len + 3;
    size_t len = d.r.len;
    ck_assert(!compress_put(&d.r, name.octets));
    ck_assert_uint_eq(d.r.len, len);
    d.r.limit++;
    ck_assert(compress_put(&d.r, name.octets));
    ck_assert_uint_eq(reply_room(&d.r), 0);
    ck_assert(!compress_put(&d.r, name_root));
}
END_TEST

TCase *case_wire_compress(void)
{
    TCase *c = tcase_create("wire_compress");
    tcase_add_test(c, suffixes_of_the_question);
    tcase_add_test(c, names_written_before);
    tcase_add_test(c, rdata_keeps_its_case);
    tcase_add_test(c, owners_take_what_there_is);
    tcase_add_test(c, far_names_are_not_pointed_to);
    tcase_add_test(c, a_full_table_still_points_to_what_it_has);
    tcase_add_test(c, longest_names);
    tcase_add_test(c, the_base_changes_nothing);
    tcase_add_test(c, no_base_without_a_question);
    tcase_add_test(c, no_room_writes_nothing);
    return c;
}
