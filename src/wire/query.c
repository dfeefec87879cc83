/* query.c - a question taken apart where it lies (RFC 1035 4, 6891, 8945, 1996, 1995). The first
 * thing a worker does with what arrives, so nothing is copied, followed or allocated that an
 * ordinary question does not need. Any thread. What does not add up is FORMERR, never a guess. */
#include "wire/query.h"
#include "base/buf.h"
#include "wire/msg.h"
#include "wire/reader.h"
#include "wire/record.h"
#include "wire/rrtype.h"

struct head { /* one record: where it is and what stands before its rdata */
    enum section section;
    size_t at;
    uint16_t type, class, rdlen;
    uint32_t ttl;
    const uint8_t *rdata;
};

static enum query_status judge(const struct query *q, bool whole);
static bool asks_nothing(const struct query *q);
static bool read_question(struct reader *r, struct query *q);
static bool has_no_records(const struct query *q);
static bool read_sections(struct reader *r, struct query *q, struct buf *space);
static bool read_section(struct reader *r, struct query *q, enum section s, struct buf *space);
static bool read_head(struct reader *r, struct head *h);
static bool take(struct query *q, const struct head *h);
static bool is_taken(const struct query *q, const struct head *h);
static bool take_opt(struct query *q, const struct head *h);
static bool take_options(struct query *q, const struct head *h);
static bool take_option(struct query *q, uint16_t code, const uint8_t *data, size_t len);
static bool take_tsig(struct query *q, const struct head *h);
static bool take_soa(struct query *q, const struct head *h);
static bool wants_soa(const struct query *q, const struct head *h);
static bool is_well_formed(struct reader *r, const struct head *h, struct buf *space);

enum query_status query_read(const uint8_t *msg, size_t len, struct query *q)
{
    struct reader r;
    struct buf space = {.len = 0}; /* for records that we do not want: others need none */
    *q = (struct query){.msg = msg, .len = len, .payload = MSG_UDP_PLAIN};
    if (len < MSG_HEADER) {
        return QUERY_SHORT;
    }
    q->id = get_u16(msg);
    q->flags = get_u16(msg + 2);
    q->opcode = MSG_OPCODE(q->flags);
    if ((q->flags & MSG_QR) != 0) {
        return QUERY_RESPONSE;
    }
    reader_start(&r, msg, len);
    r.at = MSG_HEADER;
    bool whole = (asks_nothing(q) || read_question(&r, q)) &&
                 (has_no_records(q) || read_sections(&r, q, &space)) && reader_left(&r) == 0;
    buf_free(&space);
    return judge(q, whole);
}

static enum query_status judge(const struct query *q, bool whole)
{
    if (q->opcode != OPCODE_QUERY && q->opcode != OPCODE_NOTIFY) {
        /* First: their sections have meanings of their own. But an OPT is one (RFC 6891 6.1.3). */
        return whole && q->edns_version > 0 ? QUERY_BADVERS : QUERY_NOTIMP;
    }
    if (!whole) {
        return QUERY_MALFORMED;
    }
    if (q->edns_version > 0) {
        return QUERY_BADVERS;
    }
    if (q->has_question) {
        return QUERY_OK;
    }
    return q->cookie != NULL ? QUERY_COOKIE : QUERY_MALFORMED;
}

/* RFC 9619 4: only a QUERY may come without a question. Its records are looked at for a cookie. */
static bool asks_nothing(const struct query *q)
{
    return q->opcode == OPCODE_QUERY && get_u16(q->msg + 4) == 0;
}

/* RFC 9619: exactly one question. Nothing stands before its name, so it cannot be compressed. */
static bool read_question(struct reader *r, struct query *q)
{
    size_t len;
    if (get_u16(q->msg + 4) != 1 || !name_check(q->msg + r->at, reader_left(r), &len)) {
        return false;
    }
    const uint8_t *name = read_bytes(r, len), *fixed = read_bytes(r, 4);
    if (fixed == NULL) {
        return false;
    }
    q->has_question = true;
    q->qname = name;
    q->qname_len = (uint16_t)len;
    q->qtype = get_u16(fixed);
    q->qclass = get_u16(fixed + 2);
    return true;
}

static bool has_no_records(const struct query *q)
{
    return get_u32(q->msg + 6) == 0 && get_u16(q->msg + 10) == 0;
}

static bool read_sections(struct reader *r, struct query *q, struct buf *space)
{
    return read_section(r, q, SECTION_ANSWER, space) &&
           read_section(r, q, SECTION_AUTHORITY, space) &&
           read_section(r, q, SECTION_ADDITIONAL, space);
}

static bool read_section(struct reader *r, struct query *q, enum section s, struct buf *space)
{
    for (unsigned left = get_u16(q->msg + 6 + 2 * s); left > 0;
         left--) { /* 11 octets each at least */
        struct head h = {.section = s};
        if (!read_head(r, &h) || q->has_tsig) { /* RFC 8945 5.2: it is the last record */
            return false;
        }
        if (!(is_taken(q, &h) ? take(q, &h) : is_well_formed(r, &h, space))) {
            return false;
        }
    }
    return true;
}

