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
static struct ahead_room room;

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
        slots[i].labels = (uint8_t)name_labels(slots[i].name);
        atomic_store(&slots[i].version, atomic_load(&b->world->zones[0].slot->version));
        world->zones[i].slot = &slots[i];
    }
    world_index(world);
    room.rest = 0;
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
    return (struct ahead){.octets = copy, .len = len};
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
            answer_ahead(world, &room, some, AHEAD_MOST);
            for (unsigned i = 0; i < AHEAD_MOST; i++) {
                ck_assert(some[i].len == 0 || memcmp(some[i].octets, question, some[i].len) == 0);
                free((void *)(uintptr_t)some[i].octets);
            }
        }
    }
    answer_ahead(world, &room, NULL, 0);
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
        answer_ahead(world, &room, &q, 1);
        free((void *)(uintptr_t)q.octets);
    }
}
END_TEST

/* Is the zone said to be the owner the one that world_find gives? A deeper one may have been pushed
 * aside in the table. */
START_TEST(the_owner_or_nothing)
{
    static uint8_t questions[AHEAD_MOST][1024];
    struct ahead some[AHEAD_MOST];
    unsigned known = 0, hidden = 0, batches = ZONES / AHEAD_MOST;
    for (unsigned batch = 0; batch < batches; batch++) {
        for (unsigned i = 0; i < AHEAD_MOST; i++) {
            char name[NAME_TEXT + 8], zone[NAME_TEXT];
            name_print(slots[batch * AHEAD_MOST + i].name, zone);
            snprintf(name, sizeof name, "www.%s", zone);
            struct asked a = {.name = name, .type = "A"};
            size_t len = write_question(&a, questions[i]);
            some[i] = (struct ahead){.octets = questions[i], .len = len};
        }
        answer_ahead(world, &room, some, AHEAD_MOST);
        for (unsigned i = 0; i < AHEAD_MOST; i++) {
            const uint8_t *name = some[i].octets + MSG_HEADER;
            ck_assert_ptr_eq(some[i].world, world);
            ck_assert(some[i].zone == NULL || some[i].zone == world_find(world, name, TYPE_A));
            known += some[i].zone != NULL;
            hidden += some[i].zone == NULL && world_find(world, name, TYPE_A) != NULL;
        }
    }
    ck_assert_uint_gt(known, batches * AHEAD_MOST / 2);
    ck_assert_uint_gt(hidden, 0);
}
END_TEST

/* Another zone's name has, as far as the table goes, the hash of a suffix of the name asked. */
START_TEST(a_zone_that_only_looks_like_the_owner)
{
    uint8_t question[1024];
    struct asked a = {.name = "x.y.z0.example", .type = "A"};
    struct ahead some[AHEAD_MOST];
    size_t len = write_question(&a, question);
    for (unsigned i = 0; i < AHEAD_MOST; i++) {
        some[i] = (struct ahead){.octets = question, .len = len};
    }
    const uint8_t *name = question + MSG_HEADER;
    uint64_t hash = name_hash(name_suffix(name, 3), world->seed);
    uint64_t *place = &world->table[hash & world->table_mask];
    uint64_t before = *place;
    *place = (hash & ~UINT64_C(0xffffffff)) | 3; /* z1.example */
    answer_ahead(world, &room, some, AHEAD_MOST);
    *place = before;
    ck_assert_ptr_nonnull(some[0].search);
    ck_assert_ptr_null(some[0].zone);
    ck_assert_ptr_nonnull(world_find(world, name, TYPE_A));
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
        some[i] = (struct ahead){.octets = question, .len = len};
    }
    static struct ahead_room many, few;
    many.rest = few.rest = 0;
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

/* As server/udp.c does it: the search is of this batch, the answer of what is served now. */
static void same_answer(const char *name, const char *type, const struct world *w)
{
    uint8_t question[1024], plain[1024];
    struct asked a = {.name = name, .type = type};
    struct ahead some[AHEAD_MOST];
    size_t len = write_question(&a, question);
    for (unsigned i = 0; i < AHEAD_MOST; i++) {
        some[i] = (struct ahead){.octets = question, .len = len};
    }
    room.rest = 0;
    answer_ahead(w, &room, some, AHEAD_MOST);
    memcpy(plain, question, len);
    struct packet p = {.buf = plain, .len = len, .room = sizeof plain, .from = b->from};
    ck_assert_int_eq(answer(&b->worker, &p, &b->try, b->now, &b->out), VERDICT_SEND);
    size_t plain_len = b->out.len;
    p.buf = question;
    p.ahead = &some[AHEAD_MOST - 1];
    ck_assert_ptr_nonnull(p.ahead->search);
    ck_assert_ptr_eq(p.ahead->zone, world_find(w, question + MSG_HEADER, TYPE_A));
    ck_assert_int_eq(answer(&b->worker, &p, &b->try, b->now, &b->out), VERDICT_SEND);
    ck_assert_uint_eq(b->out.len, plain_len);
    ck_assert_mem_eq(question, plain, plain_len);
}

START_TEST(answers_from_searches_made_ahead)
{
    static const char *const names[] = {"www.example", "x.example",     "c.example", "a.c.example",
                                        "example",     "x.sub.example", "d.example", "x.d.example",
                                        "sub.example", "y.w.example"};
    (void)zone_release(atomic_load(&b->slots[0].version));
    slot_publish(&b->slots[0],
                 zone_of(b->lines[0], "@ 60 SOA ns.example. admin.example. 2 3600 600 86400 30\n"
                                      "www 60 A 192.0.2.81\nc 60 CNAME www\nd 60 DNAME w\n"
                                      "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.53\n"
                                      "*.w 60 A 192.0.2.90\n"));
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        same_answer(names[i], "A", b->world);
        same_answer(names[i], "DS", b->world);
        same_answer(names[i], "TXT", b->world);
    }
}
END_TEST

/* A version that comes between the two is the one that answers, and a world. */
START_TEST(not_from_another_version)
{
    struct zone_version *old = atomic_load(&b->slots[0].version);
    slot_publish(&b->slots[0], zone_of(b->lines[0], "@ 60 SOA a. b. 2 3600 600 86400 30\n"));
    for (unsigned i = 0; i < ZONES; i++) { /* where the search is made: as it was */
        ck_assert_ptr_eq(atomic_load(&slots[i].version), old);
    }
    world->zones[0].slot->name = b->slots[0].name;
    world->zones[0].slot->labels = b->slots[0].labels;
    struct world *was = world_new(&config, 11); /* its seed: "example" is found at once */
    ck_assert_ptr_nonnull(was);
    for (unsigned i = 0; i < ZONES; i++) {
        was->zones[i].slot = &slots[i];
    }
    world_index(was);
    same_answer("www.example", "A", was); /* NXDOMAIN by now */
    world_free(was);
    (void)zone_release(old);
}
END_TEST

TCase *case_answer_ahead(void)
{
    TCase *c = tcase_create("answer_ahead");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, whole_and_cut_questions);
    tcase_add_test(c, what_is_no_name);
    tcase_add_test(c, the_owner_or_nothing);
    tcase_add_test(c, a_zone_that_only_looks_like_the_owner);
    tcase_add_test(c, answers_from_searches_made_ahead);
    tcase_add_test(c, not_from_another_version);
    tcase_add_test(c, rest_where_nothing_is_to_be_waited_for);
    return c;
}
