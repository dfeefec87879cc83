/* record.c - records: off a message, and back to back in streams of our own. Any thread.
 * A stream is what change sets, zone images and transfers are made of; it may have been on disk, so
 * reading it checks that every record fits, but not what the rdata says. */
#include "wire/record.h"
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <string.h>

#define RECORD_FIXED 10 /* type, class, TTL, rdlength */

static bool read_checked(struct reader *r, struct buf *into, struct record *out);
static uint32_t clean_ttl(uint16_t type, uint32_t ttl);

void record_add(struct buf *stream, const struct record *rr)
{
    size_t owner = name_len(rr->owner);
    uint8_t *to = buf_room(stream, owner + RECORD_FIXED + rr->rdlen);
    if (to == NULL) {
        return;
    }
    memcpy(to, rr->owner, owner);
    to += owner;
    put_u16(to, rr->type);
    put_u16(to + 2, rr->class != 0 ? rr->class : CLASS_IN);
    put_u32(to + 4, rr->ttl);
    put_u16(to + 8, rr->rdlen);
    if (rr->rdlen > 0) {
        memcpy(to + RECORD_FIXED, rr->rdata, rr->rdlen);
    }
    stream->len += owner + RECORD_FIXED + rr->rdlen;
}

bool record_next(const uint8_t *stream, size_t len, size_t *at, struct record *out, bool *damaged)
{
    size_t left = len - *at, owner;
    if (left == 0) {
        return false;
    }
    const uint8_t *here = stream + *at;
    if (name_check(here, left, &owner) && left - owner >= RECORD_FIXED) {
        const uint8_t *fixed = here + owner;
        size_t rdlen = get_u16(fixed + 8);
        if (left - owner - RECORD_FIXED >= rdlen) {
            *out = (struct record){.owner = here,
                                   .type = get_u16(fixed),
                                   .class = get_u16(fixed + 2),
                                   .ttl = get_u32(fixed + 4),
                                   .rdlen = (uint16_t)rdlen,
                                   .rdata = fixed + RECORD_FIXED};
            *at += owner + RECORD_FIXED + rdlen;
            return true;
        }
    }
    if (damaged != NULL) {
        *damaged = true;
    }
    return false;
}

bool record_read(struct reader *r, struct buf *into, struct record *out)
{
    size_t start = into->len;
    if (!read_checked(r, into, out)) {
        into->len = start;
        r->failed = true;
        return false;
    }
    size_t owner = name_len(into->data + start);
    out->owner = into->data + start;
    out->rdata = into->data + start + owner + RECORD_FIXED;
    return true;
}

/* Appends the record; its rdlength is known, and written, only when its names are uncompressed. */
static bool read_checked(struct reader *r, struct buf *into, struct record *out)
{
    struct name owner;
    if (!read_name(r, &owner)) {
        return false;
    }
    uint16_t type = read_u16(r), class = read_u16(r);
    uint32_t ttl = clean_ttl(type, read_u32(r));
    uint16_t rdlen = read_u16(r);
    struct record rr = {.owner = owner.octets, .type = type, .class = class, .ttl = ttl};
    size_t start = into->len;
    record_add(into, &rr);
    size_t rdata = into->len;
    if (r->failed || !rdata_read(r, type, rdlen, into)) {
        return false;
    }
    rr.rdlen = (uint16_t)(into->len - rdata);
    put_u16(into->data + rdata - 2, rr.rdlen);
    put_u16(into->data + start + name_len(owner.octets) + 2, class); /* 0 is not IN here */
    *out = rr;
    return true;
}

/* RFC 2181 8: the top bit set means 0. The TTL of an OPT is none (RFC 6891 6.1.3). */
static uint32_t clean_ttl(uint16_t type, uint32_t ttl)
{
    return type != TYPE_OPT && ttl > INT32_MAX ? 0 : ttl;
}
