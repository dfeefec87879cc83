/* zonemd.c - does a version have the content that its ZONEMD says (RFC 8976)? One walk in
 * canonical order puts every record through the hash, but for the ZONEMD at the apex and their
 * signatures (RFC 8976 3.3). At the end of a job, on its thread. */
#include "zone/zonemd.h"
#include "base/buf.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIMPLE      1
#define HEAD        6U /* of the rdata: serial, scheme, hash */
#define RECORD_HEAD 10 /* of a record behind the owner: type, class, TTL, length */
#define CLASS_IN    1
#define SHOWN       4 /* so many octets tell two digests apart */

static const struct method { /* RFC 8976 2.2.3 */
    uint8_t hash;
    uint8_t size;
    const char *name;
} methods[] = {{1, 48, "SHA-384"}, {2, 64, "SHA-512"}};

struct digest {
    EVP_MD_CTX *ctx;
    bool failed;
    uint8_t rdata[UINT16_MAX];
};

static const struct method *method_of(const uint8_t *rdata);
static void look_at(const struct zone_version *v, const struct rrset *all, const uint8_t *rdata,
                    size_t len, struct zonemd_result *out);
static bool has_twin(const struct rrset *all, const uint8_t *rdata);
static bool compute(const struct zone_version *v, const struct method *m, uint8_t *out);
static void add_owner(struct digest *d, const uint8_t *owner, struct zone_node node, bool is_apex);
static bool is_left_out(const struct rrset *set, const uint8_t *rdata);
static void add_record(struct digest *d, const uint8_t *owner, const struct record *rr);
static void add(struct digest *d, const void *data, size_t len);
static void say(struct zonemd_result *out, enum zonemd_state state, const char *format, ...)
    PRINTF_LIKE(3, 4);
static const char *hex(const uint8_t *octets, char text[2 * SHOWN + 1]);

void zonemd_verify(const struct zone_version *v, struct zonemd_result *out)
{
    struct rrset all;
    const uint8_t *rdata;
    uint16_t len;
    *out = (struct zonemd_result){.state = ZONEMD_NONE};
    if (!zone_rrset(zone_apex_node(v), TYPE_ZONEMD, &all)) {
        return;
    }
    say(out, ZONEMD_UNKNOWN,
        "serial %u: the zone's digest cannot be verified: each ZONEMD is of a scheme or hash that "
        "is not known here",
        zone_serial(v));
    for (size_t at = 0;
         out->state != ZONEMD_RIGHT && (rdata = rrset_next(&all, &at, &len)) != NULL;) {
        if (method_of(rdata) != NULL) {
            look_at(v, &all, rdata, len, out);
        }
    }
}

static const struct method *method_of(const uint8_t *rdata)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (rdata[4] == SIMPLE && rdata[5] == methods[i].hash) {
            return &methods[i];
        }
    }
    return NULL;
}

/* RFC 8976 4, step by step, of one ZONEMD. */
static void look_at(const struct zone_version *v, const struct rrset *all, const uint8_t *rdata,
                    size_t len, struct zonemd_result *out)
{
    const struct method *m = method_of(rdata);
    uint8_t digest[EVP_MAX_MD_SIZE];
    char said[2 * SHOWN + 1], found[2 * SHOWN + 1];
    uint32_t serial = zone_serial(v);
    if (get_u32(rdata) != serial) {
        say(out, ZONEMD_WRONG, "serial %u: the ZONEMD is for serial %u (RFC 8976 4)", serial,
            get_u32(rdata));
    } else if (has_twin(all, rdata)) {
        say(out, ZONEMD_WRONG,
            "serial %u: more than one ZONEMD of scheme %u and hash %u, so that none counts (RFC "
            "8976 4)",
            serial, rdata[4], rdata[5]);
    } else if (len != HEAD + m->size) {
        say(out, ZONEMD_WRONG, "serial %u: the digest of the ZONEMD has %zu octets, %s has %u",
            serial, len - HEAD, m->name, m->size);
    } else if (!compute(v, m, digest)) {
        say(out, ZONEMD_WRONG, "serial %u: no memory to verify the zone's digest", serial);
    } else if (memcmp(digest, rdata + HEAD, m->size) != 0) {
        say(out, ZONEMD_WRONG,
            "serial %u: the zone is not what its ZONEMD says: %s of its records is %s..., not "
            "%s... (RFC 8976 4)",
            serial, m->name, hex(digest, found), hex(rdata + HEAD, said));
    } else {
        say(out, ZONEMD_RIGHT, "serial %u: the zone is what its ZONEMD says (%s)", serial, m->name);
    }
}

