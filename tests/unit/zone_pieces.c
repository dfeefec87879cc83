/* zone_pieces.c - where a text is cut, and what is kept of its pieces. */
#include "cases.h"
#include "zone/pieces.h"
#include <string.h>

static void put_lines(struct buf *out, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        buf_print(out, i % 5 == 0 ? " TXT (\n; %u\n)\n" : "owner%u A 192.0.2.1\n", i);
    }
}

/* Behind which octet of the text the cuts are; `tail` counts from its end. */
static unsigned cut_all(const struct pieces *p, struct buf *text, size_t tail[64])
{
    const char *at = buf_text(text);
    unsigned count = 0;
    for (size_t left = text->len; left > 0;) {
        size_t len = pieces_cut(p, at, left);
        ck_assert(len > 0 && len <= left && at[len - 1] == '\n');
        ck_assert(len == left || at[len] == 'o');
        ck_assert(len == left || len >= p->least);
        ck_assert_uint_le(len, p->most + 64);
        at += len;
        left -= len;
        ck_assert_uint_lt(count, 64);
        tail[count++] = left;
    }
    return count;
}

START_TEST(an_insertion_moves_no_cut_but_those_near_it)
{
    struct pieces *p = pieces_new((const uint8_t *)"", 1, 64);
    struct buf one = {.len = 0}, other = {.len = 0};
    size_t a[64], b[64];
    put_lines(&one, 0, 200);
    put_lines(&other, 0, 50);
    buf_print(&other, "new A 192.0.2.2\n");
    put_lines(&other, 50, 200);
    unsigned from = cut_all(p, &one, a), to = cut_all(p, &other, b), same = 0;
    ck_assert_uint_gt(from, 10);
    while (same < from && same < to && a[from - same - 1] == b[to - same - 1]) {
        same++;
    }
    ck_assert_uint_gt(same, from / 2);
    buf_free(&one);
    buf_free(&other);
    pieces_free(p);
}
END_TEST

START_TEST(no_cut_where_no_owner_begins)
{
    static const char *const lines[] = {
        " A 192.0.2.1\n",          "\tA 192.0.2.1\n", "; owner\n", "$TTL 60\n", "\n",
        "( owner A 192.0.2.1 )\n", "\"owner\"\n",     ") A\n",     "\r\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct pieces *p = pieces_new((const uint8_t *)"", 1, 16);
        struct buf text = {.len = 0};
        for (int n = 0; n < 100; n++) {
            buf_print(&text, "%s", lines[i]);
        }
        ck_assert_uint_eq(pieces_cut(p, buf_text(&text), text.len), text.len);
        buf_free(&text);
        pieces_free(p);
    }
}
END_TEST

static void put(struct pieces *p, uint64_t key, const char *state)
{
    pieces_owner(p, (uint32_t)key + 1);
    pieces_owner(p, (uint32_t)key + 2);
    struct piece piece = {.key = key,
                          .first_owner = pieces_next_owner(p) - 2,
                          .owner_count = 2,
                          .after = pieces_state(p, (const uint8_t *)state, strlen(state))};
    pieces_add(p, &piece);
}

static void expect(const struct pieces *p, size_t index, uint64_t key, const char *state)
{
    size_t len;
    const struct piece *piece = &p->list[index];
    const uint8_t *kept = pieces_state_at(p, piece->after, &len);
    ck_assert_uint_eq(piece->key, key);
    ck_assert_uint_eq(piece->owner_count, 2);
    ck_assert_uint_eq(pieces_owners(p, piece)[1], (uint32_t)key + 2);
    ck_assert(len == strlen(state) && memcmp(kept, state, len) == 0);
}

START_TEST(pieces_move_with_their_owners_and_states)
{
    struct pieces *a = pieces_new((const uint8_t *)"", 1, 0),
                  *b = pieces_new((const uint8_t *)"", 1, 0);
    put(a, 10, "x");
    put(b, 20, "x");
    put(b, 30, "x");
    put(b, 40, "another");
    ck_assert_uint_eq(b->list[0].after, b->list[1].after);
    pieces_copy(a, b, 2);
    pieces_join(a, b);
    ck_assert(a->count == 5 && b->count == 0 && b->owner_count == 0);
    pieces_settle(a);
    expect(a, 0, 10, "x");
    expect(a, 1, 40, "another");
    expect(a, 2, 20, "x");
    expect(a, 3, 30, "x");
    expect(a, 4, 40, "another");
    ck_assert(!a->failed && pieces_bytes(a) >= 5 * sizeof *a->list + 10 * sizeof *a->owners);
    pieces_free(a);
    pieces_free(b);
}
END_TEST

