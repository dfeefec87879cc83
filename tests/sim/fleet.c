/* fleet.c - one random fleet, known by its seed: built, edited and troubled for a while, then left
 * alone; the oracle looks on.
 *
 * Which faults may happen is part of the seed, so that each can be switched off when a failure is
 * made smaller. Edits, trouble, questions, the network and each node draw from generators of their
 * own: without one fault the dice of the others stay. */
#include "fleet.h"
#include "base/hash.h"
#include "oracle.h"
#include "wire/msg.h"
#include "wire/query.h"
#include "wire/rrtype.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKED       256   /* questions of ours that may be open at a time */
#define PATIENCE_MS 9500  /* every question to a server that is up has an answer by then */
#define QUICK_MS    250   /* in a fleet that is well: reading, then three round trips a hop */
#define DISK_MS     62000 /* who had a full disk has tried again within */
#define NOTIFY_MS   62000 /* the longest between two NOTIFYs */
#define HANGING_MS  75000 /* the longest that an attempt which hangs can take */
#define SERVED_MS   70000 /* a primary has seen all its peers within: it asks once a minute */
#define QUIET_MS    2000
#define GRACE_S     6

#define ALL_FAULTS(F)                                                                              \
    F(LOSS, "loss")                                                                                \
    F(REPEAT, "repeat")                                                                            \
    F(DELAY, "delay")                                                                              \
    F(CUT, "cut")                                                                                  \
    F(ONE_WAY, "one way")                                                                          \
    F(NO_TCP, "no tcp")                                                                            \
    F(CRASH, "crash")                                                                              \
    F(DISK, "disk full")                                                                           \
    F(CLOCK, "clock")                                                                              \
    F(BAD_EDIT, "bad edit")                                                                        \
    F(RELOAD, "reload")                                                                            \
    F(BURST, "burst")
#define FAULT_NUMBER(name, text) FAULT_##name,
#define FAULT_TEXT(name, text)   text,
enum fault { ALL_FAULTS(FAULT_NUMBER) FAULTS };
static const char *const fault_names[FAULTS] = {ALL_FAULTS(FAULT_TEXT)};

struct open_question {
    bool open;
    uint16_t id;
    struct oracle_server *server;
    uint64_t life;
    struct model_question question;
    struct mono asked;
};
struct fleet {
    struct sim sim;
    struct oracle oracle;
    unsigned faults; /* bit n: fault n may happen */
    struct rand setup, edits, trouble, asks;
    struct oracle_server *primaries[SIM_NODES][2]; /* of each server */
    struct model model;                            /* as last saved, or about to be */
    const char *serial;
    bool other_options[SIM_NODES]; /* a reload gives each server now these, now those */
    uint32_t refresh_min_s;
    bool follow, notified, bad; /* bad: what stands in the file has a mistake */
    unsigned hops;
    struct open_question questions[ASKED];
    uint16_t next_id;
    unsigned long events;
};

static bool play(uint64_t seed, unsigned faults, bool verbose, struct fleet_result *r, char *why);
static unsigned faults_of(uint64_t seed);
static unsigned smaller(uint64_t seed, unsigned faults);
static void start(struct fleet *f, uint64_t seed, unsigned faults);
static void shape(struct fleet *f);
static struct oracle_server *add(struct fleet *f, const char *name, int role,
                                 struct oracle_server *first, struct oracle_server *second);
static void configure(struct fleet *f, unsigned index);
static void list(struct fleet *f, unsigned of, bool caches, struct buf *out);
static void troubled_times(struct fleet *f);
static void act(struct fleet *f);
static void edit(struct fleet *f);
static void save(struct fleet *f);
static void bad_edit(struct fleet *f);
static void change_link(struct fleet *f);
static void crash_or_start(struct fleet *f);
static void start_node(struct fleet *f, struct oracle_server *s);
static void fill_disk(struct fleet *f);
static void set_clock(struct fleet *f);
static void reload(struct fleet *f);
static void ask(struct fleet *f, struct oracle_server *s, const struct model_question *q);
static void ask_something(struct fleet *f);
static void ask_everything(struct fleet *f);
static void got_reply(void *ctx, const struct addr *server, const uint8_t *msg, size_t len);
static void look_for_silence(struct fleet *f);
static void heal(struct fleet *f);
static void good_times(struct fleet *f);
static void wait_for_all(struct fleet *f, int64_t ms, const char *promise);
static int64_t longest_ms(const struct fleet *f);
static uint32_t largest_ttl(const struct fleet *f);
static void run(struct fleet *f, int64_t ms);
static bool may(struct fleet *f, enum fault fault);
static struct oracle_server *any_server(struct fleet *f);
static void say(const struct fleet *f, const char *format, ...) PRINTF_LIKE(2, 3);

