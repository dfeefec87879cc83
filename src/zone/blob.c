/* blob.c - reading what one owner has, in place. Any thread. Ten octets for each RRset is what
 * is left when the place of its data is the sum of the sizes before it: owners have one to four
 * RRsets, and memory is what limits a zone. */
#include "zone/blob.h"
#include "base/buf.h"
#include "wire/rrtype.h"

static void view(const struct blob_set *s, const uint8_t *data, struct rrset *out);

const struct blob blob_empty = {.sets = 0};

size_t blob_size(const struct blob *b)
{
    size_t size = blob_data(b);
    for (unsigned i = 0; i < b->sets; i++) {
        size += blob_set(b, i).size;
    }
    return size;
}

bool blob_find(const struct blob *b, uint16_t type, struct rrset *out)
{
    const uint8_t *data = blob_at(b, blob_data(b));
    for (unsigned i = 0; i < b->sets; i++) {
        struct blob_set s = blob_set(b, i);
        if (s.type == type) {
            view(&s, data, out);
            return true;
        }
        data += s.size;
    }
    return false;
}

void blob_get(const struct blob *b, unsigned index, struct rrset *out)
{
    const uint8_t *data = blob_at(b, blob_data(b));
    for (unsigned i = 0; i < index; i++) {
        data += blob_set(b, i).size;
    }
    struct blob_set s = blob_set(b, index);
    view(&s, data, out);
}

static void view(const struct blob_set *s, const uint8_t *data, struct rrset *out)
{
    out->type = s->type;
    out->count = s->count;
    out->ttl = (uint32_t)s->ttl[0] << 16 | s->ttl[1];
    out->size = s->size;
    out->data = data;
}

uint32_t blob_ttl(const struct blob *b, const struct rrset *set, const uint8_t *rdata)
{
    struct rrset covered;
    if (set->type != TYPE_RRSIG) {
        return set->ttl;
    }
    return blob_find(b, get_u16(rdata), &covered) ? covered.ttl : get_u32(rdata + 4);
}

bool blob_is_hash(const struct blob *b)
{
    struct rrset set;
    return key_is_hash(b->body, b->key_size) && blob_find(b, TYPE_NSEC3, &set);
}

bool blob_is_name(const struct blob *b)
{
    if (!blob_is_hash(b)) {
        return true;
    }
    for (unsigned i = 0; i < b->sets; i++) {
        uint16_t type = blob_set(b, i).type;
        if (type != TYPE_NSEC3 && type != TYPE_RRSIG) {
            return true;
        }
    }
    return false;
}

uint8_t blob_flag_of(uint16_t type, unsigned key_size)
{
    if (type == TYPE_NS && key_size != 0) {
        return BLOB_CUT;
    }
    return type == TYPE_DNAME ? BLOB_DNAME : 0;
}

bool blob_same(const struct blob *a, const struct blob *b)
{
    size_t size = blob_size(a), born = sizeof a->born;
    return size == blob_size(b) && memcmp(blob_at(a, born), blob_at(b, born), size - born) == 0;
}
