/* yaml.c - libyaml's events to our own small tree, with the place of every node. Called by
 * sources.c for each file. libyaml stops at the first error of syntax; what came before it is
 * kept, so that the other mistakes up to there are told in the same run. Limits make the tree's
 * size bounded. */
#include "config/yaml.h"
#include "config/complaint.h"
#include "config/utf8.h"
#include <string.h>
#include <yaml.h>

struct builder {
    struct source *source;
    struct arena *arena;
    struct findings *findings;
    struct node *open[YAML_DEPTH],
        *last[YAML_DEPTH];              /* containers around us, the newest child of each */
    const struct node *key[YAML_DEPTH]; /* of an open map: the key whose value comes next */
    struct node *newest;
    struct node
        *folded; /* newest, if over several lines: usually what comes next is what is wrong */
    unsigned depth, nodes, documents;
};

static bool is_text(struct builder *b);
static void run(struct builder *b, yaml_parser_t *parser);
static bool take(struct builder *b, const yaml_event_t *e);
static void tell_folded(struct builder *b);
static bool take_document(struct builder *b, const yaml_event_t *e);
static bool take_alias(struct builder *b, const yaml_event_t *e);
static bool take_scalar(struct builder *b, const yaml_event_t *e);
static void check_scalar(struct builder *b, struct node *n, const yaml_event_t *e);
static bool open_node(struct builder *b, const yaml_event_t *e, enum node_kind kind);
static void check_extras(struct builder *b, const struct node *n, const yaml_char_t *anchor,
                         const yaml_char_t *tag);
static struct node *new_node(struct builder *b, const yaml_event_t *e, enum node_kind kind);
static bool place_node(struct builder *b, struct node *n);
static bool place_key(struct builder *b, struct node *n);
static bool stop(struct builder *b, struct spot at, const char *why);
static void complain(struct builder *b, const yaml_parser_t *parser);
static void doubt(struct builder *b, unsigned line);
static struct spot spot_of(const struct builder *b, yaml_mark_t mark);

void yaml_read(struct source *s, struct arena *arena, struct findings *findings)
{
    struct builder b = {.source = s, .arena = arena, .findings = findings};
    yaml_parser_t parser;
    if (!is_text(&b)) {
        return;
    }
    if (yaml_parser_initialize(&parser) == 0) {
        arena->failed = true; /* no memory */
        return;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)s->text, s->len);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    run(&b, &parser);
    yaml_parser_delete(&parser);
}

static bool is_text(struct builder *b)
{
    struct utf8_fault fault;
    if (utf8_check(b->source->text, b->source->len, &fault)) {
        return true;
    }
    struct spot at = {b->source, fault.line, fault.column};
    finding_add(b->findings, at, "octet 0x%02x is not text: the file must be UTF-8%s",
                (unsigned)fault.octet, fault.octet < 0x80 ? " without control characters" : "");
    b->source->broken = true;
    return false;
}

static void run(struct builder *b, yaml_parser_t *parser)
{
    bool more = true;
    while (more) {
        yaml_event_t e;
        if (yaml_parser_parse(parser, &e) == 0) {
            complain(b, parser);
            return;
        }
        tell_folded(b);
        more = e.type != YAML_STREAM_END_EVENT && take(b, &e) && !arena_failed(b->arena);
        yaml_event_delete(&e);
    }
}

/* Adds what the event brought; false: reading ends here. */
static bool take(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        return take_document(b, e);
    case YAML_ALIAS_EVENT:
        return take_alias(b, e);
    case YAML_SCALAR_EVENT:
        return take_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(b, e, NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_node(b, e, NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return true;
    default:
        return true;
    }
}

static void tell_folded(struct builder *b)
{
    if (b->folded != NULL) {
        finding_add(b->findings, b->folded->at,
                    "a text over several lines: look at the indentation, or quote it");
        b->folded = NULL;
    }
}

static bool take_document(struct builder *b, const yaml_event_t *e)
{
    b->documents++;
    if (b->documents == 1) {
        return true;
    }
    return stop(b, spot_of(b, e->start_mark), "a second document: one file is one document");
}

static bool take_alias(struct builder *b, const yaml_event_t *e)
{
    struct node *n = new_node(b, e, NODE_TEXT);
    if (n == NULL) {
        return false;
    }
    n->bad = true;
    finding_add(b->findings, n->at, "aliases (*name) are not used here: write the value out");
    return place_node(b, n);
}

static bool take_scalar(struct builder *b, const yaml_event_t *e)
{
    struct node *n = new_node(b, e, NODE_TEXT);
    if (n == NULL) {
        return false;
    }
    n->text = arena_copy(b->arena, e->data.scalar.value, e->data.scalar.length + 1);
    if (n->text == NULL) {
        return false;
    }
    n->empty = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.length == 0;
    check_extras(b, n, e->data.scalar.anchor, e->data.scalar.tag);
    check_scalar(b, n, e);
    return place_node(b, n);
}

/* No option needs several lines or control characters; escapes and block scalars could bring
 * them in. */
static void check_scalar(struct builder *b, struct node *n, const yaml_event_t *e)
{
    struct utf8_fault fault;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && e->end_mark.line != e->start_mark.line) {
        n->bad = true;
        b->folded = n;
        return;
    }
    if (!utf8_check(n->text, e->data.scalar.length, &fault) || strpbrk(n->text, "\t\r\n") != NULL) {
        n->bad = true;
        finding_add(b->findings, n->at, "a text with control characters or line ends");
    }
}