struct fleet_result fleet_play(uint64_t seed, bool verbose)
{
    struct fleet_result r = {0}, again;
    char why[sizeof((struct oracle *)0)->why], why_again[sizeof why];
    unsigned faults = faults_of(seed);
    r.ok = play(seed, faults, verbose, &r, why);
    if (r.ok)
        return r;
    fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
    faults = smaller(seed, faults);
    (void)play(seed, faults, false, &again, why_again);
    fprintf(stderr, "  it needs:");
    for (unsigned i = 0; i < FAULTS; i++)
        if ((faults >> i & 1) != 0)
            fprintf(stderr, " %s,", fault_names[i]);
    fprintf(stderr, " then: %s\n  see it: stories -v --seeds 1 --first %llu\n", why_again,
            (unsigned long long)seed);
    return r;
}

static unsigned faults_of(uint64_t seed)
{
    struct rand r;
    rand_seed(&r, seed ^ UINT64_C(0xfa0175));
    return (unsigned)rand_u64(&r) & ((1u << FAULTS) - 1);
}

/* Leaves out each fault that the failure does not need. */
static unsigned smaller(uint64_t seed, unsigned faults)
{
    struct fleet_result r;
    char why[sizeof((struct oracle *)0)->why];
    for (unsigned i = 0; i < FAULTS; i++) {
        unsigned fewer = faults & ~(1u << i);
        if (fewer != faults && !play(seed, fewer, false, &r, why))
            faults = fewer;
    }
    return faults;
}

static bool play(uint64_t seed, unsigned faults, bool verbose, struct fleet_result *r, char *why)
{
    struct fleet *f = calloc(1, sizeof *f);
    must(f != NULL);
    sim_start(&f->sim, seed);
    f->sim.verbose = verbose;
    start(f, seed, faults);
    troubled_times(f);
    heal(f);
    good_times(f);
    bool ok = !f->oracle.failed;
    memcpy(why, f->oracle.why, sizeof f->oracle.why);
    *r = (struct fleet_result){.ok = ok,
                               .trace = hash_mix(f->sim.trace, f->oracle.answers),
                               .answers = f->oracle.answers,
                               .events = f->events};
    sim_end(&f->sim);
    free(f);
    return ok;
}

static void start(struct fleet *f, uint64_t seed, unsigned faults)
{
    f->faults = faults;
    f->oracle.sim = &f->sim;
    f->sim.client = got_reply;
    f->sim.client_ctx = f;
    rand_seed(&f->setup, seed ^ UINT64_C(0x5e7));
    rand_seed(&f->edits, seed ^ UINT64_C(0xed17));
    rand_seed(&f->trouble, seed ^ UINT64_C(0x7206b1e));
    rand_seed(&f->asks, seed ^ UINT64_C(0xa5c));
    f->follow = rand_below(&f->setup, 4) != 0;
    f->notified = rand_below(&f->setup, 5) != 0;
    f->serial = rand_below(&f->setup, 2) == 0 ? "auto" : "keep";
    f->refresh_min_s = rand_below(&f->setup, 2) == 0 ? 60 : 1;
    model_first(&f->model, &f->setup);
    shape(f);
    save(f);
    for (unsigned i = 0; i < f->oracle.server_count; i++) {
        configure(f, i);
        if (rand_below(&f->setup, 4) != 0)
            start_node(f, &f->oracle.servers[i]);
    }
}

