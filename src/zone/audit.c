/* audit.c - is every RRset of a signed zone signed, by a key of the zone, and now (RFC 4035 2)?
 * Called at the end of a job, on its thread. Signatures are not verified: that is for those who
 * made them, and it would take minutes where this takes a second. */
#include "zone/audit.h"
#include "base/buf.h"
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/store.h"
#include <stdarg.h>
#include <stdio.h>

#define SHOWN_OF_A_KIND 20
#define SIGNER_AT       18 /* where the signer stands in an RRSIG (RFC 4034 3.1) */

static void start(struct audit *a);
static void add_algorithm(struct audit *a, uint8_t algorithm);
static uint16_t key_tag(const uint8_t *rdata, size_t len);
static void look_at(struct audit *a, const uint8_t *name, struct zone_node node);
static bool is_hidden(struct audit *a, const uint8_t *name);
static void empty_ones(struct audit *a, const uint8_t *name);
static void rrsets(struct audit *a, const struct audit_owner *o);
static void signatures(struct audit *a, const struct audit_owner *o, uint16_t type,
                       const struct rrset *sigs);
static bool has_signature(const struct rrset *sigs, uint16_t type, unsigned algorithm);
static void signature(struct audit *a, const struct audit_owner *o, const uint8_t *rdata);
static bool has_key(const struct audit *a, uint8_t algorithm, uint16_t tag);
static void times(struct audit *a, const struct audit_owner *o, const uint8_t *rdata);
static void end(struct audit *a);

void audit_version(const struct zone_version *v, const struct zone_places *places, struct wall now,
                   struct report *report)
{
    struct audit a = {.v = v,
                      .places = places,
                      .report = report,
                      .has_now = now.ms != 0,
                      .now = (uint32_t)(now.ms / 1000)};
    struct zone_walk walk;
    struct name name;
    struct zone_node node;
    struct rrset sigs;
    if (!zone_rrset(zone_apex_node(v), TYPE_RRSIG, &sigs)) {
        return;
    }
    start(&a);
    zone_walk_start(&walk, v);
    while (zone_walk_next(&walk, &name, &node)) {
        look_at(&a, name.octets, node);
    }
    audit_chain_end(&a);
    end(&a);
}

static void start(struct audit *a)
{
    struct rrset keys;
    const uint8_t *rdata;
    uint16_t len;
    if (!zone_rrset(zone_apex_node(a->v), TYPE_DNSKEY, &keys)) {
        audit_warn(a, AUDIT_SIGNATURE, zone_apex(a->v), TYPE_SOA,
                   "signed, but there is no DNSKEY: nobody can verify it (RFC 4035 2.1)");
        a->key_count = AUDIT_KEYS;
        return;
    }
    for (size_t at = 0; (rdata = rrset_next(&keys, &at, &len)) != NULL;) {
        if (a->key_count < AUDIT_KEYS) {
            a->keys[a->key_count++] =
                (struct audit_key){.tag = key_tag(rdata, len), .algorithm = rdata[3]};
            add_algorithm(a, rdata[3]);
        }
    }
}

static void add_algorithm(struct audit *a, uint8_t algorithm)
{
    for (unsigned i = 0; i < a->algorithm_count; i++) {
        if (a->algorithms[i] == algorithm) {
            return;
        }
    }
    a->algorithms[a->algorithm_count++] = algorithm;
}

/* RFC 4034 appendix B. */
static uint16_t key_tag(const uint8_t *rdata, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum += (i & 1) != 0 ? rdata[i] : (uint32_t)rdata[i] << 8;
    }
    return (uint16_t)(sum + (sum >> 16));
}

