/* local.c - under a forwarded root: names of this host and of private networks (RFC 6303 4, 6761 6, 7686
 * 2, 7793 2, 8375 4, 9462 6.1). They are answered here, so that nobody upstream hears of them. Pure. A
 * zone of the configuration below one of these names is deeper than the root and so is asked instead.
 * Names are string constants in wire form: the NUL at their end is the root label. */
#include "answer/local.h"
#include "wire/msg.h"
#include "wire/rrtype.h"

#define LOCAL_TTL_S 10800 /* RFC 6303 3 */

#define ARPA4 "\7in-addr\4arpa"
#define ARPA6 "\3ip6\4arpa"
#define ZERO8                                                                                      \
    "\1"                                                                                           \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0\1"                                                                                          \
    "0"
#define ZERO31                                                                                     \
    ZERO8 ZERO8 ZERO8 "\1"                                                                         \
                      "0\1"                                                                        \
                      "0\1"                                                                        \
                      "0\1"                                                                        \
                      "0\1"                                                                        \
                      "0\1"                                                                        \
                      "0\1"                                                                        \
                      "0"

struct row {
    const char *base; /* the zone; with `most`: all zones "least.base" to "most.base" */
    unsigned least, most;
    const char *host; /* the one name in it that has a PTR */
};
static const struct row rows[] = {
    {.base = "\11localhost"},
    {.base = "\7invalid"},
    {.base = "\4test"},
    {.base = "\5onion"},
    {.base = "\4home\4arpa"},
    {.base = "\10resolver\4arpa"},
    {.base = "\2"
             "10" ARPA4},
    {.base = "\3"
             "172" ARPA4,
     .least = 16,
     .most = 31},
    {.base = "\3"
             "168\3"
             "192" ARPA4},
    {.base = "\3"
             "100" ARPA4,
     .least = 64,
     .most = 127},
    {.base = "\3"
             "127" ARPA4,
     .host = "\1"
             "1\1"
             "0\1"
             "0\3"
             "127" ARPA4},
    {.base = "\1"
             "0" ARPA4},
    {.base = "\3"
             "254\3"
             "169" ARPA4},
    {.base = "\1"
             "2\1"
             "0\3"
             "192" ARPA4},
    {.base = "\3"
             "100\2"
             "51\3"
             "198" ARPA4},
    {.base = "\3"
             "113\1"
             "0\3"
             "203" ARPA4},
    {.base = "\3"
             "255\3"
             "255\3"
             "255\3"
             "255" ARPA4},
    {.base = "\1"
             "0" ZERO31 ARPA6},
    {.base = "\1"
             "1" ZERO31 ARPA6,
     .host = "\1"
             "1" ZERO31 ARPA6},
    {.base = "\1"
             "d\1"
             "f" ARPA6},
    {.base = "\1"
             "8\1"
             "e\1"
             "f" ARPA6},
    {.base = "\1"
             "9\1"
             "e\1"
             "f" ARPA6},
    {.base = "\1"
             "a\1"
             "e\1"
             "f" ARPA6},
    {.base = "\1"
             "b\1"
             "e\1"
             "f" ARPA6},
    {.base = "\1"
             "8\1"
             "b\1"
             "d\1"
             "0\1"
             "1\1"
             "0\1"
             "0\1"
             "2" ARPA6},
};

struct datum { /* one record, with its length in front as an RRset has it */
    uint16_t type;
    uint16_t size;
    const char *data;
};
#define DATUM(rrtype, text)                                                                        \
    {                                                                                              \
        .type = (rrtype), .size = sizeof(text) - 1, .data = (text)                                 \
    }
static const struct datum soa = DATUM(TYPE_SOA, "\0\57"
                                                "\11localhost\0"
                                                "\6nobody\7invalid\0"
                                                "\0\0\0\1"
                                                "\0\0\x0e\x10"
                                                "\0\0\x04\xb0"
                                                "\0\x09\x3a\x80"
                                                "\0\0\x2a\x30");
