/* rows.c - a batch's records in canonical order.
 *
 * It is runs that are sorted, by the first ten symbols of the owner's key, which settles most
 * comparisons. The lists in which they came are sorted one by one. Then the owners are parted
 * into shares of about the same size, and the runs of a share, from all lists, are merged and
 * become rows while they are few enough to be at hand: nothing is ever done to all runs at once.
 * The thread of the job, and other hands. */
#include "base/huge.h"
#include "wire/rdata.h"
#include "zone/packed.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PIECE   4096 /* runs that are worth a share */
#define SHARES  64
#define SAMPLES 32 /* for each share, to find out where it begins */
#define AHEAD   12 /* runs whose memory is asked for before its turn comes */
#define INSERTS 64 /* moves after which another sort is better */

struct cut { /* of a list, where a share begins, and the rows of that share in it */
    size_t run, rows;
};
struct share {
    size_t row, runs; /* its first row; how many runs */
};
struct sorting {
    struct bulk *b;
    const struct hands *hands;
    struct bulk_list **lists; /* in the order they came */
    size_t list_count, run_count, longest;
    unsigned share_count;
    struct bulk_run from[SHARES]; /* owners of the share are not before it; [0] is none */
    struct cut *cuts;             /* for each list those of all shares, and its end */
    struct share shares[SHARES];
    size_t most; /* runs of a share */
    atomic_uint next;
    atomic_bool failed;
};

static bool sort_all(struct sorting *s);
static bool name_lists(struct sorting *s);
static void all_hands(struct sorting *s, size_t things, void (*part)(void *arg, unsigned hand));
static void sort_some_lists(void *arg, unsigned hand);
static void sort_runs(struct bulk_run *runs, size_t count, struct bulk_run *space);
static int compare_runs(const struct bulk_run *a, const struct bulk_run *b);
static bool part_owners(struct sorting *s);
static void cut_list(void *arg, unsigned index);
static size_t runs_below(const struct bulk_list *l, const struct bulk_run *run);
static void sum_up(struct sorting *s);
static void make_some_shares(void *arg, unsigned hand);
static const struct bulk_run *merge_share(const struct sorting *s, unsigned share, size_t *at,
                                          struct bulk_run *space);
static size_t gather(const struct sorting *s, unsigned share, size_t *at, struct bulk_run *to);
static void merge_runs(const struct bulk_run *a, const struct bulk_run *a_end,
                       const struct bulk_run *b, const struct bulk_run *b_end, struct bulk_run *to);
static bool make_rows(const struct bulk *b, const struct bulk_run *runs, size_t count,
                      struct bulk_row *rows);
static bool same_owner(const struct bulk_run *a, const struct bulk_run *b);
static size_t put_rows(const struct bulk *b, const struct bulk_run *run, const uint8_t *owner,
                       struct bulk_row *rows);
static bool sort_rows(struct bulk_row *rows, size_t count);
static void merge_sort_rows(struct bulk_row *rows, size_t count, struct bulk_row *space);
static int compare_rows(const struct bulk_row *a, const struct bulk_row *b);

void bulk_sort(struct bulk *b, const struct hands *hands)
{
    if (b->failed || b->rows != NULL) {
        return;
    }
    struct sorting s = {.b = b, .hands = hands};
    b->failed = !sort_all(&s);
    free(s.lists);
    free(s.cuts);
    bulk_free_lists(b);
}

static bool sort_all(struct sorting *s)
{
    struct bulk *b = s->b;
    size_t size = (b->count + (b->count == 0)) * sizeof *b->rows;
    b->rows = malloc(size);
    if (b->rows == NULL || !name_lists(s)) {
        return false;
    }
    huge_hint(b->rows, size);
    all_hands(s, s->list_count, sort_some_lists);
    if (s->failed || !part_owners(s)) {
        return false;
    }
    hands_run(s->hands, (unsigned)s->list_count, cut_list, s);
    sum_up(s);
    all_hands(s, s->share_count, make_some_shares);
    return !s->failed;
}