static bool has_twin(const struct rrset *all, const uint8_t *rdata)
{
    const uint8_t *other;
    uint16_t len;
    for (size_t at = 0; (other = rrset_next(all, &at, &len)) != NULL;) {
        if (other != rdata && other[4] == rdata[4] && other[5] == rdata[5]) {
            return true;
        }
    }
    return false;
}

static bool compute(const struct zone_version *v, const struct method *m, uint8_t *out)
{
    struct digest d = {.ctx = EVP_MD_CTX_new()};
    struct zone_walk walk;
    struct name owner;
    struct zone_node node;
    d.failed = d.ctx == NULL ||
               EVP_DigestInit_ex(d.ctx, m->hash == 1 ? EVP_sha384() : EVP_sha512(), NULL) != 1;
    zone_walk_start(&walk, v);
    while (!d.failed && zone_walk_next(&walk, &owner, &node)) {
        add_owner(&d, owner.octets, node, name_same(owner.octets, zone_apex(v)));
    }
    d.failed = d.failed || EVP_DigestFinal_ex(d.ctx, out, NULL) != 1;
    EVP_MD_CTX_free(d.ctx);
    return !d.failed;
}

/* RRsets come by type, and the records of each in canonical order: so they lie in the version. */
static void add_owner(struct digest *d, const uint8_t *owner, struct zone_node node, bool is_apex)
{
    struct rrset set;
    for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
        struct record rr = {.type = set.type};
        for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL;) {
            if (!is_apex || !is_left_out(&set, rr.rdata)) {
                rr.ttl = zone_record_ttl(node, &set, rr.rdata);
                add_record(d, owner, &rr);
            }
        }
    }
}

static bool is_left_out(const struct rrset *set, const uint8_t *rdata)
{
    return set->type == TYPE_ZONEMD || (set->type == TYPE_RRSIG && get_u16(rdata) == TYPE_ZONEMD);
}

/* In canonical form (RFC 4034 6.2); the walk gives owners in lower case. */
static void add_record(struct digest *d, const uint8_t *owner, const struct record *rr)
{
    uint8_t head[RECORD_HEAD];
    put_u16(head, rr->type);
    put_u16(head + 2, CLASS_IN);
    put_u32(head + 4, rr->ttl);
    put_u16(head + 8, rr->rdlen);
    memcpy(d->rdata, rr->rdata, rr->rdlen);
    rdata_lower(rr->type, d->rdata, rr->rdlen);
    add(d, owner, name_len(owner));
    add(d, head, sizeof head);
    add(d, d->rdata, rr->rdlen);
}

static void add(struct digest *d, const void *data, size_t len)
{
    d->failed = d->failed || EVP_DigestUpdate(d->ctx, data, len) != 1;
}

static void say(struct zonemd_result *out, enum zonemd_state state, const char *format, ...)
{
    va_list args;
    out->state = state;
    va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
}

static const char *hex(const uint8_t *octets, char text[2 * SHOWN + 1])
{
    for (unsigned i = 0; i < SHOWN; i++) {
        snprintf(text + 2 * i, 3, "%02x", octets[i]);
    }
    return text;
}
