/* keeper_fixture.h - a keeper on a bench ("rig"): the test turns its clock; files, peers and their
 * answers are in memory; every packet and connection becomes a line of text with its time, and so
 * does every line of the log. Time only passes in rig_run. Much of it is run often: must() costs
 * nothing, ck_assert() a write. */
#ifndef SETTLED_TESTS_UNIT_KEEPER_FIXTURE_H
#define SETTLED_TESTS_UNIT_KEEPER_FIXTURE_H

#include "journal_dir.h"
#include "keeper/kept.h"
#include "transfer_fixture.h"

#define RIG_FILES 4
#define RIG_PEERS 6
#define RIG_START INT64_C(1700000000000)

/* A server that the keeper speaks with; all zero but the address: it is silent. */
struct rig_peer {
    const char *at; /* "192.0.2.2" */
    bool answers;   /* SOA questions, with this: */
    uint32_t serial;
    bool lame; /* AA=0 */
    bool mark;
    bool no_soa;
    unsigned rcode;
    bool acks; /* NOTIFY, with this: */
    unsigned notify_rcode;
    int64_t delay_ms;
    const char *zone; /* what it transfers, without the SOA; NULL: no connection */
    bool refuses;     /* the connection */
    size_t cut;       /* ends the stream after so many octets; 0: no */
};

struct rig_later { /* what comes back */
    struct rig_later *next;
    struct mono at;
    struct keeper_event e;
    struct buf data;
    struct store_batch batch;
};

struct rig {
    struct keeper *keeper;
    struct epoch *epoch; /* slot 0: the keeper, 1: a worker */
    _Atomic(struct world *) world;
    struct now now;
    struct {
        const char *path;
        char text[16384];
        int64_t version;
    } files[RIG_FILES];
    struct rig_peer peers[RIG_PEERS];
    struct rig_later *later;
    struct store *store;
    char dir[DIR_PATH];
    bool disk_full, keep_log;
    bool loses_actions; /* for which it finds no memory */
    int64_t job_ms, commit_ms;
    unsigned jobs, commits, watches, unwatches;
    struct buf watched; /* paths, a line each, of the last WATCH */
    struct buf wire, log;
    char text[1 << 16];
    struct {
        uint32_t conn;
        struct addr to;
    } conns[64];
    struct rand chance;
    struct files doors;
    struct log logger;
    struct entropy entropy;
    struct keeper_zone_view view;
};

/* ---- what the keeper gets from outside ---- */

static inline bool rig_read(void *ctx, const char *path, struct buf *out, struct file_id *id,
                            struct oops *o)
{
    struct rig *r = ctx;
    for (unsigned i = 0; i < RIG_FILES; i++) {
        if (r->files[i].path != NULL && strcmp(r->files[i].path, path) == 0) {
            buf_add(out, r->files[i].text, strlen(r->files[i].text));
            *id =
                (struct file_id){.inode = i + 1, .mtime_ns = r->files[i].version, .size = out->len};
            return true;
        }
    }
    return oops(o, "cannot open %s: No such file or directory", path);
}

static inline bool rig_match(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    (void)ctx, (void)pattern, (void)found, (void)o;
    return true;
}

static inline void rig_write_log(void *ctx, enum log_level level, const char *line)
{
    struct rig *r = ctx;
    buf_print(&r->log, "%s: %s\n", log_level_name(level), line);
}

static inline void rig_fill(void *ctx, void *out, size_t len)
{
    struct rig *r = ctx;
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)out)[i] = (uint8_t)rand_u64(&r->chance);
    }
}

static inline void rig_file(struct rig *r, const char *path, const char *text)
{
    unsigned i = 0;
    while (r->files[i].path != NULL && strcmp(r->files[i].path, path) != 0) {
        i++;
        must(i < RIG_FILES);
    }
    must(strlen(text) < sizeof r->files[i].text);
    r->files[i].path = path;
    snprintf(r->files[i].text, sizeof r->files[i].text, "%s", text);
    r->files[i].version++;
}

