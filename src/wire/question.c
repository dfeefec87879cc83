/* question.c - a question of our own as octets: SOA probes, NOTIFY, transfers, the cache's
 * questions. Any thread; no allocation. All that goes in is ours, so what cannot fit is our bug. */
#include "base/buf.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/query.h"
#include "wire/rrtype.h"
#include <string.h>

static uint8_t *put(uint8_t *to, const void *from, size_t len);
static uint8_t *put_record(uint8_t *to, uint16_t type, uint16_t class, uint16_t rdlen);
static uint8_t *put_question(uint8_t *to, const struct question *q);
static uint8_t *put_soa(uint8_t *to, const struct question *q);
static uint8_t *put_opt(uint8_t *to, const struct question *q);

#define QUESTION_ROOM 1024

size_t question_write(const struct question *q, uint8_t out[QUESTION_ROOM])
{
    bool notify = MSG_OPCODE(q->flags) == OPCODE_NOTIFY, has_soa = q->soa != NULL;
    size_t most = MSG_HEADER + NAME_SIZE + 4 + 12 + q->soa_len + 11 + q->options_len;
    must(most <= QUESTION_ROOM);
    put_u16(out, q->id);
    put_u16(out + 2, q->flags);
    put_u16(out + 4, 1);
    put_u16(out + 6, has_soa && notify);
    put_u16(out + 8, has_soa && !notify);
    put_u16(out + 10, q->edns);
    uint8_t *end = put_question(out + MSG_HEADER, q);
    end = has_soa ? put_soa(end, q) : end;
    end = q->edns ? put_opt(end, q) : end;
    return (size_t)(end - out);
}

static uint8_t *put_question(uint8_t *to, const struct question *q)
{
    to = put(to, q->qname, name_len(q->qname));
    put_u16(to, q->qtype);
    put_u16(to + 2, CLASS_IN);
    return to + 4;
}

/* The zone is the name asked, 12 octets into the message. */
static uint8_t *put_soa(uint8_t *to, const struct question *q)
{
    to = put(to, "\xc0\x0c", 2);
    to = put_record(to, TYPE_SOA, CLASS_IN, q->soa_len);
    return put(to, q->soa, q->soa_len);
}

static uint8_t *put_opt(uint8_t *to, const struct question *q)
{
    to = put(to, name_root, 1);
    to = put_record(to, TYPE_OPT, MSG_UDP_DEFAULT, q->options_len);
    return put(to, q->options, q->options_len);
}

static uint8_t *put_record(uint8_t *to, uint16_t type, uint16_t class, uint16_t rdlen)
{
    put_u16(to, type);
    put_u16(to + 2, class);
    put_u32(to + 4, 0);
    put_u16(to + 8, rdlen);
    return to + 10;
}

static uint8_t *put(uint8_t *to, const void *from, size_t len)
{
    if (len > 0) {
        memcpy(to, from, len);
    }
    return to + len;
}
