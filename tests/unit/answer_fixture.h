/* answer_fixture.h - what the tests of answer/ and transfer/ share: zones from text, a world over
 * them, a question as one line, and its answer as text that can be compared. */
#ifndef SETTLED_TESTS_UNIT_ANSWER_FIXTURE_H
#define SETTLED_TESTS_UNIT_ANSWER_FIXTURE_H

#include "answer/answer.h"
#include "base/epoch.h"
#include "cases.h"
#include "wire/edns.h"
#include "wire/record.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BENCH_ZONES 8

static inline struct name a_name(const char *text)
{
    struct name name;
    ck_assert_msg(name_from(text, &name), "no name: %s", text);
    return name;
}

/* ---- zones from lines "owner TTL TYPE rdata" ---- */

static inline void edit_line(struct zone_edit *e, const struct name *apex, const char *line,
                             size_t len)
{
    char owner[256], type[32], rdata_text[4096];
    unsigned ttl;
    char text[5000];
    ck_assert_uint_lt(len, sizeof text);
    memcpy(text, line, len);
    text[len] = '\0';
    ck_assert_msg(sscanf(text, " %255s %u %31s %4095[^\n]", owner, &ttl, type, rdata_text) == 4,
                  "%s", text);
    struct name name;
    struct buf rdata = {0};
    const char *why = NULL;
    size_t at = 0;
    struct record rr = {.owner = name.octets, .class = CLASS_IN, .ttl = ttl};
    ck_assert(name_parse(owner, strlen(owner), apex->octets, &name, &why));
    ck_assert(rrtype_parse(type, strlen(type), &rr.type));
    ck_assert_msg(
        rdata_parse(rr.type, rdata_text, strlen(rdata_text), apex->octets, &rdata, &why, &at),
        "%s: %s", text, why);
    rr.rdlen = (uint16_t)rdata.len;
    rr.rdata = rdata.data;
    enum zone_edit_status status = zone_edit_add(e, &rr);
    ck_assert(status == ZONE_EDIT_OK || status == ZONE_EDIT_SAME);
    buf_free(&rdata);
}

/* A version with these records, and one hold on it. */
static inline struct zone_version *zone_of(struct zone_line *l, const char *lines)
{
    struct name apex;
    struct oops o = {""};
    name_copy(&apex, zone_line_apex(l));
    struct zone_edit *e = zone_edit_start(l, NULL);
    ck_assert(e != NULL);
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        edit_line(e, &apex, lines, len);
        lines += len + (lines[len] == '\n');
    }
    struct zone_version *v = zone_edit_finish(e, &o);
    ck_assert_msg(v != NULL, "%s", o.text);
    return v;
}

/* ---- the bench: a world, a worker, a packet ---- */

struct bench {
    struct config config;
    struct config_zone configs[BENCH_ZONES];
    struct config_rules rules[BENCH_ZONES]; /* of each its own, so that a test may change them */
    struct slot slots[BENCH_ZONES];
    struct name names[BENCH_ZONES];
    struct zone_line *lines[BENCH_ZONES];
    unsigned count;
    struct world *world;
    struct epoch *epoch;
    struct cache *cache;
    struct counters counters;
    struct answer_worker worker;
    struct answer_try try;
    struct answer_out out;
    struct addr from;
    struct now now;
    enum verdict verdict;
    uint8_t packet[MSG_MAX];
    size_t room;
    char text[1 << 17]; /* the last answer */
};

static inline struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);
    ck_assert(b != NULL);
    b->config.server.udp_payload = MSG_UDP_DEFAULT;
    b->config.zones = b->configs;
    b->room = sizeof b->packet;
    ck_assert(addr_parse("192.0.2.99@40000", 0, &b->from));
    b->now.mono.ns = 1000 * NS_PER_S;
    b->epoch = epoch_new(1);
    epoch_enter(b->epoch, 0);
    struct cache_options o = {.size = 1 << 20,
                              .max_ttl_s = 86400,
                              .max_negative_ttl_s = 10800,
                              .serve_stale_s = 86400,
                              .refresh_at = 10,
                              .seed = 7,
                              .epoch = b->epoch,
                              .nxdomain_covers_below = true};
    b->cache = cache_new(&o);
    ck_assert(b->epoch != NULL && b->cache != NULL);
    return b;
}

/* To be changed before anybody asks. */
static inline struct config_rules *bench_rules(struct bench *b, const struct config_zone *z)
{
    return &b->rules[z - b->configs];
}

static inline struct config_zone *bench_add(struct bench *b, const char *name, enum zone_role role)
{
    ck_assert_uint_lt(b->count, BENCH_ZONES);
    struct slot *slot = &b->slots[b->count];
    struct config_zone *z = &b->configs[b->count];
    b->names[b->count] = a_name(name);
    z->name = slot->name = b->names[b->count].octets;
    slot->labels = (uint8_t)name_labels(slot->name);
    z->role = role;
    z->rules = &b->rules[b->count];
    b->rules[b->count] = (struct config_rules){.follow = true, .allow = {.any = true}};
    slot->number = b->count++;
    atomic_store(&slot->state, SLOT_LOADING);
    return z;
}

