/* edns.c - EDNS options as they stand in an OPT (RFC 6891 6.1.2). Any thread. */
#include "wire/edns.h"
#include "wire/msg.h"

#define ZONEVERSION_SOA_SERIAL 0 /* RFC 9660 2.1 */

void edns_option(struct buf *out, uint16_t code, const void *data, size_t len)
{
    must(len <= UINT16_MAX);
    buf_add_u16(out, code);
    buf_add_u16(out, (uint16_t)len);
    buf_add(out, data, len);
}

void edns_zoneversion(struct buf *out, unsigned labels, uint32_t serial)
{
    uint8_t data[6] = {(uint8_t)labels, ZONEVERSION_SOA_SERIAL};
    put_u32(data + 2, serial);
    edns_option(out, OPTION_ZONEVERSION, data, sizeof data);
}