static void shape(struct fleet *f)
{
    int cache = f->follow ? FOLLOWING : PLAIN;
    struct oracle_server *p = add(f, "p", PRIMARY, NULL, NULL);
    struct oracle_server *s = add(f, "s", SECONDARY, p, NULL), *c;
    f->hops = 2;
    switch (rand_below(&f->setup, 6)) {
    case 0:
        f->hops = 1;
        break;
    case 1:
        add(f, "c", cache, s, p);
        break;
    case 2:
        c = add(f, "c", cache, p, NULL);
        add(f, "d", cache, c, NULL);
        break;
    case 3:
        add(f, "t", SECONDARY, s, NULL);
        break;
    case 4:
        add(f, "c", cache, p, s);
        break;
    case 5:
        c = add(f, "c", cache, s, NULL);
        add(f, "d", cache, c, NULL);
        f->hops = 3;
        break;
    }
}

static struct oracle_server *add(struct fleet *f, const char *name, int role,
                                 struct oracle_server *first, struct oracle_server *second)
{
    unsigned i = f->oracle.server_count++;
    struct addr a = {.family = 4, .port = PORT_DNS, .ip = {192, 0, 2, (uint8_t)(i + 1)}};
    struct oracle_server *s = &f->oracle.servers[i], *p = &f->oracle.servers[0];
    s->node = node_add(&f->sim, name, &a);
    s->role = role;
    s->from = first == NULL ? NULL : first->node;
    s->holds = ORACLE_NONE;
    s->watched = f->notified && role != PLAIN && (first == p || second == p);
    f->oracle.all_watched = f->notified; /* else "settled" is true among the watched only */
    f->primaries[i][0] = first;
    f->primaries[i][1] = second;
    return s;
}

static void configure(struct fleet *f, unsigned index)
{
    static const char *const roles[] = {"primary", "secondary", "cache", "cache"};
    const struct oracle_server *s = &f->oracle.servers[index];
    struct buf *text = &s->node->config_text;
    text->len = 0;
    buf_print(text, "peers:\n");
    for (unsigned i = 0; i < f->oracle.server_count; i++)
        buf_print(text, "  - { name: %s, address: 192.0.2.%u, kind: %s }\n",
                  f->oracle.servers[i].node->name, i + 1,
                  f->oracle.servers[i].role == FOLLOWING ? "cache" : "secondary");
    buf_print(text, "zones:\n  - { name: " MODEL_APEX ", role: %s", roles[s->role]);
    if (s->role == PRIMARY)
        buf_print(text, ", file: zone, serial: %s", f->serial);
    else
        buf_print(text, ", primaries: [%s%s%s], refresh-min: %us",
                  f->primaries[index][0]->node->name, f->primaries[index][1] == NULL ? "" : ", ",
                  f->primaries[index][1] == NULL ? "" : f->primaries[index][1]->node->name,
                  f->refresh_min_s);
    if (s->role == PLAIN)
        buf_print(text, ", follow: no");
    if (s->role <= SECONDARY && f->other_options[index]) /* a cache zone would begin anew */
        buf_print(text, s->role == PRIMARY ? ", max-shrink: 90%%" : ", refresh-max: 6d");
    if (f->notified) {
        buf_print(text, ", notify: [");
        list(f, index, false, text);
        buf_print(text, "]");
    }
    if (s->role <= SECONDARY) {
        buf_print(text, ", transfer: [");
        list(f, index, true, text);
        buf_print(text, "]");
    }
    buf_print(text, ", allow: [127.0.0.1, 192.0.2.0/24] }\n");
}

/* Who has this one for a primary and is to be told of changes, or may transfer. */
static void list(struct fleet *f, unsigned of, bool transfer, struct buf *out)
{
    const struct oracle_server *s = &f->oracle.servers[of];
    const char *comma = "";
    for (unsigned i = 0; i < f->oracle.server_count; i++) {
        bool follows = f->primaries[i][0] == s || f->primaries[i][1] == s;
        int role = f->oracle.servers[i].role;
        if (!follows || role == PLAIN || (transfer && role != SECONDARY))
            continue;
        buf_print(out, "%s%s", comma, f->oracle.servers[i].node->name);
        comma = ", ";
    }
}

