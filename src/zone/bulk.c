/* bulk.c - the records of a whole zone on their way to a version, sorted.
 * Used by one job. Records that come one after the other with the same owner are a run: the owner
 * stands once, and it is runs that are sorted, by the first ten symbols of the owner's key, which
 * settles most comparisons. Then every record gets its row of 16 octets. Zone images, transfers and
 * many files come sorted, so that is looked at first. */
#include "zone/bulk.h"
#include "base/huge.h"
#include "wire/rdata.h"
#include <stdlib.h>
#include <string.h>

#define PLACE       6  /* octets before a record: line and file */
#define FIXED       10 /* type, class, TTL, rdlength */
#define CHUNK_FIRST 2048U
#define CHUNK_MOST  HUGE_PAGE
#define PIECE       4096 /* runs that are worth a thread's while */
#define SHARES      64   /* of the runs, when rows are made of them */
#define AHEAD       12   /* runs whose memory is asked for before its turn comes */
#define INSERTS     64   /* moves after which another sort is better */

struct bulk_chunk {
    struct bulk_chunk *next;
    size_t size;
    uint8_t octets[];
};

static bool new_run(struct bulk *b, const uint8_t *at, const uint8_t *owner);
static uint8_t *room_for(struct bulk *b, size_t size);
static uint64_t owner_prefix(const struct apex *apex, const uint8_t *owner);
static const uint8_t *first_record(const struct bulk *b, const struct bulk_run *run);
static const uint8_t *next_record(const struct bulk *b, const uint8_t *at);
static int compare_runs(const struct bulk_run *a, const struct bulk_run *b);

void bulk_start(struct bulk *b, const uint8_t *apex)
{
    *b = (struct bulk){.apex = {.name = apex,
                                .size = (uint8_t)name_len(apex),
                                .labels = (uint8_t)name_labels(apex)}};
}

void bulk_expect(struct bulk *b, size_t octets)
{
    b->expected = octets;
}

void bulk_add(struct bulk *b, const struct record *rr, uint16_t file, uint32_t line)
{
    size_t size = PLACE + FIXED + (size_t)rr->rdlen;
    bool same = b->last != NULL && name_same_case(b->last, rr->owner);
    if (!same || (size_t)(b->end - b->to) < size) {
        size_t owner = name_len(rr->owner);
        uint8_t *at = room_for(b, owner + size);
        if (at == NULL || !new_run(b, at, rr->owner)) {
            b->failed = true;
            return;
        }
        memcpy(at, rr->owner, owner);
        b->last = at;
        b->to = at + owner;
    }
    uint8_t *to = b->to;
    put_u32(to, line);
    put_u16(to + 4, file);
    to += PLACE;
    put_u16(to, rr->type);
    put_u16(to + 2, rr->class);
    put_u32(to + 4, rr->ttl);
    put_u16(to + 8, rr->rdlen);
    if (rr->rdlen > 0) {
        memcpy(to + FIXED, rr->rdata, rr->rdlen);
    }
    b->to += size;
    b->count++;
    b->runs[b->run_count - 1].count++;
}

bool bulk_take(struct bulk *b, const struct buf *stream)
{
    size_t at = 0, begin = 0;
    struct record rr;
    bool damaged = false;
    b->foreign = true;
    while (!b->failed && record_next(stream->data, stream->len, &at, &rr, &damaged)) {
        bool same = b->last != NULL && name_same_case(b->last, rr.owner);
        if (!same && !name_at_or_below(rr.owner, b->apex.name)) {
            return false;
        }
        if (!same && !new_run(b, stream->data + begin, rr.owner)) {
            b->failed = true;
            break;
        }
        b->last = same ? b->last : rr.owner;
        b->runs[b->run_count - 1].count++;
        b->count++;
        begin = at;
    }
    return !damaged;
}

