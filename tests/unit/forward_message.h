/* forward_message.h - answers from upstream, written from lines, for the tests of what forward/
 * reads in them. */
#ifndef SETTLED_TESTS_UNIT_FORWARD_MESSAGE_H
#define SETTLED_TESTS_UNIT_FORWARD_MESSAGE_H

#include "cases.h"
#include "wire/record.h"
#include "wire/reply.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <stdio.h>
#include <string.h>

struct message {
    uint8_t octets[MSG_MAX];
    struct reply reply; /* flags and rcode may be changed before message_end */
    size_t len;
};

static inline void message_start(struct message *m, const char *qname, uint16_t qtype)
{
    struct name name;
    ck_assert(name_from(qname, &name));
    reply_start_bare(&m->reply, m->octets, sizeof m->octets, 1, name.octets, qtype);
}

/* A line "owner TTL TYPE rdata"; "owner TTL CH TYPE rdata" is of class CHAOS. */
static inline void message_add(struct message *m, enum section s, const char *line)
{
    char owner[256], type[32], rest[512];
    unsigned ttl;
    struct name name;
    struct buf rdata = {.len = 0};
    const char *why = "", *text = rest;
    size_t at;
    ck_assert_msg(sscanf(line, "%255s %u %31s %511[^\n]", owner, &ttl, type, rest) == 4, "%s",
                  line);
    struct record rr = {.owner = name.octets, .class = CLASS_IN, .ttl = ttl};
    if (strcmp(type, "CH") == 0) {
        rr.class = CLASS_CH;
        ck_assert(sscanf(rest, "%31s", type) == 1);
        text = rest + strlen(type);
    }
    ck_assert(name_from(owner, &name) && rrtype_parse(type, strlen(type), &rr.type));
    bool ok = rdata_parse(rr.type, text, strlen(text), name_root, &rdata, &why, &at);
    ck_assert_msg(ok, "%s: %s", line, why);
    rr.rdata = rdata.data;
    rr.rdlen = (uint16_t)rdata.len;
    ck_assert(reply_record(&m->reply, s, &rr));
    buf_free(&rdata);
}

/* Lines up to a NULL. */
static inline void message_lines(struct message *m, enum section s, const char *const *lines)
{
    for (; *lines != NULL; lines++) {
        message_add(m, s, *lines);
    }
}

static inline void message_end(struct message *m)
{
    m->len = reply_finish(&m->reply);
}

#endif
