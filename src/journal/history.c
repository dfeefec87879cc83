/* history.c - the ledger on disk: the changes of each zone, and what was last observed of its
 * peers. Fields follow each other in the order of their structs; a new field is a new format
 * (seal.h). */
#include "journal/rows.h"
#include "journal/seal.h"
#include <inttypes.h>
#include <string.h>

struct history_scan {
    bool (*change)(void *ctx, const struct journal_change *c);
    bool (*peer)(void *ctx, const struct journal_peer *p);
    void *ctx;
    struct oops *o;
    char text[JOURNAL_TEXT]; /* of the change that is seen */
};

static struct seal_key change_key(uint32_t id, uint64_t number);
static bool see_change(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                       size_t vlen);
static bool read_change(struct history_scan *scan, const struct batch_op *found,
                        struct journal_change *c);
static bool see_peer(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen);
static bool read_peer(const struct batch_op *found, struct journal_peer *p, struct oops *o);

void journal_put_change(struct store_batch *b, uint32_t id, const struct journal_change *c)
{
    struct seal_key key = change_key(id, c->number);
    struct buf content = {.len = 0};
    buf_add_u8(&content, (uint8_t)(c->first | c->no_bound << 1 | c->parent_left_out << 2));
    buf_add_u32(&content, c->from);
    buf_add_u32(&content, c->to);
    buf_add_u8(&content, c->source);
    char text[JOURNAL_TEXT] = "";
    strncat(text, c->text, sizeof text - 1);
    seal_add_text(&content, text);
    buf_add_u64(&content, (uint64_t)c->committed.ms);
    buf_add_u64(&content, (uint64_t)c->published.ms);
    buf_add_u64(&content, (uint64_t)c->gone.ms);
    buf_add_u32(&content, c->rrsets);
    buf_add_u32(&content, c->old_ttl_s);
    buf_add_u32(&content, c->expire_s);
    buf_add_u64(&content, (uint64_t)c->served.ms);
    buf_add_u64(&content, (uint64_t)c->settled.ms);
    seal_put(b, &key, &content);
    buf_free(&content);
}

void journal_drop_change(struct store_batch *b, uint32_t id, uint64_t number)
{
    struct seal_key key = change_key(id, number);
    batch_delete(b, key.table, key.octets, key.len);
}

bool journal_changes(struct store *s, uint32_t id,
                     bool (*see)(void *ctx, const struct journal_change *c), void *ctx,
                     struct oops *o)
{
    struct seal_key below = seal_key(STORE_CHANGE, id);
    struct history_scan scan = {.change = see, .ctx = ctx, .o = o};
    oops(o, "%s", "");
    return store_scan(s, STORE_CHANGE, below.octets, below.len, see_change, &scan, o);
}

void journal_put_peer(struct store_batch *b, uint32_t id, const struct journal_peer *p)
{
    struct seal_key key = seal_key(STORE_PEER, id);
    struct buf content = {.len = 0};
    seal_key_text(&key, p->name);
    seal_add_text(&content, p->name);
    buf_add_u64(&content, p->identity);
    buf_add_u8(&content, p->seen);
    buf_add_u32(&content, p->serial);
    buf_add_u64(&content, (uint64_t)p->at.ms);
    seal_put(b, &key, &content);
    buf_free(&content);
}

void journal_drop_peers(struct store_batch *b, uint32_t id)
{
    struct seal_key below = seal_key(STORE_PEER, id);
    batch_delete_below(b, below.table, below.octets, below.len);
}

bool journal_peers(struct store *s, uint32_t id,
                   bool (*see)(void *ctx, const struct journal_peer *p), void *ctx, struct oops *o)
{
    struct seal_key below = seal_key(STORE_PEER, id);
    struct history_scan scan = {.peer = see, .ctx = ctx, .o = o};
    oops(o, "%s", "");
    return store_scan(s, STORE_PEER, below.octets, below.len, see_peer, &scan, o);
}

static struct seal_key change_key(uint32_t id, uint64_t number)
{
    struct seal_key key = seal_key(STORE_CHANGE, id);
    seal_key_u64(&key, number);
    return key;
}

static bool see_change(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value,
                       size_t vlen)
{
    struct history_scan *scan = ctx;
    struct batch_op found = {
        .table = STORE_CHANGE, .key = key, .klen = klen, .value = value, .vlen = vlen};
    struct journal_change c;
    if (!read_change(scan, &found, &c)) {
        oops_in(scan->o, "a row of the zone's history");
        return true;
    }
    return scan->change(scan->ctx, &c);
}

static bool read_change(struct history_scan *scan, const struct batch_op *found,
                        struct journal_change *c)
{
    struct reader r;
    *c = (struct journal_change){.text = scan->text};
    if (!seal_open(found, &r, scan->o)) {
        return false;
    }
    uint8_t flags = read_u8(&r);
    c->first = (flags & 1) != 0;
    c->no_bound = (flags & 2) != 0;
    c->parent_left_out = (flags & 4) != 0;
    c->from = read_u32(&r);
    c->to = read_u32(&r);
    c->source = read_u8(&r);
    seal_text(&r, scan->text, sizeof scan->text);
    c->committed.ms = (int64_t)seal_u64(&r);
    c->published.ms = (int64_t)seal_u64(&r);
    c->gone.ms = (int64_t)seal_u64(&r);
    c->rrsets = read_u32(&r);
    c->old_ttl_s = read_u32(&r);
    c->expire_s = read_u32(&r);
    c->served.ms = (int64_t)seal_u64(&r);
    c->settled.ms = (int64_t)seal_u64(&r);
    if (found->klen != 12 || r.failed || reader_left(&r) != 0) {
        return oops(scan->o, "damaged: not a change");
    }
    c->number = get_u64(found->key + 4);
    return true;
}

static bool see_peer(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    struct history_scan *scan = ctx;
    struct batch_op found = {
        .table = STORE_PEER, .key = key, .klen = klen, .value = value, .vlen = vlen};
    struct journal_peer p;
    if (!read_peer(&found, &p, scan->o)) {
        oops_in(scan->o, "the row of a peer of the zone");
        return true;
    }
    return scan->peer(scan->ctx, &p);
}

static bool read_peer(const struct batch_op *found, struct journal_peer *p, struct oops *o)
{
    struct reader r;
    *p = (struct journal_peer){.seen = false};
    if (!seal_open(found, &r, o)) {
        return false;
    }
    seal_text(&r, p->name, sizeof p->name);
    p->identity = seal_u64(&r);
    p->seen = read_u8(&r) != 0;
    p->serial = read_u32(&r);
    p->at.ms = (int64_t)seal_u64(&r);
    if (r.failed || reader_left(&r) != 0) {
        return oops(o, "damaged: not a peer");
    }
    return true;
}