/* A zone file of "example" with these lines behind its SOA and NS. */
static inline void rig_zone_file(struct rig *r, uint32_t serial, const char *lines)
{
    char text[16384];
    snprintf(text, sizeof text,
             "@ 3600 SOA ns admin %u 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n%s",
             serial, lines);
    rig_file(r, "/example.zone", text);
}

static inline struct rig_peer *rig_peer(struct rig *r, const char *at)
{
    unsigned i = 0;
    while (r->peers[i].at != NULL && strcmp(r->peers[i].at, at) != 0) {
        i++;
        must(i < RIG_PEERS);
    }
    r->peers[i].at = at;
    return &r->peers[i];
}

/* ---- what comes back ---- */

static inline struct rig_later *rig_comes(struct rig *r, int64_t delay_ms,
                                          enum keeper_event_kind kind)
{
    struct rig_later *l = calloc(1, sizeof *l), **at = &r->later;
    must(l != NULL);
    l->at = mono_plus_ms(r->now.mono, delay_ms);
    l->e.kind = kind;
    while (*at != NULL && !mono_before(l->at, (*at)->at)) {
        at = &(*at)->next;
    }
    l->next = *at;
    *at = l;
    return l;
}

static inline struct rig_peer *rig_peer_of(struct rig *r, const struct addr *to)
{
    char text[ADDR_TEXT];
    addr_print(to, text);
    for (unsigned i = 0; i < RIG_PEERS && r->peers[i].at != NULL; i++) {
        if (strcmp(r->peers[i].at, text) == 0) {
            return &r->peers[i];
        }
    }
    return NULL;
}

/* The answer of a peer to a question of the keeper. */
static inline void rig_reply(struct rig_later *l, const struct rig_peer *p, const uint8_t *msg,
                             bool notify)
{
    struct reply reply;
    struct buf soa = {0}, mark = {0};
    uint8_t out[1024];
    unsigned rcode = notify ? p->notify_rcode : p->rcode;
    struct record rr = {.owner = msg + MSG_HEADER, .type = TYPE_SOA, .class = CLASS_IN, .ttl = 60};
    reply_start_bare(&reply, out, sizeof out, get_u16(msg), msg + MSG_HEADER, TYPE_SOA);
    if (!notify && rcode == RCODE_NOERROR && !p->no_soa) {
        soa_of(&soa, p->serial);
        rr.rdata = soa.data;
        rr.rdlen = (uint16_t)soa.len;
        must(reply_record(&reply, SECTION_ANSWER, &rr));
    }
    if (p->mark && !notify) {
        edns_option(&mark, OPTION_SETTLED_MARK, NULL, 0);
        reply.edns = true;
        reply.reserved += 11 + mark.len;
        reply.options = mark.data;
        reply.options_len = (uint16_t)mark.len;
    }
    size_t len = reply_finish(&reply);
    put_u16(out + 2, (uint16_t)(MSG_QR | (notify ? OPCODE_NOTIFY << 11 : 0) |
                                (p->lame ? 0 : MSG_AA) | rcode));
    buf_add(&l->data, out, len);
    buf_free(&soa);
    buf_free(&mark);
}

static inline void rig_sent(struct rig *r, const struct keeper_action *a)
{
    char to[ADDR_TEXT], via[ADDR_TEXT], name[NAME_TEXT];
    const uint8_t *msg = a->data.data;
    bool notify = (get_u16(msg + 2) >> 11 & 15) == OPCODE_NOTIFY;
    must(a->data.len >= MSG_HEADER + 5);
    buf_print(&r->wire, "%lld %s", (long long)((r->now.mono.ns - 1000 * NS_PER_S) / NS_PER_MS),
              addr_print(&a->to, to));
    if (a->via.family != 0) {
        buf_print(&r->wire, " from %s", addr_print(&a->via, via));
    }
    buf_print(&r->wire, " %s", notify ? "notify" : "soa");
    if (notify) { /* the serial is 20 octets before the end */
        buf_print(&r->wire, " %u", get_u32(msg + a->data.len - 20));
    }
    if (strcmp(name_print(msg + MSG_HEADER, name), "example") != 0) {
        buf_print(&r->wire, " %s", name);
    }
    buf_print(&r->wire, "\n");
    const struct rig_peer *p = rig_peer_of(r, &a->to);
    if (p == NULL || !(notify ? p->acks : p->answers)) {
        return;
    }
    struct rig_later *l = rig_comes(r, p->delay_ms, KEEPER_PACKET);
    l->e.from = a->to;
    rig_reply(l, p, msg, notify);
}