static bool new_run(struct bulk *b, const uint8_t *at, const uint8_t *owner)
{
    if (b->run_count == b->run_room) {
        size_t room = b->run_room == 0 ? 16 : b->run_room * 2;
        struct bulk_run *runs = realloc(b->runs, room * sizeof *runs);
        if (runs == NULL) {
            return false;
        }
        b->runs = runs;
        b->run_room = room;
    }
    bool same = b->last != NULL && name_same_case(b->last, owner);
    uint64_t prefix = same ? b->runs[b->run_count - 1].prefix : owner_prefix(&b->apex, owner);
    b->runs[b->run_count++] = (struct bulk_run){.prefix = prefix, .at = at};
    return true;
}

/* In chunks that double, so that nothing is ever copied. */
static uint8_t *room_for(struct bulk *b, size_t size)
{
    if ((size_t)(b->end - b->to) >= size && b->chunks != NULL) {
        return b->to;
    }
    size_t room = b->chunks == NULL ? CHUNK_FIRST : b->chunks->size * 2;
    room = room > b->expected ? room : b->expected;
    room = room > sizeof(struct bulk_chunk) + size ? room : sizeof(struct bulk_chunk) + size;
    room = room < CHUNK_MOST ? room : CHUNK_MOST; /* the largest record is far smaller */
    struct bulk_chunk *chunk = room < CHUNK_MOST ? malloc(room) : aligned_alloc(CHUNK_MOST, room);
    if (chunk == NULL) {
        return NULL;
    }
    huge_hint(chunk, room);
    *chunk = (struct bulk_chunk){.next = b->chunks, .size = room};
    b->chunks = chunk;
    b->to = chunk->octets;
    b->end = (uint8_t *)chunk + room;
    return b->to;
}

/* Symbols are ordered as names are (zone/key.h), so the number of the first ten is, too. */
static uint64_t owner_prefix(const struct apex *apex, const uint8_t *owner)
{
    struct key key;
    uint64_t prefix = 0;
    if (!key_of_name(&key, owner, apex)) {
        return UINT64_MAX; /* of another zone, and in nobody's way at the end */
    }
    for (unsigned i = 0; i < 10; i++) {
        prefix = prefix << 6 | key_at(&key, i);
    }
    return prefix;
}

/* ---- the records of a run ---- */

static const uint8_t *first_record(const struct bulk *b, const struct bulk_run *run)
{
    return run->at + name_len(run->at) + (b->foreign ? 0 : PLACE);
}

static const uint8_t *next_record(const struct bulk *b, const uint8_t *at)
{
    const uint8_t *behind = at + FIXED + get_u16(at + 8);
    return behind + (b->foreign ? name_len(behind) : PLACE);
}

void bulk_join(struct bulk *b, struct bulk *next)
{
    size_t count = b->run_count + next->run_count;
    size_t room = b->run_room;
    struct bulk_run *runs = b->runs;
    if (count > room) {
        room = count > 2 * b->run_room ? count : 2 * b->run_room;
        runs = realloc(b->runs, room * sizeof *runs);
        huge_hint(runs, room * sizeof *runs);
        b->failed = b->failed || runs == NULL;
    }
    b->failed = b->failed || next->failed;
    if (!b->failed && next->run_count > 0) {
        memcpy(runs + b->run_count, next->runs, next->run_count * sizeof *runs);
        b->runs = runs;
        b->run_room = room;
        b->run_count = count;
        b->count += next->count;
        struct bulk_chunk **last = &next->chunks;
        while (*last != NULL) {
            last = &(*last)->next;
        }
        *last = b->chunks;
        b->chunks = next->chunks;
        b->to = b->end = NULL;
        b->last = NULL;
        next->chunks = NULL;
    } else if (runs != NULL) {
        b->runs = runs;
    }
    bulk_free(next);
}

/* ---- sorting ---- */

struct sorting {
    struct bulk *b;
    const struct hands *hands;
    struct bulk_run *from, *to; /* b->runs and as much space, taking turns */
    unsigned pieces;            /* sorted in themselves */
};

static bool runs_sorted(const struct bulk *b);
static bool sort_pieces(struct bulk *b, const struct hands *hands);
static void sort_piece(void *arg, unsigned index);
static void sort_runs(struct bulk_run *runs, size_t count, struct bulk_run *space);
static void merge_pair(void *arg, unsigned index);
static size_t piece_begin(const struct sorting *s, unsigned piece);
static size_t runs_below(const struct bulk_run *runs, size_t count, const struct bulk_run *run);
static void merge_runs(const struct bulk_run *a, const struct bulk_run *a_end,
                       const struct bulk_run *b, const struct bulk_run *b_end, struct bulk_run *to);
