/* in.c - takes a zone, or its changes, off a TCP stream: bytes to messages, messages to records
 * (RFC 5936 2.2, 7766 8). Keeper thread; no I/O and no clock: bytes and time come in. Here is what
 * holds for every message: whose answer it is, how much and how fast. What a record means at its
 * place in the stream is in steps.c. The first thing wrong ends the transfer. */
#include "transfer/in.h"
#include "transfer/steps.h"
#include "wire/query.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES    (UINT64_C(1) << 30)
#define MOST_RECORDS  UINT64_C(20000000)
#define MOST_S        3600
#define LEAST         10240 /* octets a minute */
#define WINDOW_S      60
#define QUESTION_MOST 1024 /* question_write */
#define LENGTH        2    /* octets of a message's length in front of it */

struct transfer_in {
    struct transfer_steps steps;
    uint8_t question[LENGTH + QUESTION_MOST];
    size_t question_len;
    uint16_t id, qtype;
    uint64_t most_bytes, most_records;
    uint32_t most_s, least;
    struct mono end;       /* the whole transfer is over by then */
    struct mono window;    /* when the minute under way began */
    uint64_t window_bytes; /* received in it */
    uint64_t bytes, messages, records;
    unsigned rcode;
    struct buf message; /* the one coming in, its length in front */
    struct buf record;  /* the one being looked at */
    enum transfer_in_status status;
};

static void write_question(struct transfer_in *t, const struct transfer_in_start *s);
static enum transfer_in_status failed(struct transfer_in *t);
static bool in_time(struct transfer_in *t, struct mono now, struct oops *o);
static size_t wanted(const struct transfer_in *t);
static enum transfer_in_status message(struct transfer_in *t, struct oops *o);
static bool is_ours(struct transfer_in *t, const struct response *r, struct oops *o);
static bool is_our_question(const struct transfer_in *t, const struct response *r);
static enum transfer_in_status records(struct transfer_in *t, struct response *r, struct oops *o);
static bool read_one(struct transfer_in *t, struct reader *r, struct record *rr, struct oops *o);
static bool fits_zone(const struct transfer_in *t, const struct record *rr, struct oops *o);

struct transfer_in *transfer_in_new(const struct transfer_in_start *s)
{
    struct transfer_in *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    t->id = s->id;
    t->qtype = s->kind == TRANSFER_AXFR ? TYPE_AXFR : TYPE_IXFR;
    t->most_bytes = s->most_bytes != 0 ? s->most_bytes : MOST_BYTES;
    t->most_records = s->most_records != 0 ? s->most_records : MOST_RECORDS;
    t->most_s = s->most_s != 0 ? s->most_s : MOST_S;
    t->least = s->least_per_minute != 0 ? s->least_per_minute : LEAST;
    t->end = mono_plus_s(s->now, t->most_s);
    t->window = s->now;
    steps_start(&t->steps, s);
    write_question(t, s);
    return t;
}

static void write_question(struct transfer_in *t, const struct transfer_in_start *s)
{
    bool ixfr = t->qtype == TYPE_IXFR;
    struct question q = {.id = s->id,
                         .qname = s->apex,
                         .qtype = t->qtype,
                         .soa = ixfr ? s->soa : NULL,
                         .soa_len = ixfr ? s->soa_len : 0};
    size_t len = question_write(&q, t->question + LENGTH);
    put_u16(t->question, (uint16_t)len);
    t->question_len = LENGTH + len;
}

const uint8_t *transfer_in_question(const struct transfer_in *t, size_t *len)
{
    *len = t->question_len;
    return t->question;
}

