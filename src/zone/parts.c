/* parts.c - a large file read in parts at the same time, with the same result as one after the
 * other (DESIGN.md, The zone store).
 *
 * The text is cut at line starts. Each part is read as if an entry began there, under the origin
 * and the default TTL of the place where the cutting was done, and with no owner. It gives up at
 * the first thing that is more than a good record: a directive, an error, a warning, a blank
 * where an owner should be. The reading itself goes on in order. Where it comes to a part's
 * beginning with an entry, under the same origin and TTL, it takes over what the part has read,
 * and goes on where that ended. A seam inside parentheses is never come to; its part goes
 * unused. So whatever is said is said by the one reader, in order. Called by text.c. */
#include "zone/reading.h"
#include <stdlib.h>
#include <string.h>

#define HEAD       4096 /* octets before the cut: $ORIGIN, $TTL and the SOA stand there */
#define LEAST      ((size_t)1 << 19) /* octets of a part */
#define PARTS_MOST 16
#define CUTS_MOST  4 /* of one file; when origin or TTL change all the time it is read in order */

struct part {
    const char *begin, *end; /* its entries begin there */
    unsigned first_line;
    void *records; /* the caller's */
    /* afterwards */
    struct lex lex; /* behind its last entry */
    bool has_read, failed;
    bool has_owner, has_last_ttl;
    struct name owner;
    uint32_t last_ttl;
    uint64_t count; /* of records */
};
struct parts {
    struct reading *reading;
    struct name origin; /* what they were read under */
    bool has_default_ttl;
    uint32_t default_ttl;
    unsigned count, next;
    struct part list[PARTS_MOST];
};

static bool cut(struct reading *r, struct parts_cursor *c);
static void find_seams(struct parts *p, const char *from, const char *end);
static void count_lines(void *arg, unsigned index);
static void read_part(void *arg, unsigned index);
static void read_records(struct reading *r, struct part *part);
static bool same_state(const struct reading *r, const struct parts *p);
static bool take_part(struct reading *r, struct part *part);
static size_t least_part(const struct reading *r);

void parts_start(const struct reading *r, struct parts_cursor *c)
{
    const struct lex *lex = r->words.lex;
    const struct zone_text_parts *t = r->text->parts;
    *c = (struct parts_cursor){.next = NULL};
    if (t != NULL && hands_count(t->hands) > 1) {
        size_t head = hands_least(t->hands, HEAD);
        c->next = (size_t)(lex->end - lex->at) > head ? lex->at + head : NULL;
    }
}

bool parts_take(struct reading *r, struct parts_cursor *c)
{
    const char *entry = r->words.lex->entry;
    if (c->next == NULL || entry < c->next) {
        return false;
    }
    if (c->parts != NULL && !same_state(r, c->parts)) {
        parts_end(r, c);
    }
    if (c->parts == NULL && !cut(r, c)) {
        c->next = NULL;
        return false;
    }
    struct parts *p = c->parts;
    while (p->next < p->count && p->list[p->next].begin < entry) {
        p->next++;
    }
    struct part *part = &p->list[p->next];
    bool here = p->next < p->count && part->begin == entry;
    p->next += here;
    c->next = p->next < p->count ? p->list[p->next].begin : NULL;
    return here && take_part(r, part);
}

/* Cuts the rest of the file, from this entry on, and has it read. False: not worth it, or no
 * memory. */
static bool cut(struct reading *r, struct parts_cursor *c)
{
    const struct lex *lex = r->words.lex;
    const struct zone_text_parts *t = r->text->parts;
    if (c->cuts == CUTS_MOST || (size_t)(lex->end - lex->entry) < 2 * least_part(r)) {
        return false;
    }
    struct parts *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return false;
    }
    c->cuts++;
    c->parts = p;
    p->reading = r;
    name_copy(&p->origin, r->origin.octets);
    p->has_default_ttl = r->has_default_ttl;
    p->default_ttl = r->default_ttl;
    find_seams(p, lex->entry, lex->end);
    hands_run(t->hands, p->count, count_lines, p);
    unsigned line = lex->number;
    for (unsigned i = 0; i < p->count; i++) {
        unsigned lines = p->list[i].first_line;
        p->list[i].first_line = line;
        line += lines;
        p->list[i].records =
            t->begin(r->text->ctx, r->source->path, (size_t)(p->list[i].end - p->list[i].begin));
    }
    hands_run(t->hands, p->count, read_part, p);
    return true;
}

static size_t least_part(const struct reading *r)
{
    return hands_least(r->text->parts->hands, LEAST);
}

