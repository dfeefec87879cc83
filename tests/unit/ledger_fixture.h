/* ledger_fixture.h - a ledger under test: one zone whose edits are lines of text, its peers, and a
 * clock that the test turns. Times are seconds since the book was opened. */
#ifndef SETTLED_TESTS_UNIT_LEDGER_FIXTURE_H
#define SETTLED_TESTS_UNIT_LEDGER_FIXTURE_H

#include "answer_fixture.h"
#include "keeper/ledger.h"

#define BOOK_EDITS (LEDGER_CHANGES + 8)
#define BOOK_START INT64_C(1700000000000)
#define NO_BOUND   (-1)

struct book {
    struct zone_line *line;
    struct zone_version *versions[BOOK_EDITS];
    unsigned count;
    struct ledger *ledger;
    struct now now;
    struct journal_change row; /* of the last edit */
};

static inline void book_open(struct book *b)
{
    struct name apex = a_name("example");
    *b = (struct book){.now = {{1000 * NS_PER_S}, {BOOK_START}}};
    b->line = zone_line_new(apex.octets, 1);
    b->ledger = ledger_new(zone_line_apex(b->line));
    ck_assert(b->line != NULL && b->ledger != NULL);
}

static inline void book_close(struct book *b)
{
    ledger_free(b->ledger);
    for (unsigned i = 0; i < b->count; i++) {
        zone_release(b->versions[i]);
    }
    zone_line_free(b->line);
}

static inline struct zone_version *book_version(struct book *b)
{
    return b->count == 0 ? NULL : b->versions[b->count - 1];
}

static inline void book_pass(struct book *b, int64_t ms)
{
    b->now.mono = mono_plus_ms(b->now.mono, ms);
    b->now.wall.ms += ms;
}

/* The next version: these lines, and an SOA with this serial and an NS unless there is one among
 * them. EXPIRE is 86400, MINIMUM 300, the SOA's TTL 3600. */
static inline struct zone_version *book_write(struct book *b, uint32_t serial, const char *lines)
{
    struct buf all = {0};
    ck_assert_uint_lt(b->count, BOOK_EDITS);
    if (strstr(lines, "SOA") == NULL) {
        buf_print(&all, "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 300\n", serial);
    }
    if (strstr(lines, "@ 3600 NS") == NULL) {
        buf_print(&all, "@ 3600 NS ns.example.net.\n");
    }
    buf_add(&all, lines, strlen(lines) + 1);
    b->versions[b->count++] = zone_of(b->line, buf_text(&all));
    buf_free(&all);
    ck_assert_uint_eq(zone_serial(book_version(b)), serial);
    return book_version(b);
}

static inline uint32_t book_expire(const struct zone_version *v)
{
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    const uint8_t *rdata = zone_soa(v, &len, &ttl);
    ck_assert(soa_read(rdata, len, &soa));
    return soa.expire;
}

/* The lines become the next version, prepared for the disk but not yet served. */
static inline void book_prepare(struct book *b, uint32_t serial, const char *lines)
{
    struct zone_version *old = book_version(b), *next = book_write(b, serial, lines);
    struct change change;
    change_init(&change);
    ck_assert(zone_diff(old, next, &change));
    struct ledger_change c = {.change = &change,
                              .old = old,
                              .next = next,
                              .old_expire_s = old != NULL ? book_expire(old) : 0,
                              .had_served = old != NULL,
                              .from = old != NULL ? zone_serial(old) : 0,
                              .to = serial,
                              .source = SOURCE_FILE,
                              .text = "example.zone",
                              .number = b->count};
    ledger_prepare(b->ledger, &c, b->now, &b->row);
    change_free(&change);
}

/* The same, and it is served at once. */
static inline void book_edit(struct book *b, uint32_t serial, const char *lines)
{
    book_prepare(b, serial, lines);
    ledger_committed(b->ledger, b->now);
}

/* Peers "p0", "p1", ... as their kinds in `kinds` say: s: secondary, c: cache, u: an unwatched
 * secondary. */
static inline void book_peers(struct book *b, const char *kinds)
{
    static const char *const names[] = {"p0", "p1", "p2", "p3"};
    struct ledger_peer_start peers[4];
    unsigned count = 0;
    for (; kinds[count] != '\0'; count++) {
        peers[count] =
            (struct ledger_peer_start){.name = names[count],
                                       .kind = kinds[count] == 'c' ? PEER_CACHE : PEER_SECONDARY,
                                       .watch = kinds[count] != 'u',
                                       .addresses = 1,
                                       .identity = count};
    }
    ck_assert(ledger_set_peers(b->ledger, peers, count, b->now));
}

static inline bool book_seen(struct book *b, unsigned peer, uint32_t serial)
{
    return ledger_seen(b->ledger, peer, 0, serial, b->now);
}

/* Seconds from the book's opening to the deadline of a change, newest is 0; NO_BOUND: none. */
static inline int64_t book_deadline(const struct book *b, unsigned index)
{
    struct ledger_change_view view;
    ledger_change(b->ledger, index, b->now, &view);
    return view.has_deadline ? (view.deadline.ms - BOOK_START) / 1000 : NO_BOUND;
}

static inline enum peer_state book_state(const struct book *b, unsigned peer)
{
    struct ledger_peer_view view;
    ledger_peer(b->ledger, peer, &view);
    return view.state;
}

static inline const char *book_reason(const struct book *b, unsigned peer)
{
    struct ledger_peer_view view;
    ledger_peer(b->ledger, peer, &view);
    return view.reason;
}

/* How many changes settled by now, each said once. */
static inline unsigned book_settle(struct book *b)
{
    struct journal_change row;
    unsigned settled = 0;
    while (ledger_settle(b->ledger, b->now, &row)) {
        ck_assert_int_eq(row.settled.ms, b->now.wall.ms);
        settled++;
    }
    return settled;
}

#endif
