/* zonekit.h - small zones from words, for the tests of the store. Loops use must(): it costs
 * nothing. Rdata by type: A is a number, NS, CNAME and DNAME a name, SOA a serial, RRSIG the
 * type it covers, NSEC3 an octet of the next hash, anything else one character-string. */
#ifndef SETTLED_TESTS_UNIT_ZONEKIT_H
#define SETTLED_TESTS_UNIT_ZONEKIT_H

#include "base/buf.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include "zone/change.h"
#include "zone/version.h"
#include <stdlib.h>
#include <string.h>

struct kit_record {
    struct name owner;
    uint8_t rdata[600];
    struct record rr;
};

static inline struct name kit_name(const char *text)
{
    struct name n;
    must(name_from(text, &n));
    return n;
}

static inline uint16_t kit_soa(uint8_t *rdata, uint32_t serial)
{
    static const uint8_t names[] = {2, 'n', 's', 0, 1, 'h', 0};
    memcpy(rdata, names, sizeof names);
    put_u32(rdata + sizeof names, serial);
    for (unsigned i = 1; i < 5; i++) {
        put_u32(rdata + sizeof names + i * 4, 1000 * i);
    }
    return sizeof names + 20;
}

static inline uint16_t kit_rdata(uint16_t type, const char *value, uint8_t *rdata)
{
    struct name n;
    switch (type) {
    case TYPE_A:
        put_u32(rdata, (uint32_t)strtoul(value, NULL, 10));
        return 4;
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_DNAME:
        n = kit_name(value);
        memcpy(rdata, n.octets, name_len(n.octets));
        return (uint16_t)name_len(n.octets);
    case TYPE_RRSIG:
        memset(rdata, 0, 20);
        put_u16(rdata, (uint16_t)strtoul(value, NULL, 10));
        return 20;
    case TYPE_NSEC3:
        memset(rdata, value[0], 26);
        memcpy(rdata, "\1\0\0\0\0\24", 6);
        return 26;
    case TYPE_SOA:
        return kit_soa(rdata, (uint32_t)strtoul(value, NULL, 10));
    default:
        rdata[0] = (uint8_t)strlen(value);
        memcpy(rdata + 1, value, strlen(value));
        return (uint16_t)(1 + strlen(value));
    }
}

static inline const struct record *kit_set(struct kit_record *k, const uint8_t *owner,
                                           uint16_t type, const char *value)
{
    name_copy(&k->owner, owner);
    uint16_t len = kit_rdata(type, value, k->rdata);
    k->rr = (struct record){.owner = k->owner.octets,
                            .type = type,
                            .class = CLASS_IN,
                            .ttl = 300,
                            .rdlen = len,
                            .rdata = k->rdata};
    return &k->rr;
}

static inline enum zone_edit_status kit_add(struct zone_edit *e, const char *owner, uint16_t type,
                                            const char *value)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    return zone_edit_add(e, kit_set(&k, n.octets, type, value));
}

static inline enum zone_edit_status kit_remove(struct zone_edit *e, const char *owner,
                                               uint16_t type, const char *value)
{
    struct kit_record k;
    struct name n = kit_name(owner);
    return zone_edit_remove(e, kit_set(&k, n.octets, type, value));
}

static inline struct zone_line *kit_line(const char *apex)
{
    struct name n = kit_name(apex);
    struct zone_line *l = zone_line_new(n.octets, 7);
    must(l != NULL);
    return l;
}

static inline struct zone_edit *kit_start(struct zone_line *l, const struct zone_version *base)
{
    struct zone_edit *e = zone_edit_start(l, base);
    must(e != NULL);
    return e;
}

static inline struct zone_version *kit_finish(struct zone_edit *e)
{
    struct oops o = {.text = ""};
    struct zone_version *v = zone_edit_finish(e, &o);
    must(v != NULL);
    return v;
}

/* A zone of lines "owner TYPE value", and its SOA with serial 1. */
struct kit_line {
    const char *owner;
    uint16_t type;
    const char *value;
};
static inline struct zone_version *kit_zone(struct zone_line *l, const char *apex,
                                            const struct kit_line *lines, size_t count)
{
    struct zone_edit *e = kit_start(l, NULL);
    must(kit_add(e, apex, TYPE_SOA, "1") == ZONE_EDIT_OK);
    for (size_t i = 0; i < count; i++) {
        must(kit_add(e, lines[i].owner, lines[i].type, lines[i].value) == ZONE_EDIT_OK);
    }
    return kit_finish(e);
}

/* Takes a serial out and puts another in. */
static inline void kit_serial(struct zone_edit *e, const char *apex, const char *from,
                              const char *to)
{
    must(kit_remove(e, apex, TYPE_SOA, from) == ZONE_EDIT_OK);
    must(kit_add(e, apex, TYPE_SOA, to) == ZONE_EDIT_OK);
}

/* All records of a version as one stream, in canonical order. */
static inline void kit_dump(const struct zone_version *v, struct buf *out)
{
    struct zone_walk w;
    struct name owner;
    struct zone_node node;
    struct rrset set;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node);) {
        for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
            struct record rr = {.owner = owner.octets, .type = set.type};
            for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL;) {
                rr.ttl = zone_record_ttl(node, &set, rr.rdata);
                record_add(out, &rr);
            }
        }
    }
    must(!out->failed);
}

static inline void kit_same(const struct zone_version *v, const struct buf *dump)
{
    struct buf now = {.len = 0};
    kit_dump(v, &now);
    must(now.len == dump->len);
    must(memcmp(now.data, dump->data, now.len) == 0);
    buf_free(&now);
}

#endif