static bool name_lists(struct sorting *s)
{
    struct bulk_list *l;
    for (l = s->b->lists; l != NULL; l = l->next) {
        s->list_count++;
        s->run_count += l->count;
        s->longest = l->count > s->longest ? l->count : s->longest;
    }
    size_t shares = s->run_count / hands_least(s->hands, PIECE);
    s->share_count = shares < 1 ? 1 : shares < SHARES ? (unsigned)shares : SHARES;
    s->lists = malloc((s->list_count + 1) * sizeof *s->lists);
    s->cuts = malloc((s->list_count + 1) * (s->share_count + 1) * sizeof *s->cuts);
    size_t at = s->list_count;
    for (l = s->b->lists; s->lists != NULL && l != NULL; l = l->next) {
        s->lists[--at] = l;
    }
    return s->lists != NULL && s->cuts != NULL;
}

/* Each has space of its own, and takes the next thing to be done as long as there is one. A small
 * zone is one thing: threads for it would be made in vain, ten thousand times at a start. */
static void all_hands(struct sorting *s, size_t things, void (*part)(void *arg, unsigned hand))
{
    unsigned hands = hands_count(s->hands);
    atomic_store(&s->next, 0);
    hands_run(s->hands, things < hands ? (unsigned)things : hands, part, s);
}