static bool make_rows(struct bulk *b, const struct hands *hands);

void bulk_sort(struct bulk *b, const struct hands *hands)
{
    if (b->failed || b->rows != NULL) {
        return;
    }
    b->failed = (!runs_sorted(b) && !sort_pieces(b, hands)) || !make_rows(b, hands);
    free(b->runs);
    b->runs = NULL;
    b->run_count = b->run_room = 0;
}

static bool runs_sorted(const struct bulk *b)
{
    for (size_t i = 1; i < b->run_count; i++) {
        if (compare_runs(&b->runs[i - 1], &b->runs[i]) > 0) {
            return false;
        }
    }
    return true;
}

static int compare_runs(const struct bulk_run *a, const struct bulk_run *b)
{
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    return name_compare(a->at, b->at);
}

/* Pieces are sorted, then merged two by two, each merge in as many parts as there are hands. */
static bool sort_pieces(struct bulk *b, const struct hands *hands)
{
    struct sorting s = {.b = b, .hands = hands, .from = b->runs, .pieces = 1};
    s.to = malloc(b->run_count * sizeof *s.to);
    if (s.to == NULL) {
        return false;
    }
    huge_hint(s.to, b->run_count * sizeof *s.to);
    while (s.pieces < hands_count(hands) && b->run_count / s.pieces >= hands_least(hands, PIECE)) {
        s.pieces *= 2;
    }
    hands_run(hands, s.pieces, sort_piece, &s);
    for (; s.pieces > 1; s.pieces /= 2) {
        hands_run(hands, s.pieces / 2 * hands_count(hands), merge_pair, &s);
        struct bulk_run *sorted = s.to;
        s.to = s.from;
        s.from = sorted;
    }
    b->runs = s.from;
    b->run_room = b->run_count;
    free(s.to);
    return true;
}

static void sort_piece(void *arg, unsigned index)
{
    const struct sorting *s = arg;
    size_t begin = piece_begin(s, index);
    sort_runs(s->from + begin, piece_begin(s, index + 1) - begin, s->to + begin);
}

static size_t piece_begin(const struct sorting *s, unsigned piece)
{
    return s->b->run_count * piece / s->pieces;
}

/* A stable merge sort: among equals the first in the text stays the first. */
static void sort_runs(struct bulk_run *runs, size_t count, struct bulk_run *space)
{
    if (count <= 8) {
        for (size_t i = 1; i < count; i++) {
            struct bulk_run run = runs[i];
            size_t at = i;
            for (; at > 0 && compare_runs(&runs[at - 1], &run) > 0; at--) {
                runs[at] = runs[at - 1];
            }
            runs[at] = run;
        }
        return;
    }
    size_t half = count / 2;
    sort_runs(runs, half, space);
    sort_runs(runs + half, count - half, space);
    if (compare_runs(&runs[half - 1], &runs[half]) > 0) {
        memcpy(space, runs, half * sizeof *runs);
        merge_runs(space, space + half, runs + half, runs + count, runs);
    }
}

/* One of several parts of the merge of two neighbours: a share of the first, and what of the second
 * belongs between. */
static void merge_pair(void *arg, unsigned index)
{
    const struct sorting *s = arg;
    unsigned hands = hands_count(s->hands), pair = index / hands, share = index % hands;
    size_t begin = piece_begin(s, 2 * pair), middle = piece_begin(s, 2 * pair + 1);
    size_t end = piece_begin(s, 2 * pair + 2);
    const struct bulk_run *a = s->from + begin, *b = s->from + middle;
    size_t a_count = middle - begin, b_count = end - middle;
    size_t a_from = a_count * share / hands, a_to = a_count * (share + 1) / hands;
    size_t b_from = share == 0 ? 0 : runs_below(b, b_count, &a[a_from]);
    size_t b_to = share + 1 == hands ? b_count : runs_below(b, b_count, &a[a_to]);
    merge_runs(a + a_from, a + a_to, b + b_from, b + b_to, s->to + begin + a_from + b_from);
}

