/* tree.c - finding one's way in a configuration's tree and text. Any thread. */
#include "config/tree.h"
#include <string.h>

const struct node *tree_child(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    const struct node *n = map->first;
    while (n != NULL && strcmp(n->key->text, key) != 0) {
        n = n->next;
    }
    return n;
}

const struct node *item_first(const struct node *list)
{
    return list->kind == NODE_LIST ? list->first : list;
}

const struct node *item_next(const struct node *list, const struct node *item)
{
    return list->kind == NODE_LIST ? item->next : NULL;
}

unsigned item_count(const struct node *list)
{
    return list->kind == NODE_LIST ? list->count : 1;
}

const char *lines_to(struct lines *l, const struct source *s, unsigned line, size_t *len)
{
    const char *end = s->text + s->len;
    if (l->source != s || l->line > line) {
        *l = (struct lines){s, 1, s->text};
    }
    for (; l->line < line && l->at < end; l->line++) {
        const char *next = memchr(l->at, '\n', (size_t)(end - l->at));
        l->at = next == NULL ? end : next + 1;
    }
    const char *stop = memchr(l->at, '\n', (size_t)(end - l->at));
    *len = (size_t)((stop == NULL ? end : stop) - l->at);
    if (*len > 0 && l->at[*len - 1] == '\r') {
        --*len;
    }
    return l->at;
}

size_t text_octets(const char *text, size_t len, size_t characters)
{
    size_t i = 0;
    while (i < len && characters > 0) {
        i++;
        while (i < len && ((unsigned char)text[i] & 0xc0) == 0x80) { /* rest of a UTF-8 character */
            i++;
        }
        characters--;
    }
    return i;
}
