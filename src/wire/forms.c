/* forms.c - what the layout of a type cannot say: rdata with a form of its own, and extra rules.
 * Any thread. Reads through a struct reader, so no length is trusted; each function takes all of
 * the rdata, in which the fields before the '*' of the layout are known to be there. */
#include "base/buf.h"
#include "wire/fields.h"
#include "wire/reader.h"
#include "wire/rrtype.h"

static bool at_end(const struct reader *r);
static bool plain_name(struct reader *r);
static bool check_loc(struct reader *r);
static bool check_apl(struct reader *r);
static bool check_gateway(struct reader *r, unsigned kind);
static bool check_ipseckey(struct reader *r);
static bool check_amtrelay(struct reader *r);
static bool check_hip(struct reader *r);
static bool check_a6(struct reader *r);
static bool check_nxt(struct reader *r);
static bool check_caa(struct reader *r);
static bool check_isdn(struct reader *r);
static bool check_nsec(struct reader *r);
static bool check_svcb(struct reader *r);

bool form_check(uint16_t type, const uint8_t *rdata, size_t len)
{
    struct reader r;
    reader_start(&r, rdata, len);
    switch (type) {
    case TYPE_LOC:
        return check_loc(&r);
    case TYPE_APL:
        return check_apl(&r);
    case TYPE_IPSECKEY:
        return check_ipseckey(&r);
    case TYPE_AMTRELAY:
        return check_amtrelay(&r);
    case TYPE_HIP:
        return check_hip(&r);
    case TYPE_A6:
        return check_a6(&r);
    case TYPE_NXT:
        return check_nxt(&r);
    case TYPE_CAA:
        return check_caa(&r);
    case TYPE_ISDN:
        return check_isdn(&r);
    case TYPE_NSEC:
        return check_nsec(&r);
    case TYPE_SVCB:
    case TYPE_HTTPS:
        return check_svcb(&r);
    case TYPE_WKS: /* address, protocol, a bit for each of 65,536 ports */
        return len >= 5 && len <= 5 + 8192;
    case TYPE_ZONEMD: /* RFC 8976 2.2.4: digests of 12 octets and more */
        return len >= 6 + 12;
    case TYPE_URI: /* RFC 7553 4.4: the target is not empty */
        return len > 4;
    case TYPE_NSAP:
        return len >= 1;
    case TYPE_ATMA: /* format octet, address */
        return len >= 2;
    case TYPE_NID:
    case TYPE_L64:
        return len == 10;
    case TYPE_EUI48:
        return len == 6;
    case TYPE_EUI64:
    case TYPE_IPN:
        return len == 8;
    }
    return true;
}

static bool at_end(const struct reader *r)
{
    return !r->failed && r->at == r->len;
}

/* An uncompressed name: in these types pointers are not allowed (RFC 3597 4). */
static bool plain_name(struct reader *r)
{
    size_t size = field_size('N', r->data + r->at, reader_left(r));
    return size != FIELD_BAD && read_bytes(r, size) != NULL;
}

/* RFC 1876 2: version 0; sizes are digit times power of ten; 90 and 180 degrees in 1/1000
 * seconds. */
static bool check_loc(struct reader *r)
{
    const int64_t right_angle = INT64_C(90) * 3600 * 1000, zero = INT64_C(1) << 31;
    bool good = read_u8(r) == 0;
    for (int i = 0; i < 3; i++) {
        uint8_t size = read_u8(r);
        good = good && (size >> 4) <= 9 && (size & 15) <= 9;
    }
    int64_t latitude = (int64_t)read_u32(r) - zero, longitude = (int64_t)read_u32(r) - zero;
    read_u32(r);
    return good && at_end(r) && latitude >= -right_angle && latitude <= right_angle &&
           longitude >= -2 * right_angle && longitude <= 2 * right_angle;
}

/* RFC 3123 4: family, prefix, negation bit and length, the address without its trailing zeros. */
static bool check_apl(struct reader *r)
{
    while (!at_end(r)) {
        unsigned family = read_u16(r), prefix = read_u8(r), octets = read_u8(r) & 0x7f;
        unsigned most = family == 1 ? 4 : family == 2 ? 16 : 127;
        const uint8_t *address = read_bytes(r, octets);
        bool known = family == 1 || family == 2;
        if (address == NULL || octets > most || (known && prefix > most * 8) ||
            (octets > 0 && address[octets - 1] == 0)) {
            return false;
        }
    }
    return true;
}

/* RFC 4025 2.5 and RFC 8777 4.2.3 count the same: none, IPv4, IPv6, a name. */
static bool check_gateway(struct reader *r, unsigned kind)
{
    switch (kind) {
    case 0:
        return true;
    case 1:
        return read_bytes(r, 4) != NULL;
    case 2:
        return read_bytes(r, 16) != NULL;
    case 3:
        return plain_name(r);
    }
    return false;
}

static bool check_ipseckey(struct reader *r)
{
    read_u8(r);
    unsigned kind = read_u8(r), algorithm = read_u8(r);
    if (!check_gateway(r, kind)) {
        return false;
    }
    return (algorithm == 0) == (reader_left(r) == 0); /* RFC 4025 2.4: 0 means no key */
}

static bool check_amtrelay(struct reader *r)
{
    read_u8(r);
    return check_gateway(r, read_u8(r) & 0x7f) && at_end(r);
}

