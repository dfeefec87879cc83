/* edit.c - from one version to its successor, record by record. The thread that writes the line.
 *
 * One owner is under the pen at a time: its blob is copied into a draft, changed there, and
 * stored when another owner comes. Totals (records, content hash) change with each record. What
 * the edit makes is born in the edition after the line's last, so that it can be told from what
 * others see: it is changed in place, and freed if the edit is dropped. */
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/content.h"
#include "zone/denial.h"
#include "zone/store.h"
#include <stdlib.h>
#include <string.h>

#define CACHED_ANYWAY (UINT64_C(1) << 20) /* octets of nodes that a processor keeps close */

static bool prepare_line(struct zone_line *l, const struct zone_version *base);
static void take_base(struct zone_edit *e);
static enum zone_edit_status add_record(struct zone_edit *e, const struct record *rr);
static void change_ttl(struct zone_edit *e, uint16_t type, uint32_t ttl);
static void seek(struct zone_edit *e);
static bool store_owner(struct zone_edit *e);
static bool store_draft(struct zone_edit *e);
static bool store_in(struct zone_edit *e, enum trie_part part, bool belongs);
static bool complete(struct zone_edit *e, struct oops *o);
static bool pack(struct zone_edit *e);
static bool read_apex(struct zone_version *v, struct oops *o);
static void link_version(struct zone_edit *e);
static void free_edit(struct zone_edit *e);

struct zone_edit *zone_edit_start(struct zone_line *l, const struct zone_version *base)
{
    must(l->edit == NULL && l->edition < UINT32_MAX);
    struct zone_edit *e = prepare_line(l, base) ? calloc(1, sizeof *e) : NULL;
    struct zone_version *next = calloc(1, sizeof *next);
    if (e == NULL || next == NULL) {
        free(e);
        free(next);
        return NULL;
    }
    e->line = l;
    e->next = next;
    e->base = base != NULL ? l->newest : NULL;
    e->trie = (struct trie){.heap = base != NULL ? &l->heap : &e->build, .born = l->edition + 1};
    if (base != NULL) {
        take_base(e);
    }
    l->edit = e;
    return e;
}

/* Versions after the base that nobody holds (a job's that came to nothing) are taken back first. */
static bool prepare_line(struct zone_line *l, const struct zone_version *base)
{
    if (base != NULL && l->newest != base && zone_line_reclaim(l, UINT32_MAX)) {
        return false; /* no memory to pass a list on */
    }
    must(base == NULL || l->newest == base);
    if (l->heap.empty > 4 + l->heap.taken / HEAP_MOST / 8) {
        heap_trim(&l->heap, UINT32_MAX);
    }
    return true;
}

static void take_base(struct zone_edit *e)
{
    const struct zone_version *base = e->base;
    memcpy(e->trie.root, base->root, sizeof base->root);
    e->trie.bytes = base->bytes;
    e->next->records = base->records;
    e->next->content_hash = base->content_hash;
    e->next->max_ttl = base->max_ttl;
    e->next->stars = base->stars;
}

enum zone_edit_status zone_edit_add(struct zone_edit *e, const struct record *rr)
{
    enum zone_edit_status status = edit_owner(e, rr->owner);
    return status == ZONE_EDIT_OK ? add_record(e, rr) : status;
}

static enum zone_edit_status add_record(struct zone_edit *e, const struct record *rr)
{
    struct rrset set = {.type = rr->type, .ttl = rr->ttl};
    blob_find(e->draft.blob, rr->type, &set);
    enum draft_status status = draft_add(&e->draft, rr);
    if (status == DRAFT_FULL || status == DRAFT_NO_MEMORY) {
        return status == DRAFT_FULL ? ZONE_EDIT_FULL : ZONE_EDIT_NO_MEMORY;
    }
    if (status == DRAFT_SAME && rr->ttl >= set.ttl) {
        return ZONE_EDIT_SAME;
    }
    if (status == DRAFT_OK) {
        e->next->records++;
        e->next->content_hash += content_record(e->owner_hash, &set, rr->rdata, rr->rdlen);
    }
    if (rr->ttl < set.ttl) {
        change_ttl(e, rr->type, rr->ttl);
    }
    e->next->max_ttl = rr->ttl > e->next->max_ttl ? rr->ttl : e->next->max_ttl;
    e->changed = true;
    return ZONE_EDIT_OK;
}

