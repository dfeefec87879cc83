/* reply.c - an answer written record set by record set, whole sets or nothing (RFC 1035 4, 2181
 * 9, 6891). The hot end of a worker: no allocation, and one check of the room for a set whose
 * names cannot be compressed. Any thread. Names are compressed in compress.c. */
#include "wire/reply.h"
#include "base/buf.h"
#include "wire/compress.h"
#include "wire/fields.h"
#include "wire/name.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <string.h>

#define OPT_SIZE 11
#define HEAD     8 /* type, class, TTL: the same for all records of a set */
#define OPTION   4 /* code and length of an option */
#define EDE_SIZE 6 /* an extended error without text */

struct mark { /* where a set began, to take it back */
    size_t len;
    uint8_t names;
};
struct owner { /* an owner in the message, in its shortest form for the records that follow */
    uint8_t pointer[2];
    const uint8_t *octets;
    size_t len;
};
struct front { /* the fields of rdata up to the last name that may be compressed */
    const char *layout, *end;
};

static void start(struct reply *r, uint8_t *buf, size_t limit);
static struct mark mark(const struct reply *r);
static bool take_back(struct reply *r, struct mark m);
static bool count_records(struct reply *r, enum section s, unsigned count);
static bool put_owner(struct reply *r, const uint8_t *name, struct owner *o);
static bool is_question(const struct reply *r, const uint8_t *name);
static bool put_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                    const struct rrset *set);
static bool put_plain_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                          const struct rrset *set);
static bool put_named_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                          const struct rrset *set, struct front fields);
static bool put_rdata(struct reply *r, struct front fields, const uint8_t *rdata, size_t len);
static struct front front_of(uint16_t type);
static bool put(struct reply *r, const void *octets, size_t len);
static void put_opt(struct reply *r, unsigned rcode);
static void put_options(struct reply *r, size_t keep);
static void put_ede(struct reply *r);

void reply_start(struct reply *r, uint8_t *buf, size_t room, const struct query *q, size_t limit,
                 size_t options_room)
{
    must(room >= MSG_UDP_PLAIN);
    limit = limit < room ? limit : room;
    start(r, buf, limit > MSG_UDP_PLAIN ? limit : MSG_UDP_PLAIN);
    size_t question = q->has_question ? q->qname_len + 4U : 0;
    if (buf != q->msg) {
        memcpy(buf, q->msg, MSG_HEADER + question);
    }
    r->len = r->start = (uint16_t)(MSG_HEADER + question);
    put_u16(buf + 4, q->has_question);
    r->flags = q->flags & (0x7800 | MSG_RD | MSG_CD); /* the opcode, too */
    r->edns = q->has_edns;
    r->dnssec_ok = q->dnssec_ok;
    size_t wanted = q->has_edns ? OPT_SIZE + options_room : 0, most = r->limit - r->start;
    r->reserved = wanted < most ? wanted : most;
}

void reply_start_bare(struct reply *r, uint8_t *buf, size_t room, uint16_t id, const uint8_t *qname,
                      uint16_t qtype)
{
    must(room >= MSG_UDP_PLAIN);
    start(r, buf, room);
    put_u16(buf, id);
    put_u16(buf + 4, qname != NULL);
    if (qname != NULL) {
        size_t len = name_len(qname);
        memcpy(buf + MSG_HEADER, qname, len);
        put_u16(buf + MSG_HEADER + len, qtype);
        put_u16(buf + MSG_HEADER + len + 2, CLASS_IN);
        r->len = r->start = (uint16_t)(MSG_HEADER + len + 4);
    }
}

/* Field by field: clearing `seen` for every answer would cost more than the rest of the start. */
static void start(struct reply *r, uint8_t *buf, size_t limit)
{
    r->buf = buf;
    r->len = r->start = MSG_HEADER;
    r->limit = limit < MSG_MAX ? limit : MSG_MAX;
    r->reserved = 0;
    r->flags = 0;
    r->rcode = RCODE_NOERROR;
    memset(r->counts, 0, sizeof r->counts);
    r->full = false;
    r->names = r->base_labels = 0;
    r->edns = r->dnssec_ok = false;
    r->payload = MSG_UDP_DEFAULT;
    r->ede = EDE_NONE;
    r->ede_text = NULL;
    r->options = NULL;
    r->options_len = 0;
}