static void look_at(struct audit *a, const uint8_t *name, struct zone_node node)
{
    struct rrset set;
    struct audit_owner o = {.name = name, .node = node};
    if (!blob_is_name(store_blob(a->v, node.ref))) {
        rrsets(a, &o); /* an NSEC3 */
        return;
    }
    if (is_hidden(a, name)) {
        if (zone_rrset(node, TYPE_NSEC, &set)) {
            audit_warn(a, AUDIT_CHAIN, name, TYPE_NSEC,
                       "an NSEC below a delegation or DNAME stands in the way of those that count");
        }
        return;
    }
    empty_ones(a, name);
    bool is_apex = name_same(name, zone_apex(a->v));
    o.is_cut = !is_apex && zone_rrset(node, TYPE_NS, &set);
    a->has_above = o.is_cut || zone_rrset(node, TYPE_DNAME, &set);
    if (a->has_above) {
        name_copy(&a->above, name);
    }
    name_copy(&a->before, name);
    a->has_before = true;
    rrsets(a, &o);
    audit_chain(a, &o);
}

/* Names below a cut or a DNAME come right behind it. */
static bool is_hidden(struct audit *a, const uint8_t *name)
{
    a->has_above = a->has_above && name_at_or_below(name, a->above.octets);
    return a->has_above;
}

/* The names between this and what it has in common with the one before. */
static void empty_ones(struct audit *a, const uint8_t *name)
{
    unsigned labels = name_labels(name), common = name_labels(zone_apex(a->v));
    if (!a->has_before) {
        return;
    }
    while (common < labels && name_at_or_below(a->before.octets, name_suffix(name, common + 1))) {
        common++;
    }
    for (unsigned n = common + 1; n < labels; n++) {
        struct audit_owner o = {.name = name_suffix(name, n),
                                .node = {.version = a->v, .ref = STORE_EMPTY}};
        audit_chain(a, &o);
    }
}

bool audit_is_ours(const struct audit_owner *o, uint16_t type)
{
    return type != TYPE_RRSIG && (!o->is_cut || type == TYPE_DS || type == TYPE_NSEC);
}

static void rrsets(struct audit *a, const struct audit_owner *o)
{
    struct rrset set, sigs = {.count = 0};
    zone_rrset(o->node, TYPE_RRSIG, &sigs);
    for (unsigned at = 0; zone_rrset_next(o->node, &at, &set);) {
        if (audit_is_ours(o, set.type)) {
            signatures(a, o, set.type, &sigs);
        }
    }
    const uint8_t *rdata;
    uint16_t len;
    for (size_t at = 0; sigs.count > 0 && (rdata = rrset_next(&sigs, &at, &len)) != NULL;) {
        if (len > SIGNER_AT && audit_is_ours(o, get_u16(rdata))) {
            signature(a, o, rdata);
        }
    }
}

/* RFC 4035 2.2, 6840 5.11: one at least, and one of each algorithm that the zone has a key of. */
static void signatures(struct audit *a, const struct audit_owner *o, uint16_t type,
                       const struct rrset *sigs)
{
    char text[RRTYPE_TEXT];
    rrtype_print(type, text);
    if (!has_signature(sigs, type, 0)) {
        audit_warn(
            a, AUDIT_UNSIGNED, o->name, type,
            "%s has no RRSIG, but the zone is signed: who validates refuses it (RFC 4035 2.2)",
            text);
        return;
    }
    for (unsigned i = 0; i < a->algorithm_count; i++) {
        if (!has_signature(sigs, type, a->algorithms[i])) {
            audit_warn(
                a, AUDIT_UNSIGNED, o->name, type,
                "%s has no RRSIG of algorithm %u, of which the zone has a key (RFC 6840 5.11)",
                text, a->algorithms[i]);
        }
    }
}

/* Of that algorithm; 0: of any. */
static bool has_signature(const struct rrset *sigs, uint16_t type, unsigned algorithm)
{
    const uint8_t *rdata;
    uint16_t len;
    for (size_t at = 0; sigs->count > 0 && (rdata = rrset_next(sigs, &at, &len)) != NULL;) {
        if (len > SIGNER_AT && get_u16(rdata) == type &&
            (algorithm == 0 || rdata[2] == algorithm)) {
            return true;
        }
    }
    return false;
}