/* The first begins here, the others at line starts about as far from each other. */
static void find_seams(struct parts *p, const char *from, const char *end)
{
    size_t size = (size_t)(end - from), most = size / least_part(p->reading);
    size_t count = most < PARTS_MOST ? most : PARTS_MOST;
    const char *begin = from;
    for (size_t i = 0; i < count && begin < end; i++) {
        const char *aim = i + 1 < count ? from + size / count * (i + 1) : end;
        aim = aim > begin ? aim : begin;
        const char *newline = aim < end ? memchr(aim, '\n', (size_t)(end - aim)) : NULL;
        struct part *part = &p->list[p->count++];
        part->begin = begin;
        part->end = newline != NULL ? newline + 1 : end;
        begin = part->end;
    }
}

static void count_lines(void *arg, unsigned index)
{
    struct part *part = &((struct parts *)arg)->list[index];
    const char *at = part->begin;
    while ((at = memchr(at, '\n', (size_t)(part->end - at))) != NULL) {
        part->first_line++;
        at++;
    }
}

/* ---- a part, on any thread ---- */

static void read_part(void *arg, unsigned index)
{
    struct parts *p = arg;
    struct part *part = &p->list[index];
    const struct reading *main = p->reading;
    if (part->records == NULL) {
        part->failed = true;
        return;
    }
    struct zone_text text = *main->text;
    struct source source = *main->source;
    struct reading r = {.text = &text,
                        .limits = main->limits,
                        .source = &source,
                        .is_part = true,
                        .has_default_ttl = p->has_default_ttl,
                        .default_ttl = p->default_ttl};
    text.record = main->text->parts->record;
    text.ctx = part->records;
    text.parts = NULL;
    text.piecing =
        main->text->parts->piecing != NULL ? main->text->parts->piecing(part->records) : NULL;
    name_copy(&r.origin, p->origin.octets);
    words_origin(&r.words, r.origin.octets);
    r.words.lex = &source.lex;
    source.lex = (struct lex){.at = part->begin - 1, /* the newline before it */
                              .end = main->source->lex.end,
                              .number = part->first_line - 1,
                              .line_most = main->source->lex.line_most};
    read_records(&r, part);
    buf_free(&r.rdata);
}

/* Up to its end, or to the entry that the reader in order has to look at. */
static void read_records(struct reading *r, struct part *part)
{
    struct lex *lex = r->words.lex;
    struct piece_cursor pieces;
    part->lex = *lex;
    piecing_start(r, &pieces);
    while (lex->at + 1 < part->end && lex_entry(lex)) {
        (void)piecing_take(r);
        r->words.doubt.at = NULL;
        words_next(&r->words);
        bool good = words_end(&r->words) || reading_entry(r);
        if (!good || r->gave_up || r->stopped) {
            part->failed = r->stopped;
            break;
        }
        part->lex = *lex;
        part->has_read = true;
        part->count = r->records;
    }
    piecing_end(r, &pieces);
    part->has_owner = r->has_owner;
    name_copy(&part->owner, r->owner.octets);
    part->has_last_ttl = r->has_last_ttl;
    part->last_ttl = r->last_ttl;
}

/* ---- taking over ---- */

static bool same_state(const struct reading *r, const struct parts *p)
{
    return name_same_case(r->origin.octets, p->origin.octets) &&
           r->has_default_ttl == p->has_default_ttl && r->default_ttl == p->default_ttl;
}

static bool take_part(struct reading *r, struct part *part)
{
    const struct zone_text *t = r->text;
    struct lex *lex = r->words.lex;
    bool fits = part->count <= r->limits.records - r->records;
    if (part->failed || !part->has_read || !fits || lex->number != part->first_line) {
        return false;
    }
    piecing_break(r);
    r->stopped = !t->parts->take(t->ctx, part->records);
    part->records = NULL;
    r->records += part->count;
    lex->at = part->lex.at;
    lex->line = part->lex.line;
    lex->number = part->lex.number;
    if (part->has_owner) {
        r->owner = part->owner;
        r->has_owner = r->owner_inside = true;
    }
    if (part->has_last_ttl) {
        r->last_ttl = part->last_ttl;
        r->has_last_ttl = true;
    }
    return true;
}

void parts_end(const struct reading *r, struct parts_cursor *c)
{
    for (unsigned i = 0; c->parts != NULL && i < c->parts->count; i++) {
        if (c->parts->list[i].records != NULL) {
            r->text->parts->drop(c->parts->list[i].records);
        }
    }
    free(c->parts);
    c->parts = NULL;
}
