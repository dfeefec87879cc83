/* tsig.c - a signed question refused as RFC 8945 wants it: who signed it learns that we do not have
 * the key, and not only that something is wrong. Worker's thread; no state. */
#include "wire/tsig.h"
#include "base/buf.h"
#include "wire/msg.h"
#include "wire/reader.h"
#include "wire/rrtype.h"
#include <string.h>

#define FIXED 16 /* octets of rdata behind the algorithm without MAC and other data (4.2) */

static uint8_t *put(uint8_t *to, const void *octets, size_t len);
static uint8_t *put_number(uint8_t *to, uint16_t number);

bool tsig_read(const struct query *q, struct tsig *out)
{
    struct reader r;
    reader_start(&r, q->msg, q->len);
    r.at = q->tsig_at;
    bool named = read_name(&r, &out->key);
    uint16_t type = read_u16(&r), class = read_u16(&r);
    uint32_t ttl = read_u32(&r);
    uint16_t rdlen = read_u16(&r);
    size_t end = r.at + rdlen;
    named = named && read_name(&r, &out->algorithm);
    const uint8_t *time = read_bytes(&r, sizeof out->time);
    out->fudge = read_u16(&r);
    (void)read_bytes(&r, read_u16(&r)); /* the MAC, by a key we do not have */
    out->id = read_u16(&r);
    (void)read_u16(&r); /* error */
    (void)read_bytes(&r, read_u16(&r));
    if (!named || r.failed || r.at != end || type != TYPE_TSIG || class != CLASS_ANY || ttl != 0) {
        return false;
    }
    memcpy(out->time, time, sizeof out->time);
    return true;
}

size_t tsig_refuse(const struct tsig *t, uint16_t error, uint8_t *buf, size_t len, size_t room)
{
    size_t key = name_len(t->key.octets), algorithm = name_len(t->algorithm.octets);
    if (room < len || room - len < key + 10 + algorithm + FIXED) {
        return len;
    }
    uint8_t *to = put(buf + len, t->key.octets, key);
    to = put_number(to, TYPE_TSIG);
    to = put_number(to, CLASS_ANY);
    to = put(to, "\0\0\0\0", 4);
    to = put_number(to, (uint16_t)(algorithm + FIXED));
    to = put(to, t->algorithm.octets, algorithm);
    to = put(to, t->time, sizeof t->time);
    to = put_number(to, t->fudge);
    to = put_number(to, 0); /* 5.3.2: no MAC */
    to = put_number(to, t->id);
    to = put_number(to, error);
    to = put_number(to, 0);
    put_u16(buf + 10, (uint16_t)(get_u16(buf + 10) + 1));
    return (size_t)(to - buf);
}

static uint8_t *put(uint8_t *to, const void *octets, size_t len)
{
    memcpy(to, octets, len);
    return to + len;
}

static uint8_t *put_number(uint8_t *to, uint16_t number)
{
    put_u16(to, number);
    return to + 2;
}
