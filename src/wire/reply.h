/* reply.h - writing an answer that cannot overflow: header, question, sections in order, names
 * compressed, OPT last. A record set goes in whole or not at all; what did not fit is
 * remembered. Room for the OPT is set aside at the start. */
#ifndef SETTLED_WIRE_REPLY_H
#define SETTLED_WIRE_REPLY_H

#include "wire/msg.h"
#include "wire/query.h"
#include "wire/rrset.h"

#define REPLY_NAMES 64 /* suffixes remembered for compression; later ones are written in full */

struct reply {
    uint8_t *buf;
    size_t len, limit; /* limit: most octets of this answer, the OPT's included */
    size_t reserved;   /* of these for the OPT */
    uint16_t start;    /* where the records begin: behind header and question */
    uint16_t flags;
    uint16_t rcode; /* may be above 15 with EDNS */
    uint16_t counts[3];
    bool full; /* something did not fit since reply_start */
    uint8_t names;
    uint8_t base_labels, base_len; /* see reply_base; compress.c finds the octets */
    uint16_t base;
    struct {
        uint16_t at;  /* offset of a label */
        uint16_t key; /* its parent and its look: compress.c */
    } seen[REPLY_NAMES];
    /* EDNS, filled by the caller before reply_finish */
    bool edns; /* set by reply_start; if you set it, add the OPT's 11 octets to `reserved` */
    bool dnssec_ok;
    uint16_t payload;
    int ede;                /* EDE_NONE: none */
    const char *ede_text;   /* may be NULL */
    const uint8_t *options; /* ready options, the most important first; NULL: none */
    uint16_t options_len;
};

/* Starts the answer to `q` in buf[room] (which may be the very buffer q points into: header and
 * question stay in place, but what follows them in q, its cookie say, is overwritten by the
 * first record). room is at least MSG_UDP_PLAIN. Copies id, opcode, RD, CD and the question;
 * `limit` is clamped to MSG_UDP_PLAIN..room. Keeps 11 octets and `options_room` for the OPT when
 * q has EDNS. */
void reply_start(struct reply *r, uint8_t *buf, size_t room, const struct query *q, size_t limit,
                 size_t options_room);
/* Adds the whole RRset under `owner`, with `ttl` in place of the set's. False: it did not fit,
 * nothing was written. */
bool reply_rrset(struct reply *r, enum section s, const uint8_t *owner, const struct rrset *set,
                 uint32_t ttl);
/* Adds one record; the same rules. */
struct record;
bool reply_record(struct reply *r, enum section s, const struct record *rr);
/* A hint: many names of the answer will end in the last `labels` labels of the question, its zone.
 * The answer is the same without. Between reply_start and the first record. */
void reply_base(struct reply *r, unsigned labels);
/* Throws away all sections (keeps header and question). */
void reply_rewind(struct reply *r);
/* Writes counts, flags (QR is added), rcode and OPT; returns the message's length. TC is the
 * caller's to set. When room is short the text of the extended error goes first, then the last
 * of the options; an rcode above 15 without EDNS is SERVFAIL. */
size_t reply_finish(struct reply *r);

/* Transfers and other streams of messages: an answer without a query beside it. qname NULL: no
 * question section. */
void reply_start_bare(struct reply *r, uint8_t *buf, size_t room, uint16_t id, const uint8_t *qname,
                      uint16_t qtype);

#endif
