/* skim.c - pieces in a row that are still in the text where they are expected.
 *
 * Called by piecing.c, on the thread that reads. Behind a piece that is there as before stands,
 * nearly always, the piece that stood behind it before. Its length is known, so nobody has to look
 * where the text is cut: its octets are hashed, and that is all. It counts only if the text may be
 * cut at its end (pieces.c); else, with every line that is put behind the last, the pieces would
 * become smaller.
 *
 * What the window does not have comes through a buffer of its own that stays in the processor's
 * cache. The window has to have the longest entry at hand, 1.3 MiB; here it is one piece. */
#include "zone/skim.h"
#include <string.h>

#define AT_ONCE ((size_t)1 << 18) /* octets that are read from the file */

static const char *octets(struct skim *s, size_t *len);
static bool fill(struct skim *s);

void skim_start(struct skim *s, const struct reading *r, uint64_t at, size_t next)
{
    *s = (struct skim){.reading = r, .at = at, .next = next, .content.limit = AT_ONCE};
}

bool skim_next(struct skim *s, const uint8_t *state, size_t state_len)
{
    const struct zone_text_piecing *t = s->reading->text->piecing;
    const struct piece *piece = s->next < t->old->count ? &t->old->list[s->next] : NULL;
    if (piece == NULL || !piece->sound) {
        return false;
    }
    size_t len = piece->len + PIECE_AHEAD;
    const char *text = octets(s, &len);
    if (text == NULL || len < piece->len || !pieces_ends(t->pieces, text, piece->len, len) ||
        pieces_key(t->pieces, text, piece->len, state, state_len) != piece->key) {
        return false;
    }
    s->at += piece->len;
    s->next++;
    return true;
}

/* So many octets from here on, or those up to the end of the file. NULL: they cannot be had. */
static const char *octets(struct skim *s, size_t *len)
{
    const struct source *source = s->reading->source;
    uint64_t end = source->more ? source->id.size : source->behind;
    *len = end - s->at < *len ? (size_t)(end - s->at) : *len;
    if (s->at + *len <= source->behind) {
        return source->lex.end - (source->behind - s->at);
    }
    bool has = s->at >= s->begin && s->at + *len <= s->begin + s->content.len;
    if (!has && (*len > AT_ONCE || !fill(s) || *len > s->content.len)) {
        return NULL;
    }
    return (const char *)s->content.data + (s->at - s->begin);
}

static bool fill(struct skim *s)
{
    const struct source *source = s->reading->source;
    const struct files *files = s->reading->text->files;
    struct oops o = {.text = ""};
    struct file_id id;
    s->begin = s->at;
    s->content.len = 0;
    return files->part(files->ctx, source->path, s->at, &s->content, &id, &o) &&
           !s->content.failed && memcmp(&id, &source->id, sizeof id) == 0;
}

void skim_end(struct skim *s)
{
    buf_free(&s->content);
}
