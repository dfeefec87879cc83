/* census.c - a table of addresses and their connections; as large as twice the most there may
 * be, so that it never grows. */
#include "server/census.h"
#include <stdlib.h>

static struct census_row *find(struct census *c, const struct addr *from);
static void close_gap(struct census *c, size_t gap);

bool census_init(struct census *c, unsigned most, unsigned most_each)
{
    *c = (struct census){.most = most, .most_each = most_each, .size = 16};
    while (c->size < (size_t)most * 2)
        c->size *= 2;
    c->rows = calloc(c->size, sizeof *c->rows);
    return c->rows != NULL && uv_mutex_init(&c->lock) == 0;
}

void census_free(struct census *c)
{
    if (c->rows == NULL)
        return;
    uv_mutex_destroy(&c->lock);
    free(c->rows);
    c->rows = NULL;
}

enum census_answer census_enter(struct census *c, const struct addr *from)
{
    enum census_answer answer = CENSUS_FULL;
    uv_mutex_lock(&c->lock);
    if (c->total < c->most) {
        struct census_row *row = find(c, from);
        answer = CENSUS_FULL_FOR_YOU;
        if (row->count < c->most_each) {
            row->from = *from;
            row->count++;
            c->total++;
            answer = CENSUS_IN;
        }
    }
    uv_mutex_unlock(&c->lock);
    return answer;
}

void census_leave(struct census *c, const struct addr *from)
{
    uv_mutex_lock(&c->lock);
    struct census_row *row = find(c, from);
    must(row->count > 0);
    c->total--;
    if (--row->count == 0)
        close_gap(c, (size_t)(row - c->rows));
    uv_mutex_unlock(&c->lock);
}

/* The address's row, or the free one where it belongs. */
static struct census_row *find(struct census *c, const struct addr *from)
{
    size_t at = addr_hash_ip(from, 0) & (c->size - 1);
    while (c->rows[at].count > 0 && !addr_same_ip(&c->rows[at].from, from))
        at = (at + 1) & (c->size - 1);
    return &c->rows[at];
}

/* Rows behind the gap that belong at or before it move up, so that find() needs no tombstones. */
static void close_gap(struct census *c, size_t gap)
{
    size_t mask = c->size - 1;
    for (size_t at = (gap + 1) & mask; c->rows[at].count > 0; at = (at + 1) & mask) {
        size_t home = addr_hash_ip(&c->rows[at].from, 0) & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        c->rows[gap] = c->rows[at];
        gap = at;
    }
    c->rows[gap] = (struct census_row){0};
}
