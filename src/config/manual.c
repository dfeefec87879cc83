/* manual.c - the option section of settled.conf(5), in mdoc, from options.def. Used while
 * building, and by a test. One row, one entry: what it takes, its sentence, roles, range,
 * default. */
#include "base/buf.h"
#include "config/config.h"
#include "config/options.h"
#include "config/value.h"
#include <stdio.h>
#include <string.h>

#define LINE_MOST 78

static void print_section(struct buf *out, const struct option_section *s);
static void print_options(struct buf *out, enum scope scope);
static void print_option(struct buf *out, const struct option *o);
static void print_takes(struct buf *out, const struct option *o);
static void print_roles(struct buf *out, const struct option *o);
static void print_range(struct buf *out, const struct option *o);
static void print_default(struct buf *out, const struct option *o);
static const char *print_bound(const struct option *o, uint64_t v, char out[VALUE_TEXT]);
static void print_laters(struct buf *out);
static void print_prose(struct buf *out, const char *text);
static bool ends_sentence(const char *word, size_t len, const char *next);
static void print_escaped(struct buf *out, const char *text, size_t len);

void config_print_manual(struct buf *out)
{
    const struct option_section *s;
    for (unsigned i = 0; (s = option_section(i)) != NULL; i++) {
        print_section(out, s);
    }
    print_laters(out);
}

static void print_section(struct buf *out, const struct option_section *s)
{
    buf_print(out, ".Ss %s\n", s->name);
    print_prose(out, s->text);
    if (s->scope != SCOPE_TOP && strcmp(scope_section(s->scope), s->name) == 0) {
        print_options(out, s->scope);
    }
}

static void print_options(struct buf *out, enum scope scope)
{
    buf_print(out, ".Bl -tag -width Ds\n");
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        if (o->scope == scope && option_later_reason(scope, o->name) == NULL) {
            print_option(out, o);
        }
    }
    buf_print(out, ".El\n");
}

static void print_option(struct buf *out, const struct option *o)
{
    buf_print(out, ".It Cm ");
    print_escaped(out, o->name, strlen(o->name));
    buf_print(out, " : ");
    print_takes(out, o);
    print_prose(out, o->text);
    print_roles(out, o);
    print_range(out, o);
    print_default(out, o);
    if (o->kind == KIND_MAP) {
        print_options(out, o->inner);
    }
}

static void print_takes(struct buf *out, const struct option *o)
{
    static const char *const takes[] = {
        [KIND_SECONDS] = "Ar time",
        [KIND_SIZE] = "Ar size",
        [KIND_COUNT] = "Ar number",
        [KIND_PERCENT] = "Ar percentage",
        [KIND_YESNO] = "Cm yes | no",
        [KIND_WORD] = "Cm",
        [KIND_TEXT] = "Ar text",
        [KIND_PATH] = "Ar path",
        [KIND_FILE] = "Ar path",
        [KIND_NAME] = "Ar name",
        [KIND_MAP] = "Ar map",
        [KIND_ADDRESS] = "Ar address",
        [KIND_ADDRESSES] = "Ar addresses",
        [KIND_PEERS] = "Ar peers",
        [KIND_ACL] = "Ar who",
    };
    buf_print(out, "%s", takes[o->kind]);
    for (const char *w = o->words; o->kind == KIND_WORD && *w != '\0';) {
        size_t len = strcspn(w, " ");
        buf_print(out, "%s %.*s", w == o->words ? "" : " |", (int)len, w);
        w += len + (w[len] == ' ');
    }
    buf_print(out, "\n");
}

static void print_roles(struct buf *out, const struct option *o)
{
    if (o->roles == 0 || o->roles == ROLES_ALL) {
        return;
    }
    buf_print(out, "Role:%s%s%s.\n", (o->roles & ROLES_PRIMARY) != 0 ? " primary" : "",
              o->roles == ROLES_HOLDING           ? ", secondary"
              : (o->roles & ROLES_SECONDARY) != 0 ? " secondary"
                                                  : "",
              o->roles == ROLES_ASKING        ? ", cache"
              : (o->roles & ROLES_CACHE) != 0 ? " cache"
                                              : "");
}

static void print_range(struct buf *out, const struct option *o)
{
    char least[VALUE_TEXT], most[VALUE_TEXT];
    if (o->kind <= KIND_PERCENT) {
        buf_print(out, "Range: %s to %s.\n", print_bound(o, o->min, least),
                  print_bound(o, o->max, most));
    }
}

static const char *print_bound(const struct option *o, uint64_t v, char out[VALUE_TEXT])
{
    if (o->kind == KIND_SECONDS) {
        return value_print_seconds(v, out);
    }
    if (o->kind == KIND_SIZE) {
        return value_print_size(v, out);
    }
    snprintf(out, VALUE_TEXT, "%llu%s", (unsigned long long)v, o->kind == KIND_PERCENT ? "%" : "");
    return out;
}

static void print_default(struct buf *out, const struct option *o)
{
    const char *text = o->shown != NULL ? o->shown : o->fallback;
    if (o->required) {
        buf_print(out, "Required.\n");
    } else if (text != NULL) {
        buf_print(out, "Default: ");
        print_escaped(out, text, strlen(text));
        buf_print(out, ".\n");
    }
}

static void print_laters(struct buf *out)
{
    const struct option_later *l;
    if (option_later(0) == NULL) {
        return;
    }
    buf_print(out, ".Ss Names kept for later\n");
    print_prose(out, "These options are refused, with the reason, until their feature is there.");
    buf_print(out, ".Bl -tag -width Ds\n");
    for (unsigned i = 0; (l = option_later(i)) != NULL; i++) {
        if (l->scope == SCOPE_ENTRY) {
            continue; /* the same as of a peer */
        }
        buf_print(out, ".It Cm ");
        print_escaped(out, l->name, strlen(l->name));
        buf_print(out, " , %s\n", scope_words(l->scope));
        print_escaped(out, l->reason, strlen(l->reason));
        buf_print(out, ".\n");
    }
    buf_print(out, ".El\n");
}

/* Sentences each on lines of their own, wrapped: how mdoc wants its source. */
static void print_prose(struct buf *out, const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        const char *next = text + len + (text[len] == ' ');
        if (column > 0) {
            bool wrap = column + 1 + len > LINE_MOST;
            buf_print(out, wrap ? "\n" : " ");
            column = wrap ? 0 : column + 1;
        }
        print_escaped(out, text, len);
        column += len;
        if (ends_sentence(text, len, next)) {
            buf_print(out, "\n");
            column = 0;
        }
        text = next;
    }
    if (column > 0) {
        buf_print(out, "\n");
    }
}

static bool ends_sentence(const char *word, size_t len, const char *next)
{
    return len > 1 && word[len - 1] == '.' && *next != '\0';
}

/* Hyphens as typed, backslashes as such, and no dot or quote that would begin a request. */
static void print_escaped(struct buf *out, const char *text, size_t len)
{
    if (len > 0 && (text[0] == '.' || text[0] == '\'')) {
        buf_print(out, "\\&");
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '-') {
            buf_print(out, "\\-");
        } else if (text[i] == '\\') {
            buf_print(out, "\\e");
        } else {
            buf_add_u8(out, (uint8_t)text[i]);
        }
    }
}
