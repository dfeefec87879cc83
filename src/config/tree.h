/* tree.h - a configuration text as a tree of maps, lists and texts, each knowing where it
 * stands. All of it lives in the arena of one reading and dies with it; config/yaml.c is the one
 * who builds it. */
#ifndef SETTLED_CONFIG_TREE_H
#define SETTLED_CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct source { /* one file */
    struct source *next;
    const char *path;
    const char *text; /* a NUL stands behind it */
    size_t len;
    struct node *root; /* NULL: nothing in it */
    unsigned order;    /* 0: the file of the command line, then in the order they were named */
    unsigned depth;    /* how many includes lead to it */
    unsigned most;     /* nodes; 0: YAML_NODES */
    bool broken;       /* reading ended early: what is missing may stand in the part not read */
};
struct spot {
    const struct source *source;
    unsigned line, column; /* from 1, column in characters; line 0: the file as a whole */
};
enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };
struct node {
    enum node_kind kind;
    bool bad;   /* something is wrong with it and was told: readers pass over it */
    bool empty; /* nothing was written: "zones:" and the end of the line */
    struct spot at;
    const char *text;       /* "" unless NODE_TEXT */
    const struct node *key; /* in a map: the text before the ':' */
    struct node *first, *next;
    unsigned count;
};

/* The value of `key` in a map, NULL when it is not there or `map` is NULL or no map. */
const struct node *tree_child(const struct node *map, const char *key);
/* A list's entries; anything else is a list of one:
 * for (n = item_first(l); n != NULL; n = item_next(l, n)). */
const struct node *item_first(const struct node *list);
const struct node *item_next(const struct node *list, const struct node *item);
unsigned item_count(const struct node *list);
/* Going through a file's lines. All zero is a good start; going forward costs only the way. */
struct lines {
    const struct source *source;
    unsigned line;
    const char *at;
};
/* The text of line `line`, without its end, and its length; "" behind the last line. */
const char *lines_to(struct lines *l, const struct source *s, unsigned line, size_t *len);
/* How many octets of `text` the first `characters` characters take (UTF-8), at most `len`. */
size_t text_octets(const char *text, size_t len, size_t characters);

#endif
