/* fuzz_answer.c - a question in any octets, to a zone and a cache of any content: the answer is
 * well-formed, no larger than allowed, and a packet that has to be asked upstream is as it came.
 * Input: flags (1: TCP, 2: the cache is closed, 4: upstream failed, 8: a small UDP limit), length
 * of the records (16 bits), records as in a message (below example.: the zone; others: the cache),
 * the question. */
#include "answer/ahead.h"
#include "answer/answer.h"
#include "base/epoch.h"
#include "wire/record.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORDS_MOST 200

enum flag { FLAG_TCP = 1, FLAG_CLOSED = 2, FLAG_FAILED = 4, FLAG_SMALL = 8 };

struct stage {
    uint8_t flags;
    struct config config;
    struct config_zone configs[2];
    struct config_rules rules[2];
    struct slot slots[2];
    struct name apex;
    struct zone_line *line;
    struct zone_version *version;
    struct epoch *epoch;
    struct cache *cache;
    struct world *world;
    struct ahead_room *room; /* of the question that is asked */
    struct counters counters;
};

static const uint8_t apex[] = "\7example";
static const uint8_t soa[] = "\2ns\7example\0\5admin\7example\0"
                             "\0\0\0\7\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80\0\0\1\x2c";

static void set_up(struct stage *s);
static void fill(struct stage *s, const uint8_t *data, size_t len);
static void to_cache(struct stage *s, const struct record *rr);
static void make_world(struct stage *s);
static void look_ahead(struct stage *s, const uint8_t *packet, size_t len, struct ahead *some);
static void question(struct stage *s, const uint8_t *data, size_t len);
static void check_answer(const uint8_t *msg, size_t len, const uint8_t *asked, size_t asked_len);
static void tear_down(struct stage *s);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    size_t records = get_u16(data + 1), left = size - 3;
    records = records < left ? records : left;
    struct stage *s = calloc(1, sizeof *s);
    must(s != NULL);
    s->flags = data[0];
    set_up(s);
    fill(s, data + 3, records);
    make_world(s);
    question(s, data + 3 + records, left - records);
    tear_down(s);
    return 0;
}

static void set_up(struct stage *s)
{
    s->epoch = epoch_new(1);
    must(s->epoch != NULL);
    epoch_enter(s->epoch, 0);
    struct cache_options o = {.size = 1 << 20,
                              .max_ttl_s = 86400,
                              .max_negative_ttl_s = 10800,
                              .serve_stale_s = 86400,
                              .seed = 1,
                              .epoch = s->epoch,
                              .nxdomain_covers_below = true};
    s->cache = cache_new(&o);
    s->line = zone_line_new(apex, 1);
    s->slots[1].cache = cache_zone_new(1, name_root, 0);
    must(s->cache != NULL && s->line != NULL && s->slots[1].cache != NULL);
    s->slots[1].cache->root = true;
}

static void fill(struct stage *s, const uint8_t *data, size_t len)
{
    struct reader r;
    struct buf into = {0};
    struct zone_edit *e = zone_edit_start(s->line, NULL);
    must(e != NULL);
    struct record rr = {apex, TYPE_SOA, CLASS_IN, 300, sizeof soa - 1, soa};
    must(zone_edit_add(e, &rr) == ZONE_EDIT_OK);
    reader_start(&r, data, len);
    for (unsigned n = 0; n < RECORDS_MOST && record_read(&r, &into, &rr); n++) {
        if (rr.class == CLASS_IN && !rrtype_is_meta(rr.type) && rr.type != TYPE_SOA) {
            if (name_at_or_below(rr.owner, apex)) {
                enum zone_edit_status status = zone_edit_add(e, &rr);
                must(status != ZONE_EDIT_NO_MEMORY);
            } else {
                to_cache(s, &rr);
            }
        }
        into.len = 0;
    }
    s->version = zone_edit_finish(e, NULL);
    must(s->version != NULL);
    buf_free(&into);
}

/* TTL below 2: a denial. */
static void to_cache(struct stage *s, const struct record *rr)
{
    struct buf data = {0};
    struct cache_key k = {s->slots[1].cache, rr->owner, rr->type, (rr->ttl & 4) != 0};
    struct cache_entry e = {.kind = rr->ttl == 0 ? CACHE_NXDOMAIN : CACHE_NODATA, .ttl_s = 60};
    if (rr->ttl < 2) {
        k.type = rr->ttl == 0 ? 0 : rr->type;
        e.soa = soa;
        e.soa_len = sizeof soa - 1;
        e.soa_owner = name_root;
    } else {
        buf_add_u16(&data, rr->rdlen);
        buf_add(&data, rr->rdata, rr->rdlen);
        e.kind = CACHE_RRSET;
        e.set = (struct rrset){rr->type, 1, 60, (uint32_t)data.len, data.data};
    }
    (void)cache_put(s->cache, 0, &k, &e, (struct mono){0});
    buf_free(&data);
}

