/* sources.c - reading the main file, then all that `include` names, until no new file comes up.
 * A file is read once, known by its path and its inode, so a circle of includes ends by itself. */
#include "config/sources.h"
#include "config/paths.h"
#include "config/yaml.h"
#include <stdio.h>
#include <string.h>

struct loading {
    struct reading *r;
    struct keyed known; /* paths and "device:inode" of the files so far */
    struct source *last;
};

static struct source *add(struct loading *l, const char *path, const struct node *named_by);
static bool load(struct loading *l, struct source *s, const struct node *named_by);
static bool is_twin(struct loading *l, struct source *s, const struct file_id *id);
static void include(struct loading *l, const struct source *s);
static void include_pattern(struct loading *l, const struct node *n);
static void include_found(struct loading *l, const struct node *n, struct buf *found);

void sources_read(struct reading *r, const char *path)
{
    struct loading l = {.r = r, .known = {.arena = &r->scratch}};
    r->sources = add(&l, path, NULL);
    for (struct source *s = r->sources; s != NULL && !arena_failed(&r->scratch); s = s->next) {
        include(&l, s);
    }
}

/* Reads one more file and puts it behind the others; NULL when it is none or known already. */
static struct source *add(struct loading *l, const char *path, const struct node *named_by)
{
    struct source *s = arena_get(&l->r->scratch, sizeof *s);
    const char *kept = arena_text(&l->r->scratch, path);
    if (s == NULL || kept == NULL) {
        return NULL;
    }
    keyed_put(&l->known, kept, s);
    *s = (struct source){.path = kept, .text = ""};
    if (l->last != NULL) {
        s->order = l->last->order + 1;
        s->depth = named_by->at.source->depth + 1;
    }
    bool loaded = load(l, s, named_by);
    l->r->broken = l->r->broken || s->broken;
    if (!loaded) {
        return NULL;
    }
    if (l->last != NULL) {
        l->last->next = s;
    }
    l->last = s;
    return s;
}

static bool load(struct loading *l, struct source *s, const struct node *named_by)
{
    struct reading *r = l->r;
    struct buf text = {.limit = SOURCE_SIZE};
    struct file_id id = {.inode = 0};
    struct oops why = {.text = ""};
    struct spot at = named_by != NULL ? named_by->at : (struct spot){.source = s};
    bool done = r->files->read(r->files->ctx, s->path, &text, &id, &why);
    if (!done) {
        finding_add(&r->findings, at, "%s", why.text);
        s->broken = true;
    } else if (text.len > r->octets_left) {
        finding_add(&r->findings, at, "one file too many: together they are too large");
        s->broken = true;
        done = false;
    } else if (is_twin(l, s, &id)) {
        done = false;
    } else {
        r->octets_left -= text.len;
        s->len = text.len;
        s->text = arena_copy(&r->scratch, buf_text(&text), text.len + 1);
    }
    buf_free(&text);
    if (done && s->text != NULL) {
        yaml_read(s, &r->scratch, &r->findings);
    }
    return done && s->text != NULL;
}

/* Is it a known file by another path? Sources without an inode (tests) are known by path only. */
static bool is_twin(struct loading *l, struct source *s, const struct file_id *id)
{
    if (id->inode == 0) {
        return false;
    }
    const char *key = arena_print(&l->r->scratch, "%llu:%llu", (unsigned long long)id->device,
                                  (unsigned long long)id->inode);
    if (key == NULL || keyed_find(&l->known, key) != NULL) {
        return true;
    }
    keyed_put(&l->known, key, s);
    return false;
}

static void include(struct loading *l, const struct source *s)
{
    const struct node *list = tree_child(s->root, "include");
    if (list == NULL || list->bad || list->empty) {
        return;
    }
    for (const struct node *n = item_first(list); n != NULL; n = item_next(list, n)) {
        if (n->kind != NODE_TEXT || n->text[0] == '\0') {
            finding_add(&l->r->findings, n->at, "include: a path or pattern belongs here");
        } else if (s->depth == SOURCE_DEPTH) {
            finding_add(&l->r->findings, n->at, "include: more than 8 files deep");
        } else if (!n->bad) {
            include_pattern(l, n);
        }
    }
}

static void include_pattern(struct loading *l, const struct node *n)
{
    struct reading *r = l->r;
    struct buf found = {.len = 0};
    struct oops why = {.text = ""};
    const char *pattern = path_beside(&r->scratch, n->at.source->path, n->text);
    if (pattern == NULL) {
        return;
    }
    if (strpbrk(pattern, "*?[") == NULL) { /* a plain path: it must be there, and be new */
        if (keyed_find(&l->known, pattern) != NULL) {
            finding_add(&r->findings, n->at, "include: %s is read already", pattern);
            return;
        }
        add(l, pattern, n);
        return;
    }
    if (!r->files->match(r->files->ctx, pattern, &found, &why)) {
        finding_add(&r->findings, n->at, "include: %s", why.text);
    } else if (found.failed) {
        r->scratch.failed = true;
    } else {
        include_found(l, n, &found);
    }
    buf_free(&found);
}

/* `found` holds paths, each with a NUL behind it. */
static void include_found(struct loading *l, const struct node *n, struct buf *found)
{
    const char *at = buf_text(found), *end = at + found->len;
    while (at < end && !arena_failed(&l->r->scratch)) {
        if (keyed_find(&l->known, at) == NULL) {
            add(l, at, n);
        }
        at += strlen(at) + 1;
    }
}