static inline void rig_note(struct rig *r, const struct addr *to, const char *what)
{
    char text[ADDR_TEXT];
    buf_print(&r->wire, "%lld %s %s\n", (long long)((r->now.mono.ns - 1000 * NS_PER_S) / NS_PER_MS),
              addr_print(to, text), what);
}

static inline void rig_connect(struct rig *r, const struct keeper_action *a)
{
    const struct rig_peer *p = rig_peer_of(r, &a->to);
    unsigned at = a->conn % (sizeof r->conns / sizeof *r->conns);
    r->conns[at].conn = a->conn;
    r->conns[at].to = a->to;
    rig_note(r, &a->to, "connect");
    if (p == NULL || (p->zone == NULL && !p->refuses)) {
        return;
    }
    struct rig_later *l = rig_comes(r, p->delay_ms, p->refuses ? KEEPER_CLOSED : KEEPER_CONNECTED);
    l->e.conn = a->conn;
    l->e.text = p->refuses ? "Connection refused" : NULL;
}

/* The whole zone, in one message. */
static inline void rig_transfer(struct rig *r, const struct keeper_action *a)
{
    unsigned at = a->conn % (sizeof r->conns / sizeof *r->conns);
    const struct rig_peer *p = rig_peer_of(r, &r->conns[at].to);
    char lines[4096], soa[128];
    must(p != NULL && p->zone != NULL);
    rig_note(r, &r->conns[at].to, "transfer");
    snprintf(soa, sizeof soa, "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 300\n",
             p->serial);
    snprintf(lines, sizeof lines, "%s@ 3600 NS ns.example.\n%s%s", soa, p->zone, soa);
    struct rig_later *l = rig_comes(r, p->delay_ms, KEEPER_RECEIVED);
    l->e.conn = a->conn;
    tell(&l->data,
         (struct told){.lines = lines, .id = (uint16_t)(STREAM_ID ^ get_u16(a->data.data + 2))});
    if (p->cut > 0) {
        must(p->cut < l->data.len);
        l->data.len = p->cut;
        rig_comes(r, p->delay_ms, KEEPER_CLOSED)->e.conn = a->conn;
    }
}

static inline void rig_carry_out(struct rig *r, struct keeper_action *a)
{
    struct rig_later *l;
    switch (a->kind) {
    case ACTION_SEND:
        rig_sent(r, a);
        break;
    case ACTION_CONNECT:
        rig_connect(r, a);
        break;
    case ACTION_WRITE:
        rig_transfer(r, a);
        break;
    case ACTION_CLOSE:
        break;
    case ACTION_COMMIT:
        r->commits++;
        l = rig_comes(r, r->commit_ms, KEEPER_COMMITTED);
        l->e.number = a->number;
        batch_join(&l->batch, &a->batch);
        break;
    case ACTION_BUILD:
        r->jobs++;
        l = rig_comes(r, r->job_ms, KEEPER_BUILT);
        l->e.job = a->job;
        break;
    case ACTION_WATCH:
        r->watches++;
        r->watched.len = 0;
        for (size_t i = 0; i < a->data.len; i += strlen((const char *)a->data.data + i) + 1) {
            buf_print(&r->watched, "%s\n", (const char *)a->data.data + i);
        }
        break;
    case ACTION_UNWATCH:
        r->unwatches++;
        break;
    }
}

