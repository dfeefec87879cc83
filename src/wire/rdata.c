/* rdata.c - rdata by the layout of its type: read, check, compare (RFC 3597 4 and 6, 4034 6).
 * Any thread. Layouts come from rrtype.def, lengths of fields from fields.c, what layouts cannot
 * say from forms.c. */
#include "wire/rdata.h"
#include "base/hash.h"
#include "wire/ascii.h"
#include "wire/fields.h"
#include "wire/rrtype.h"

static bool read_fields(struct reader *r, const char *layout, size_t end, struct buf *out);
static bool read_field(struct reader *r, char letter, size_t end, struct buf *out);
static bool may_be_empty(uint16_t type);
static const char *folding_layout(uint16_t type);
static int compare_octets(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);

bool rdata_read(struct reader *r, uint16_t type, uint16_t rdlen, struct buf *out)
{
    size_t start = out->len;
    const char *layout = rrtype_layout(type);
    if (reader_left(r) >= rdlen &&
        read_fields(r, layout != NULL ? layout : "", r->at + rdlen, out) && !out->failed &&
        rdata_check(type, out->data + start, out->len - start)) {
        return true;
    }
    out->len = start;
    r->failed = true;
    return false;
}

/* Names that may be compressed one by one, what stands before them by its length, the rest at
 * once. */
static bool read_fields(struct reader *r, const char *layout, size_t end, struct buf *out)
{
    for (; strpbrk(layout, "nd") != NULL; layout++) {
        if (!read_field(r, *layout, end, out)) {
            return false;
        }
    }
    size_t rest = end - r->at;
    buf_add(out, read_bytes(r, rest), rest);
    return !r->failed;
}

static bool read_field(struct reader *r, char letter, size_t end, struct buf *out)
{
    if (field_folds(letter)) {
        struct name name;
        if (!read_name(r, &name) || r->at > end) {
            return false;
        }
        buf_add(out, name.octets, name_len(name.octets));
        return true;
    }
    size_t size = field_size(letter, r->data + r->at, end - r->at);
    if (size == FIELD_BAD) {
        return false;
    }
    buf_add(out, read_bytes(r, size), size);
    return true;
}

bool rdata_check(uint16_t type, const uint8_t *rdata, size_t len)
{
    const char *layout = rrtype_layout(type);
    size_t at = 0;
    if (len > UINT16_MAX) {
        return false;
    }
    rdata = rdata != NULL ? rdata : name_root; /* an empty buffer has no address to step from */
    if (layout == NULL) {
        return true;
    }
    for (; *layout != '\0'; layout++) {
        bool rest = *layout == 'B' || *layout == 'x';
        size_t size = field_size(*layout, rdata + at, len - at);
        if (size == FIELD_BAD || (rest && size == 0 && !may_be_empty(type))) {
            return false;
        }
        at += size;
    }
    return at == len && form_check(type, rdata, len);
}

/* Keys and data that may be missing (RFC 2535 3.1.2: "no key"). */
static bool may_be_empty(uint16_t type)
{
    return type == TYPE_KEY || type == TYPE_RKEY || type == TYPE_SINK || type == TYPE_DOA;
}

bool rdata_same(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
    return alen == blen && rdata_compare(type, a, alen, b, blen) == 0;
}

int rdata_compare(uint16_t type, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
    const char *layout = folding_layout(type);
    size_t at = 0;
    for (; *layout != '\0'; layout++) {
        size_t size = field_size(*layout, a + at, alen - at);
        if (size == FIELD_BAD) {
            break;
        }
        size_t common = size < blen - at ? size : blen - at;
        int order = field_folds(*layout) ? ascii_compare(a + at, b + at, common)
                                         : compare_octets(a + at, common, b + at, common);
        if (order != 0 || common < size) {
            return order != 0 ? order : 1;
        }
        at += size;
    }
    return compare_octets(a + at, alen - at, b + at, blen - at);
}

/* "" when no name inside loses its case: then the rdata is one string of octets. */
static const char *folding_layout(uint16_t type)
{
    const char *layout = rrtype_layout(type);
    return layout != NULL && strpbrk(layout, "nd") != NULL ? layout : "";
}

static int compare_octets(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
    size_t common = alen < blen ? alen : blen;
    int order = common > 0 ? memcmp(a, b, common) : 0;
    return order != 0 ? order : (alen > blen) - (alen < blen);
}

void rdata_lower(uint16_t type, uint8_t *rdata, size_t len)
{
    const char *layout = folding_layout(type);
    size_t at = 0;
    for (; *layout != '\0'; layout++) {
        size_t size = field_size(*layout, rdata + at, len - at);
        if (size == FIELD_BAD) {
            break;
        }
        if (field_folds(*layout)) {
            ascii_copy_lower(rdata + at, rdata + at, size);
        }
        at += size;
    }
}

uint64_t rdata_hash(uint16_t type, const uint8_t *rdata, size_t len, uint64_t seed)
{
    const char *layout = folding_layout(type);
    size_t at = 0;
    for (; *layout != '\0'; layout++) {
        size_t size = field_size(*layout, rdata + at, len - at);
        if (size == FIELD_BAD) {
            break;
        }
        seed =
            field_folds(*layout) ? name_hash(rdata + at, seed) : hash_bytes(rdata + at, size, seed);
        at += size;
    }
    return at < len || len == 0 ? hash_bytes(rdata + at, len - at, seed) : seed;
}

const uint8_t *rdata_target(uint16_t type, const uint8_t *rdata, size_t len)
{
    size_t at = type == TYPE_SRV ? 6 : type == TYPE_MX ? 2 : 0;
    bool has_target = type == TYPE_NS || type == TYPE_MX || type == TYPE_SRV;
    return has_target && len > at ? rdata + at : NULL;
}

bool soa_read(const uint8_t *rdata, size_t len, struct soa *out)
{
    if (!rdata_check(TYPE_SOA, rdata, len)) {
        return false;
    }
    const uint8_t *rname = rdata + name_len(rdata), *numbers = rname + name_len(rname);
    *out = (struct soa){.mname = rdata,
                        .rname = rname,
                        .serial = get_u32(numbers),
                        .refresh = get_u32(numbers + 4),
                        .retry = get_u32(numbers + 8),
                        .expire = get_u32(numbers + 12),
                        .minimum = get_u32(numbers + 16)};
    return true;
}

void soa_set_serial(uint8_t *rdata, size_t len, uint32_t serial)
{
    must(len >= 22); /* two root names, five numbers; the serial is the first of them */
    put_u32(rdata + len - 20, serial);
}