static void sort_some_lists(void *arg, unsigned hand)
{
    struct sorting *s = arg;
    struct bulk_run *space = malloc((s->longest / 2 + 1) * sizeof *space);
    unsigned i;
    (void)hand;
    while (space != NULL && (i = atomic_fetch_add(&s->next, 1)) < s->list_count) {
        sort_runs(s->lists[i]->runs, s->lists[i]->count, space);
    }
    if (space == NULL) {
        s->failed = true;
    }
    free(space);
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

static int compare_runs(const struct bulk_run *a, const struct bulk_run *b)
{
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    return name_compare(a->at, b->at);
}

/* By a sample of all runs, as many from each list as it has its part in all. */
static bool part_owners(struct sorting *s)
{
    size_t count = (size_t)s->share_count * SAMPLES, list = 0, before = 0;
    struct bulk_run *samples = malloc(2 * count * sizeof *samples);
    for (size_t i = 0; samples != NULL && s->share_count > 1 && i < count; i++) {
        size_t run = s->run_count / count * i + s->run_count % count * i / count;
        while (run - before >= s->lists[list]->count) {
            before += s->lists[list++]->count;
        }
        samples[i] = s->lists[list]->runs[run - before];
    }
    if (samples != NULL && s->share_count > 1) {
        sort_runs(samples, count, samples + count);
    }
    for (unsigned i = 1; samples != NULL && i < s->share_count; i++) {
        s->from[i] = samples[(size_t)i * SAMPLES];
    }
    free(samples);
    return samples != NULL;
}

static void cut_list(void *arg, unsigned index)
{
    const struct sorting *s = arg;
    const struct bulk_list *l = s->lists[index];
    struct cut *cuts = s->cuts + index * (s->share_count + 1);
    cuts[s->share_count] = (struct cut){.run = l->count};
    for (unsigned i = s->share_count; i > 0;) {
        i--;
        cuts[i] = (struct cut){.run = i > 0 ? runs_below(l, &s->from[i]) : 0};
        for (size_t run = cuts[i].run; run < cuts[i + 1].run; run++) {
            cuts[i].rows += l->runs[run].count;
        }
    }
}

static size_t runs_below(const struct bulk_list *l, const struct bulk_run *run)
{
    size_t from = 0, to = l->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_runs(&l->runs[middle], run) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static void sum_up(struct sorting *s)
{
    size_t row = 0;
    for (unsigned i = 0; i < s->share_count; i++) {
        struct share *share = &s->shares[i];
        share->row = row;
        for (size_t list = 0; list < s->list_count; list++) {
            const struct cut *cut = &s->cuts[list * (s->share_count + 1) + i];
            row += cut[0].rows;
            share->runs += cut[1].run - cut[0].run;
        }
        s->most = share->runs > s->most ? share->runs : s->most;
    }
    must(row == s->b->count);
}

/* ---- a share ---- */

static void make_some_shares(void *arg, unsigned hand)
{
    struct sorting *s = arg;
    struct bulk_run *space = malloc((2 * s->most + 1) * sizeof *space);
    size_t *at = malloc((s->list_count + 1) * sizeof *at);
    bool ok = space != NULL && at != NULL;
    unsigned i;
    (void)hand;
    while (ok && (i = atomic_fetch_add(&s->next, 1)) < s->share_count) {
        const struct bulk_run *runs = merge_share(s, i, at, space);
        ok = make_rows(s->b, runs, s->shares[i].runs, s->b->rows + s->shares[i].row);
    }
    if (!ok) {
        s->failed = true;
    }
    free(space);
    free(at);
}

/* Neighbours are merged, two by two, until there is one; `space` is for twice as many runs. */
static const struct bulk_run *merge_share(const struct sorting *s, unsigned share, size_t *at,
                                          struct bulk_run *space)
{
    struct bulk_run *from = space, *to = space + s->shares[share].runs;
    size_t count = gather(s, share, at, from);
    while (count > 1) {
        size_t merged = 0;
        for (size_t i = 0; i < count; i += 2) {
            size_t middle = at[i + 1], end = i + 1 < count ? at[i + 2] : middle;
            merge_runs(from + at[i], from + middle, from + middle, from + end, to + at[i]);
            at[merged++] = at[i];
        }
        at[merged] = s->shares[share].runs;
        count = merged;
        struct bulk_run *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* What the lists have of it; at[i] is where the i-th begins, the last is the end. */
static size_t gather(const struct sorting *s, unsigned share, size_t *at, struct bulk_run *to)
{
    size_t count = 0, end = 0;
    for (size_t i = 0; i < s->list_count; i++) {
        const struct cut *cut = &s->cuts[i * (s->share_count + 1) + share];
        size_t runs = cut[1].run - cut[0].run;
        if (runs > 0) {
            memcpy(to + end, s->lists[i]->runs + cut[0].run, runs * sizeof *to);
            at[count++] = end;
            end += runs;
        }
    }
    at[count] = end;
    return count;
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

static bool make_rows(const struct bulk *b, const struct bulk_run *runs, size_t count,
                      struct bulk_row *rows)
{
    bool ok = true;
    for (size_t first = 0, run; first < count; first = run) {
        size_t row = 0;
        for (run = first; run < count && (run == first || same_owner(&runs[first], &runs[run]));
             run++) {
            if (run + AHEAD < count) {
                __builtin_prefetch(runs[run + AHEAD].at);
            }
            row += put_rows(b, &runs[run], runs[first].at, rows + row);
        }
        ok = sort_rows(rows, row) && ok;
        rows += row;
    }
    return ok;
}

static bool same_owner(const struct bulk_run *a, const struct bulk_run *b)
{
    return a->prefix == b->prefix && name_same(a->at, b->at);
}

static size_t put_rows(const struct bulk *b, const struct bulk_run *run, const uint8_t *owner,
                       struct bulk_row *rows)
{
    const uint8_t *at = packed_first(b, run);
    for (uint32_t i = 0; i < run->count; i++) {
        rows[i] = (struct bulk_row){.owner = owner, .at = at};
        at = i + 1 < run->count ? packed_next(b, at) : at;
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
    packed_read(a->at, &one);
    packed_read(b->at, &other);
    if (one.type != other.type) {
        return one.type < other.type ? -1 : 1;
    }
    return rdata_compare(one.type, one.rdata, one.rdlen, other.rdata, other.rdlen);
}
