/* places.c - where owners stood in the text, for findings about a finished version.
 * The job's sorted batch is the index: nothing is kept for this alone, but the line's number. The
 * text is gone by then, so a file is read again for the lines that are shown; if it is another file
 * by now, or a very large one, its findings come without them; so do those after very many. */
#include "zone/places.h"
#include "wire/rdata.h"
#include <string.h>

#define READS_MOST 20 /* of files that take turns */
#define FILE_MOST  ((uint64_t)16 << 20)
#define WALK_MOST  ((uint64_t)1 << 28) /* octets: a line is searched for from the beginning */

static void name(const struct zone_places *places, const uint8_t *owner);
static struct place no_place(const struct zone_places *places);
static void add_line(const struct zone_places *places, uint16_t file, struct place *p);
static bool read_again(const struct zone_places *places, uint16_t file);
static bool is_same_file(const struct file_id *a, const struct file_id *b);

struct place place_of_owner(const struct zone_places *places, const uint8_t *owner, uint16_t type)
{
    size_t row;
    if (places == NULL) {
        return (struct place){.file = NULL};
    }
    name(places, owner);
    return bulk_find(places->batch, owner, type, &row) ? place_of_row(places, row)
                                                       : no_place(places);
}

struct place place_of_record(const struct zone_places *places, const struct record *rr)
{
    size_t row;
    if (places == NULL) {
        return (struct place){.file = NULL};
    }
    name(places, rr->owner);
    if (!bulk_find(places->batch, rr->owner, rr->type, &row)) {
        return no_place(places);
    }
    for (; row < places->batch->count; row++) {
        struct record other;
        bulk_record(places->batch, row, &other);
        if (other.type != rr->type || !name_same(other.owner, rr->owner)) {
            break;
        }
        if (rdata_same(rr->type, rr->rdata, rr->rdlen, other.rdata, other.rdlen)) {
            return place_of_row(places, row);
        }
    }
    return no_place(places);
}

static void name(const struct zone_places *places, const uint8_t *owner)
{
    if (places->named != NULL) {
        buf_add(places->named, owner, name_len(owner));
    }
}

static struct place no_place(const struct zone_places *places)
{
    if (places->missing != NULL) {
        *places->missing = true;
    }
    return (struct place){.file = NULL};
}

struct place place_of_row(const struct zone_places *places, size_t row)
{
    if (places == NULL) {
        return (struct place){.file = NULL};
    }
    uint32_t line = bulk_line(places->batch, row);
    if (line == 0) {
        name(places, places->batch->rows[row].owner);
        return no_place(places);
    }
    uint16_t file = bulk_file(places->batch, row);
    struct place p = {.file = places->files[file].path, .line = line, .column = 1};
    add_line(places, file, &p);
    return p;
}

/* The line itself, if its file is still what it was. */
static void add_line(const struct zone_places *places, uint16_t file, struct place *p)
{
    if (places->text == NULL || places->text->walked > WALK_MOST || !read_again(places, file)) {
        return;
    }
    const char *at = buf_text(&places->text->content);
    const char *end = at + places->text->content.len;
    for (unsigned line = 1; line < p->line && at != NULL; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL) {
        return;
    }
    places->text->walked += (uint64_t)(at - buf_text(&places->text->content));
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    end = newline != NULL ? newline : end;
    end -= end > at && end[-1] == '\r';
    p->source = at;
    p->source_len = (size_t)(end - at);
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    p->column = (unsigned)(at - p->source) + 1;
}

static bool read_again(const struct zone_places *places, uint16_t file)
{
    struct places_text *t = places->text;
    const struct zone_file_seen *seen = &places->files[file];
    struct file_id id = {.size = 0};
    struct oops o;
    if (t->ready && t->file == file) {
        return true;
    }
    if (seen->id.size > FILE_MOST || t->reads == READS_MOST) {
        return false;
    }
    t->reads++;
    t->file = file;
    t->ready = false;
    buf_free(&t->content);
    t->content.limit = FILE_MOST;
    t->ready = t->files->read(t->files->ctx, seen->path, &t->content, &id, &o) &&
               !t->content.failed && is_same_file(&id, &seen->id);
    return t->ready;
}

static bool is_same_file(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime_ns == b->mtime_ns;
}