static void make_world(struct stage *s)
{
    s->config.server.udp_payload = (s->flags & FLAG_SMALL) != 0 ? 512 : MSG_UDP_DEFAULT;
    s->config.server.nsid = s->config.server.identity = s->config.server.version = "fuzz";
    s->config.zones = s->configs;
    s->config.zone_count = 2;
    s->configs[0] = (struct config_zone){.rules = &s->rules[0], .role = ROLE_PRIMARY};
    s->rules[0].allow.any = s->rules[0].transfer.any = true;
    s->configs[1] = (struct config_zone){.rules = &s->rules[1], .role = ROLE_CACHE};
    s->rules[1].allow.any = s->rules[1].notify_from.any = (s->flags & FLAG_CLOSED) == 0;
    s->rules[1].local_names = s->rules[1].follow = true;
    name_copy(&s->apex, apex);
    s->slots[0].name = s->apex.octets;
    s->slots[0].labels = (uint8_t)name_labels(s->apex.octets);
    s->slots[1].name = name_root;
    atomic_store(&s->slots[0].version, s->version);
    atomic_store(&s->slots[0].state, SLOT_SERVING);
    atomic_store(&s->slots[1].state, SLOT_SERVING);
    s->world = world_new(&s->config, 1);
    must(s->world != NULL);
    s->world->zones[0].slot = &s->slots[0];
    s->world->zones[1].slot = &s->slots[1];
    world_index(s->world);
}

/* As if all of a batch asked the same. */
static void look_ahead(struct stage *s, const uint8_t *packet, size_t len, struct ahead *some)
{
    struct ahead_room *room = calloc(1, sizeof *room);
    must(room != NULL);
    for (unsigned i = 0; i < AHEAD_MOST; i++) {
        some[i] = (struct ahead){.octets = packet, .len = len};
    }
    answer_ahead(s->world, room, some, AHEAD_MOST);
    const struct ahead *last = &some[AHEAD_MOST - 1];
    must(last->zone == NULL || last->zone == world_find(s->world, packet + MSG_HEADER, TYPE_A));
    s->room = room;
}

static void question(struct stage *s, const uint8_t *data, size_t len)
{
    bool tcp = (s->flags & FLAG_TCP) != 0, failed = (s->flags & FLAG_FAILED) != 0;
    size_t room = tcp ? MSG_MAX : MSG_UDP_DEFAULT;
    len = len < room ? len : room;
    uint8_t *packet = malloc(room);
    must(packet != NULL);
    memcpy(packet, data, len);
    struct cookie_jar jar = {.seed = "fuzz"};
    struct answer_worker w = {
        .world = s->world, .cache = s->cache, .counters = &s->counters, .cookies = &jar};
    struct ahead some[AHEAD_MOST];
    look_ahead(s, packet, len, some);
    struct packet p = {.buf = packet,
                       .ahead = tcp ? NULL : &some[AHEAD_MOST - 1],
                       .len = len,
                       .room = room,
                       .from = {.family = 4, .port = 53, .ip = {192, 0, 2, 1}},
                       .tcp = tcp,
                       .keepalive = 300};
    struct answer_try t = {.failed = failed, .ede = EDE_NETWORK_ERROR, .asked = failed};
    struct answer_out out;
    switch (answer(&w, &p, &t, (struct now){.mono = {NS_PER_S}}, &out)) {
    case VERDICT_SEND:
        must(out.len <= room && (tcp || out.len <= s->config.server.udp_payload));
        check_answer(packet, out.len, data, len);
        break;
    case VERDICT_ASK:
        must(!failed && out.ask.zone == &s->world->zones[1]);
        must(memcmp(packet, data, len) == 0);
        break;
    case VERDICT_STREAM:
        must(tcp && out.stream.version == s->version);
        break;
    case VERDICT_DROP:
        must(len < MSG_HEADER || (get_u16(data + 2) & MSG_QR) != 0);
        break;
    }
    free(s->room);
    free(packet);
}

static void check_answer(const uint8_t *msg, size_t len, const uint8_t *asked, size_t asked_len)
{
    struct response r;
    struct query q;
    must(response_read(msg, len, &r));
    (void)query_read(asked, asked_len, &q);
    must(r.id == q.id && MSG_OPCODE(r.flags) == q.opcode && r.has_question == q.has_question);
    must(!q.has_question || memcmp(msg + MSG_HEADER, q.qname, q.qname_len + 4u) == 0);
    struct buf into = {0};
    for (unsigned left = r.counts[0] + r.counts[1] + r.counts[2]; left > 0; left--) {
        struct record rr;
        must(record_read(&r.records, &into, &rr));
        into.len = 0;
    }
    must(reader_left(&r.records) == 0);
    buf_free(&into);
}

static void tear_down(struct stage *s)
{
    world_free(s->world);
    zone_release(s->version);
    zone_line_free(s->line);
    epoch_leave(s->epoch, 0);
    cache_free(s->cache);
    epoch_free(s->epoch);
    cache_zone_free(s->slots[1].cache);
    free(s);
}
