/* batch.c - what one transaction does, as a list of operations in one buffer.
 * Built on any thread, carried out by a store; running out of memory is remembered in the buffer.
 */
#include "journal/store.h"
#include <string.h>

static void add(struct store_batch *b, const struct batch_op *op)
{
    must(op->table < STORE_TABLES && op->klen <= STORE_KEY && op->vlen <= STORE_VALUE);
    buf_add_u8(&b->ops, (uint8_t)op->what);
    buf_add_u8(&b->ops, (uint8_t)op->table);
    buf_add_u16(&b->ops, (uint16_t)op->klen);
    buf_add(&b->ops, op->key, op->klen);
    buf_add_u16(&b->ops, (uint16_t)op->vlen);
    buf_add(&b->ops, op->value, op->vlen);
    b->count++;
}

void batch_put(struct store_batch *b, enum store_table t, const void *key, size_t klen,
               const void *value, size_t vlen)
{
    must(klen > 0);
    add(b,
        &(struct batch_op){
            .what = BATCH_PUT, .table = t, .key = key, .value = value, .klen = klen, .vlen = vlen});
}

void batch_delete(struct store_batch *b, enum store_table t, const void *key, size_t klen)
{
    must(klen > 0);
    add(b, &(struct batch_op){.what = BATCH_DELETE, .table = t, .key = key, .klen = klen});
}

void batch_delete_below(struct store_batch *b, enum store_table t, const void *prefix, size_t len)
{
    add(b, &(struct batch_op){.what = BATCH_DELETE_BELOW, .table = t, .key = prefix, .klen = len});
}

void batch_join(struct store_batch *b, struct store_batch *from)
{
    if (b->count == 0 && !b->ops.failed) {
        batch_free(b);
        *b = *from;
        *from = (struct store_batch){.count = 0};
        return;
    }
    buf_add(&b->ops, from->ops.data, from->ops.len);
    b->ops.failed |= from->ops.failed;
    b->count += from->count;
    batch_free(from);
}

bool batch_failed(const struct store_batch *b)
{
    return b->ops.failed;
}

void batch_free(struct store_batch *b)
{
    buf_free(&b->ops);
    b->count = 0;
}

bool batch_next(const struct store_batch *b, size_t *at, struct batch_op *op)
{
    if (*at >= b->ops.len || b->ops.failed) {
        return false;
    }
    const uint8_t *p = b->ops.data + *at;
    op->what = p[0];
    op->table = p[1];
    op->klen = get_u16(p + 2);
    op->key = p + 4;
    op->vlen = get_u16(op->key + op->klen);
    op->value = op->key + op->klen + 2;
    *at += 6 + op->klen + op->vlen;
    return true;
}
