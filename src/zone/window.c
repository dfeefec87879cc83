/* window.c - a large file read in parts: the text at hand is a window that slides along it.
 *
 * Called by text.c and include.c, for who cares about memory more than about the last of errors:
 * the text of a large zone is half as large as the zone. Between two entries, when less is at
 * hand than the longest entry there may be, what is left moves to the front and the next part
 * comes behind it. Whatever does not fit into that (the file changed meanwhile, an entry without
 * an end, more octets than are allowed) is no error here: the reading says that it must be done
 * anew without a window, and then it is seen in full. */
#include "zone/reading.h"
#include <string.h>

#define AHEAD                                                                                      \
    (LEX_ENTRY_MOST + 4 * LEX_LINE_MOST) /* at hand before each entry, if there is so much */

static bool next_part(struct reading *r, struct source *s, struct file_id *id);
static bool is_same(const struct file_id *a, const struct file_id *b);

bool window_open(struct reading *r, struct source *s, struct oops *o)
{
    const struct files *files = r->text->files;
    s->content.limit = r->text->window + AHEAD;
    if (!files->part(files->ctx, s->path, 0, &s->content, &s->id, o)) {
        return false;
    }
    s->behind = s->content.len;
    s->more = s->behind < s->id.size;
    return s->id.size <= r->limits.bytes - r->bytes || window_fails(r);
}

bool window_slide(struct reading *r)
{
    struct source *s = r->source;
    struct lex *l = &s->lex;
    size_t left = (size_t)(l->end - l->at);
    struct file_id id;
    if (!s->more || left > AHEAD) {
        return true;
    }
    if (left == 0) { /* the entry may have gone on */
        return window_fails(r);
    }
    buf_skip(&s->content, s->content.len - left);
    if (!next_part(r, s, &id) || !is_same(&id, &s->id)) {
        return window_fails(r);
    }
    l->at = buf_text(&s->content);
    l->end = l->at + s->content.len;
    return true;
}

bool window_seek(struct reading *r, uint64_t to)
{
    struct source *s = r->source;
    struct lex *l = &s->lex;
    struct file_id id;
    if (r->text->window == 0 || r->text->files->part == NULL || to >= s->id.size) {
        return false;
    }
    s->content.len = 0;
    s->behind = to;
    if (!next_part(r, s, &id) || !is_same(&id, &s->id)) {
        return false;
    }
    l->at = buf_text(&s->content);
    l->end = l->at + s->content.len;
    bool is_last = !s->more && s->content.len == 1;
    l->at = is_last && *l->at != '\n' ? l->end : l->at;
    return l->at == l->end || *l->at == '\n';
}

static bool next_part(struct reading *r, struct source *s, struct file_id *id)
{
    const struct files *files = r->text->files;
    struct oops o = {.text = ""};
    size_t before = s->content.len;
    if (!files->part(files->ctx, s->path, s->behind, &s->content, id, &o) || s->content.failed) {
        return false;
    }
    s->behind += s->content.len - before;
    s->more = s->behind < s->id.size;
    return s->content.len > before;
}

static bool is_same(const struct file_id *a, const struct file_id *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->mtime_ns == b->mtime_ns;
}

bool window_fails(struct reading *r)
{
    *r->text->needs_whole = true;
    r->stopped = true;
    return false;
}
