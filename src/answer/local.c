/* local.c - under a forwarded root: names of this host and of private networks, answered here.
 * So nobody upstream hears of them (RFC 6303 4, 6761 6, 7686 2, 7793 2, 8375 4, 9462 6.1). Pure. A
 * zone of the configuration below one of these names is deeper than the root, so it is asked
 * instead. */
#include "answer/local.h"
#include "wire/ascii.h"
#include "wire/rrtype.h"
#include <string.h>

#define LOCAL_TTL_S 10800 /* RFC 6303 3 */

#define ZEROS8 "0.0.0.0.0.0.0.0."
#define ONE6   "0.0.0.0.0.0.0." ZEROS8 ZEROS8 ZEROS8 "ip6.arpa" /* above the last nibble of ::1 */

enum { ROW_LOCALHOST };

struct row {
    const char *zone; /* with `most`: the zones "least.zone" to "most.zone" */
    unsigned least, most;
    const char *host; /* the one name in it that has a PTR */
};
static const struct row rows[] = {
    [ROW_LOCALHOST] = {"localhost", 0, 0, NULL},
    {"invalid", 0, 0, NULL},
    {"test", 0, 0, NULL},
    {"onion", 0, 0, NULL},
    {"home.arpa", 0, 0, NULL},
    {"resolver.arpa", 0, 0, NULL},
    {"10.in-addr.arpa", 0, 0, NULL},
    {"172.in-addr.arpa", 16, 31, NULL},
    {"168.192.in-addr.arpa", 0, 0, NULL},
    {"100.in-addr.arpa", 64, 127, NULL},
    {"127.in-addr.arpa", 0, 0, "1.0.0.127.in-addr.arpa"},
    {"0.in-addr.arpa", 0, 0, NULL},
    {"254.169.in-addr.arpa", 0, 0, NULL},
    {"2.0.192.in-addr.arpa", 0, 0, NULL},
    {"100.51.198.in-addr.arpa", 0, 0, NULL},
    {"113.0.203.in-addr.arpa", 0, 0, NULL},
    {"255.255.255.255.in-addr.arpa", 0, 0, NULL},
    {"0." ONE6, 0, 0, NULL},
    {"1." ONE6, 0, 0, "1." ONE6},
    {"d.f.ip6.arpa", 0, 0, NULL},
    {"8.e.f.ip6.arpa", 0, 0, NULL},
    {"9.e.f.ip6.arpa", 0, 0, NULL},
    {"a.e.f.ip6.arpa", 0, 0, NULL},
    {"b.e.f.ip6.arpa", 0, 0, NULL},
    {"8.b.d.0.1.0.0.2.ip6.arpa", 0, 0, NULL},
};

struct datum { /* one record as an RRset has it: its length in front */
    uint16_t type, size;
    const uint8_t *octets;
};
#define LOCALHOST 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0
#define NOBODY    6, 'n', 'o', 'b', 'o', 'd', 'y', 7, 'i', 'n', 'v', 'a', 'l', 'i', 'd', 0
/* RFC 6303 3: serial 1, refresh 1 h, retry 20 min, expire 7 d, minimum 3 h */
static const uint8_t soa_octets[] = {0, 47,   LOCALHOST, NOBODY, 0, 0, 0,    1,
                                     0, 0,    0x0e,      0x10,   0, 0, 0x04, 0xb0,
                                     0, 0x09, 0x3a,      0x80,   0, 0, 0x2a, 0x30};