/* A zone of ours that serves these lines. Without an SOA one is added. */
static inline struct config_zone *bench_zone(struct bench *b, const char *name, const char *lines)
{
    struct config_zone *z = bench_add(b, name, ROLE_PRIMARY);
    struct slot *slot = &b->slots[b->count - 1];
    struct buf all = {0};
    if (strstr(lines, "SOA") == NULL) {
        buf_print(&all, "@ 3600 SOA ns.example. admin.example. 7 3600 600 86400 300\n"
                        "@ 3600 NS ns.example.\n");
    }
    buf_add(&all, lines, strlen(lines) + 1);
    b->lines[b->count - 1] = zone_line_new(slot->name, 1);
    atomic_store(&slot->version, zone_of(b->lines[b->count - 1], buf_text(&all)));
    atomic_store(&slot->state, SLOT_SERVING);
    buf_free(&all);
    return z;
}

static inline struct config_zone *bench_cache(struct bench *b, const char *name)
{
    struct config_zone *z = bench_add(b, name, ROLE_CACHE);
    struct slot *slot = &b->slots[b->count - 1];
    slot->cache = cache_zone_new(b->count, slot->name, 0);
    slot->cache->root = name_labels(slot->name) == 0;
    atomic_store(&slot->state, SLOT_SERVING);
    return z;
}

/* All zones are there. */
static inline void bench_ready(struct bench *b)
{
    b->config.zone_count = b->count;
    b->world = world_new(&b->config, 5);
    ck_assert(b->world != NULL);
    for (unsigned i = 0; i < b->count; i++) {
        b->world->zones[i].slot = &b->slots[i];
    }
    world_index(b->world);
    b->worker =
        (struct answer_worker){.world = b->world, .cache = b->cache, .counters = &b->counters};
}

static inline void bench_free(struct bench *b)
{
    for (unsigned i = 0; i < b->count; i++) {
        struct zone_version *v = atomic_load(&b->slots[i].version);
        if (v != NULL) {
            zone_release(v);
        }
        if (b->lines[i] != NULL) {
            zone_line_free(b->lines[i]);
        }
        cache_zone_free(b->slots[i].cache);
    }
    epoch_leave(b->epoch, 0);
    cache_free(b->cache);
    epoch_free(b->epoch);
    world_free(b->world);
    free(b);
}

/* ---- asking ---- */

struct asked { /* how */
    const char *name;
    const char *type;
    bool tcp, no_edns, dnssec_ok, nsid, zoneversion, recursion, keepalive;
    const uint8_t *cookie;
    uint16_t cookie_len;
    uint16_t flags;   /* more of them: opcode, CD */
    uint16_t class;   /* 0: IN */
    uint16_t payload; /* 0: 1232 */
    bool has_soa;     /* IXFR, NOTIFY */
    uint32_t serial;
};

/* SOA rdata with this serial. */
static inline void soa_of(struct buf *out, uint32_t serial)
{
    char text[128];
    const char *why;
    size_t at;
    snprintf(text, sizeof text, "ns.example. admin.example. %u 3600 600 86400 300", serial);
    ck_assert(rdata_parse(TYPE_SOA, text, strlen(text), name_root, out, &why, &at));
}

static inline size_t write_question(const struct asked *a, uint8_t out[1024])
{
    struct name name = a_name(a->name);
    struct buf options = {0}, soa = {0};
    uint16_t type;
    ck_assert(rrtype_parse(a->type, strlen(a->type), &type));
    if (a->nsid) {
        edns_option(&options, OPTION_NSID, NULL, 0);
    }
    if (a->zoneversion) {
        edns_option(&options, OPTION_ZONEVERSION, NULL, 0);
    }
    if (a->keepalive) {
        edns_option(&options, OPTION_KEEPALIVE, NULL, 0);
    }
    if (a->cookie != NULL) {
        edns_option(&options, OPTION_COOKIE, a->cookie, a->cookie_len);
    }
    if (a->has_soa) {
        soa_of(&soa, a->serial);
    }
    struct question q = {.id = 0x1234,
                         .flags = a->flags | (a->recursion ? MSG_RD : 0),
                         .qname = name.octets,
                         .qtype = type,
                         .edns = !a->no_edns,
                         .options = options.data,
                         .options_len = (uint16_t)options.len,
                         .soa = soa.data,
                         .soa_len = (uint16_t)soa.len};
    size_t len = question_write(&q, out);
    if (a->class != 0) {
        put_u16(out + MSG_HEADER + name_len(name.octets) + 2, a->class);
    }
    if (!a->no_edns) {
        uint8_t *opt = out + len - options.len - 11;
        put_u16(opt + 3, a->payload != 0 ? a->payload : MSG_UDP_DEFAULT);
        put_u16(opt + 7, a->dnssec_ok ? 0x8000 : 0);
    }
    buf_free(&options);
    buf_free(&soa);
    return len;
}