enum transfer_in_status transfer_in_feed(struct transfer_in *t, const uint8_t *data, size_t len,
                                         struct mono now, struct oops *o)
{
    if (t->status != TRANSFER_IN_MORE) {
        oops(o, "the transfer is over");
        return t->status;
    }
    t->bytes += len;
    t->window_bytes += len;
    if (t->bytes > t->most_bytes) {
        oops(o, "more than %" PRIu64 " octets", t->most_bytes);
        return failed(t);
    }
    if (!in_time(t, now, o)) {
        return failed(t);
    }
    while (len > 0 && t->status == TRANSFER_IN_MORE) {
        size_t want = wanted(t), take = want < len ? want : len;
        buf_add(&t->message, data, take);
        data += take;
        len -= take;
        if (t->message.failed || wanted(t) == 0) {
            t->status = message(t, o);
        }
    }
    return t->status;
}

struct mono transfer_in_due(const struct transfer_in *t)
{
    return mono_min(t->end, mono_plus_s(t->window, WINDOW_S));
}

enum transfer_in_status transfer_in_late(struct transfer_in *t, struct mono now, struct oops *o)
{
    if (t->status != TRANSFER_IN_MORE || in_time(t, now, o)) {
        return t->status;
    }
    return failed(t);
}

void transfer_in_closed(const struct transfer_in *t, struct oops *o)
{
    if (t->bytes == 0) {
        oops(o, "connection closed before any answer");
        return;
    }
    oops(o,
         "connection closed %s: %" PRIu64 " records in %" PRIu64 " messages came, the end did not",
         t->message.len > 0 ? "within a message" : "too early", t->records, t->messages);
}

const uint8_t *transfer_in_soa(const struct transfer_in *t, uint16_t *len)
{
    *len = t->steps.soa_len;
    return t->steps.soa_len > 0 ? t->steps.soa : NULL;
}

void transfer_in_take_records(struct transfer_in *t, struct buf *out)
{
    *out = t->steps.zone;
    t->steps.zone = (struct buf){0};
}

unsigned transfer_in_take_changes(struct transfer_in *t, struct change **changes)
{
    unsigned count = t->steps.change_count;
    *changes = t->steps.changes;
    t->steps.changes = NULL;
    t->steps.change_count = 0;
    return count;
}

uint64_t transfer_in_bytes(const struct transfer_in *t)
{
    return t->bytes;
}

uint64_t transfer_in_count(const struct transfer_in *t)
{
    return t->records;
}

unsigned transfer_in_rcode(const struct transfer_in *t)
{
    return t->rcode;
}

void transfer_in_free(struct transfer_in *t)
{
    if (t != NULL) {
        steps_free(&t->steps);
        buf_free(&t->message);
        buf_free(&t->record);
        free(t);
    }
}

static enum transfer_in_status failed(struct transfer_in *t)
{
    t->status = TRANSFER_IN_FAILED;
    return t->status;
}

/* RELIABILITY.md, limits: a stream that takes too long, or trickles, is given up. */
static bool in_time(struct transfer_in *t, struct mono now, struct oops *o)
{
    if (!mono_before(now, t->end)) {
        return oops(o, "not done after %" PRIu32 " s", t->most_s);
    }
    if (mono_before(now, mono_plus_s(t->window, WINDOW_S))) {
        return true;
    }
    if (t->window_bytes < t->least) {
        return oops(o, "slower than %" PRIu32 " octets a minute", t->least);
    }
    t->window = now;
    t->window_bytes = 0;
    return true;
}

/* Octets missing to the length, then to the whole message. */
static size_t wanted(const struct transfer_in *t)
{
    const struct buf *m = &t->message;
    return m->len < LENGTH ? LENGTH - m->len : LENGTH + (size_t)get_u16(m->data) - m->len;
}

static enum transfer_in_status message(struct transfer_in *t, struct oops *o)
{
    struct response r;
    if (t->message.failed) {
        oops(o, "out of memory");
        return TRANSFER_IN_FAILED;
    }
    const uint8_t *octets = t->message.data + LENGTH;
    size_t len = t->message.len - LENGTH;
    t->message.len = 0;
    t->messages++;
    if (len < MSG_HEADER) {
        oops(o, "a message of %zu octets", len);
        return TRANSFER_IN_FAILED;
    }
    if ((get_u16(octets + 2) & MSG_QR) == 0) {
        oops(o, "a question in place of an answer");
        return TRANSFER_IN_FAILED;
    }
    if (!response_read(octets, len, &r)) {
        oops(o, "malformed message");
        return TRANSFER_IN_FAILED;
    }
    return is_ours(t, &r, o) ? records(t, &r, o) : TRANSFER_IN_FAILED;
}