/* The pieces of one from `first` up to `end` and one more, by its successor. */
static struct pieces *follow(struct pieces *old, size_t first, size_t end)
{
    struct pieces *p = pieces_new((const uint8_t *)"", 1, 0);
    pieces_follow(p, old);
    for (size_t i = first; i < end; i++) {
        pieces_copy(p, old, i);
    }
    put(p, 1000, "x");
    pieces_settle(p);
    ck_assert(!p->failed && p->count == end - first + 1);
    for (size_t i = first; i < end; i++) {
        expect(p, i - first, old->list[i].key, "x");
    }
    expect(p, p->count - 1, 1000, "x");
    return p;
}

START_TEST(a_successor_shares_what_it_can_use)
{
    struct pieces *a = pieces_new((const uint8_t *)"", 1, 0);
    for (unsigned i = 0; i < 100; i++) {
        put(a, i, "x");
    }
    uint64_t before = pieces_bytes(a);
    pieces_settle(a);
    ck_assert_uint_le(pieces_bytes(a), before + sizeof(struct piece_owners));
    struct pieces *b = follow(a, 5, 100);
    ck_assert(b->shared == a->shared && b->owner_count == 2);
    pieces_free(a);
    struct pieces *c = follow(b, 0, 96);
    ck_assert(c->shared == b->shared && c->shared->holders == 2 && c->owner_count == 4);
    struct pieces *few = follow(c, 0, 80), *d = follow(few, 0, 81);
    pieces_free(c); /* what nobody needs any more is too much for d */
    ck_assert(few->shared == b->shared && d->shared != b->shared);
    ck_assert(d->owner_count == 0 && d->shared->count == 164);
    pieces_free(few);
    ck_assert_uint_eq(b->shared->holders, 1);
    pieces_clear(b);
    ck_assert_ptr_null(b->shared);
    pieces_free(b);
    for (unsigned i = 0; i < 30; i++) { /* what is new is too much */
        struct pieces *next = follow(d, 0, d->count);
        pieces_free(d);
        d = next;
        ck_assert_uint_le(d->owner_count, d->shared->count / 8 + 2);
    }
    pieces_free(d);
}
END_TEST

START_TEST(a_key_is_of_octets_and_state)
{
    struct pieces *p = pieces_new((const uint8_t *)"", 1, 0),
                  *other = pieces_new((const uint8_t *)"", 2, 0);
    const uint8_t *x = (const uint8_t *)"x", *y = (const uint8_t *)"y";
    uint64_t key = pieces_key(p, "text", 4, x, 1);
    ck_assert(key == pieces_key(p, "text", 4, x, 1));
    ck_assert(key != pieces_key(p, "texT", 4, x, 1));
    ck_assert(key != pieces_key(p, "text", 4, y, 1));
    ck_assert(key != pieces_key(other, "text", 4, x, 1));
    ck_assert(pieces_hash(p, (const uint8_t *)"\1a") == pieces_hash(p, (const uint8_t *)"\1A"));
    ck_assert(pieces_hash(p, (const uint8_t *)"\1b\2cA") ==
              pieces_hash_key(p, (const uint8_t *)"\2ca\1b", 5));
    pieces_free(p);
    pieces_free(other);
}
END_TEST

TCase *case_zone_pieces(void)
{
    TCase *c = tcase_create("zone_pieces");
    tcase_add_test(c, an_insertion_moves_no_cut_but_those_near_it);
    tcase_add_test(c, no_cut_where_no_owner_begins);
    tcase_add_test(c, pieces_move_with_their_owners_and_states);
    tcase_add_test(c, a_successor_shares_what_it_can_use);
    tcase_add_test(c, a_key_is_of_octets_and_state);
    return c;
}