enum zone_edit_status zone_edit_remove(struct zone_edit *e, const struct record *rr)
{
    enum zone_edit_status status = edit_owner(e, rr->owner);
    struct rrset set;
    if (status != ZONE_EDIT_OK) {
        return status;
    }
    if (!blob_find(e->draft.blob, rr->type, &set) || draft_remove(&e->draft, rr) == DRAFT_SAME) {
        return ZONE_EDIT_SAME;
    }
    e->next->records--;
    e->next->content_hash -= content_record(e->owner_hash, &set, rr->rdata, rr->rdlen);
    e->changed = true;
    return ZONE_EDIT_OK;
}

enum zone_edit_status zone_edit_ttl(struct zone_edit *e, const uint8_t *owner, uint16_t type,
                                    uint32_t ttl)
{
    enum zone_edit_status status = edit_owner(e, owner);
    struct rrset set;
    if (status != ZONE_EDIT_OK) {
        return status;
    }
    if (!blob_find(e->draft.blob, type, &set) || set.ttl == ttl) {
        return ZONE_EDIT_SAME;
    }
    change_ttl(e, type, ttl);
    e->changed = true;
    return ZONE_EDIT_OK;
}

static void change_ttl(struct zone_edit *e, uint16_t type, uint32_t ttl)
{
    struct rrset set;
    must(blob_find(e->draft.blob, type, &set));
    e->next->content_hash -= content_rrset(e->owner_hash, &set);
    set.ttl = ttl;
    e->next->content_hash += content_rrset(e->owner_hash, &set);
    draft_ttl(&e->draft, type, ttl);
    e->next->max_ttl = ttl > e->next->max_ttl ? ttl : e->next->max_ttl;
}

enum zone_edit_status edit_has(struct zone_edit *e, const struct record *rr, bool *has)
{
    enum zone_edit_status status = edit_owner(e, rr->owner);
    struct rrset set;
    *has = false;
    if (status != ZONE_EDIT_OK || !blob_find(e->draft.blob, rr->type, &set)) {
        return status;
    }
    uint16_t len;
    const uint8_t *rdata;
    for (size_t at = 0; !*has && (rdata = rrset_next(&set, &at, &len)) != NULL;) {
        *has = rdata_same(rr->type, rdata, len, rr->rdata, rr->rdlen);
    }
    return status;
}

enum zone_edit_status edit_owner(struct zone_edit *e, const uint8_t *owner)
{
    if (e->has_owner && name_same_case(e->owner.octets, owner)) {
        return ZONE_EDIT_OK;
    }
    if (!store_owner(e)) {
        return ZONE_EDIT_NO_MEMORY;
    }
    if (!key_of_name(&e->key, owner, &e->line->apex)) {
        return ZONE_EDIT_OUTSIDE;
    }
    seek(e);
    bool loaded = e->old != NULL ? draft_load(&e->draft, e->old) : draft_start(&e->draft, &e->key);
    if (!loaded) {
        return ZONE_EDIT_NO_MEMORY;
    }
    name_copy(&e->owner, owner);
    e->owner_hash = content_owner(owner);
    e->has_owner = true;
    e->changed = false;
    return ZONE_EDIT_OK;
}

static void seek(struct zone_edit *e)
{
    trie_seek(&e->trie, TRIE_NAMES, &e->key, &e->path[TRIE_NAMES]);
    uint32_t leaf = e->path[TRIE_NAMES].leaf;
    e->may_be_hash = key_is_hash(e->key.octets, e->key.size);
    if (e->may_be_hash) {
        trie_seek(&e->trie, TRIE_HASHES, &e->key, &e->path[TRIE_HASHES]);
        leaf = leaf != 0 ? leaf : e->path[TRIE_HASHES].leaf;
    }
    e->old = leaf != 0 ? trie_blob(e->trie.heap->map, leaf) : NULL;
}

/* Puts the owner under the pen into the trie. An edit that could not is of no more use. */
static bool store_owner(struct zone_edit *e)
{
    if (!e->failed && e->has_owner && e->changed) {
        e->failed = !store_draft(e);
    }
    e->has_owner = false;
    return !e->failed;
}

static bool store_draft(struct zone_edit *e)
{
    const struct blob *new = e->draft.blob;
    if (e->old != NULL && blob_same(e->old, new)) {
        return true; /* what came back is shared as before */
    }
    bool was_name = e->path[TRIE_NAMES].leaf != 0, is_name = new->sets > 0 && blob_is_name(new);
    e->next->stars -= was_name && e->key.star;
    e->next->stars += is_name && e->key.star;
    return store_in(e, TRIE_NAMES, is_name) &&
           (!e->may_be_hash || store_in(e, TRIE_HASHES, blob_is_hash(new)));
}

