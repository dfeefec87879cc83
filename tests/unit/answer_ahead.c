/* answer_ahead.c - tests of looking ahead: whatever a batch holds, nothing is changed by it, and
 * nothing outside a packet is read (the sanitizers see that). */
#include "answer/ahead.h"
#include "answer_fixture.h"
#include "cases.h"

#define ZONES 300 /* fewer, and it does not look */

static struct bench *b;
static struct config_zone zones[ZONES];
static struct slot slots[ZONES];
static struct name zone_names[ZONES];
static struct config config = {.zones = zones, .zone_count = ZONES};
static struct world *world;

/* All zones have the content of one. */
static void start(void)
{
    b = bench_new();
    bench_zone(b, "example", "www 60 A 192.0.2.80\n");
    bench_ready(b);
    world = world_new(&config, 7);
    ck_assert_ptr_nonnull(world);
    for (unsigned i = 0; i < ZONES; i++) {
        char name[32];
        snprintf(name, sizeof name, i % 2 == 0 ? "z%u.example" : "sub.z%u.example", i / 2);
        zone_names[i] = a_name(name);
        slots[i].name = zone_names[i].octets;
        atomic_store(&slots[i].version, atomic_load(&b->world->zones[0].slot->version));
        world->zones[i].slot = &slots[i];
    }
    world_index(world);
}

static void stop(void)
{
    world_free(world);
    bench_free(b);
}

/* In memory of just its length, so that one octet more is seen to be read. */
static struct ahead packet(const uint8_t *octets, size_t len)
{
    uint8_t *copy = malloc(len);
    ck_assert(copy != NULL || len == 0);
    if (len > 0) {
        memcpy(copy, octets, len);
    }
    return (struct ahead){copy, len};
}

START_TEST(whole_and_cut_questions)
{
    static const char *const names[] = {
        "www.z0.example", "no.sub.z149.example", "z7.example", "nobody.test", "example", "."};
    for (unsigned n = 0; n < sizeof names / sizeof *names; n++) {
        uint8_t question[1024];
        struct asked a = {.name = names[n], .type = "A"};
        size_t len = write_question(&a, question);
        for (size_t cut = 0; cut <= len; cut++) {
            struct ahead some[AHEAD_MOST];
            for (unsigned i = 0; i < AHEAD_MOST; i++) {
                some[i] = packet(question, i % 2 == 0 ? cut : len);
            }
            answer_ahead(world, &(struct ahead_pace){0}, some, AHEAD_MOST);
            for (unsigned i = 0; i < AHEAD_MOST; i++) {
                ck_assert(some[i].len == 0 || memcmp(some[i].octets, question, some[i].len) == 0);
                free((void *)(uintptr_t)some[i].octets);
            }
        }
    }
    answer_ahead(world, &(struct ahead_pace){0}, NULL, 0);
}
END_TEST

/* Names that are none: too long, with too many labels, compressed. */
START_TEST(what_is_no_name)
{
    uint8_t octets[600] = {0};
    static const uint8_t lengths[] = {1, 2, 63, 64, 0xc0, 0xff};
    for (unsigned i = 0; i < sizeof lengths; i++) {
        memset(octets + MSG_HEADER, lengths[i], sizeof octets - MSG_HEADER);
        struct ahead q = packet(octets, sizeof octets);
        answer_ahead(world, &(struct ahead_pace){0}, &q, 1);
        free((void *)(uintptr_t)q.octets);
    }
}
END_TEST

/* A few small zones stand in the caches anyway: it looks again after a while. */
START_TEST(rest_where_nothing_is_to_be_waited_for)
{
    uint8_t question[1024];
    struct asked a = {.name = "www.example", .type = "A"};
    struct ahead some[AHEAD_MOST];
    size_t len = write_question(&a, question);
    for (unsigned i = 0; i < AHEAD_MOST; i++) {
        some[i] = (struct ahead){question, len};
    }
    struct ahead_pace many = {0}, few = {0};
    answer_ahead(world, &many, some, AHEAD_MOST);
    ck_assert_uint_eq(many.rest, 0);
    answer_ahead(b->world, &few, some, 1); /* says nothing about the others */
    ck_assert_uint_eq(few.rest, 0);
    answer_ahead(b->world, &few, some, AHEAD_MOST);
    unsigned rest = few.rest;
    ck_assert_uint_gt(rest, 0);
    for (unsigned i = rest; i > 0; i--) {
        ck_assert_uint_eq(few.rest, i);
        answer_ahead(b->world, &few, some, AHEAD_MOST);
    }
    answer_ahead(b->world, &few, some, AHEAD_MOST);
    ck_assert_uint_eq(few.rest, rest);
}
END_TEST

TCase *case_answer_ahead(void)
{
    TCase *c = tcase_create("answer_ahead");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, whole_and_cut_questions);
    tcase_add_test(c, what_is_no_name);
    tcase_add_test(c, rest_where_nothing_is_to_be_waited_for);
    return c;
}
