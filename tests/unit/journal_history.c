/* journal_history.c - the changes and peers of each zone come back as they were; what is damaged is
 * left out, and said. */
#include "cases.h"
#include "journal_desk.h"
#include <stdlib.h>

#define SEEN_MOST 8

struct seen {
    struct journal_change changes[SEEN_MOST];
    char texts[SEEN_MOST][JOURNAL_TEXT];
    struct journal_peer peers[SEEN_MOST];
    unsigned count, stop_after;
};

static bool see_change(void *ctx, const struct journal_change *c)
{
    struct seen *s = ctx;
    ck_assert_uint_lt(s->count, SEEN_MOST);
    snprintf(s->texts[s->count], JOURNAL_TEXT, "%s", c->text);
    s->changes[s->count] = *c;
    s->changes[s->count].text = s->texts[s->count];
    s->count++;
    return s->count != s->stop_after;
}

static bool see_peer(void *ctx, const struct journal_peer *p)
{
    struct seen *s = ctx;
    ck_assert_uint_lt(s->count, SEEN_MOST);
    s->peers[s->count++] = *p;
    return s->count != s->stop_after;
}

/* How many changes zone `id` has; `said` is what was said about it. */
static unsigned changes(struct desk *d, uint32_t id, struct seen *s, const char *said)
{
    s->count = 0;
    ck_assert(journal_changes(d->store, id, see_change, s, &d->oops));
    ck_assert_str_eq(d->oops.text, said);
    return s->count;
}

static unsigned peers(struct desk *d, uint32_t id, struct seen *s, const char *said)
{
    s->count = 0;
    ck_assert(journal_peers(d->store, id, see_peer, s, &d->oops));
    ck_assert_str_eq(d->oops.text, said);
    return s->count;
}

static struct journal_change full_change(uint64_t number)
{
    return (struct journal_change){.number = number,
                                   .first = number % 2 == 0,
                                   .from = 0xfffffff0,
                                   .to = 3,
                                   .source = 2,
                                   .text = "example.com.zone",
                                   .committed = {1},
                                   .published = {INT64_C(2) << 40},
                                   .gone = {3},
                                   .rrsets = 4,
                                   .old_ttl_s = 5,
                                   .expire_s = 6,
                                   .served = {7},
                                   .settled = {-8},
                                   .no_bound = number % 3 == 0};
}

static void expect_change(const struct journal_change *a, const struct journal_change *b)
{
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_int_eq(a->first, b->first);
    ck_assert_uint_eq(a->from, b->from);
    ck_assert_uint_eq(a->to, b->to);
    ck_assert_uint_eq(a->source, b->source);
    ck_assert_str_eq(a->text, b->text);
    ck_assert_int_eq(a->committed.ms, b->committed.ms);
    ck_assert_int_eq(a->published.ms, b->published.ms);
    ck_assert_int_eq(a->gone.ms, b->gone.ms);
    ck_assert_uint_eq(a->rrsets, b->rrsets);
    ck_assert_uint_eq(a->old_ttl_s, b->old_ttl_s);
    ck_assert_uint_eq(a->expire_s, b->expire_s);
    ck_assert_int_eq(a->served.ms, b->served.ms);
    ck_assert_int_eq(a->settled.ms, b->settled.ms);
    ck_assert_int_eq(a->no_bound, b->no_bound);
}

START_TEST(changes_come_back_in_order)
{
    static const uint64_t numbers[] = {UINT64_C(1) << 32, 3, 2, 256, 6};
    static const unsigned order[] = {2, 1, 4, 3, 0};
    struct desk d;
    struct seen s = {.count = 0};
    struct journal_change other = full_change(9);
    char long_text[JOURNAL_TEXT + 1] = "";
    memset(long_text, 'x', JOURNAL_TEXT);
    desk_start(&d);
    for (unsigned i = 0; i < 5; i++) {
        struct journal_change c = full_change(numbers[i]);
        c.text = i == 0 ? long_text : c.text; /* what is too long is cut */
        journal_put_change(&d.batch, 1, &c);
    }
    journal_put_change(&d.batch, 256 + 1, &other);
    desk_commit(&d);
    ck_assert_uint_eq(changes(&d, 1, &s, ""), 5);
    for (unsigned i = 0; i < 5; i++) {
        struct journal_change c = full_change(numbers[order[i]]);
        c.text = order[i] == 0 ? long_text + 1 : c.text;
        expect_change(&s.changes[i], &c);
    }
    journal_drop_change(&d.batch, 1, 3);
    journal_drop_change(&d.batch, 1, 4); /* not there */
    desk_commit(&d);
    ck_assert_uint_eq(changes(&d, 1, &s, ""), 4);
    ck_assert_uint_eq(s.changes[1].number, 6);
    s.stop_after = 2;
    ck_assert_uint_eq(changes(&d, 1, &s, ""), 2);
    ck_assert_uint_eq(changes(&d, 257, &s, ""), 1);
    ck_assert_uint_eq(changes(&d, 2, &s, ""), 0);
    desk_stop(&d);
}
END_TEST