static const uint8_t localhost_octets[] = {0, 11, LOCALHOST};
static const uint8_t a_octets[] = {0, 4, 127, 0, 0, 1};
static const uint8_t aaaa_octets[] = {0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static const struct datum soa = {TYPE_SOA, sizeof soa_octets, soa_octets};
static const struct datum ns = {TYPE_NS, sizeof localhost_octets, localhost_octets};
static const struct datum ptr = {TYPE_PTR, sizeof localhost_octets, localhost_octets};
static const struct datum a = {TYPE_A, sizeof a_octets, a_octets};
static const struct datum aaaa = {TYPE_AAAA, sizeof aaaa_octets, aaaa_octets};

static bool is_special(const uint8_t *name);
static const uint8_t *owned(const struct row *row, const uint8_t *name);
static const uint8_t *suffix_of(const uint8_t *name, const char *text);
static bool is(const uint8_t *name, const char *text);
static unsigned labels_of(const char *text);
static unsigned number_of(const uint8_t *label);
static void end_in(struct chain *c, const struct row *row, const uint8_t *zone, uint16_t type);
static const struct datum *find(const uint8_t *name, const struct row *row, const uint8_t *zone,
                                uint16_t type);
static bool exists(const uint8_t *name, const struct row *row, const uint8_t *zone);

bool local_step(struct job *j, struct chain *c)
{
    if (!is_special(c->name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *zone = owned(&rows[i], c->name);
        if (zone != NULL) {
            end_in(c, &rows[i], zone, j->query.qtype);
            return true;
        }
    }
    return false;
}

/* A look at the last label spares nearly every name the walk through the table. */
static bool is_special(const uint8_t *name)
{
    static const char *const tops[] = {"arpa", "localhost", "invalid", "test", "onion"};
    if (name[0] == 0) {
        return false;
    }
    const uint8_t *top = name_suffix(name, 1);
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        if (is(top, tops[i])) {
            return true;
        }
    }
    return false;
}

/* The row's zone that `name` is in, as a suffix of name; NULL: none. */
static const uint8_t *owned(const struct row *row, const uint8_t *name)
{
    const uint8_t *zone = suffix_of(name, row->zone);
    if (zone == NULL || row->most == 0) {
        return zone;
    }
    if (zone == name) {
        return NULL;
    }
    zone = name_suffix(name, labels_of(row->zone) + 1);
    unsigned number = number_of(zone);
    return number >= row->least && number <= row->most ? zone : NULL;
}

static const uint8_t *suffix_of(const uint8_t *name, const char *text)
{
    unsigned labels = labels_of(text);
    if (name_labels(name) < labels) {
        return NULL;
    }
    const uint8_t *suffix = name_suffix(name, labels);
    return is(suffix, text) ? suffix : NULL;
}

/* Is `name` the one that `text`, in lower case, spells? */
static bool is(const uint8_t *name, const char *text)
{
    while (name[0] != 0) {
        size_t len = strcspn(text, ".");
        if (name[0] != len) {
            return false;
        }
        for (size_t i = 0; i < len; i++) {
            if (ascii_lower(name[1 + i]) != (uint8_t)text[i]) {
                return false;
            }
        }
        name += 1 + len;
        text += text[len] == '.' ? len + 1 : len;
    }
    return *text == '\0';
}

static unsigned labels_of(const char *text)
{
    unsigned labels = 1;
    for (; *text != '\0'; text++) {
        labels += *text == '.';
    }
    return labels;
}

/* The decimal number a label is; 0 when it is none. */
static unsigned number_of(const uint8_t *label)
{
    unsigned number = 0;
    if (label[0] > 3 || label[1] == '0') {
        return 0;
    }
    for (unsigned i = 1; i <= label[0]; i++) {
        if (label[i] < '0' || label[i] > '9') {
            return 0;
        }
        number = number * 10 + (label[i] - '0');
    }
    return number;
}

static void end_in(struct chain *c, const struct row *row, const uint8_t *zone, uint16_t type)
{
    const struct datum *d = find(c->name, row, zone, type);
    if (d != NULL) {
        struct rrset set = {
            .type = d->type, .count = 1, .ttl = LOCAL_TTL_S, .size = d->size, .data = d->octets};
        chain_add(c, c->name, &set);
        c->end = CHAIN_ANSWER;
        return;
    }
    c->end = exists(c->name, row, zone) ? CHAIN_NODATA : CHAIN_NXDOMAIN;
    c->soa.owner = zone;
    c->soa.rdata = soa_octets + 2;
    c->soa.rdlen = sizeof soa_octets - 2;
    c->soa.ttl = LOCAL_TTL_S;
    c->soa.cached = NULL;
}

static const struct datum *find(const uint8_t *name, const struct row *row, const uint8_t *zone,
                                uint16_t type)
{
    switch (type) {
    case TYPE_A:
        return row == &rows[ROW_LOCALHOST] ? &a : NULL;
    case TYPE_AAAA:
        return row == &rows[ROW_LOCALHOST] ? &aaaa : NULL;
    case TYPE_PTR:
        return row->host != NULL && is(name, row->host) ? &ptr : NULL;
    case TYPE_SOA:
        return name == zone ? &soa : NULL;
    case TYPE_NS:
        return name == zone ? &ns : NULL;
    default:
        return NULL;
    }
}

/* RFC 6761 6.3: every name below localhost is there. So are names on the way to the host. */
static bool exists(const uint8_t *name, const struct row *row, const uint8_t *zone)
{
    if (name == zone || row == &rows[ROW_LOCALHOST]) {
        return true;
    }
    const char *host = row->host;
    for (; host != NULL && *host != '\0'; host += strcspn(host, "."), host += *host == '.') {
        if (is(name, host)) {
            return true;
        }
    }
    return false;
}
