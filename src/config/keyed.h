/* keyed.h - things found by a text: a hash table that only grows, in an arena. One thread at a
 * time. */
#ifndef SETTLED_CONFIG_KEYED_H
#define SETTLED_CONFIG_KEYED_H

#include "base/arena.h"
#include <stddef.h>

struct keyed_slot;
struct keyed {
    struct arena *arena;
    struct keyed_slot *slots;
    size_t room, count;
};

/* The value put under key, or NULL. */
const void *keyed_find(const struct keyed *k, const char *key);
/* `key` is not in the table yet and lives as long as it. Without memory the arena has failed. */
void keyed_put(struct keyed *k, const char *key, const void *value);

#endif
