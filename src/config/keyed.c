/* keyed.c - an open-addressed hash table from text to thing, at most half full.
 * So ten thousand peers or files are looked up without going through all of them. */
#include "config/keyed.h"
#include "base/hash.h"
#include "base/must.h"
#include <stdint.h>
#include <string.h>

#define KEYED_FIRST 64 /* slots; a power of two */
#define KEYED_SEED                                                                                 \
    UINT64_C(0x6b65796564207461) /* the file is the operator's own: no secret needed */

struct keyed_slot {
    const char *key; /* NULL: free */
    const void *value;
};

static struct keyed_slot *slot_of(const struct keyed *k, const char *key);
static void grow(struct keyed *k);

const void *keyed_find(const struct keyed *k, const char *key)
{
    return k->room == 0 ? NULL : slot_of(k, key)->value;
}

void keyed_put(struct keyed *k, const char *key, const void *value)
{
    if (k->count * 2 >= k->room) {
        grow(k);
    }
    if (arena_failed(k->arena)) {
        return;
    }
    struct keyed_slot *s = slot_of(k, key);
    must(s->key == NULL);
    *s = (struct keyed_slot){key, value};
    k->count++;
}

/* Where the key is, or where it would go. */
static struct keyed_slot *slot_of(const struct keyed *k, const char *key)
{
    size_t at = hash_bytes(key, strlen(key), KEYED_SEED) & (k->room - 1);
    while (k->slots[at].key != NULL && strcmp(k->slots[at].key, key) != 0) {
        at = (at + 1) & (k->room - 1);
    }
    return &k->slots[at];
}

static void grow(struct keyed *k)
{
    struct keyed old = *k;
    k->room = old.room == 0 ? KEYED_FIRST : old.room * 2;
    k->slots = arena_get(k->arena, k->room * sizeof *k->slots);
    if (k->slots == NULL) {
        *k = old;
        return;
    }
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i].key != NULL) {
            *slot_of(k, old.slots[i].key) = old.slots[i];
        }
    }
}