static inline void rig_carry_out_all(struct rig *r, struct keeper_actions *actions)
{
    struct keeper_action *a;
    must(!actions->failed || r->loses_actions);
    while ((a = keeper_action_take(actions)) != NULL) {
        rig_carry_out(r, a);
        keeper_action_free(a);
    }
}

/* One event, its actions carried out. */
static inline void rig_step(struct rig *r, const struct keeper_event *e)
{
    struct keeper_actions actions = {0};
    keeper_step(r->keeper, r->now, e, &actions);
    rig_carry_out_all(r, &actions);
}
#define RIG_STEP(r, ...) rig_step(r, &(struct keeper_event){.kind = __VA_ARGS__})

static inline void rig_deliver(struct rig *r)
{
    struct rig_later *l = r->later;
    struct oops o = {{0}};
    r->later = l->next;
    l->e.data = l->data.data;
    l->e.len = l->data.len;
    if (l->e.kind == KEEPER_BUILT) {
        keeper_job_run(l->e.job);
    }
    if (l->e.kind == KEEPER_COMMITTED) {
        l->e.ok = !r->disk_full && store_commit(r->store, &l->batch, &o);
        l->e.text = r->disk_full ? "No space left on device" : o.text;
    }
    rig_step(r, &l->e);
    buf_free(&l->data);
    batch_free(&l->batch);
    free(l);
}

/* Lets time pass: everything due by then happens at its time. */
static inline void rig_run(struct rig *r, int64_t ms)
{
    struct mono end = mono_plus_ms(r->now.mono, ms);
    for (unsigned turns = 0;; turns++) {
        struct mono due = keeper_due(r->keeper);
        bool arrives = r->later != NULL && !mono_before(due, r->later->at);
        struct mono next = arrives ? r->later->at : due;
        must(turns < 200000);
        if (mono_before(end, next)) {
            break;
        }
        if (mono_before(r->now.mono, next)) {
            r->now.wall.ms += (next.ns - r->now.mono.ns) / NS_PER_MS;
            r->now.mono = next;
        }
        if (arrives) {
            rig_deliver(r);
        } else {
            RIG_STEP(r, KEEPER_TIME);
        }
    }
    r->now.wall.ms += (end.ns - r->now.mono.ns) / NS_PER_MS;
    r->now.mono = end;
}

/* ---- starting and stopping ---- */

static inline struct config *rig_read_config(struct rig *r, const char *yaml)
{
    char text[16384];
    struct report report = {0};
    snprintf(text, sizeof text, "server: { listen: [192.0.2.1], state: /state, zones: / }\n%s",
             yaml);
    rig_file(r, "/settled.conf", text);
    struct config *c = config_read("/settled.conf", &r->doors, &report);
    ck_assert_msg(c != NULL, "%s", buf_text(&report.text));
    report_free(&report);
    return c;
}

static inline void rig_open(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->now = (struct now){{1000 * NS_PER_S}, {RIG_START}};
    r->doors = (struct files){.read = rig_read, .match = rig_match, .ctx = r};
    r->logger = (struct log){LOG_LEVEL_DEBUG, rig_write_log, r};
    r->entropy = (struct entropy){rig_fill, r};
    rand_seed(&r->chance, 11);
}

static inline void rig_disk(struct rig *r)
{
    struct oops o = {{0}};
    if (r->dir[0] == '\0') {
        dir_make(r->dir);
    }
    r->store = store_open(r->dir, &o);
    ck_assert_msg(r->store != NULL, "%s", o.text);
}

static inline void rig_start(struct rig *r, const char *yaml)
{
    r->epoch = epoch_new(2);
    ck_assert(r->epoch != NULL);
    struct keeper_options o = {.config = rig_read_config(r, yaml),
                               .store = r->store,
                               .epoch = r->epoch,
                               .epoch_slot = 0,
                               .world = &r->world,
                               .files = &r->doors,
                               .log = &r->logger,
                               .entropy = &r->entropy,
                               .seed = 5};
    r->keeper = keeper_new(&o);
    ck_assert(r->keeper != NULL);
    RIG_STEP(r, KEEPER_START);
    rig_run(r, 0);
}