static void troubled_times(struct fleet *f)
{
    static const uint32_t most_ms[] = {500, 20000, 600000};
    uint32_t most = most_ms[rand_below(&f->setup, 3)];
    for (unsigned i = 10 + rand_below(&f->setup, 50); i > 0 && !f->oracle.failed; i--) {
        uint32_t quick = 1 + rand_below(&f->trouble, 30), slow = 1 + rand_below(&f->trouble, most);
        run(f, rand_below(&f->trouble, 2) == 0 ? quick : slow);
        act(f);
        ask_something(f);
    }
}

static void act(struct fleet *f)
{
    switch (rand_below(&f->trouble, 14)) {
    case 0:
    case 1:
    case 2:
        edit(f);
        break;
    case 3:
        bad_edit(f);
        break;
    case 4:
    case 5:
    case 6:
        change_link(f);
        break;
    case 7:
    case 8:
    case 9:
        crash_or_start(f);
        break;
    case 10:
        fill_disk(f);
        break;
    case 11:
        set_clock(f);
        break;
    case 12:
        reload(f);
        break;
    default:
        ask_something(f);
        break;
    }
}

static void edit(struct fleet *f)
{
    unsigned saves = rand_below(&f->edits, 3) == 0 ? 1 + rand_below(&f->edits, 6) : 1;
    if (!may(f, FAULT_BURST))
        saves = 1;
    for (unsigned i = 0; i < saves; i++) {
        model_edit(&f->model, &f->edits);
        save(f);
        if (saves > 1)
            run(f, rand_below(&f->edits, 6));
    }
}

static void save(struct fleet *f)
{
    struct buf text = {0};
    struct model *next = &f->oracle.saves[f->oracle.save_count];
    must(f->oracle.save_count < ORACLE_SAVES);
    f->model.save = f->oracle.save_count++;
    *next = f->model;
    if (strcmp(f->serial, "auto") == 0)
        next->serial = f->oracle.saves[0].serial; /* nobody touches it */
    model_print(next, &text);
    must(node_file(f->oracle.servers[0].node, "zone", (const char *)text.data, text.len));
    say(f, "saved %u", f->model.save);
    buf_free(&text);
    f->bad = false;
}

static void bad_edit(struct fleet *f)
{
    static const char text[] =
        "$TTL 60\n@ SOA ns1 root 4000000000 1 1 1 1\n  NS ns1\nns1 A 1.2.3.400\n";
    if (!may(f, FAULT_BAD_EDIT))
        return;
    say(f, "saved with a mistake");
    must(node_file(f->oracle.servers[0].node, "zone", text, sizeof text - 1));
    f->bad = true;
}

static void change_link(struct fleet *f)
{
    struct oracle_server *a = any_server(f), *b = any_server(f);
    struct link l = {.delay_ms = 1};
    uint32_t what = rand_below(&f->trouble, 10), how = rand_below(&f->trouble, 1000);
    bool one_way = rand_below(&f->trouble, 3) == 0 && may(f, FAULT_ONE_WAY);
    if (what < 2 && may(f, FAULT_LOSS))
        l.loss = how;
    if ((what == 1 || what == 2) && may(f, FAULT_REPEAT))
        l.repeat = how;
    if ((what == 3 || what == 4) && may(f, FAULT_DELAY)) {
        l.delay_ms = 1 + how / 2;
        l.jitter_ms = how;
    }
    l.cut = (what == 5 || what == 6) && may(f, FAULT_CUT);
    l.no_tcp = what == 7 && may(f, FAULT_NO_TCP);
    say(f, "link %s %s%s: loss %u repeat %u delay %d jitter %d%s%s", a->node->name, b->node->name,
        one_way ? " one way" : "", l.loss, l.repeat, (int)l.delay_ms, (int)l.jitter_ms,
        l.cut ? " cut" : "", l.no_tcp ? " no tcp" : "");
    size_t from = (size_t)(a->node - f->sim.nodes), to = (size_t)(b->node - f->sim.nodes);
    f->sim.links[from][to] = l;
    if (!one_way)
        f->sim.links[to][from] = l;
}

static void crash_or_start(struct fleet *f)
{
    struct oracle_server *s = any_server(f);
    unsigned synced = rand_below(&f->trouble, 3);
    if (!s->node->up) {
        start_node(f, s);
    } else if (may(f, FAULT_CRASH)) {
        say(f, "crash %s", s->node->name);
        node_crash(s->node, synced);
    }
}