static bool check_hip(struct reader *r)
{
    unsigned tag = read_u8(r);
    read_u8(r);
    unsigned key = read_u16(r);
    if (tag == 0 || key == 0 || read_bytes(r, tag + key) == NULL) {
        return false;
    }
    while (!at_end(r)) {
        if (!plain_name(r)) {
            return false;
        }
    }
    return true;
}

/* RFC 2874 3.1: prefix length, the bits behind the prefix, the prefix's name unless it is empty. */
static bool check_a6(struct reader *r)
{
    unsigned prefix = read_u8(r);
    if (prefix > 128 || read_bytes(r, (128 - prefix + 7) / 8) == NULL) {
        return false;
    }
    return (prefix == 0 || plain_name(r)) && at_end(r);
}

/* RFC 2535 5.2: types below 128, one bit each; bit 0 would say that it has another form. */
static bool check_nxt(struct reader *r)
{
    bool has_name = plain_name(r);
    const uint8_t *bitmap = r->data + r->at;
    return has_name && reader_left(r) >= 1 && reader_left(r) <= 16 && (bitmap[0] & 0x80) == 0;
}

/* RFC 8659 4.1: the tag is letters and digits, at least one. */
static bool check_caa(struct reader *r)
{
    read_u8(r);
    unsigned octets = read_u8(r);
    const uint8_t *tag = read_bytes(r, octets);
    for (unsigned i = 0; i < octets; i++) {
        bool digit = tag[i] >= '0' && tag[i] <= '9';
        bool letter = (tag[i] | 0x20) >= 'a' && (tag[i] | 0x20) <= 'z';
        if (!digit && !letter) {
            return false;
        }
    }
    return octets > 0;
}

/* RFC 1183 3.2: an address and perhaps a subaddress. */
static bool check_isdn(struct reader *r)
{
    read_bytes(r, read_u8(r));
    if (!at_end(r)) {
        read_bytes(r, read_u8(r));
    }
    return at_end(r);
}

static bool check_nsec(struct reader *r)
{
    return plain_name(r) && !at_end(r); /* RFC 4034 4.1.2: NSEC itself has its bit at least */
}

/* ---- SVCB and HTTPS (RFC 9460) ---- */

enum svc_key {
    SVC_MANDATORY,
    SVC_ALPN,
    SVC_NO_DEFAULT_ALPN,
    SVC_PORT,
    SVC_IPV4HINT,
    SVC_ECH,
    SVC_IPV6HINT,
    SVC_OHTTP = 8
};
struct svc { /* what is met on the way along the parameters */
    struct reader mandatory;
    int last; /* key before */
    int next; /* mandatory key not yet met; -1: none */
    bool alpn, no_default;
};
static bool check_param(struct reader *r, struct svc *svc);
static bool check_mandatory(struct svc *svc, const uint8_t *value, size_t len);
static void meet(struct svc *svc, int key);
static bool check_value(int key, const uint8_t *value, size_t len);
static bool check_alpn(const uint8_t *value, size_t len);

static bool check_svcb(struct reader *r)
{
    struct svc svc = {.last = -1, .next = -1};
    read_u16(r);
    if (!plain_name(r)) {
        return false;
    }
    while (!at_end(r)) {
        if (!check_param(r, &svc)) {
            return false;
        }
    }
    return svc.next < 0 && (svc.alpn || !svc.no_default); /* 7.1.1: no-default-alpn needs alpn */
}

/* 2.2: keys ascend strictly, so that what is mandatory can be met in one pass. */
static bool check_param(struct reader *r, struct svc *svc)
{
    int key = read_u16(r);
    size_t len = read_u16(r);
    const uint8_t *value = read_bytes(r, len);
    if (value == NULL || key <= svc->last || key == UINT16_MAX) {
        return false;
    }
    svc->last = key;
    svc->alpn = svc->alpn || key == SVC_ALPN;
    svc->no_default = svc->no_default || key == SVC_NO_DEFAULT_ALPN;
    meet(svc, key);
    return key == SVC_MANDATORY ? check_mandatory(svc, value, len) : check_value(key, value, len);
}

/* 8: ascending, not empty, without itself, and each must be there. */
static bool check_mandatory(struct svc *svc, const uint8_t *value, size_t len)
{
    int last = SVC_MANDATORY;
    for (size_t i = 0; i + 2 <= len; i += 2) {
        if (get_u16(value + i) <= last) {
            return false;
        }
        last = get_u16(value + i);
    }
    reader_start(&svc->mandatory, value, len);
    svc->next = read_u16(&svc->mandatory);
    return len > 0 && len % 2 == 0;
}

static void meet(struct svc *svc, int key)
{
    if (svc->next == key) {
        svc->next = reader_left(&svc->mandatory) > 0 ? read_u16(&svc->mandatory) : -1;
    }
}

static bool check_value(int key, const uint8_t *value, size_t len)
{
    switch (key) {
    case SVC_ALPN:
        return check_alpn(value, len);
    case SVC_NO_DEFAULT_ALPN:
    case SVC_OHTTP:
        return len == 0;
    case SVC_PORT:
        return len == 2;
    case SVC_IPV4HINT:
        return len > 0 && len % 4 == 0;
    case SVC_ECH:
        return len > 0;
    case SVC_IPV6HINT:
        return len > 0 && len % 16 == 0;
    }
    return true;
}

/* 7.1.1: at least one protocol, none of them empty. */
static bool check_alpn(const uint8_t *value, size_t len)
{
    size_t at = 0;
    while (at < len && value[at] > 0 && value[at] < len - at) {
        at += 1U + value[at];
    }
    return len > 0 && at == len;
}
