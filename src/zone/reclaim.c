/* reclaim.c - taking back what no held version can see. The thread that writes the line; some
 * nodes a call.
 *
 * Versions form a line. Each lists the nodes its successor has no more, each node says in which
 * edition it was born. A version nobody holds is taken out, the oldest such first:
 * - in the middle: of its list, what was born after the next older version is seen by nobody,
 *   the rest is still seen by that
 *   one and goes on its list;
 * - the newest, or one whose successor was built from nothing: what it has and the next older
 *   version has not is all that was
 *   born after that one, found by walking down from its root. When the newest goes, the next
 *   older one is the newest again and has lost nothing. */
#include "zone/store.h"
#include <stdlib.h>

#define NODES_A_CHUNK                                                                              \
    1000U /* giving 1 MiB back to the system costs as much as freeing so many nodes */

static struct zone_version *first_unheld(const struct zone_line *l);
static bool take_out(struct zone_line *l, struct zone_version *v, unsigned *left);
static bool sort_list(struct zone_line *l, struct zone_version *v, unsigned *left);
static bool tear(struct zone_line *l, struct zone_version *v, unsigned *left);
static void unlink_version(struct zone_line *l, struct zone_version *v);

bool zone_line_reclaim(struct zone_line *l, unsigned most)
{
    unsigned left = most;
    struct zone_version *v;
    while ((v = first_unheld(l)) != NULL && take_out(l, v, &left)) {
    }
    if (l->heap.used == 0) {
        heap_trim(&l->heap, left / NODES_A_CHUNK + 1);
    }
    return v != NULL || (l->heap.used == 0 && l->heap.empty > 0);
}

/* One that is being torn comes before an older one that was let go meanwhile: what counts as its
 * own must not change. */
static struct zone_version *first_unheld(const struct zone_line *l)
{
    struct zone_version *first = NULL;
    for (struct zone_version *v = l->oldest; v != NULL; v = v->newer) {
        if (v->tearing) {
            return v;
        }
        bool unheld = atomic_load_explicit(&v->holds, memory_order_acquire) == 0;
        first = first == NULL && unheld ? v : first;
    }
    return first;
}

/* True when the version is gone, false when `left` ran out before (or memory did: later again). */
static bool take_out(struct zone_line *l, struct zone_version *v, unsigned *left)
{
    bool by_list = v->newer != NULL && !v->alone;
    if (by_list ? !sort_list(l, v, left) : !tear(l, v, left)) {
        return false;
    }
    if (!by_list && v->older != NULL) { /* what its list names it still has, or has alone */
        reflist_clear(&v->older->gone);
        v->older->alone = v->newer != NULL;
    }
    unlink_version(l, v);
    return true;
}

static bool sort_list(struct zone_line *l, struct zone_version *v, unsigned *left)
{
    uint32_t ref;
    for (; (ref = reflist_last(&v->gone)) != 0; --*left) {
        if (*left == 0) {
            return false;
        }
        if (v->older == NULL || trie_born(&l->heap, ref) > v->older->edition) {
            trie_free(&l->heap, ref);
        } else if (!reflist_put(&v->older->gone, ref)) {
            return false;
        }
        reflist_drop_last(&v->gone);
    }
    return true;
}

static bool tear(struct zone_line *l, struct zone_version *v, unsigned *left)
{
    uint32_t after = v->older != NULL ? v->older->edition : 0;
    if (!v->tearing) {
        v->tearing = true;
        v->tear = (struct trie_tear){.at = v->root[0]};
    }
    for (;;) {
        *left -= trie_tear(&l->heap, &v->tear, after, *left);
        if (v->tear.at != 0) {
            return false;
        }
        if (++v->torn == TRIE_PARTS) {
            return true;
        }
        v->tear = (struct trie_tear){.at = v->root[v->torn]};
    }
}

static void unlink_version(struct zone_line *l, struct zone_version *v)
{
    *(v->older != NULL ? &v->older->newer : &l->oldest) = v->newer;
    *(v->newer != NULL ? &v->newer->older : &l->newest) = v->older;
    version_free(v);
}
