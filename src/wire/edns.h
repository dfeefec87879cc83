/* edns.h - EDNS options ready to be put into an OPT (RFC 6891 6.1.2), and finding one in an
 * answer. */
#ifndef SETTLED_WIRE_EDNS_H
#define SETTLED_WIRE_EDNS_H

#include "base/buf.h"

void edns_option(struct buf *out, uint16_t code, const void *data, size_t len);
/* ZONEVERSION of type SOA-SERIAL (RFC 9660 2, 2.1): labels of the zone's name, serial. */
void edns_zoneversion(struct buf *out, unsigned labels, uint32_t serial);

#endif
