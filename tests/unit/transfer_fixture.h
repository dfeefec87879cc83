/* transfer_fixture.h - what the tests of transfer/ share: streams of messages made from lines of
 * records, and the receiving end. */
#ifndef SETTLED_TESTS_UNIT_TRANSFER_FIXTURE_H
#define SETTLED_TESTS_UNIT_TRANSFER_FIXTURE_H

#include "answer_fixture.h"
#include "transfer/in.h"

#define STREAM_ID   0x1234
#define SOA(serial) "@ 3600 SOA ns.example. admin.example. " #serial " 3600 600 86400 300\n"

struct told {          /* a message; all zero but lines is what an honest primary sends first */
    const char *lines; /* "owner TTL TYPE rdata", relative to example. */
    bool no_question;
    const char *qname; /* NULL: example. */
    uint16_t qtype;    /* 0: AXFR */
    uint16_t id;       /* XORed into the right one */
    uint16_t flags;    /* XORed into QR and AA; rcode too */
    uint16_t class;    /* of its records; 0: IN */
    uint16_t qclass;   /* 0: IN */
};

static inline void add_record_line(struct reply *r, const char *line, size_t len, uint16_t class)
{
    char owner[256], type[32], rdata_text[4096], text[5000];
    unsigned ttl;
    memcpy(text, line, len);
    text[len] = '\0';
    ck_assert_msg(sscanf(text, " %255s %u %31s %4095[^\n]", owner, &ttl, type, rdata_text) >= 3,
                  "%s", text);
    struct name apex = a_name("example"), name;
    struct buf rdata = {0};
    const char *why;
    size_t at;
    struct record rr = {.owner = name.octets, .class = class, .ttl = ttl};
    ck_assert_ptr_nonnull(buf_room(&rdata, 1)); /* also where there is no rdata */
    ck_assert(name_parse(owner, strlen(owner), apex.octets, &name, &why));
    ck_assert(rrtype_parse(type, strlen(type), &rr.type));
    ck_assert_msg(
        rdata_parse(rr.type, rdata_text, strlen(rdata_text), apex.octets, &rdata, &why, &at),
        "%s: %s", text, why);
    rr.rdlen = (uint16_t)rdata.len;
    rr.rdata = rdata.data;
    ck_assert(reply_record(r, SECTION_ANSWER, &rr));
    buf_free(&rdata);
}

/* Appends the message with its length in front. */
static inline void tell(struct buf *stream, struct told m)
{
    struct reply r;
    uint8_t *to = buf_room(stream, MSG_MAX + 2);
    ck_assert(to != NULL);
    struct name qname = a_name(m.qname != NULL ? m.qname : "example");
    reply_start_bare(&r, to + 2, MSG_MAX, STREAM_ID ^ m.id, m.no_question ? NULL : qname.octets,
                     m.qtype != 0 ? m.qtype : TYPE_AXFR);
    for (const char *lines = m.lines; *lines != '\0';) {
        size_t len = strcspn(lines, "\n");
        add_record_line(&r, lines, len, m.class);
        lines += len + (lines[len] == '\n');
    }
    size_t len = reply_finish(&r);
    put_u16(to, (uint16_t)len);
    put_u16(to + 4, (MSG_QR | MSG_AA) ^ m.flags);
    if (m.qclass != 0) {
        put_u16(to + 2 + MSG_HEADER + name_len(qname.octets) + 2, m.qclass);
    }
    stream->len += len + 2;
}
#define TELL(stream, ...) tell(stream, (struct told){.lines = __VA_ARGS__})

/* A transfer of example. that starts at time 0; `have`: serial of our SOA. */
static inline struct transfer_in *a_transfer(enum transfer_in_kind kind, uint32_t have)
{
    struct name apex = a_name("example");
    struct buf soa = {0};
    soa_of(&soa, have);
    struct transfer_in_start s = {.kind = kind,
                                  .apex = apex.octets,
                                  .soa = soa.data,
                                  .soa_len = (uint16_t)soa.len,
                                  .id = STREAM_ID};
    struct transfer_in *t = transfer_in_new(&s);
    ck_assert_ptr_nonnull(t);
    buf_free(&soa);
    return t;
}

/* Feeds all of it in pieces of `piece` octets, each in memory of its own size; stops when it is
 * over. */
static inline enum transfer_in_status feed(struct transfer_in *t, const struct buf *stream,
                                           size_t piece, struct oops *o)
{
    enum transfer_in_status status = TRANSFER_IN_MORE;
    for (size_t at = 0; at < stream->len && status == TRANSFER_IN_MORE; at += piece) {
        size_t len = stream->len - at < piece ? stream->len - at : piece;
        uint8_t *exact = malloc(len);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, stream->data + at, len);
        status = transfer_in_feed(t, exact, len, (struct mono){0}, o);
        free(exact);
    }
    return status;
}

/* A record stream as text. */
static inline void print_stream(struct buf *out, const struct buf *records)
{
    struct record rr;
    for (size_t at = 0; record_next(records->data, records->len, &at, &rr, NULL);) {
        record_print(&rr, out);
    }
}

#endif