static bool open_node(struct builder *b, const yaml_event_t *e, enum node_kind kind)
{
    struct node *n = new_node(b, e, kind);
    if (n == NULL) {
        return false;
    }
    check_extras(b, n,
                 kind == NODE_LIST ? e->data.sequence_start.anchor : e->data.mapping_start.anchor,
                 kind == NODE_LIST ? e->data.sequence_start.tag : e->data.mapping_start.tag);
    if (b->depth == YAML_DEPTH) {
        return stop(b, n->at, "nested too deep: no option needs 16 levels");
    }
    if (!place_node(b, n)) {
        return false;
    }
    b->open[b->depth] = n;
    b->last[b->depth] = NULL;
    b->key[b->depth] = NULL;
    b->depth++;
    return true;
}

static void check_extras(struct builder *b, const struct node *n, const yaml_char_t *anchor,
                         const yaml_char_t *tag)
{
    if (anchor != NULL) {
        finding_add(b->findings, n->at, "anchors (&name) are not used here: leave it out");
    }
    if (tag != NULL) {
        finding_add(b->findings, n->at, "tags (!name) are not used here: every value is text");
    }
}

static struct node *new_node(struct builder *b, const yaml_event_t *e, enum node_kind kind)
{
    struct spot at = spot_of(b, e->start_mark);
    b->nodes++;
    if (b->nodes > (b->source->most != 0 ? b->source->most : YAML_NODES)) {
        stop(b, at, "too many values in one file: part it by 'include'");
        return NULL;
    }
    struct node *n = arena_get(b->arena, sizeof *n);
    if (n != NULL) {
        *n = (struct node){.kind = kind, .at = at, .text = ""};
    }
    return n;
}

/* Puts the node where it belongs: root, key, value or entry. */
static bool place_node(struct builder *b, struct node *n)
{
    b->newest = n;
    if (b->depth == 0) {
        b->source->root = n;
        return true;
    }
    unsigned top = b->depth - 1;
    struct node *in = b->open[top];
    if (in->kind == NODE_MAP && b->key[top] == NULL) {
        return place_key(b, n);
    }
    n->key = b->key[top];
    n->bad = n->bad || (n->key != NULL && n->key->bad);
    b->key[top] = NULL;
    *(b->last[top] == NULL ? &in->first : &b->last[top]->next) = n;
    b->last[top] = n;
    in->count++;
    return true;
}

static bool place_key(struct builder *b, struct node *n)
{
    if (n->kind != NODE_TEXT) {
        b->open[b->depth - 1]->bad = true;
        return stop(b, n->at, "a list or map where a name belongs; " QUOTE_IPV6);
    }
    if (strcmp(n->text, "<<") == 0) {
        n->bad = true;
        finding_add(b->findings, n->at, "merge keys are not used here: write the options out");
    }
    b->key[b->depth - 1] = n;
    return true;
}

static bool stop(struct builder *b, struct spot at, const char *why)
{
    finding_add(b->findings, at, "%s", why);
    b->source->broken = true;
    return false;
}

static void complain(struct builder *b, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        b->arena->failed = true;
        return;
    }
    struct lines lines = {.source = NULL};
    struct spot at = spot_of(b, parser->problem_mark), start = spot_of(b, parser->context_mark);
    struct complaint c = {.problem = parser->problem, .opened_line = start.line};
    if (parser->context != NULL && complaint_at_start(c.problem)) {
        at = start;
    }
    c.line = lines_to(&lines, b->source, at.line, &c.line_len);
    size_t octet = text_octets(c.line, c.line_len, at.column - 1);
    c.at = octet < c.line_len ? c.line[octet] : '\0';
    doubt(b, at.line);
    bool at_end = c.line + octet == b->source->text + b->source->len;
    if (at_end && b->depth > 0 && parser->error == YAML_PARSER_ERROR) {
        const struct node *in = b->open[b->depth - 1];
        stop(b, in->at,
             in->kind == NODE_LIST ? "this list is not closed" : "this map is not closed");
        return;
    }
    char sentence[COMPLAINT_MOST];
    complaint_print(&c, sentence);
    stop(b, at, sentence);
}

/* What reading broke off in may be half: nothing is concluded from it. */
static void doubt(struct builder *b, unsigned line)
{
    if (b->newest != NULL && b->newest->kind == NODE_TEXT && b->newest->at.line == line) {
        b->newest->bad = true;
    }
    struct node *in = b->depth == 0 ? NULL : b->open[b->depth - 1];
    if (in != NULL && in->kind == NODE_LIST && in->at.line == line) {
        in->bad = true;
    }
}

static struct spot spot_of(const struct builder *b, yaml_mark_t mark)
{
    return (struct spot){b->source, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}
