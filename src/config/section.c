/* section.c - from a map in the text to a struct, by the rows of options.def.
 * A row says what its value may be, where it goes, and what it is when nobody says. */
#include "config/section.h"
#include "config/paths.h"
#include "config/suggest.h"
#include "config/value.h"
#include "wire/name.h"
#include <stdio.h>
#include <string.h>

static void read_option(struct reading *r, enum scope scope, const struct node *n, void *target,
                        struct given *g);
static const char *other_section(enum scope scope, const char *name);
static const char *nearest(enum scope scope, const char *name);
static bool read_value(struct reading *r, const struct option *o, const struct node *n,
                       void *target);
static bool read_map(struct reading *r, const struct option *o, const struct node *n, void *target);
static bool read_number(struct reading *r, const struct option *o, const struct node *n, void *at);
static bool parse_number(const struct option *o, const char *text, uint64_t *out);
static void tell_number(struct reading *r, const struct option *o, const struct node *n);
static void tell_range(struct reading *r, const struct option *o, const struct node *n);
static const char *print_number(enum kind kind, uint64_t v, char out[VALUE_TEXT]);
static void store_number(void *at, size_t width, uint64_t v);
static bool read_text(struct reading *r, const struct option *o, const struct node *n, void *at);
static bool is_home(const struct option *o, const char *text);
static const char *placed(struct reading *r, const struct option *o, const struct node *n);
static bool read_name(struct reading *r, const struct option *o, const struct node *n, void *at);

void section_defaults(struct reading *r, enum scope scope, void *target)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        uint64_t v;
        if (o->scope == scope && o->kind == KIND_MAP) {
            section_defaults(r, o->inner, (char *)target + o->offset);
        }
        if (o->scope != scope || o->fallback == NULL) {
            continue;
        }
        if (o->kind == KIND_TEXT || o->kind == KIND_PATH || o->kind == KIND_FILE) {
            memcpy((char *)target + o->offset, &o->fallback, sizeof o->fallback);
            continue;
        }
        must(parse_number(o, o->fallback, &v));
        store_number((char *)target + o->offset, o->width, v);
    }
}

bool section_read(struct reading *r, enum scope scope, const struct node *n, void *target,
                  struct given *g)
{
    *g = (struct given){.at = {NULL}};
    if (n == NULL || n->empty) {
        return true;
    }
    if (n->bad) {
        return false;
    }
    if (n->kind != NODE_MAP) {
        finding_add(&r->findings, n->at, "options belong here, each as 'name: value'");
        return false;
    }
    for (const struct node *child = n->first; child != NULL; child = child->next) {
        if (!child->key->bad) {
            read_option(r, scope, child, target, g);
        }
    }
    return true;
}

static void read_option(struct reading *r, enum scope scope, const struct node *n, void *target,
                        struct given *g)
{
    enum option_id id;
    const char *name = n->key->text, *later = option_later_reason(scope, name);
    const struct option *o = option_find(scope, name, &id);
    if (o == NULL && later == NULL) {
        section_unknown(r, scope, n->key);
        return;
    }
    if (o != NULL && g->at[id] != NULL) {
        finding_add(&r->findings, n->key->at, "'%s' is given twice: first in line %u", name,
                    g->at[id]->key->at.line);
        return;
    }
    if (o != NULL) {
        g->at[id] = n;
        g->wrong[id] = n->bad || later != NULL;
    }
    if (later != NULL) {
        finding_add(&r->findings, n->key->at, "'%s' is not supported yet: %s", name, later);
        return;
    }
    g->wrong[id] = n->bad || !read_value(r, o, n, target);
}

void section_unknown(struct reading *r, enum scope scope, const struct node *key)
{
    const char *near = nearest(scope, key->text), *other = other_section(scope, key->text);
    const char *where = scope_words(scope);
    if (strchr(key->text, ':') != NULL) {
        finding_add(&r->findings, key->at, "unknown %s '%s': put a space behind the ':'", where,
                    key->text);
    } else if (near != NULL) {
        finding_add(&r->findings, key->at, "unknown %s '%s': did you mean '%s'?", where, key->text,
                    near);
    } else if (other != NULL) {
        finding_add(&r->findings, key->at, "unknown %s '%s': it belongs in '%s'", where, key->text,
                    other);
    } else {
        finding_add(&r->findings, key->at, "unknown %s '%s'", where, key->text);
    }
}