/* RFC 4035 5.3.1, as far as it can be seen from here. */
static void signature(struct audit *a, const struct audit_owner *o, const uint8_t *rdata)
{
    char type[RRTYPE_TEXT], signer[NAME_TEXT];
    unsigned labels = name_labels(o->name) - name_is_wildcard(o->name);
    rrtype_print(get_u16(rdata), type);
    if (!name_same(rdata + SIGNER_AT, zone_apex(a->v))) {
        audit_warn(a, AUDIT_SIGNATURE, o->name, TYPE_RRSIG, "the RRSIG of %s is signed by %s: %s",
                   type, name_print_dot(rdata + SIGNER_AT, signer), "not by this zone");
    } else if (!has_key(a, rdata[2], get_u16(rdata + 16))) {
        audit_warn(a, AUDIT_SIGNATURE, o->name, TYPE_RRSIG,
                   "the RRSIG of %s is by key %u of algorithm %u, which is not among the DNSKEYs",
                   type, get_u16(rdata + 16), rdata[2]);
    } else if (rdata[3] != labels) {
        audit_warn(a, AUDIT_SIGNATURE, o->name, TYPE_RRSIG,
                   "the RRSIG of %s is for a name of %u labels, this has %u", type, rdata[3],
                   labels);
    } else if (a->has_now) {
        times(a, o, rdata);
    }
}

static bool has_key(const struct audit *a, uint8_t algorithm, uint16_t tag)
{
    for (unsigned i = 0; i < a->key_count && a->key_count < AUDIT_KEYS; i++) {
        if (a->keys[i].algorithm == algorithm && a->keys[i].tag == tag) {
            return true;
        }
    }
    return a->key_count == AUDIT_KEYS;
}

/* RFC 4034 3.1.5: in serial number arithmetic. */
static void times(struct audit *a, const struct audit_owner *o, const uint8_t *rdata)
{
    char type[RRTYPE_TEXT], time[21];
    uint32_t expiration = get_u32(rdata + 8), inception = get_u32(rdata + 12);
    bool is_expired = serial_older(expiration, a->now);
    if (!is_expired && !serial_older(a->now, inception)) {
        return;
    }
    int64_t ahead = (int32_t)((is_expired ? expiration : inception) - a->now);
    wall_print((struct wall){((int64_t)a->now + ahead) * 1000}, time);
    audit_warn(a, AUDIT_SIGNATURE, o->name, TYPE_RRSIG,
               "the RRSIG of %s %s %s: who validates refuses it",
               rrtype_print(get_u16(rdata), type),
               is_expired ? "expired at" : "is not valid before", time);
}

static void end(struct audit *a)
{
    static const char *const words[AUDIT_KINDS] = {
        [AUDIT_UNSIGNED] = "RRsets without RRSIG",
        [AUDIT_SIGNATURE] = "RRSIGs that are refused",
        [AUDIT_CHAIN] = "breaks in the chain of denials",
        [AUDIT_TYPES] = "denials that list other types than are there",
    };
    for (int kind = 0; kind < AUDIT_KINDS; kind++) {
        if (a->seen[kind] > SHOWN_OF_A_KIND) {
            report_warning(a->report, NULL, "%u more %s", a->seen[kind] - SHOWN_OF_A_KIND,
                           words[kind]);
        }
    }
}

void audit_warn(struct audit *a, enum audit_kind kind, const uint8_t *owner, uint16_t type,
                const char *format, ...)
{
    char text[1500], name[NAME_TEXT];
    if (a->seen[kind]++ >= SHOWN_OF_A_KIND) {
        return;
    }
    struct place place = place_of_owner(a->places, owner, type);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_warning(a->report, &place, "%s: %s", name_print_dot(owner, name), text);
}
