/* seal.c - the form of a stored value: a format octet, a checksum, the content (RELIABILITY.md 4:
 * bit rot is detected, never served). XXH3 over everything that says where the value belongs and
 * what it is. Any thread. */
#include "journal/seal.h"
#include "base/hash.h"
#include <string.h>

static uint64_t checksum(const struct batch_op *value);

struct seal_key seal_key(enum store_table table, uint32_t id)
{
    struct seal_key k = {.table = table};
    seal_key_u32(&k, id);
    return k;
}

void seal_key_u32(struct seal_key *k, uint32_t v)
{
    must(k->len + 4 <= STORE_KEY);
    put_u32(k->octets + k->len, v);
    k->len += 4;
}

void seal_key_u64(struct seal_key *k, uint64_t v)
{
    seal_key_u32(k, (uint32_t)(v >> 32));
    seal_key_u32(k, (uint32_t)v);
}

void seal_key_text(struct seal_key *k, const char *text)
{
    size_t len = strlen(text);
    must(k->len + len <= STORE_KEY);
    memcpy(k->octets + k->len, text, len);
    k->len += len;
}

void seal_put(struct store_batch *b, const struct seal_key *k, const struct buf *content)
{
    if (content->failed) {
        b->ops.failed = true;
        return;
    }
    seal_put_octets(b, k, content->data, content->len);
}

void seal_put_octets(struct store_batch *b, const struct seal_key *k, const uint8_t *data,
                     size_t len)
{
    uint8_t value[STORE_VALUE];
    must(len <= SEAL_MOST);
    struct batch_op op = {.table = k->table,
                          .key = k->octets,
                          .klen = k->len,
                          .value = value,
                          .vlen = len + SEAL_SIZE};
    value[0] = SEAL_FORMAT;
    if (len > 0) {
        memcpy(value + SEAL_SIZE, data, len);
    }
    put_u64(value + 1, checksum(&op));
    batch_put(b, k->table, k->octets, k->len, value, op.vlen);
}

bool seal_open(const struct batch_op *found, struct reader *content, struct oops *o)
{
    reader_start(content, NULL, 0);
    if (found->vlen < SEAL_SIZE || found->vlen > STORE_VALUE || found->klen > STORE_KEY) {
        return oops(o, "damaged: impossible length");
    }
    if (get_u64(found->value + 1) != checksum(found)) {
        return oops(o, "damaged: its checksum is wrong");
    }
    if (found->value[0] != SEAL_FORMAT) {
        return oops(o, "written in format %u, which this program does not know", found->value[0]);
    }
    reader_start(content, found->value + SEAL_SIZE, found->vlen - SEAL_SIZE);
    return true;
}

static uint64_t checksum(const struct batch_op *value)
{
    uint8_t all[4 + STORE_KEY + STORE_VALUE];
    size_t at = 4, content = value->vlen - SEAL_SIZE;
    all[0] = (uint8_t)value->table;
    all[1] = value->value[0];
    put_u16(all + 2, (uint16_t)value->klen);
    memcpy(all + at, value->key, value->klen);
    at += value->klen;
    memcpy(all + at, value->value + SEAL_SIZE, content);
    return hash_bytes(all, at + content, SEAL_SEED);
}

uint64_t seal_u64(struct reader *r)
{
    uint64_t high = read_u32(r);
    return high << 32 | read_u32(r);
}

void seal_add_text(struct buf *content, const char *text)
{
    size_t len = strlen(text);
    must(len <= UINT8_MAX);
    buf_add_u8(content, (uint8_t)len);
    buf_add(content, text, len);
}

void seal_text(struct reader *r, char *out, size_t room)
{
    size_t len = read_u8(r);
    const uint8_t *text = read_bytes(r, len);
    out[0] = '\0';
    if (text == NULL || len >= room) {
        r->failed = true;
        return;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}