static bool store_in(struct zone_edit *e, enum trie_part part, bool belongs)
{
    struct trie_path *path = &e->path[part];
    if (!belongs) {
        return path->leaf == 0 || trie_remove(&e->trie, path);
    }
    uint32_t leaf = trie_new_leaf(&e->trie, e->draft.blob, e->draft.size);
    return leaf != 0 && trie_put(&e->trie, &e->key, path, leaf);
}

struct zone_version *zone_edit_finish(struct zone_edit *e, struct oops *o)
{
    if (!complete(e, o)) {
        zone_edit_drop(e);
        return NULL;
    }
    struct zone_version *v = e->next;
    link_version(e);
    free_edit(e);
    return v;
}

static bool complete(struct zone_edit *e, struct oops *o)
{
    if (!store_owner(e)) {
        return oops(o, "out of memory");
    }
    struct zone_version *v = e->next;
    if (e->trie.heap == &e->build && !pack(e)) {
        bool is_empty = e->trie.root[TRIE_NAMES] == 0;
        return oops(o, is_empty ? "no SOA at the apex" : "out of memory");
    }
    v->map = e->line->heap.map;
    memcpy(v->root, e->trie.root, sizeof v->root);
    v->apex = e->line->apex;
    v->line = e->line;
    v->bytes = e->trie.bytes;
    v->is_large = v->bytes > CACHED_ANYWAY;
    v->edition = e->trie.born;
    atomic_init(&v->holds, 1);
    return read_apex(v, o);
}

static bool pack(struct zone_edit *e)
{
    uint32_t root[TRIE_PARTS];
    if (e->trie.root[TRIE_NAMES] == 0 || !trie_pack(&e->trie, &e->line->heap, e->trie.born, root)) {
        return false;
    }
    heap_clear(&e->build);
    e->trie.heap = &e->line->heap;
    memcpy(e->trie.root, root, sizeof root);
    return true;
}

static bool read_apex(struct zone_version *v, struct oops *o)
{
    struct zone_node apex = {.version = v};
    struct rrset set;
    struct soa soa;
    if (v->root[TRIE_NAMES] != 0) {
        apex = zone_lookup(v, v->apex.name);
    }
    if (apex.ref == 0 || !zone_rrset(apex, TYPE_SOA, &set)) {
        return oops(o, "no SOA at the apex");
    }
    size_t at = 0;
    v->soa = rrset_next(&set, &at, &v->soa_len);
    if (set.count != 1) {
        return oops(o, "%u SOA records at the apex, not one", set.count);
    }
    if (!soa_read(v->soa, v->soa_len, &soa)) {
        return oops(o, "malformed SOA at the apex");
    }
    v->apex_place = apex.ref;
    v->soa_ttl = set.ttl;
    v->serial = soa.serial;
    v->is_signed = zone_rrset(apex, TYPE_RRSIG, &set) || zone_rrset(apex, TYPE_ZONEMD, &set);
    v->denial = (uint8_t)denial_of(v, &v->nsec3);
    return true;
}

/* The base learns what it alone still has; without one, the version before has everything alone. */
static void link_version(struct zone_edit *e)
{
    struct zone_line *l = e->line;
    struct zone_version *v = e->next, *before = l->newest;
    must(e->base == NULL || (e->base == before && before->gone.count == 0));
    if (e->base != NULL) {
        before->gone = e->trie.gone;
    } else if (before != NULL) {
        before->alone = true;
    }
    v->older = before;
    *(before != NULL ? &before->newer : &l->oldest) = v;
    l->newest = v;
    l->edition = v->edition;
}

void zone_edit_drop(struct zone_edit *e)
{
    struct zone_line *l = e->line;
    if (e->trie.heap == &l->heap) {
        for (int part = 0; part < TRIE_PARTS; part++) {
            struct trie_tear tear = {.at = e->trie.root[part]};
            (void)trie_tear(&l->heap, &tear, l->edition, UINT32_MAX);
            must(tear.at == 0);
        }
    }
    heap_trim(&l->heap, UINT32_MAX);
    reflist_clear(&e->trie.gone);
    free(e->next);
    free_edit(e);
}

static void free_edit(struct zone_edit *e)
{
    e->line->edit = NULL;
    heap_clear(&e->build);
    draft_free(&e->draft);
    free(e);
}