static bool is_ours(struct transfer_in *t, const struct response *r, struct oops *o)
{
    if (r->id != t->id || MSG_OPCODE(r->flags) != OPCODE_QUERY || !is_our_question(t, r)) {
        return oops(o, "the answer to another question");
    }
    if (r->rcode != RCODE_NOERROR) {
        t->rcode = r->rcode;
        return oops(o, "%s", rcode_name(r->rcode));
    }
    if ((r->flags & MSG_TC) != 0) {
        return oops(o, "truncated over TCP");
    }
    if (r->counts[SECTION_ANSWER] == 0) {
        return oops(o, "a message without records");
    }
    return true;
}

/* RFC 5936 2.2.2: it stands in the first message; later ones may leave it out. An error need not
 * repeat it. */
static bool is_our_question(const struct transfer_in *t, const struct response *r)
{
    if (!r->has_question) {
        return t->messages > 1 || r->rcode != RCODE_NOERROR;
    }
    return r->qclass == CLASS_IN && r->qtype == t->qtype &&
           name_same(r->qname.octets, t->steps.apex.octets);
}

static enum transfer_in_status records(struct transfer_in *t, struct response *r, struct oops *o)
{
    for (unsigned left = r->counts[SECTION_ANSWER]; left > 0; left--) {
        struct record rr;
        if (!read_one(t, &r->records, &rr, o) || !fits_zone(t, &rr, o)) {
            return TRANSFER_IN_FAILED;
        }
        enum transfer_in_status status = steps_take(&t->steps, &rr, o);
        bool complete = status == TRANSFER_IN_ZONE || status == TRANSFER_IN_CHANGES;
        if (complete && left > 1) {
            oops(o, "records behind the closing SOA");
            return TRANSFER_IN_FAILED;
        }
        if (status != TRANSFER_IN_MORE) {
            return status;
        }
    }
    return TRANSFER_IN_MORE;
}

static bool read_one(struct transfer_in *t, struct reader *r, struct record *rr, struct oops *o)
{
    t->record.len = 0;
    if (!record_read(r, &t->record, rr)) {
        return oops(o, t->record.failed ? "out of memory" : "malformed record");
    }
    if (++t->records > t->most_records) {
        return oops(o, "more than %" PRIu64 " records", t->most_records);
    }
    if (t->steps.kept + t->record.len > t->most_bytes) { /* names compressed well can be a bomb */
        return oops(o, "more than %" PRIu64 " octets of uncompressed records", t->most_bytes);
    }
    return true;
}

/* RELIABILITY.md, hostile wire: class IN, data types, owners in the zone, SOA at the apex alone. */
static bool fits_zone(const struct transfer_in *t, const struct record *rr, struct oops *o)
{
    char owner[NAME_TEXT], apex[NAME_TEXT], type[RRTYPE_TEXT];
    if (rr->class != CLASS_IN) {
        return oops(o, "record of class %u at %s", rr->class, name_print(rr->owner, owner));
    }
    if (rrtype_is_meta(rr->type)) {
        return oops(o, "%s is no type of a record in a zone: %s", rrtype_print(rr->type, type),
                    name_print(rr->owner, owner));
    }
    if (!name_at_or_below(rr->owner, t->steps.apex.octets)) {
        return oops(o, "record of another zone: %s", name_print(rr->owner, owner));
    }
    if (rr->type == TYPE_SOA && !name_same(rr->owner, t->steps.apex.octets)) {
        return oops(o, "SOA below the apex of %s: %s", name_print(t->steps.apex.octets, apex),
                    name_print(rr->owner, owner));
    }
    return true;
}
