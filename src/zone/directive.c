/* directive.c - entries that begin with '$' (RFC 1035 5.1, 2308 4): $ORIGIN, $TTL, $INCLUDE;
 * $GENERATE is in generate.c.
 * Called by text.c. */
#include "zone/reading.h"
#include "zone/suggest.h"
#include <string.h>

static bool read_origin(struct reading *r);
static bool read_default_ttl(struct reading *r);
static bool read_include(struct reading *r, const char *at);
static bool end_directive(struct reading *r, const char *directive);

bool reading_directive(struct reading *r)
{
    static const char *const directives[] = {"$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"};
    struct words *w = &r->words;
    const char *at = w->token.text;
    if (words_is(w, "$ORIGIN")) {
        words_next(w);
        return read_origin(r);
    }
    if (words_is(w, "$TTL")) {
        words_next(w);
        return read_default_ttl(r);
    }
    if (words_is(w, "$INCLUDE")) {
        words_next(w);
        return read_include(r, at);
    }
    if (words_is(w, "$GENERATE")) {
        words_next(w);
        return generate_records(r, at);
    }
    const char *meant = suggest_word(w->token.text, w->token.len, directives, 4);
    if (meant != NULL) {
        return reading_wrong(r, at, "unknown directive; did you mean %s?", meant);
    }
    return reading_wrong(
        r, at,
        "unknown directive: expected $ORIGIN, $TTL, $INCLUDE or $GENERATE (a name that begins with "
        "'$' is written \\$...)");
}

static bool read_origin(struct reading *r)
{
    struct name origin;
    size_t len;
    if (!words_name(&r->words, &origin, &len)) {
        return reading_wrong_word(r, "$ORIGIN");
    }
    if (r->words.doubt.at != NULL) {
        reading_doubt(r);
    }
    if (!end_directive(r, "$ORIGIN")) {
        return false;
    }
    r->origin = origin;
    words_origin(&r->words, r->origin.octets);
    return true;
}

static bool read_default_ttl(struct reading *r)
{
    uint32_t ttl;
    if (!words_ttl(&r->words, &ttl)) {
        return reading_wrong_word(r, "$TTL");
    }
    if (!end_directive(r, "$TTL")) {
        return false;
    }
    r->default_ttl = ttl;
    r->has_default_ttl = true;
    return true;
}

/* $INCLUDE file [origin] */
static bool read_include(struct reading *r, const char *at)
{
    struct words *w = &r->words;
    struct buf name = {.len = 0}, path = {.len = 0};
    struct name origin = r->origin, before = r->origin;
    size_t len;
    const char *name_at = w->token.text - (w->token.kind == LEX_QUOTED);
    bool ok = words_text(w, &name, 4096) && (words_end(w) || words_name(w, &origin, &len));
    if (!ok) {
        reading_wrong_word(r, "$INCLUDE");
    } else if (name.len == 0 || memchr(name.data, '\0', name.len) != NULL) {
        ok = reading_wrong(r, name_at, "$INCLUDE: expected the name of a file");
    } else {
        ok = end_directive(r, "$INCLUDE");
    }
    if (ok) {
        include_path(r->source->path, buf_text(&name), &path);
        r->origin = origin;
        words_origin(w, r->origin.octets);
        piecing_break(r);
        ok = include_file(r, buf_text(&path), at);
        r->origin = before;
        words_origin(w, r->origin.octets);
    }
    buf_free(&name);
    buf_free(&path);
    return ok;
}

static bool end_directive(struct reading *r, const char *directive)
{
    if (words_end(&r->words)) {
        return true;
    }
    words_wrong(&r->words, "nothing more is expected on this line");
    return reading_wrong_word(r, directive);
}
