/* answer_chaos.c - tests of questions about the server itself, in class CH. */
#include "answer_fixture.h"
#include "cases.h"

static struct bench *a_bench(void)
{
    struct bench *b = bench_new();
    bench_zone(b, "example", "www 60 A 192.0.2.1\n");
    bench_cache(b, ".");
    bench_ready(b);
    return b;
}

START_TEST(refused_by_default)
{
    static const char *const names[] = {"id.server", "hostname.bind", "version.server",
                                        "version.bind", "authors.bind"};
    struct bench *b = a_bench();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        EXPECT(b, "REFUSED\nede 21\n", names[i], "TXT", .class = CLASS_CH);
    }
    bench_free(b);
}
END_TEST

START_TEST(who_we_are)
{
    struct bench *b = a_bench();
    b->config.server.identity = "a machine";
    EXPECT(b, "NOERROR aa\nan id.server. 0 CH TXT \"a machine\"\n", "id.server", "TXT",
           .class = CLASS_CH);
    EXPECT(b, "NOERROR aa\nan Hostname.BIND. 0 CH TXT \"a machine\"\n", "Hostname.BIND", "ANY",
           .class = CLASS_CH);
    EXPECT(b, "NOERROR aa\nan id.server. 0 CH TXT \"a machine\"\n", "id.server", "TXT",
           .class = CLASS_CH, .no_edns = true);
    EXPECT(b, "NOERROR aa\nan id.server. 0 CH TXT \"a machine\"\n", "id.server", "TXT",
           .class = CLASS_CH, .tcp = true);
    EXPECT(b, "REFUSED\nede 21\n", "version.bind", "TXT", .class = CLASS_CH);
    EXPECT(b, "REFUSED\nede 21\n", "id.server", "A", .class = CLASS_CH);
    EXPECT(b, "REFUSED\nede 21\n", "x.id.server", "TXT", .class = CLASS_CH);
    EXPECT(b, "REFUSED\nede 21\n", "www.example", "A", .class = CLASS_CH);
    EXPECT(b, "REFUSED\nede 21\n", "id.server", "TXT", .class = CLASS_ANY);
    EXPECT(b, "REFUSED\nede 21\n", "id.server", "SOA", .class = CLASS_CH,
           .flags = OPCODE_NOTIFY << 11);
    ck_assert_uint_eq(counted(&b->counters, COUNT_noerror), 4);
    bench_free(b);
}
END_TEST

START_TEST(which_version)
{
    struct bench *b = a_bench();
    b->config.server.version = "none of your business";
    EXPECT(b, "NOERROR aa\nan version.bind. 0 CH TXT \"none of your business\"\n", "version.bind",
           "TXT", .class = CLASS_CH);
    b->config.server.version = "auto";
    ASK(b, "version.server", "TXT", .class = CLASS_CH);
    ck_assert_ptr_nonnull(strstr(b->text, "an version.server. 0 CH TXT \"settled "));
    EXPECT(b, "REFUSED\nede 21\n", "id.server", "TXT", .class = CLASS_CH);
    bench_free(b);
}
END_TEST

START_TEST(as_long_as_a_string_can_be)
{
    char text[256];
    struct bench *b = a_bench();
    memset(text, 'x', 255);
    text[255] = '\0';
    b->config.server.identity = text;
    ASK(b, "id.server", "TXT", .class = CLASS_CH);
    ck_assert_ptr_nonnull(strstr(b->text, text));
    ck_assert_ptr_nonnull(
        strstr(ASK(b, "id.server", "TXT", .class = CLASS_CH, .no_edns = true), text));
    bench_free(b);
}
END_TEST

TCase *case_answer_chaos(void)
{
    TCase *c = tcase_create("answer_chaos");
    tcase_add_test(c, refused_by_default);
    tcase_add_test(c, who_we_are);
    tcase_add_test(c, which_version);
    tcase_add_test(c, as_long_as_a_string_can_be);
    return c;
}
