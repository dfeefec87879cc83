/* response.h - an answer to a question of ours, taken apart: what keeper/ and forward/ read off
 * the wire. */
#ifndef SETTLED_WIRE_RESPONSE_H
#define SETTLED_WIRE_RESPONSE_H

#include "base/buf.h"
#include "wire/name.h"
#include "wire/reader.h"

struct response {
    uint16_t id, flags;
    unsigned rcode; /* extended by EDNS */
    struct name qname;
    uint16_t qtype, qclass;
    bool has_question;
    uint16_t counts[3];    /* records of answer, authority, additional */
    struct reader records; /* at the first record: read on with record_read */
    bool has_edns, mark;   /* mark: OPTION_SETTLED_MARK was there */
    int ede;               /* the first extended error (RFC 8914), EDE_NONE */
    bool stale;            /* one of them says that the answer is stale (3, 19) */
    bool has_zoneversion;
    uint8_t zoneversion_labels;
    uint32_t zoneversion;
};

/* False: not a well-formed answer (QR=0 counts). Walks all records once, so a later record_read
 * cannot run over. */
MUST_USE bool response_read(const uint8_t *msg, size_t len, struct response *out);

#endif