/* ---- an answer as text ---- */

static inline void print_opt(struct buf *out, const struct record *rr)
{
    struct reader r;
    reader_start(&r, rr->rdata, rr->rdlen);
    if ((rr->ttl & 0x8000) != 0) {
        buf_print(out, "do\n");
    }
    while (reader_left(&r) > 0) {
        uint16_t code = read_u16(&r), len = read_u16(&r);
        const uint8_t *data = read_bytes(&r, len);
        ck_assert(data != NULL);
        switch (code) {
        case OPTION_EDE:
            buf_print(out, "ede %u%s%.*s\n", get_u16(data), len > 2 ? " " : "", len - 2,
                      (const char *)data + 2);
            break;
        case OPTION_NSID:
            buf_print(out, "nsid %.*s\n", len, (const char *)data);
            break;
        case OPTION_ZONEVERSION:
            ck_assert_uint_eq(len, 6);
            buf_print(out, "zoneversion %u %u\n", data[0], get_u32(data + 2));
            break;
        case OPTION_KEEPALIVE:
            ck_assert_uint_eq(len, 2);
            buf_print(out, "keepalive %u\n", get_u16(data));
            break;
        case OPTION_COOKIE:
            ck_assert_uint_eq(len, COOKIE_SIZE);
            buf_print(out, "cookie %.8s %u\n", (const char *)data, get_u32(data + 12));
            break;
        case OPTION_SETTLED_MARK:
            ck_assert_uint_eq(len, 0);
            buf_print(out, "mark\n");
            break;
        default:
            ck_abort_msg("option %u", code);
        }
    }
}

/* "NOERROR aa tc rd ra cd", then a line for each record: "an", "au" or "ad" and its text; then the
 * OPT. */
static inline void print_answer(struct buf *out, const uint8_t *msg, size_t len)
{
    static const char *const sections[] = {"an", "au", "ad"};
    struct response r;
    struct buf into = {0};
    ck_assert_msg(response_read(msg, len, &r), "not well-formed");
    buf_print(out, "%s%s%s%s%s%s\n", rcode_name(r.rcode), r.flags & MSG_AA ? " aa" : "",
              r.flags & MSG_TC ? " tc" : "", r.flags & MSG_RD ? " rd" : "",
              r.flags & MSG_RA ? " ra" : "", r.flags & MSG_CD ? " cd" : "");
    for (unsigned s = 0; s < 3; s++) {
        for (unsigned i = 0; i < r.counts[s]; i++) {
            struct record rr;
            into.len = 0;
            ck_assert(record_read(&r.records, &into, &rr));
            if (rr.type == TYPE_OPT) {
                print_opt(out, &rr);
                continue;
            }
            buf_print(out, "%s ", sections[s]);
            record_print(&rr, out);
        }
    }
    ck_assert_uint_eq(reader_left(&r.records), 0);
    buf_free(&into);
}

static inline enum verdict bench_call(struct bench *b, size_t len, bool tcp)
{
    struct packet p = {.buf = b->packet, .len = len, .room = b->room, .from = b->from, .tcp = tcp};
    p.keepalive = 300;
    b->verdict = answer(&b->worker, &p, &b->try, b->now, &b->out);
    return b->verdict;
}

/* Asks; gives the answer's text, or the verdict in words. Checks what holds for every answer. */
static inline const char *ask(struct bench *b, struct asked a)
{
    static const char *const verdicts[] = {"send", "drop", "ask", "stream"};
    uint8_t question[1024];
    struct buf text = {0};
    size_t len = write_question(&a, question),
           same = MSG_HEADER + name_len(question + MSG_HEADER) + 4;
    memcpy(b->packet, question, len);
    if (bench_call(b, len, a.tcp) != VERDICT_SEND) {
        ck_assert_mem_eq(b->packet, question, len);
        snprintf(b->text, sizeof b->text, "%s", verdicts[b->verdict]);
        return b->text;
    }
    size_t most = a.tcp ? MSG_MAX : a.no_edns ? MSG_UDP_PLAIN : MSG_UDP_DEFAULT;
    ck_assert_uint_le(b->out.len, most);
    ck_assert_mem_eq(b->packet + MSG_HEADER, question + MSG_HEADER, same - MSG_HEADER);
    ck_assert_mem_eq(b->packet, question, 2);
    print_answer(&text, b->packet, b->out.len);
    ck_assert_uint_lt(text.len, sizeof b->text);
    snprintf(b->text, sizeof b->text, "%s", buf_text(&text));
    buf_free(&text);
    return b->text;
}

/* ASK(bench, name, type, .field = value, ...) gives the answer; EXPECT compares it. */
#define ASK(b, asked_name, ...) ask(b, (struct asked){.name = (asked_name), .type = __VA_ARGS__})
#define EXPECT(b, text, ...)    ck_assert_str_eq(ASK(b, __VA_ARGS__), text)

#endif