static const struct datum ns = DATUM(TYPE_NS, "\0\13"
                                              "\11localhost\0");
static const struct datum ptr = DATUM(TYPE_PTR, "\0\13"
                                                "\11localhost\0");
static const struct datum host4 = DATUM(TYPE_A, "\0\4"
                                                "\177\0\0\1");
static const struct datum host6 = DATUM(TYPE_AAAA, "\0\20"
                                                   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");

static bool is_special(const uint8_t *name);
static bool owns(const struct row *row, const uint8_t *name, const uint8_t **zone);
static unsigned number_of(const uint8_t *label);
static void end_in(struct chain *c, const struct row *row, const uint8_t *zone, uint16_t type);
static const struct datum *find(const struct chain *c, const struct row *row, const uint8_t *zone,
                                uint16_t type);
static bool exists(const struct chain *c, const struct row *row, const uint8_t *zone);

static const uint8_t *wire(const char *name)
{
    return (const uint8_t *)name;
}

bool local_step(struct job *j, struct chain *c)
{
    if (!is_special(c->name)) {
        return false;
    }
    const uint8_t *zone;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (owns(&rows[i], c->name, &zone)) {
            end_in(c, &rows[i], zone, j->query.qtype);
            return true;
        }
    }
    return false;
}

/* A look at the last label spares nearly every name the walk through the table. */
static bool is_special(const uint8_t *name)
{
    static const char *const tops[] = {"\4arpa", "\11localhost", "\7invalid", "\4test", "\5onion"};
    if (name[0] == 0) {
        return false;
    }
    const uint8_t *top = name_suffix(name, 1);
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
        if (name_same(top, wire(tops[i]))) {
            return true;
        }
    }
    return false;
}

static bool owns(const struct row *row, const uint8_t *name, const uint8_t **zone)
{
    const uint8_t *base = wire(row->base);
    if (!name_at_or_below(name, base)) {
        return false;
    }
    *zone = base;
    if (row->most == 0) {
        return true;
    }
    unsigned labels = name_labels(base);
    if (name_labels(name) == labels) {
        return false;
    }
    *zone = name_suffix(name, labels + 1);
    unsigned number = number_of(*zone);
    return number >= row->least && number <= row->most;
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
    const struct datum *d = find(c, row, zone, type);
    if (d != NULL) {
        struct rrset set = {.type = d->type,
                            .count = 1,
                            .ttl = LOCAL_TTL_S,
                            .size = d->size,
                            .data = wire(d->data)};
        chain_add(c, c->name, &set);
        c->end = CHAIN_ANSWER;
        return;
    }
    c->end = exists(c, row, zone) ? CHAIN_NODATA : CHAIN_NXDOMAIN;
    c->soa.owner = zone;
    c->soa.rdata = wire(soa.data) + 2;
    c->soa.rdlen = soa.size - 2;
    c->soa.ttl = LOCAL_TTL_S;
    c->soa.cached = NULL;
}

static const struct datum *find(const struct chain *c, const struct row *row, const uint8_t *zone,
                                uint16_t type)
{
    bool localhost = row == &rows[0];
    if (localhost && (type == TYPE_A || type == TYPE_AAAA)) {
        return type == TYPE_A ? &host4 : &host6;
    }
    if (type == TYPE_PTR && row->host != NULL && name_same(c->name, wire(row->host))) {
        return &ptr;
    }
    if ((type == TYPE_SOA || type == TYPE_NS) && name_same(c->name, zone)) {
        return type == TYPE_SOA ? &soa : &ns;
    }
    return NULL;
}

/* RFC 6761 6.3: every name below localhost is there. */
static bool exists(const struct chain *c, const struct row *row, const uint8_t *zone)
{
    bool on_the_way = row->host != NULL && name_at_or_below(wire(row->host), c->name);
    return row == &rows[0] || on_the_way || name_same(c->name, zone);
}