static bool read_head(struct reader *r, struct head *h)
{
    h->at = r->at;
    skip_name(r);
    h->type = read_u16(r);
    h->class = read_u16(r);
    h->ttl = read_u32(r);
    h->rdlen = read_u16(r);
    h->rdata = read_bytes(r, h->rdlen);
    return h->rdata != NULL;
}

/* Of opcodes that we do not know nothing is wanted, and nothing is looked at either. */
static bool is_taken(const struct query *q, const struct head *h)
{
    bool is_known = q->opcode == OPCODE_QUERY || q->opcode == OPCODE_NOTIFY;
    return !is_known || h->type == TYPE_OPT || h->type == TYPE_TSIG ||
           (h->type == TYPE_SOA && wants_soa(q, h));
}

static bool take(struct query *q, const struct head *h)
{
    switch (h->type) {
    case TYPE_OPT:
        return take_opt(q, h);
    case TYPE_TSIG:
        return take_tsig(q, h);
    case TYPE_SOA:
        return !wants_soa(q, h) || take_soa(q, h);
    }
    return true;
}

/* RFC 6891 6.1.1: one OPT, in the additional section, owned by the root. */
static bool take_opt(struct query *q, const struct head *h)
{
    if (q->has_edns || h->section != SECTION_ADDITIONAL || q->msg[h->at] != 0) {
        return false;
    }
    q->has_edns = true;
    q->edns_version = (uint8_t)(h->ttl >> 16);
    q->dnssec_ok = (h->ttl & 0x8000) != 0;
    q->payload = h->class > MSG_UDP_PLAIN ? h->class : MSG_UDP_PLAIN; /* 6.2.3 */
    return q->edns_version > 0 || take_options(q, h); /* a later version may change their form */
}

static bool take_options(struct query *q, const struct head *h)
{
    struct reader r;
    reader_start(&r, h->rdata, h->rdlen);
    while (reader_left(&r) > 0) {
        uint16_t code = read_u16(&r), len = read_u16(&r);
        const uint8_t *data = read_bytes(&r, len);
        if (data == NULL || !take_option(q, code, data, len)) {
            return false;
        }
    }
    return true;
}

static bool take_option(struct query *q, uint16_t code, const uint8_t *data, size_t len)
{
    switch (code) {
    case OPTION_NSID:
        q->wants_nsid = true;
        return true;
    case OPTION_ZONEVERSION:
        q->wants_zoneversion = true;
        return len == 0; /* RFC 9660 3.1, 3.2: it asks by being empty, else FORMERR */
    case OPTION_KEEPALIVE:
        q->wants_keepalive = len == 0; /* RFC 7828 3.2.1: a question has no time in it */
        return true;
    case OPTION_COOKIE:
        if (len != 8 && (len < 16 || len > 40)) { /* RFC 7873 5.2.2 */
            return false;
        }
        if (q->cookie == NULL) { /* RFC 7873 5.2: the first one counts */
            q->cookie = data;
            q->cookie_len = (uint8_t)len;
        }
        return true;
    }
    return true;
}

static bool take_tsig(struct query *q, const struct head *h)
{
    if (h->section != SECTION_ADDITIONAL || h->at > UINT16_MAX) {
        return false;
    }
    q->has_tsig = true;
    q->tsig_at = (uint16_t)h->at;
    return true;
}

/* RFC 1996 3.7: what the primary has, in the answer section. RFC 1995 3: what the asker has, in the
 * authority section. */
static bool wants_soa(const struct query *q, const struct head *h)
{
    if (q->has_notify_serial || h->class != CLASS_IN) {
        return false;
    }
    if (q->opcode == OPCODE_NOTIFY) {
        return h->section == SECTION_ANSWER;
    }
    return q->opcode == OPCODE_QUERY && q->qtype == TYPE_IXFR && h->section == SECTION_AUTHORITY;
}

/* The SOA of another name is left out of account. */
static bool take_soa(struct query *q, const struct head *h)
{
    struct reader r;
    struct name owner, name;
    reader_start(&r, q->msg, (size_t)(h->rdata + h->rdlen - q->msg));
    r.at = h->at;
    if (!read_name(&r, &owner)) {
        return false;
    }
    r.at = (size_t)(h->rdata - q->msg);
    if (!read_name(&r, &name) || !read_name(&r, &name) || reader_left(&r) != 20) {
        return false;
    }
    q->has_notify_serial = name_same(owner.octets, q->qname);
    q->notify_serial = q->has_notify_serial ? read_u32(&r) : 0;
    return true;
}

/* Of no use to us, but what has one malformed record is FORMERR, as BIND, Knot and NSD have it. All
 * records of a message share what names may cost (reader.h). */
static bool is_well_formed(struct reader *r, const struct head *h, struct buf *space)
{
    struct reader one = *r;
    struct record rr;
    one.at = h->at;
    space->len = 0;
    bool ok = record_read(&one, space, &rr) || space->failed; /* without memory: as if it were */
    r->work = one.work;
    return ok;
}