/* The section that has an option of that name. */
static const char *other_section(enum scope scope, const char *name)
{
    const struct option_section *s;
    enum option_id id;
    for (unsigned i = 0; (s = option_section(i)) != NULL; i++) {
        if (s->scope != scope && option_find(s->scope, name, &id) != NULL) {
            return scope_section(s->scope);
        }
    }
    return NULL;
}

static const char *nearest(enum scope scope, const char *name)
{
    struct suggestion s = {.word = name};
    const struct option_section *section;
    const struct option_later *later;
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = option_row((enum option_id)i);
        if (o->scope == scope) {
            suggest_try(&s, o->name);
        }
    }
    for (unsigned i = 0; (later = option_later(i)) != NULL; i++) {
        if (later->scope == scope) {
            suggest_try(&s, later->name);
        }
    }
    for (unsigned i = 0; scope == SCOPE_TOP && (section = option_section(i)) != NULL; i++) {
        suggest_try(&s, section->name);
    }
    return s.best;
}

static bool read_value(struct reading *r, const struct option *o, const struct node *n,
                       void *target)
{
    void *at = (char *)target + o->offset;
    if (o->kind >= KIND_ADDRESS) {
        return true; /* its section reads it */
    }
    if (o->kind == KIND_MAP) {
        return read_map(r, o, n, at);
    }
    if (n->empty) {
        finding_add(&r->findings, n->key->at, "%s: no value", o->name);
        return false;
    }
    if (n->kind != NODE_TEXT) {
        finding_add(&r->findings, n->at, "%s: one value belongs here, not a %s", o->name,
                    n->kind == NODE_LIST ? "list" : "map");
        return false;
    }
    switch (o->kind) {
    case KIND_TEXT:
    case KIND_PATH:
    case KIND_FILE:
        return read_text(r, o, n, at);
    case KIND_NAME:
        return read_name(r, o, n, at);
    default:
        return read_number(r, o, n, at);
    }
}

static bool read_map(struct reading *r, const struct option *o, const struct node *n, void *target)
{
    struct given inner;
    unsigned before = r->findings.count;
    return section_read(r, o->inner, n, target, &inner) && r->findings.count == before;
}

static bool read_number(struct reading *r, const struct option *o, const struct node *n, void *at)
{
    uint64_t v;
    bool ranged = o->kind != KIND_YESNO && o->kind != KIND_WORD;
    if (!parse_number(o, n->text, &v)) {
        tell_number(r, o, n);
        return false;
    }
    if (ranged && (v < o->min || v > o->max)) {
        tell_range(r, o, n);
        return false;
    }
    store_number(at, o->width, v);
    return true;
}

static bool parse_number(const struct option *o, const char *text, uint64_t *out)
{
    bool yes = false;
    int word;
    switch (o->kind) {
    case KIND_SECONDS:
        return value_seconds(text, out);
    case KIND_SIZE:
        return value_size(text, out);
    case KIND_COUNT:
        return value_count(text, out);
    case KIND_PERCENT:
        return value_percent(text, out);
    case KIND_YESNO:
        if (!value_yesno(text, &yes)) {
            return false;
        }
        *out = yes;
        return true;
    case KIND_WORD:
        word = value_word(text, o->words);
        *out = word < 0 ? 0 : (uint64_t)word;
        return word >= 0;
    default:
        must(!"a number kind");
        return false;
    }
}

static void tell_number(struct reading *r, const struct option *o, const struct node *n)
{
    static const char *const words[] = {
        [KIND_SECONDS] = "is not a time: write seconds, or w, d, h, m, s as in 1h30m",
        [KIND_SIZE] = "is not a size: write octets, or K, M, G as in 64M",
        [KIND_COUNT] = "is not a number: write digits",
        [KIND_PERCENT] = "is not a percentage: write it as 10%",
        [KIND_YESNO] = "is neither yes nor no",
        [KIND_WORD] = "is none of:",
    };
    finding_add(&r->findings, n->at, "%s: '%s' %s%s%s", o->name, n->text, words[o->kind],
                o->words != NULL ? " " : "", o->words != NULL ? o->words : "");
}

