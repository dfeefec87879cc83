/* answer_notify.c - tests of taking a NOTIFY: from whom, for what, and how many of them. */
#include "answer_fixture.h"
#include "cases.h"

#define NOTIFY (OPCODE_NOTIFY << 11 | MSG_AA)

static struct bench *a_bench(struct prefix *primary)
{
    ck_assert(prefix_parse("192.0.2.99", primary));
    struct bench *b = bench_new();
    struct config_acl from = {.items = primary, .count = 1};
    bench_rules(b, bench_add(b, "secondary.example", ROLE_SECONDARY))->notify_from = from;
    bench_rules(b, bench_cache(b, "cache.example"))->notify_from = from;
    bench_rules(b, bench_add(b, "primary.example", ROLE_PRIMARY))->notify_from = from;
    struct config_rules *plain = bench_rules(b, bench_cache(b, "."));
    plain->notify_from = from;
    plain->follow = false;
    bench_ready(b);
    return b;
}

START_TEST(told_to_the_keeper)
{
    struct prefix primary;
    struct bench *b = a_bench(&primary);
    EXPECT(b, "NOERROR aa\n", "secondary.example", "SOA", .flags = NOTIFY, .has_soa = true,
           .serial = 77);
    ck_assert_int_eq(b->out.wish, WISH_TELL_KEEPER);
    ck_assert_ptr_eq(b->out.told.zone->slot, &b->slots[0]);
    ck_assert(b->out.told.has_serial && b->out.told.serial == 77);
    EXPECT(b, "NOERROR aa\n", "CACHE.example", "SOA", .flags = NOTIFY, .tcp = true);
    ck_assert_int_eq(b->out.wish, WISH_TELL_KEEPER);
    ck_assert_ptr_eq(b->out.told.zone->slot, &b->slots[1]);
    ck_assert(!b->out.told.has_serial);
    ck_assert_uint_eq(counted(&b->counters, COUNT_notify_taken), 2);
    bench_free(b);
}
END_TEST

/* RELIABILITY.md 13: a storm costs one letter. */
START_TEST(a_storm_is_merged)
{
    struct prefix primary;
    struct bench *b = a_bench(&primary);
    unsigned wishes = 0;
    for (int i = 0; i < 1000; i++) {
        EXPECT(b, "NOERROR aa\n", "secondary.example", "SOA", .flags = NOTIFY);
        wishes += b->out.wish == WISH_TELL_KEEPER;
    }
    ck_assert_uint_eq(wishes, 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_notify_taken), 1);
    ck_assert_uint_eq(counted(&b->counters, COUNT_notify_merged), 999);
    atomic_store(&b->slots[0].notified, false); /* the keeper took it */
    ASK(b, "secondary.example", "SOA", .flags = NOTIFY);
    ck_assert_int_eq(b->out.wish, WISH_TELL_KEEPER);
    bench_free(b);
}
END_TEST

START_TEST(refused)
{
    static const struct {
        const char *name, *type, *from, *text;
    } rows[] = {
        {"secondary.example", "SOA", "192.0.2.98", "REFUSED\nede 18\n"},
        {"secondary.example", "A", "192.0.2.99", "FORMERR\n"},
        {"below.secondary.example", "SOA", "192.0.2.99", "NOTAUTH\nede 20\n"},
        {"nowhere.example", "SOA", "192.0.2.99", "NOTAUTH\nede 20\n"},
        {"primary.example", "SOA", "192.0.2.99", "NOTAUTH\nede 20\n"},
        {".", "SOA", "192.0.2.99", "NOTAUTH\nede 20\n"},
    };
    struct prefix primary;
    struct bench *b = a_bench(&primary);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert(addr_parse(rows[i].from, 53, &b->from));
        EXPECT(b, rows[i].text, rows[i].name, rows[i].type, .flags = NOTIFY);
        ck_assert_int_eq(b->out.wish, WISH_NONE);
    }
    ck_assert_uint_eq(counted(&b->counters, COUNT_notify_refused), 6);
    ck_assert(!atomic_load(&b->slots[0].notified));
    bench_free(b);
}
END_TEST

TCase *case_answer_notify(void)
{
    TCase *c = tcase_create("answer_notify");
    tcase_add_test(c, told_to_the_keeper);
    tcase_add_test(c, a_storm_is_merged);
    tcase_add_test(c, refused);
    return c;
}