static inline void rig_configure(struct rig *r, const char *yaml)
{
    RIG_STEP(r, KEEPER_CONFIG, .config = rig_read_config(r, yaml));
    rig_run(r, 0);
}

/* Kill -9: what is on its way to the disk is lost. */
static inline void rig_kill(struct rig *r)
{
    while (r->later != NULL) {
        struct rig_later *l = r->later;
        r->later = l->next;
        if (l->e.kind == KEEPER_BUILT) {
            keeper_job_drop(l->e.job);
        }
        buf_free(&l->data);
        batch_free(&l->batch);
        free(l);
    }
    keeper_free(r->keeper);
    r->keeper = NULL;
    epoch_free(r->epoch);
    if (r->store != NULL) {
        store_close(r->store);
        r->store = NULL;
    }
}

/* ... and the next process, `pause_ms` later. */
static inline void rig_again(struct rig *r, int64_t pause_ms, const char *yaml)
{
    rig_kill(r);
    r->now.wall.ms += pause_ms;
    r->now.mono.ns = 1000 * NS_PER_S;
    r->wire.len = r->log.len = 0;
    rig_disk(r);
    rig_start(r, yaml);
}

static inline void rig_close(struct rig *r)
{
    rig_kill(r);
    if (r->dir[0] != '\0') {
        dir_remove(r->dir);
    }
    buf_free(&r->watched);
    buf_free(&r->wire);
    buf_free(&r->log);
}

/* ---- looking ---- */

static inline const char *rig_take(struct rig *r, struct buf *from)
{
    ck_assert_uint_lt(from->len, sizeof r->text);
    memcpy(r->text, buf_text(from), from->len + 1);
    from->len = 0;
    return r->text;
}

/* What was sent since last asked. */
static inline const char *rig_wire(struct rig *r)
{
    return rig_take(r, &r->wire);
}

/* Was this logged since last asked? Then what was logged is forgotten. */
static inline bool rig_logged(struct rig *r, const char *text)
{
    bool found = strstr(buf_text(&r->log), text) != NULL;
    if (found) {
        r->log.len = 0;
    }
    return found;
}

static inline const struct keeper_zone_view *rig_zone(struct rig *r, size_t number)
{
    ck_assert(keeper_zone(r->keeper, number, r->now, &r->view));
    return &r->view;
}

static inline struct kept *rig_kept(struct rig *r, size_t number)
{
    return r->keeper->zones[number];
}

/* What is served; 0: nothing. */
static inline uint32_t rig_serial(struct rig *r)
{
    struct zone_version *v = atomic_load(&rig_kept(r, 0)->slot->version);
    return v == NULL ? 0 : zone_serial(v);
}

static inline const char *rig_peer_state(struct rig *r, unsigned peer)
{
    struct ledger_peer_view v;
    ledger_peer(keeper_ledger(r->keeper, 0), peer, &v);
    return peer_state_name(v.state);
}

static inline const char *rig_peer_reason(struct rig *r, unsigned peer)
{
    static struct ledger_peer_view v;
    ledger_peer(keeper_ledger(r->keeper, 0), peer, &v);
    return v.reason;
}

/* A worker took a NOTIFY for zone 0. */
static inline void rig_notified(struct rig *r, const char *from, uint32_t serial)
{
    struct keeper_event e = {.kind = KEEPER_NOTIFIED, .has_serial = serial != 0, .serial = serial};
    ck_assert(addr_parse(from, 53, &e.from));
    atomic_store(&rig_kept(r, 0)->slot->notified, true);
    rig_step(r, &e);
}

/* Ran what ended in `text`? With the whole of it when not. */
#define RIG_WIRE(r, text) ck_assert_str_eq(rig_wire(r), text)

#endif
