/* query.h - a question as it came in, taken apart without allocation; pointers go into the
 * message. */
#ifndef SETTLED_WIRE_QUERY_H
#define SETTLED_WIRE_QUERY_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* what the caller does with it */
enum query_status {
    QUERY_OK,        /* answer it */
    QUERY_SHORT,     /* drop: no header */
    QUERY_RESPONSE,  /* drop: QR=1 */
    QUERY_MALFORMED, /* FORMERR, with the question if has_question */
    QUERY_COOKIE,    /* no question, but a cookie: what is ours for it? (RFC 7873 5.4) */
    QUERY_BADVERS,   /* EDNS version above 0 */
    QUERY_NOTIMP     /* an opcode we do not know */
};

struct query {
    const uint8_t *msg;
    size_t len;
    uint16_t id, flags;
    uint8_t opcode;
    bool has_question;
    const uint8_t *qname; /* in place, case as asked; checked, never compressed */
    uint16_t qname_len;
    uint16_t qtype, qclass;
    bool has_edns, dnssec_ok;
    uint8_t edns_version;
    uint16_t payload; /* what the asker can take: at least 512 */
    bool wants_nsid, wants_zoneversion, wants_keepalive;
    const uint8_t *cookie;
    uint8_t cookie_len; /* 0: none; else 8, or 16..40 */
    bool has_tsig;
    uint16_t tsig_at;       /* offset of the TSIG record */
    bool has_notify_serial; /* NOTIFY, or IXFR (authority section): a SOA came along */
    uint32_t notify_serial;
};

/* Takes `msg` apart. QDCOUNT other than 1 (but 0 with a cookie), two OPTs, records after TSIG,
 * an OPT below another name: QUERY_MALFORMED (RFC 9619, 6891 6.1.1, 8945 5.2). Fills *q as far
 * as it got. Any thread. */
enum query_status query_read(const uint8_t *msg, size_t len, struct query *q);

/* Writes a question of our own; returns its length. A SOA goes where its opcode wants it: answer
 * (NOTIFY) or authority section (IXFR). `options` are ready EDNS options (may be NULL). Always
 * with EDNS, payload MSG_UDP_DEFAULT, unless edns is false. */
struct question {
    uint16_t id, flags; /* flags: opcode, RD, ... */
    const uint8_t *qname;
    uint16_t qtype;
    bool edns;
    const uint8_t *options;
    uint16_t options_len;
    const uint8_t *soa; /* NOTIFY: the new SOA's rdata, IXFR: our SOA's; NULL: none */
    uint16_t soa_len;
};
size_t question_write(const struct question *q, uint8_t out[1024]);

#endif