static void start_node(struct fleet *f, struct oracle_server *s)
{
    struct buf complaints = {0};
    say(f, "start %s", s->node->name);
    if (!node_start(s->node, &complaints))
        oracle_wrong(&f->oracle, "configuration of %s: %.400s", s->node->name,
                     buf_text(&complaints));
    buf_free(&complaints);
    oracle_look(&f->oracle);
}

static void fill_disk(struct fleet *f)
{
    struct oracle_server *s = any_server(f);
    bool full = rand_below(&f->trouble, 2) == 0;
    if (!may(f, FAULT_DISK))
        return;
    say(f, "disk of %s: %s", s->node->name, full ? "full" : "ok");
    sim_disk_full(s->node->disk, full);
}

static void set_clock(struct fleet *f)
{
    struct oracle_server *s = any_server(f);
    int64_t ms = (int64_t)rand_below(&f->trouble, 2 * 86400) * 1000 - 86400000;
    if (!may(f, FAULT_CLOCK))
        return;
    say(f, "clock of %s: %lld s", s->node->name, (long long)ms / 1000);
    s->node->wall_skew_ms += ms;
    s->clock_moved = true;
}

static void reload(struct fleet *f)
{
    struct oracle_server *s = any_server(f);
    struct buf complaints = {0};
    if (!may(f, FAULT_RELOAD) || !s->node->up)
        return;
    size_t index = (size_t)(s - f->oracle.servers);
    say(f, "reload %s", s->node->name);
    f->other_options[index] = !f->other_options[index];
    configure(f, (unsigned)index);
    must(node_configure(s->node, &complaints));
    buf_free(&complaints);
}

static void ask_something(struct fleet *f)
{
    struct oracle_server *s = &f->oracle.servers[rand_below(&f->asks, f->oracle.server_count)];
    struct model_question q = {rand_below(&f->asks, MODEL_ASKED),
                               rand_below(&f->asks, 3) == 0 ? TYPE_TXT : TYPE_A};
    ask(f, s, &q);
}

static void ask_everything(struct fleet *f)
{
    for (unsigned i = 0; i < f->oracle.server_count; i++)
        for (unsigned j = 0; j < 2 * MODEL_ASKED; j++)
            ask(f, &f->oracle.servers[i],
                &(struct model_question){j / 2, j % 2 == 0 ? TYPE_A : TYPE_TXT});
}

static void ask(struct fleet *f, struct oracle_server *s, const struct model_question *q)
{
    struct addr client = {.family = 4, .port = PORT_CLIENT, .ip = {127, 0, 0, 1}};
    struct name name;
    uint8_t packet[1024];
    if (!s->node->up)
        return;
    f->next_id++;
    f->questions[f->next_id % ASKED] =
        (struct open_question){true, f->next_id, s, s->node->life, *q, f->sim.now};
    model_name(q->asked, &name);
    struct question question = {
        .id = f->next_id, .flags = MSG_RD, .qname = name.octets, .qtype = q->type, .edns = true};
    net_udp(&f->sim, &client, &s->node->addr, packet, question_write(&question, packet));
}

static void got_reply(void *ctx, const struct addr *server, const uint8_t *msg, size_t len)
{
    struct fleet *f = ctx;
    uint16_t id = len < 2 ? 0 : get_u16(msg);
    struct open_question *q = &f->questions[id % ASKED];
    if (!q->open || q->id != id || q->server != oracle_server(&f->oracle, server))
        return; /* so old that its place was given away */
    q->open = false;
    oracle_look(&f->oracle);
    oracle_judge(&f->oracle, q->server, &q->question, msg, len);
}

static void look_for_silence(struct fleet *f)
{
    for (unsigned i = 0; i < ASKED; i++) {
        struct open_question *q = &f->questions[i];
        if (!q->open || mono_ms_between(q->asked, f->sim.now) < PATIENCE_MS)
            continue;
        q->open = false;
        if (q->server->node->up && q->server->node->life == q->life)
            oracle_wrong(&f->oracle, "%s does not answer a question", q->server->node->name);
    }
}

