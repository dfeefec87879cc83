/* response.c - an answer to a question of ours, taken apart (RFC 1035 4, 6891 6.1, 9660). Any
 * thread. Whether it answers our question is the caller's to decide; here it is only well-
 * formed. */
#include "wire/response.h"
#include "wire/msg.h"
#include "wire/rrtype.h"

static bool read_question(struct reader *r, struct response *out);
static bool walk(struct response *out);
static bool walk_record(struct reader *r, bool additional, struct response *out);
static bool take_opt(struct response *out, struct reader *rdata, uint32_t ttl);
static void take_option(struct response *out, uint16_t code, const uint8_t *data, size_t len);

bool response_read(const uint8_t *msg, size_t len, struct response *out)
{
    *out = (struct response){.ede = EDE_NONE};
    reader_start(&out->records, msg, len);
    out->id = read_u16(&out->records);
    out->flags = read_u16(&out->records);
    out->rcode = MSG_RCODE(out->flags);
    unsigned questions = read_u16(&out->records);
    for (int i = 0; i < 3; i++) {
        out->counts[i] = read_u16(&out->records);
    }
    if ((out->flags & MSG_QR) == 0 || questions > 1) {
        return false;
    }
    if (questions == 1 && !read_question(&out->records, out)) {
        return false;
    }
    return !out->records.failed && walk(out);
}

static bool read_question(struct reader *r, struct response *out)
{
    out->has_question = read_name(r, &out->qname);
    out->qtype = read_u16(r);
    out->qclass = read_u16(r);
    return !r->failed;
}

/* With TC some servers cut inside a record (RFC 2181 9 wants the rest ignored): then no records. */
static bool walk(struct response *out)
{
    struct reader r = out->records;
    unsigned before_additional = out->counts[0] + out->counts[1];
    unsigned all = before_additional + out->counts[2];
    for (unsigned i = 0; i < all; i++) { /* 11 octets each at least */
        if (walk_record(&r, i >= before_additional, out)) {
            continue;
        }
        if ((out->flags & MSG_TC) == 0) {
            return false;
        }
        out->counts[0] = out->counts[1] = out->counts[2] = 0;
        return true;
    }
    return reader_left(&r) == 0 && !r.failed;
}

static bool walk_record(struct reader *r, bool additional, struct response *out)
{
    bool is_root = reader_left(r) > 0 && r->data[r->at] == 0;
    skip_name(r);
    uint16_t type = read_u16(r);
    read_u16(r);
    uint32_t ttl = read_u32(r);
    uint16_t rdlen = read_u16(r);
    const uint8_t *rdata = read_bytes(r, rdlen);
    if (rdata == NULL) {
        return false;
    }
    if (type != TYPE_OPT) {
        return true;
    }
    struct reader options;
    reader_start(&options, rdata, rdlen);
    return additional && is_root && !out->has_edns && take_opt(out, &options, ttl);
}

static bool take_opt(struct response *out, struct reader *rdata, uint32_t ttl)
{
    out->has_edns = true;
    out->rcode |= ttl >> 24 << 4;
    while (reader_left(rdata) > 0) {
        uint16_t code = read_u16(rdata), len = read_u16(rdata);
        const uint8_t *data = read_bytes(rdata, len);
        if (data == NULL) {
            return false;
        }
        take_option(out, code, data, len);
    }
    return !rdata->failed;
}

static void take_option(struct response *out, uint16_t code, const uint8_t *data, size_t len)
{
    if (code == OPTION_SETTLED_MARK) {
        out->mark = true;
    }
    if (code == OPTION_ZONEVERSION && len == 6 && data[1] == 0) { /* RFC 9660 2.1: SOA-SERIAL */
        out->has_zoneversion = true;
        out->zoneversion_labels = data[0];
        out->zoneversion = get_u32(data + 2);
    }
    if (code == OPTION_EDE && len >= 2) {
        int ede = get_u16(data);
        out->ede = out->ede == EDE_NONE ? ede : out->ede;
        out->stale = out->stale || ede == EDE_STALE_ANSWER || ede == EDE_STALE_NXDOMAIN;
    }
}