void reply_base(struct reply *r, unsigned labels)
{
    bool is_of_use = labels <= REPLY_NAMES && r->names == 0 && r->start > MSG_HEADER;
    r->base_labels = is_of_use ? (uint8_t)labels : 0;
}

bool reply_rrset(struct reply *r, enum section s, const uint8_t *owner, const struct rrset *set,
                 uint32_t ttl)
{
    struct mark before = mark(r);
    struct owner o;
    uint8_t head[HEAD];
    put_u16(head, set->type);
    put_u16(head + 2, CLASS_IN);
    put_u32(head + 4, ttl);
    if (!put_owner(r, owner, &o) || !put_set(r, &o, head, set)) {
        return take_back(r, before);
    }
    return count_records(r, s, set->count);
}

bool reply_record(struct reply *r, enum section s, const struct record *rr)
{
    struct mark before = mark(r);
    struct owner o;
    uint8_t head[HEAD];
    put_u16(head, rr->type);
    put_u16(head + 2, rr->class != 0 ? rr->class : CLASS_IN);
    put_u32(head + 4, rr->ttl);
    if (!put_owner(r, rr->owner, &o) || !put(r, head, sizeof head) ||
        !put_rdata(r, front_of(rr->type), rr->rdata, rr->rdlen)) {
        return take_back(r, before);
    }
    return count_records(r, s, 1);
}

static struct mark mark(const struct reply *r)
{
    return (struct mark){.len = r->len, .names = r->names};
}

static bool take_back(struct reply *r, struct mark m)
{
    r->len = m.len;
    r->names = m.names;
    r->full = true;
    return false;
}

static bool count_records(struct reply *r, enum section s, unsigned count)
{
    for (unsigned later = s + 1; later <= SECTION_ADDITIONAL; later++) {
        must(r->counts[later] == 0); /* sections come in order */
    }
    r->counts[s] =
        (uint16_t)(r->counts[s] + count); /* 65,535 octets hold fewer records than that */
    return true;
}

static bool put_owner(struct reply *r, const uint8_t *name, struct owner *o)
{
    size_t at = r->len;
    if (is_question(r, name) ? !put(r, "\xc0\x0c", 2) : !compress_put_owner(r, name)) {
        return false;
    }
    *o = (struct owner){.octets = r->buf + at, .len = r->len - at};
    if (o->len > 2 && at < COMPRESS_FAR) {
        put_u16(o->pointer, (uint16_t)(0xc000 | at));
        o->octets = o->pointer;
        o->len = 2;
    }
    return true;
}

/* Most owners are the name asked. For the root its one octet is shorter than a pointer. */
static bool is_question(const struct reply *r, const uint8_t *name)
{
    const uint8_t *asked = r->buf + MSG_HEADER;
    if (r->start == MSG_HEADER || name[0] == 0 || name[0] != asked[0]) {
        return false;
    }
    return name == asked || name_same(name, asked);
}

static bool put_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                    const struct rrset *set)
{
    struct front fields = front_of(set->type);
    return fields.layout < fields.end ? put_named_set(r, o, head, set, fields)
                                      : put_plain_set(r, o, head, set);
}

/* The octets needed are known before: the first owner stands there already. */
static bool put_plain_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                          const struct rrset *set)
{
    size_t need = (set->count - 1U) * o->len + (size_t)set->count * HEAD + set->size,
           left = set->size;
    if (need > reply_room(r)) {
        return false;
    }
    uint8_t *to = r->buf + r->len;
    const uint8_t *from = set->data;
    for (unsigned i = 0; i < set->count; i++) {
        if (i > 0) {
            memcpy(to, o->octets, o->len);
            to += o->len;
        }
        must(left >= 2 && left - 2 >= get_u16(from));
        size_t octets = 2U + get_u16(from);
        memcpy(to, head, HEAD);
        memcpy(to + HEAD, from, octets);
        to += HEAD + octets;
        from += octets;
        left -= octets;
    }
    must(left == 0);
    r->len += need;
    return true;
}

static bool put_named_set(struct reply *r, const struct owner *o, const uint8_t head[HEAD],
                          const struct rrset *set, struct front fields)
{
    size_t at = 0;
    uint16_t len;
    const uint8_t *rdata = rrset_next(set, &at, &len);
    for (bool first = true; rdata != NULL; first = false) {
        if ((!first && !put(r, o->octets, o->len)) || !put(r, head, HEAD) ||
            !put_rdata(r, fields, rdata, len)) {
            return false;
        }
        rdata = rrset_next(set, &at, &len);
    }
    return true;
}

