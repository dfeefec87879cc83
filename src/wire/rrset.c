/* rrset.c - walking the rdatas of an RRset's view. Any thread. The data is ours, so a length
 * that does not fit is our bug and stops us. */
#include "wire/rrset.h"
#include "base/buf.h"
#include "base/must.h"

const uint8_t *rrset_next(const struct rrset *s, size_t *at, uint16_t *rdlen)
{
    if (*at >= s->size) {
        return NULL;
    }
    must(s->size - *at >= 2);
    size_t len = get_u16(s->data + *at);
    must(s->size - *at - 2 >= len);
    const uint8_t *rdata = s->data + *at + 2;
    *rdlen = (uint16_t)len;
    *at += 2 + len;
    return rdata;
}