static void tell_range(struct reading *r, const struct option *o, const struct node *n)
{
    char least[VALUE_TEXT], most[VALUE_TEXT];
    finding_add(&r->findings, n->at, "%s: %s is out of range, %s to %s", o->name, n->text,
                print_number(o->kind, o->min, least), print_number(o->kind, o->max, most));
}

static const char *print_number(enum kind kind, uint64_t v, char out[VALUE_TEXT])
{
    if (kind == KIND_SECONDS) {
        return value_print_seconds(v, out);
    }
    if (kind == KIND_SIZE) {
        return value_print_size(v, out);
    }
    snprintf(out, VALUE_TEXT, "%llu%s", (unsigned long long)v, kind == KIND_PERCENT ? "%" : "");
    return out;
}

/* Members are bool, enum, or unsigned of some width; the row's range fits it (tests/unit sees to
 * that). */
static void store_number(void *at, size_t width, uint64_t v)
{
    uint8_t u8 = (uint8_t)v;
    uint16_t u16 = (uint16_t)v;
    uint32_t u32 = (uint32_t)v;
    const void *from = width == 1 ? (void *)&u8 : width == 2 ? (void *)&u16 : (void *)&u32;
    must(width == 1 || width == 2 || width == 4 || width == 8);
    memcpy(at, width == 8 ? (void *)&v : from, width);
}

static bool read_text(struct reading *r, const struct option *o, const struct node *n, void *at)
{
    const char *text = placed(r, o, n);
    if (text == NULL) {
        return false; /* no memory */
    }
    if (n->text[0] == '\0') {
        finding_add(&r->findings, n->at, "%s: no value", o->name);
        return false;
    }
    if (is_home(o, n->text)) {
        finding_add(&r->findings, n->at, "%s: '~' is no home directory here: write the path out",
                    o->name);
        return false;
    }
    if (o->max != 0 && strlen(text) > o->max) {
        finding_add(&r->findings, n->at, "%s: longer than %u octets%s%s", o->name, (unsigned)o->max,
                    text != n->text && o->kind == KIND_PATH ? ": " : "",
                    o->kind == KIND_PATH ? text : "");
        return false;
    }
    memcpy(at, &text, sizeof text);
    return true;
}

/* A daemon has no home directory, and a directory that is called ~ is nobody's wish. */
static bool is_home(const struct option *o, const char *text)
{
    return (o->kind == KIND_PATH || o->kind == KIND_FILE) && text[0] == '~' &&
           (text[1] == '\0' || text[1] == '/');
}

/* The text as it goes into the config: paths seen from where they are relative to. */
static const char *placed(struct reading *r, const struct option *o, const struct node *n)
{
    struct arena *a = &r->config->arena;
    if (o->kind == KIND_PATH) {
        return path_beside(a, n->at.source->path, n->text);
    }
    if (o->kind == KIND_FILE) {
        return path_below(a, r->config->server.zones, n->text);
    }
    return arena_text(a, n->text);
}

static bool read_name(struct reading *r, const struct option *o, const struct node *n, void *at)
{
    const char *why = "";
    struct name name;
    if (!name_parse(n->text, strlen(n->text), NULL, &name, &why)) {
        finding_add(&r->findings, n->at, "%s: '%s' is not a domain name: %s", o->name, n->text,
                    why);
        return false;
    }
    struct name lower;
    name_copy_lower(&lower, name.octets);
    const uint8_t **to = at;
    *to = arena_copy(&r->config->arena, lower.octets, name_len(lower.octets));
    return *to != NULL;
}

void section_require(struct reading *r, enum scope scope, const struct node *n,
                     const struct given *g)
{
    for (unsigned i = 0; i < OPTION_COUNT && !r->broken; i++) {
        const struct option *o = option_row((enum option_id)i);
        if (o->scope == scope && o->required && g->at[i] == NULL) {
            finding_add(&r->findings, n->at, "'%s' is missing here", o->name);
        }
    }
}

const struct node *section_entries(struct reading *r, const struct source *s, const char *name)
{
    const struct node *list = tree_child(s->root, name);
    if (list == NULL || list->bad || list->empty) {
        return NULL;
    }
    if (list->kind != NODE_LIST) {
        finding_add(&r->findings, list->at, "%s: a list belongs here, each entry behind a '- '",
                    name);
        return NULL;
    }
    return list->first;
}
