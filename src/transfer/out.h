/* out.h - a zone over the wire to somebody else: a generator of messages from a held version (RFC
 * 5936, 1995). Memory is one message, whatever the zone's size. Worker's thread; one per stream. */
#ifndef SETTLED_TRANSFER_OUT_H
#define SETTLED_TRANSFER_OUT_H

#include "wire/query.h"
#include "zone/version.h"

struct transfer_out;
/* Takes over one hold on `version`. The question's id, name and type are copied. With ixfr (RFC
 * 1995 4): a single SOA when from_serial is not older than the version, else the whole zone. NULL:
 * no memory (the hold is then still the caller's). */
MUST_USE struct transfer_out *transfer_out_new(struct zone_version *version, const struct query *q,
                                               bool ixfr, uint32_t from_serial);
/* Writes the next message into buf[room] (without the TCP length in front), about 16 KiB unless one
 * record is larger; 0: that was all. room at least 4 KiB; with MSG_MAX everything goes that a
 * message can carry. */
size_t transfer_out_next(struct transfer_out *t, uint8_t *buf, size_t room);
/* After 0: was the zone sent to its closing SOA? No: a record is larger than `room`; close the
 * connection. */
bool transfer_out_complete(const struct transfer_out *t);
uint64_t transfer_out_records(const struct transfer_out *t); /* sent so far */
/* The version, for zone_release by the caller (and mail to the keeper when it was the last hold);
 * frees t. */
struct zone_version *transfer_out_end(struct transfer_out *t);

#endif
