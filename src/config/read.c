/* read.c - one configuration from its files: to trees, then section by section, then all findings.
 * Any thread, usually the pool's; nothing is shared until the finished config is handed out. */
#include "config/config.h"
#include "config/peers.h"
#include "config/reading.h"
#include "config/section.h"
#include "config/server.h"
#include "config/sources.h"
#include "config/zones.h"
#include <stdlib.h>
#include <string.h>

static void read_all(struct reading *r, const char *path);
static void check_top(struct reading *r, const struct source *s);
static void check_section(struct reading *r, const struct source *s, const struct node *n);
static bool finish(struct reading *r, struct report *report);
static int by_name(const void *name, const void *zone);

struct config *config_read(const char *path, const struct files *files, struct report *report)
{
    struct config *c = calloc(1, sizeof *c);
    if (c == NULL) {
        report_error(report, NULL, "no memory for the configuration");
        return NULL;
    }
    arena_init(&c->arena);
    struct reading r = {.config = c, .files = files, .octets_left = SOURCES_SIZE};
    arena_init(&r.scratch);
    r.findings.arena = &r.scratch;
    read_all(&r, path);
    bool good = finish(&r, report);
    arena_free(&r.scratch);
    if (!good) {
        config_free(c);
        return NULL;
    }
    return c;
}

static void read_all(struct reading *r, const char *path)
{
    r->config->path = arena_text(&r->config->arena, path);
    sources_read(r, path);
    const struct node *root = r->sources == NULL ? NULL : r->sources->root;
    if (r->sources == NULL || arena_failed(&r->scratch)) {
        return;
    }
    if ((root == NULL || root->empty) && r->findings.count == 0) {
        /* Most likely it is being written just now: a reload must not take every zone away. */
        finding_add(&r->findings, (struct spot){.source = r->sources},
                    "nothing is in it: sections belong here, as 'zones:' and 'server:'");
    }
    for (const struct source *s = r->sources; s != NULL; s = s->next) {
        check_top(r, s);
    }
    server_read(r, root);
    peers_read(r);
    server_read_exempt(r, root);
    if (!arena_failed(&r->scratch) && !arena_failed(&r->config->arena)) {
        zones_read(r, root);
    }
}

/* The names of the sections; what is in them is read by their own files. */
static void check_top(struct reading *r, const struct source *s)
{
    if (s->root == NULL || s->root->empty || s->root->bad) {
        return;
    }
    if (s->root->kind != NODE_MAP) {
        finding_add(&r->findings, s->root->at, "sections belong here, as 'zones:' and 'server:'");
        return;
    }
    for (const struct node *n = s->root->first; n != NULL; n = n->next) {
        if (!n->key->bad) {
            check_section(r, s, n);
        }
    }
}

static void check_section(struct reading *r, const struct source *s, const struct node *n)
{
    const char *name = n->key->text, *later = option_later_reason(SCOPE_TOP, name);
    const struct node *first = tree_child(s->root, name);
    const struct option_section *section = NULL;
    for (unsigned i = 0; later == NULL && (section = option_section(i)) != NULL; i++) {
        if (strcmp(section->name, name) == 0) {
            break;
        }
    }
    if (later != NULL) {
        finding_add(&r->findings, n->key->at, "'%s' is not supported yet: %s", name, later);
    } else if (section == NULL) {
        section_unknown(r, SCOPE_TOP, n->key);
    } else if (first != n) {
        finding_add(&r->findings, n->key->at, "'%s' is given twice: first in line %u", name,
                    first->key->at.line);
    } else if (s->order != 0 && section->place == MAIN_FILE) {
        finding_add(&r->findings, n->key->at, "'%s' belongs in the main file, %s", name,
                    r->config->path);
    }
}

static bool finish(struct reading *r, struct report *report)
{
    findings_tell(&r->findings, report);
    if (arena_failed(&r->scratch) || arena_failed(&r->config->arena)) {
        report_error(report, NULL, "no memory for the configuration");
        return false;
    }
    return r->findings.count == 0;
}

void config_free(struct config *c)
{
    if (c != NULL) {
        arena_free(&c->arena);
        free(c);
    }
}

const struct config_zone *config_find_zone(const struct config *c, const uint8_t *name)
{
    if (c->zone_count == 0) {
        return NULL;
    }
    return bsearch(name, c->zones, c->zone_count, sizeof *c->zones, by_name);
}

static int by_name(const void *name, const void *zone)
{
    return name_compare(name, ((const struct config_zone *)zone)->name);
}
