/* reader.c - the one place that walks over foreign bytes, names included (RFC 1035 4.1.4).
 * Any thread; a reader lives on its caller's stack and owns nothing. */
#include "wire/reader.h"
#include "base/buf.h"
#include <string.h>

#define WORK_PER_OCTET 4 /* steps; an ip6.arpa owner in the shortest record needs 3 */

static bool fail(struct reader *r);
static bool copy_label(struct reader *r, size_t *at, struct name *out, size_t *end);
static bool jump(struct reader *r, size_t *at, size_t *below);

void reader_start(struct reader *r, const uint8_t *data, size_t len)
{
    *r = (struct reader){.data = data, .len = len, .work = len * WORK_PER_OCTET};
}

size_t reader_left(const struct reader *r)
{
    return r->failed ? 0 : r->len - r->at;
}

const uint8_t *read_bytes(struct reader *r, size_t len)
{
    if (r->failed || len > r->len - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *here = r->data + r->at;
    r->at += len;
    return here;
}

uint8_t read_u8(struct reader *r)
{
    const uint8_t *p = read_bytes(r, 1);
    return p != NULL ? *p : 0;
}

uint16_t read_u16(struct reader *r)
{
    const uint8_t *p = read_bytes(r, 2);
    return p != NULL ? get_u16(p) : 0;
}

uint32_t read_u32(struct reader *r)
{
    const uint8_t *p = read_bytes(r, 4);
    return p != NULL ? get_u32(p) : 0;
}

bool read_name(struct reader *r, struct name *out)
{
    size_t at = r->at, below = r->at, end = 0, after = 0;
    while (!r->failed) {
        if (at >= r->len || r->work == 0) {
            return fail(r);
        }
        r->work--;
        uint8_t octet = r->data[at];
        if (octet == 0) {
            out->octets[end] = 0;
            r->at = after != 0 ? after : at + 1;
            return true;
        }
        if (octet < 64) {
            if (!copy_label(r, &at, out, &end)) {
                return false;
            }
            continue;
        }
        after = after != 0 ? after : at + 2;
        if (!jump(r, &at, &below)) {
            return false;
        }
    }
    return false;
}

static bool fail(struct reader *r)
{
    r->failed = true;
    return false;
}

static bool copy_label(struct reader *r, size_t *at, struct name *out, size_t *end)
{
    size_t octets = 1U + r->data[*at];
    if (octets > r->len - *at || *end + octets + 1 > NAME_SIZE) {
        return fail(r);
    }
    memcpy(out->octets + *end, r->data + *at, octets);
    *end += octets;
    *at += octets;
    return true;
}

/* A pointer: 11 and 14 bits of offset. 01 and 10 are label types that nobody uses (RFC 6891 5). */
static bool jump(struct reader *r, size_t *at, size_t *below)
{
    if (r->data[*at] < 0xc0 || r->len - *at < 2) {
        return fail(r);
    }
    size_t to = get_u16(r->data + *at) & 0x3fffU;
    if (to >= *below) {
        return fail(r);
    }
    *at = *below = to;
    return true;
}

bool skip_name(struct reader *r)
{
    while (!r->failed) {
        uint8_t octet = read_u8(r);
        if (octet == 0) {
            return !r->failed;
        }
        if (octet >= 0xc0) {
            return read_bytes(r, 1) != NULL;
        }
        if (octet >= 64) {
            return fail(r);
        }
        read_bytes(r, octet);
    }
    return false;
}