static size_t runs_below(const struct bulk_run *runs, size_t count, const struct bulk_run *run)
{
    size_t from = 0;
    while (from < count) {
        size_t middle = from + (count - from) / 2;
        if (compare_runs(&runs[middle], run) < 0) {
            from = middle + 1;
        } else {
            count = middle;
        }
    }
    return from;
}

/* `to` may be as far before b as a is long. Of equals those of a come first. */
static void merge_runs(const struct bulk_run *a, const struct bulk_run *a_end,
                       const struct bulk_run *b, const struct bulk_run *b_end, struct bulk_run *to)
{
    while (a < a_end && b < b_end) {
        bool b_first = b->prefix != a->prefix ? b->prefix < a->prefix : compare_runs(a, b) > 0;
        *to++ = *(b_first ? b : a);
        b += b_first;
        a += !b_first;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    to += a_end - a;
    if (to != b) {
        memcpy(to, b, (size_t)(b_end - b) * sizeof *to);
    }
}

/* ---- rows ---- */

struct share { /* of the runs, and where their rows begin */
    size_t run, end, row;
    bool failed;
};
struct row_maker {
    struct bulk *b;
    struct share shares[SHARES];
};

static void make_share(void *arg, unsigned index);
static bool same_owner(const struct bulk_run *a, const struct bulk_run *b);
static size_t put_rows(const struct bulk *b, const struct bulk_run *run, const uint8_t *owner,
                       struct bulk_row *rows);
static bool sort_rows(struct bulk_row *rows, size_t count);
static void merge_sort_rows(struct bulk_row *rows, size_t count, struct bulk_row *space);
static int compare_rows(const struct bulk_row *a, const struct bulk_row *b);
static void read_at(const uint8_t *at, struct record *out);

static bool make_rows(struct bulk *b, const struct hands *hands)
{
    struct row_maker m = {.b = b};
    unsigned shares =
        b->run_count < hands_least(hands, PIECE) || hands_count(hands) == 1 ? 1 : SHARES;
    size_t run = 0, row = 0;
    b->rows = malloc((b->count + (b->count == 0)) * sizeof *b->rows);
    if (b->rows == NULL) {
        return false;
    }
    huge_hint(b->rows, b->count * sizeof *b->rows);
    for (unsigned i = 0; i < shares; i++) { /* an owner is in one of them */
        size_t end = b->run_count * (i + 1) / shares;
        m.shares[i] = (struct share){.run = run, .row = row};
        while (run < end ||
               (run > 0 && run < b->run_count && same_owner(&b->runs[run - 1], &b->runs[run]))) {
            row += b->runs[run++].count;
        }
        m.shares[i].end = run;
    }
    hands_run(hands, shares, make_share, &m);
    for (unsigned i = 0; i < shares; i++) {
        b->failed = b->failed || m.shares[i].failed;
    }
    return !b->failed;
}

static void make_share(void *arg, unsigned index)
{
    struct row_maker *m = arg;
    struct share *s = &m->shares[index];
    const struct bulk_run *runs = m->b->runs;
    struct bulk_row *rows = m->b->rows + s->row;
    for (size_t first = s->run, run; first < s->end; first = run) {
        size_t count = 0;
        for (run = first; run < s->end && (run == first || same_owner(&runs[first], &runs[run]));
             run++) {
            if (run + AHEAD < s->end) {
                __builtin_prefetch(runs[run + AHEAD].at);
            }
            count += put_rows(m->b, &runs[run], runs[first].at, rows + count);
        }
        s->failed = !sort_rows(rows, count) || s->failed;
        rows += count;
    }
}

static bool same_owner(const struct bulk_run *a, const struct bulk_run *b)
{
    return a->prefix == b->prefix && name_same(a->at, b->at);
}

static size_t put_rows(const struct bulk *b, const struct bulk_run *run, const uint8_t *owner,
                       struct bulk_row *rows)
{
    const uint8_t *at = first_record(b, run);
    for (uint32_t i = 0; i < run->count; i++) {
        rows[i] = (struct bulk_row){.owner = owner, .at = at};
        at = i + 1 < run->count ? next_record(b, at) : at;
    }
    return run->count;
}

/* Nearly always there are few, and in order. Stable, as the sort of runs is. */
static bool sort_rows(struct bulk_row *rows, size_t count)
{
    size_t moves = 0, done = 1;
    for (; done < count && moves < INSERTS; done++) {
        struct bulk_row row = rows[done];
        size_t at = done;
        for (; at > 0 && compare_rows(&rows[at - 1], &row) > 0; at--, moves++) {
            rows[at] = rows[at - 1];
        }
        rows[at] = row;
    }
    if (done >= count) {
        return true;
    }
    struct bulk_row *space = malloc(count * sizeof *space);
    if (space == NULL) {
        return false;
    }
    merge_sort_rows(rows, count, space);
    free(space);
    return true;
}

static void merge_sort_rows(struct bulk_row *rows, size_t count, struct bulk_row *space)
{
    size_t half = count / 2, a = 0, b = half, to = 0;
    if (count < 2) {
        return;
    }
    merge_sort_rows(rows, half, space);
    merge_sort_rows(rows + half, count - half, space);
    memcpy(space, rows, half * sizeof *rows);
    while (a < half && b < count) {
        rows[to++] = compare_rows(&space[a], &rows[b]) > 0 ? rows[b++] : space[a++];
    }
    memcpy(rows + to, space + a, (half - a) * sizeof *rows);
}

static int compare_rows(const struct bulk_row *a, const struct bulk_row *b)
{
    struct record one, other;
    read_at(a->at, &one);
    read_at(b->at, &other);
    if (one.type != other.type) {
        return one.type < other.type ? -1 : 1;
    }
    return rdata_compare(one.type, one.rdata, one.rdlen, other.rdata, other.rdlen);
}

static void read_at(const uint8_t *at, struct record *out)
{
    *out = (struct record){.type = get_u16(at),
                           .class = get_u16(at + 2),
                           .ttl = get_u32(at + 4),
                           .rdlen = get_u16(at + 8),
                           .rdata = at + FIXED};
}

/* ---- reading ---- */

static int compare_owner(const struct bulk *b, size_t row, const uint8_t *owner);

void bulk_record(const struct bulk *b, size_t row, struct record *out)
{
    must(row < b->count && b->rows != NULL);
    read_at(b->rows[row].at, out);
    out->owner = b->rows[row].owner;
}

uint16_t bulk_type(const struct bulk *b, size_t row)
{
    return get_u16(b->rows[row].at);
}

uint16_t bulk_file(const struct bulk *b, size_t row)
{
    return b->foreign ? 0 : get_u16(b->rows[row].at - PLACE + 4);
}

uint32_t bulk_line(const struct bulk *b, size_t row)
{
    return b->foreign ? 0 : get_u32(b->rows[row].at - PLACE);
}

bool bulk_find(const struct bulk *b, const uint8_t *owner, uint16_t type, size_t *row)
{
    size_t from = 0, to = b->rows == NULL ? 0 : b->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_owner(b, middle, owner);
        if (order < 0 || (order == 0 && bulk_type(b, middle) < type)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    *row = from;
    return b->rows != NULL && from < b->count && compare_owner(b, from, owner) == 0 &&
           (type == 0 || bulk_type(b, from) == type);
}

static int compare_owner(const struct bulk *b, size_t row, const uint8_t *owner)
{
    return name_compare(b->rows[row].owner, owner);
}

bool bulk_is_again(const struct bulk *b, size_t row)
{
    struct record before, rr;
    if (!bulk_same_owner(b, row) || bulk_type(b, row) != bulk_type(b, row - 1)) {
        return false;
    }
    bulk_record(b, row - 1, &before);
    bulk_record(b, row, &rr);
    return rdata_same(rr.type, before.rdata, before.rdlen, rr.rdata, rr.rdlen);
}

void bulk_free(struct bulk *b)
{
    while (b->chunks != NULL) {
        struct bulk_chunk *chunk = b->chunks;
        b->chunks = chunk->next;
        free(chunk);
    }
    free(b->rows);
    free(b->runs);
    *b = (struct bulk){.count = 0};
}