static void heal(struct fleet *f)
{
    say(f, "the last fault");
    for (unsigned i = 0; i < f->oracle.server_count; i++)
        for (unsigned j = 0; j < f->oracle.server_count; j++)
            f->sim.links[i][j] = (struct link){.delay_ms = 1};
    for (unsigned i = 0; i < f->oracle.server_count && !f->oracle.failed; i++) {
        sim_disk_full(f->oracle.servers[i].node->disk, false);
        if (!f->oracle.servers[i].node->up)
            start_node(f, &f->oracle.servers[i]);
    }
    if (f->bad) {
        model_edit(&f->model, &f->edits);
        save(f);
    }
    wait_for_all(f, longest_ms(f), "the last edit and the last fault are over");
}

/* The fleet is well: an edit is everywhere at once, its primary says so, and in the end no old
 * answer is left. */
static void good_times(struct fleet *f)
{
    struct oracle *o = &f->oracle;
    run(f, QUIET_MS);
    ask_everything(f);
    run(f, QUIET_MS);
    model_edit(&f->model, &f->edits);
    save(f);
    wait_for_all(f, f->notified ? QUICK_MS : longest_ms(f), "an edit in a fleet that is well");
    ask_everything(f);
    for (int64_t ms = 0; ms < SERVED_MS && !oracle_primary_says_served(o) && !o->failed; ms += 100)
        run(f, 100);
    if (!oracle_primary_says_served(o))
        oracle_wrong(o, "everybody serves the newest serial, but the primary does not see it");
    run(f, ((int64_t)largest_ttl(f) + GRACE_S) * 1000);
    if (!oracle_primary_says_settled(o) && !o->servers[0].clock_moved)
        oracle_wrong(o, "no cache can hold an old answer, but the primary does not see it");
    ask_everything(f);
    run(f, PATIENCE_MS + 1000);
}

static void wait_for_all(struct fleet *f, int64_t ms, const char *promise)
{
    const struct oracle_server *late = NULL;
    struct mono end = mono_plus_ms(f->sim.now, ms);
    while (!f->oracle.failed && !oracle_all_newest(&f->oracle, &late)) {
        if (!mono_before(f->sim.now, end)) {
            oracle_wrong(&f->oracle, "I1: %s: %s has not the newest version %lld ms later", promise,
                         late->node->name, (long long)ms);
            return;
        }
        run(f, ms < 1000 ? 1 : ms / 1000);
    }
}

/* Within REFRESH + RETRY a hop, or sooner where NOTIFYs are sent; and who hangs, hangs for a while.
 */
static int64_t longest_ms(const struct fleet *f)
{
    int64_t refresh_s = f->model.refresh > f->refresh_min_s ? f->model.refresh : f->refresh_min_s;
    int64_t hop_ms = (refresh_s + f->model.retry) * 1000;
    if (f->notified && hop_ms > NOTIFY_MS)
        hop_ms = NOTIFY_MS;
    return DISK_MS + f->hops * (hop_ms + HANGING_MS + DISK_MS);
}

static uint32_t largest_ttl(const struct fleet *f)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < f->oracle.save_count; i++) {
        const struct model *m = &f->oracle.saves[i];
        most = m->minimum > most ? m->minimum : most;
        for (unsigned j = 0; j < MODEL_NAMES; j++) {
            most = m->a[j].ttl > most ? m->a[j].ttl : most;
            most = m->txt[j].ttl > most ? m->txt[j].ttl : most;
        }
    }
    return most;
}

static void run(struct fleet *f, int64_t ms)
{
    struct mono until = mono_plus_ms(f->sim.now, ms);
    while (!f->oracle.failed && sim_step(&f->sim, until)) {
        f->events++;
        oracle_look(&f->oracle);
    }
    look_for_silence(f);
}

static bool may(struct fleet *f, enum fault fault)
{
    return (f->faults >> fault & 1) != 0;
}

static struct oracle_server *any_server(struct fleet *f)
{
    return &f->oracle.servers[rand_below(&f->trouble, f->oracle.server_count)];
}

static void say(const struct fleet *f, const char *format, ...)
{
    va_list ap;
    if (!f->sim.verbose)
        return;
    printf("%10.4f -------- ", (double)(f->sim.now.ns - NS_PER_S) / 1e9);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
}