/* The front's fields one by one, the rest at once. */
static bool put_rdata(struct reply *r, struct front fields, const uint8_t *rdata, size_t len)
{
    size_t start_at = r->len, at = 0;
    if (!put(r, "\0\0", 2)) {
        return false;
    }
    for (const char *field = fields.layout; field < fields.end; field++) {
        size_t size = field_size(*field, rdata + at, len - at);
        must(size != FIELD_BAD);
        if (*field == 'n' ? !compress_put(r, rdata + at) : !put(r, rdata + at, size)) {
            return false;
        }
        at += size;
    }
    if (!put(r, rdata + at, len - at)) {
        return false;
    }
    put_u16(r->buf + start_at, (uint16_t)(r->len - start_at - 2));
    return true;
}

/* RFC 3597 4: names are compressed in RFC 1035's types alone. */
static struct front front_of(uint16_t type)
{
    const char *layout = rrtype_layout(type);
    const char *last = layout != NULL ? strrchr(layout, 'n') : NULL;
    return (struct front){layout, last != NULL ? last + 1 : layout};
}

static bool put(struct reply *r, const void *octets, size_t len)
{
    if (len > reply_room(r)) {
        return false;
    }
    if (len > 0) {
        memcpy(r->buf + r->len, octets, len);
        r->len += len;
    }
    return true;
}

void reply_rewind(struct reply *r)
{
    r->len = r->start;
    r->names = 0;
    memset(r->counts, 0, sizeof r->counts);
}

size_t reply_finish(struct reply *r)
{
    unsigned rcode = r->rcode > 15 && !r->edns ? RCODE_SERVFAIL : r->rcode;
    put_u16(r->buf + 2, (uint16_t)((r->flags & ~15U) | MSG_QR | (rcode & 15)));
    put_u16(r->buf + 6, r->counts[SECTION_ANSWER]);
    put_u16(r->buf + 8, r->counts[SECTION_AUTHORITY]);
    put_u16(r->buf + 10, (uint16_t)(r->counts[SECTION_ADDITIONAL] + r->edns));
    r->reserved = 0;
    if (r->edns) {
        put_opt(r, rcode);
    }
    return r->len;
}

/* RFC 6891 6.1.2: root, OPT, payload size, extended rcode, version 0, DO, options. */
static void put_opt(struct reply *r, unsigned rcode)
{
    uint8_t opt[OPT_SIZE] = {0, 0, TYPE_OPT};
    size_t at = r->len;
    put_u16(opt + 3, r->payload);
    opt[5] = (uint8_t)(rcode >> 4);
    opt[7] = r->dnssec_ok ? 0x80 : 0;
    bool fits = put(r, opt, sizeof opt);
    must(fits); /* set aside at the start */
    put_options(r, r->ede == EDE_NONE ? 0 : EDE_SIZE);
    if (r->ede != EDE_NONE) {
        put_ede(r);
    }
    put_u16(r->buf + at + 9, (uint16_t)(r->len - at - OPT_SIZE));
}

/* Whole options, leaving `keep` octets free. */
static void put_options(struct reply *r, size_t keep)
{
    size_t left = r->options_len;
    const uint8_t *option = r->options;
    while (left > 0) {
        must(left >= OPTION && left - OPTION >= get_u16(option + 2));
        size_t size = OPTION
        +(size_t)get_u16(option + 2);
        if (size + keep > reply_room(r)) {
            return;
        }
        put(r, option, size);
        option += size;
        left -= size;
    }
}

/* RFC 8914 2. */
static void put_ede(struct reply *r)
{
    uint8_t option[EDE_SIZE];
    size_t text = r->ede_text != NULL ? strlen(r->ede_text) : 0;
    if (reply_room(r) < EDE_SIZE) {
        return;
    }
    text = text <= reply_room(r) - EDE_SIZE ? text : 0;
    put_u16(option, OPTION_EDE);
    put_u16(option + 2, (uint16_t)(2 + text));
    put_u16(option + 4, (uint16_t)r->ede);
    put(r, option, sizeof option);
    put(r, r->ede_text, text);
}
