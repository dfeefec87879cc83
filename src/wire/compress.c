/* compress.c - a tree of the labels that stand in a reply, walked from the root to find the
 * longest suffix of a name. Any thread; the tree lives in struct reply. A node is a label at an
 * offset below another node. Its `key` mixes the number of the node above it with its length and
 * first and last octet, so a step down compares 16-bit keys and then one label; a name costs as
 * many steps as it shares labels, and no pointer is ever followed. The labels of the question's
 * zone are most often shared: they are one step (reply_base). */
#include "wire/compress.h"
#include "base/buf.h"
#include "wire/ascii.h"
#include "wire/name.h"
#include <string.h>

#define POINTER 0xc000
#define CASE    0x20 /* sets letters that differ by it alone to one; other octets too, no harm */

struct path {                    /* a name's labels, and how far down the tree they are known */
    uint8_t at[NAME_LABELS + 1]; /* the root label's, too */
    uint8_t count;               /* labels of the name, without the root */
    uint8_t known;               /* how many of them, from the right, are in the tree */
    uint8_t node; /* the node of the leftmost known one, counted from 1; 0: the root */
};

static void find_labels(struct path *p, const uint8_t *name);
static void add_question(struct reply *r);
static void walk(const struct reply *r, const uint8_t *name, bool exact, struct path *p);
static bool ends_in_base(const struct reply *r, const uint8_t *name, const struct path *p);
static uint8_t child(const struct reply *r, uint8_t parent, const uint8_t *label, bool exact);
static uint16_t key_of(uint8_t parent, const uint8_t *label);
static bool put(struct reply *r, const uint8_t *name, const struct path *p);
static void remember(struct reply *r, const struct path *p, size_t start);

bool compress_put(struct reply *r, const uint8_t *name)
{
    struct path p;
    find_labels(&p, name);
    add_question(r);
    walk(r, name, true, &p);
    return put(r, name, &p);
}

bool compress_put_owner(struct reply *r, const uint8_t *name)
{
    struct path p;
    find_labels(&p, name);
    add_question(r);
    walk(r, name, true, &p);
    if (p.known < p.count) {
        struct path folded = p;
        walk(r, name, false, &folded);
        p = folded.known > p.known ? folded : p;
    }
    return put(r, name, &p);
}

static void find_labels(struct path *p, const uint8_t *name)
{
    uint8_t count = 0;
    size_t at = 0;
    for (; name[at] != 0; at += 1U + name[at]) {
        p->at[count++] = (uint8_t)at;
    }
    p->at[count] = (uint8_t)at;
    p->count = count;
}

/* The question's labels come in when a name is first wanted: many an answer needs only its
 * offset. */
static void add_question(struct reply *r)
{
    if (r->names > 0 || r->start == MSG_HEADER) {
        return;
    }
    struct path p = {.known = 0};
    find_labels(&p, r->buf + MSG_HEADER);
    remember(r, &p, MSG_HEADER);
    if (r->base_labels > p.count) {
        r->base_labels = 0;
    }
    unsigned at = p.at[p.count - r->base_labels];
    r->base = (uint16_t)(MSG_HEADER + at);
    r->base_len = (uint8_t)(p.at[p.count] - at);
}

static void walk(const struct reply *r, const uint8_t *name, bool exact, struct path *p)
{
    /* the question's labels are the first nodes, counted from its root */
    p->known = p->node = ends_in_base(r, name, p) ? r->base_labels : 0;
    while (p->known < p->count) {
        uint8_t next = child(r, p->node, name + p->at[p->count - p->known - 1], exact);
        if (next == 0) {
            return;
        }
        p->node = next;
        p->known++;
    }
}

/* In the same case: whoever may look away from it finds the same labels. */
static bool ends_in_base(const struct reply *r, const uint8_t *name, const struct path *p)
{
    if (r->base_labels == 0 || p->count < r->base_labels) {
        return false;
    }
    size_t at = p->at[p->count - r->base_labels], len = p->at[p->count] - at;
    return len == r->base_len && memcmp(name + at, r->buf + r->base, len) == 0;
}

static uint8_t child(const struct reply *r, uint8_t parent, const uint8_t *label, bool exact)
{
    uint16_t key = key_of(parent, label);
    for (uint8_t i = parent; i < r->names; i++) { /* a node comes after the one above it */
        if (r->seen[i].key != key) {
            continue;
        }
        const uint8_t *other = r->buf + r->seen[i].at;
        size_t octets = 1U + *label;
        if (exact ? memcmp(other, label, octets) == 0
                  : *other == *label && ascii_same(other, label, octets)) {
            return (uint8_t)(i + 1);
        }
    }
    return 0;
}

static uint16_t key_of(uint8_t parent, const uint8_t *label)
{
    unsigned ends = (label[1] | CASE) * 5U + (label[*label] | CASE) * 3U + *label * 37U;
    return (uint16_t)(parent << 9 | (ends & 511));
}

static bool put(struct reply *r, const uint8_t *name, const struct path *p)
{
    bool whole = p->known == 0;
    size_t front =
        p->at[p->count - p->known] + (whole ? 1U : 0U); /* with the root label or without */
    size_t start = r->len, len = front + (whole ? 0 : 2);
    if (len > reply_room(r)) {
        return false;
    }
    memcpy(r->buf + start, name, front);
    if (!whole) {
        put_u16(r->buf + start + front, (uint16_t)(POINTER | r->seen[p->node - 1].at));
    }
    r->len += len;
    remember(r, p, start);
    return true;
}

/* Adds the labels that were written in full, from the right. Nodes hang on each other, so it
 * ends with the first that finds no place or lies where no pointer reaches. */
static void remember(struct reply *r, const struct path *p, size_t start)
{
    uint8_t parent = p->node;
    for (unsigned i = p->count - p->known; i > 0 && r->names < REPLY_NAMES; i--) {
        size_t at = start + p->at[i - 1];
        if (at >= COMPRESS_FAR) {
            return;
        }
        r->seen[r->names].at = (uint16_t)at;
        r->seen[r->names].key = key_of(parent, r->buf + at);
        parent = ++r->names;
    }
}