START_TEST(peers_come_back)
{
    struct desk d;
    struct seen s = {.count = 0};
    struct journal_peer all[] = {
        {.name = "ns1", .identity = UINT64_MAX, .seen = true, .serial = 7, .at = {1}},
        {.name = "ns10", .identity = 1, .serial = UINT32_MAX, .at = {-1}},
        {.name = "", .identity = 2},
    };
    desk_start(&d);
    memset(all[2].name, 'z', JOURNAL_TEXT - 1);
    for (unsigned i = 0; i < 3; i++) {
        journal_put_peer(&d.batch, 1, &all[i]);
        journal_put_peer(&d.batch, 2, &all[i]);
    }
    desk_commit(&d);
    ck_assert_uint_eq(peers(&d, 1, &s, ""), 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_str_eq(s.peers[i].name, all[i].name);
        ck_assert_uint_eq(s.peers[i].identity, all[i].identity);
        ck_assert_int_eq(s.peers[i].seen, all[i].seen);
        ck_assert_uint_eq(s.peers[i].serial, all[i].serial);
        ck_assert_int_eq(s.peers[i].at.ms, all[i].at.ms);
    }
    all[0].serial = 8;
    journal_put_peer(&d.batch, 1, &all[0]); /* one row for each */
    desk_commit(&d);
    ck_assert_uint_eq(peers(&d, 1, &s, ""), 3);
    ck_assert_uint_eq(s.peers[0].serial, 8);
    journal_drop_peers(&d.batch, 1);
    desk_commit(&d);
    ck_assert_uint_eq(peers(&d, 1, &s, ""), 0);
    ck_assert_uint_eq(peers(&d, 2, &s, ""), 3);
    desk_stop(&d);
}
END_TEST

START_TEST(damage_leaves_out_one_row)
{
    struct desk d;
    struct seen s = {.count = 0};
    desk_start(&d);
    for (uint64_t n = 1; n <= 3; n++) {
        struct journal_change c = full_change(n);
        journal_put_change(&d.batch, 1, &c);
    }
    struct journal_peer peer = {.name = "ns1"}, other = {.name = "ns2"};
    journal_put_peer(&d.batch, 1, &peer);
    journal_put_peer(&d.batch, 1, &other);
    desk_commit(&d);
    struct seal_key change = seal_key(STORE_CHANGE, 1), ns1 = seal_key(STORE_PEER, 1);
    seal_key_u64(&change, 2);
    seal_key_text(&ns1, "ns1");
    desk_flip(&d, &change, -3);
    desk_flip(&d, &ns1, 3);
    ck_assert_uint_eq(
        changes(&d, 1, &s, "a row of the zone's history: damaged: its checksum is wrong"), 2);
    ck_assert(s.changes[0].number == 1 && s.changes[1].number == 3);
    ck_assert_uint_eq(
        peers(&d, 1, &s, "the row of a peer of the zone: damaged: its checksum is wrong"), 1);
    ck_assert_str_eq(s.peers[0].name, "ns2");
    desk_stop(&d);
}
END_TEST

/* The content behind the seal of the one operation in a batch. */
static size_t content_of(struct store_batch *b, uint8_t *out)
{
    struct batch_op op;
    size_t at = 0;
    ck_assert(batch_next(b, &at, &op));
    memcpy(out, op.value + SEAL_SIZE, op.vlen - SEAL_SIZE);
    batch_free(b);
    return op.vlen - SEAL_SIZE;
}

START_TEST(rows_of_another_form_are_none)
{
    struct desk d;
    struct seen s = {.count = 0};
    struct journal_change c = full_change(1);
    struct journal_peer p = {.name = "ns1"};
    struct store_batch b = {.count = 0};
    uint8_t content[400] = {0};
    desk_start(&d);
    journal_put_change(&b, 1, &c);
    size_t len = content_of(&b, content);
    struct seal_key key = seal_key(STORE_CHANGE, 1);
    seal_key_u64(&key, 1);
    for (size_t cut = 0; cut <= len + 1; cut += cut + 20 < len ? 7 : 1) {
        desk_put(&d, &key, content, cut);
        bool good = cut == len;
        ck_assert_uint_eq(
            changes(&d, 1, &s, good ? "" : "a row of the zone's history: damaged: not a change"),
            good);
    }
    memset(content, 0, sizeof content);
    journal_put_peer(&b, 1, &p);
    len = content_of(&b, content);
    key = seal_key(STORE_PEER, 1);
    seal_key_text(&key, "ns1");
    for (size_t cut = 0; cut <= len + 1; cut++) {
        desk_put(&d, &key, content, cut);
        bool good = cut == len;
        ck_assert_uint_eq(
            peers(&d, 1, &s, good ? "" : "the row of a peer of the zone: damaged: not a peer"),
            good);
    }
    memset(content, 0, sizeof content);
    content[0] = JOURNAL_TEXT; /* a name longer than any we write */
    desk_put(&d, &key, content, len + JOURNAL_TEXT - 3);
    ck_assert_uint_eq(peers(&d, 1, &s, "the row of a peer of the zone: damaged: not a peer"), 0);
    desk_stop(&d);
}
END_TEST

TCase *case_journal_history(void)
{
    TCase *c = tcase_create("journal_history");
    tcase_add_test(c, changes_come_back_in_order);
    tcase_add_test(c, peers_come_back);
    tcase_add_test(c, damage_leaves_out_one_row);
    tcase_add_test(c, rows_of_another_form_are_none);
    return c;
}
