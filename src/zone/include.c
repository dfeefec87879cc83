/* include.c - files inside files: $INCLUDE and the main file alike (RFC 1035 5.1).
 * Called by text.c. The stack of files is the C stack, at most limits.include_depth deep. A file
 * may be included twice, but not while it is being read. Origin and owner are as before when the
 * file ends, as in BIND. */
#include "zone/reading.h"
#include <string.h>

struct kept { /* what the including file gets back */
    struct name origin, owner;
    bool has_owner, owner_inside;
    struct lex *lex;
    struct source *source;
};

static bool read_content(struct reading *r, struct source *s, const char *at);
static bool read_whole(struct reading *r, struct source *s, struct oops *o);
static const struct source *under_way(const struct reading *r, const struct source *s);
static void keep(const struct reading *r, struct kept *k);
static void give_back(struct reading *r, const struct kept *k);

bool include_file(struct reading *r, const char *path, const char *at)
{
    struct source s = {.path = path, .from = r->source, .from_line = 0};
    struct kept kept;
    if (r->depth > r->limits.include_depth) {
        return reading_wrong(r, at, "$INCLUDE is nested deeper than %u files",
                             r->limits.include_depth);
    }
    if (r->source != NULL) {
        s.from_line = r->source->lex.entry_number;
    }
    bool ok = read_content(r, &s, at);
    if (ok) {
        keep(r, &kept);
        lex_start(&s.lex, buf_text(&s.content), s.content.len);
        r->source = &s;
        r->words.lex = &s.lex;
        r->depth++;
        r->entries(r);
        r->depth--;
        give_back(r, &kept);
    }
    buf_free(&s.content);
    return ok;
}

/* The file's text, and whether it may be read here. Tells text->file of it in any case, so that it
 * can be watched. */
static bool read_content(struct reading *r, struct source *s, const char *at)
{
    const struct zone_text *t = r->text;
    struct oops o = {.text = ""};
    if (r->limits.bytes == r->bytes) {
        return reading_wrong(r, at, "this zone's files have more than %llu octets together",
                             (unsigned long long)r->limits.bytes);
    }
    bool in_parts = t->window != 0 && t->files->part != NULL;
    bool ok = in_parts ? window_open(r, s, &o) || window_fails(r) : read_whole(r, s, &o);
    if (!ok) {
        s->id = (struct file_id){.size = 0};
    }
    if (t->file != NULL) {
        t->file(t->ctx, s->path, &s->id);
    }
    if (!ok) {
        return reading_wrong(r, at, "%s", o.text[0] != '\0' ? o.text : "cannot read the file");
    }
    const struct source *same = under_way(r, s);
    if (same != NULL) {
        return reading_wrong(r, at, "%s is being read already: it includes itself", same->path);
    }
    r->bytes += in_parts ? s->id.size : s->content.len;
    return true;
}

static bool read_whole(struct reading *r, struct source *s, struct oops *o)
{
    const struct files *files = r->text->files;
    s->content.limit = r->limits.bytes - r->bytes;
    bool ok = files->read(files->ctx, s->path, &s->content, &s->id, o) && !s->content.failed;
    s->behind = s->content.len;
    return ok;
}

static const struct source *under_way(const struct reading *r, const struct source *s)
{
    for (const struct source *other = r->source; other != NULL; other = other->from) {
        bool same_id =
            s->id.inode != 0 && s->id.inode == other->id.inode && s->id.device == other->id.device;
        if (same_id || strcmp(s->path, other->path) == 0) {
            return other;
        }
    }
    return NULL;
}

static void keep(const struct reading *r, struct kept *k)
{
    *k = (struct kept){.origin = r->origin,
                       .owner = r->owner,
                       .has_owner = r->has_owner,
                       .owner_inside = r->owner_inside,
                       .lex = r->words.lex,
                       .source = r->source};
}

static void give_back(struct reading *r, const struct kept *k)
{
    r->origin = k->origin;
    r->owner = k->owner;
    r->has_owner = k->has_owner;
    r->owner_inside = k->owner_inside;
    r->words.lex = k->lex;
    r->source = k->source;
    words_origin(&r->words, r->origin.octets);
}

void include_path(const char *file, const char *name, struct buf *out)
{
    const char *slash = strrchr(file, '/');
    if (name[0] != '/' && slash != NULL) {
        buf_add(out, file, (size_t)(slash - file) + 1);
    }
    buf_add(out, name, strlen(name));
}

void include_stack(const struct source *s, struct buf *out)
{
    for (const char *before = " (included from "; s->from != NULL; before = ", ") {
        buf_print(out, "%s%s:%u", before, s->from->path, s->from_line);
        s = s->from;
        if (s->from == NULL) {
            buf_print(out, ")");
        }
    }
}
