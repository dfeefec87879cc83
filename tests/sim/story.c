/* story.c - a promise to a user in plain text, played by simulated servers. One line, one step; the
 * first step that does not hold ends the story with its place, what was seen, and every node's log.
 *
 *   use NAME                               the lines of NAME.txt beside the story come first
 *   node NAME ADDRESS                      a machine
 *   config NAME | save NAME FILE           lines that follow and begin with "|" are the text
 *   copy NAME FILE                         a file of zones/, as in the examples
 *   start NAME | crash NAME                kill -9: what was not on disk is lost
 *   disk NAME full|ok|lost
 *   clock NAME +1h                         its wall clock is set
 *   edit NAME FILE OLD => NEW              replaces text in the file and saves it
 *   link A B [oneway] loss 50% | repeat 10% | delay 20ms | jitter 20ms | cut | no-tcp | heal
 *   after 5s                               time passes
 *   notify FROM NAME ZONE N                a NOTIFY as FROM would send it
 *   reload NAME ZONE [force] | refresh NAME ZONE | retransfer NAME ZONE   as settlectl does
 *   log NAME has TEXT | log NAME lacks TEXT
 *   never 10s ask NAME QNAME TYPE gives WHAT
 * and, each also with "within 2s" before it,
 *   ask NAME QNAME TYPE gives WHAT [ttl 60 | ttl<=60] [ede 24]
 *   serial NAME ZONE N | state NAME ZONE WORD | peer NAME ZONE PEER WORD
 *   served NAME ZONE N | settled NAME ZONE N
 *   unsettled NAME ZONE N                  served, but the deadline has not passed
 * WHAT is an rdata text, NXDOMAIN, NODATA, SERVFAIL, REFUSED or TIMEOUT. */
#include "story.h"
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH            4096
#define WORDS           24
#define ASK_PATIENCE_MS 9000 /* longer than forward takes to give up */
/* How often a check is looked at again within its time; but at most once a millisecond. */
#define STEPS 1000

struct story {
    struct sim sim;
    char path[PATH];
    unsigned line;
    char *words[WORDS];
    unsigned count;
    const char *rest; /* of the line, after the first three words: texts with blanks */
    char why[600];
    /* what our client got back last */
    uint8_t reply[MSG_MAX];
    size_t reply_len;
    bool replied;
};
struct verb {
    const char *word;
    unsigned least; /* words, the verb included */
    bool (*play)(struct story *t);
};

static bool play_use(struct story *t);
static bool play_node(struct story *t);
static const char *beside(const struct story *t, const char *name, char path[PATH]);
static bool play_copy(struct story *t);
static bool play_start(struct story *t);
static bool play_crash(struct story *t);
static bool play_disk(struct story *t);
static bool play_clock(struct story *t);
static bool play_edit(struct story *t);
static bool play_link(struct story *t);
static bool play_after(struct story *t);
static bool play_notify(struct story *t);
static bool play_log(struct story *t);
static bool play_reload(struct story *t);
static bool check_ask(struct story *t);
static bool check_serial(struct story *t);
static bool check_served(struct story *t);
static bool check_settled(struct story *t);
static bool check_unsettled(struct story *t);
static bool check_state(struct story *t);
static bool check_peer(struct story *t);
static bool play_file(struct story *t, const char *path);
static bool read_all(struct story *t, const char *path, struct buf *text);
static bool play_text(struct story *t, const char *text);
static bool starts_block(const char *line);
static bool play_line(struct story *t, char *line);
static bool play_block(struct story *t, const char *text, size_t len);
static bool play_within(struct story *t);
static bool play_never(struct story *t);
static const struct verb *verb_of(const struct verb *table, const char *word);
static bool no(struct story *t, const char *format, ...) PRINTF_LIKE(2, 3);
static bool split(struct story *t, char *line);
static struct node *node_word(struct story *t, unsigned i);
static bool duration(const char *text, int64_t *ms);
static void set_link(struct link *l, char **words, unsigned count);
static bool send_question(struct story *t, struct node *n, const char *name, const char *type);
static void got_reply(void *ctx, const struct addr *server, const uint8_t *msg, size_t len);
static bool judge_reply(struct story *t, const char *what, const char *ttl, const char *ede);
static bool find_zone(struct story *t, unsigned node_at, struct node **n, size_t *number,
                      struct keeper_zone_view *v);

static const struct verb verbs[] = {
    {"use", 2, play_use},       {"node", 3, play_node},      {"copy", 3, play_copy},
    {"start", 2, play_start},   {"crash", 2, play_crash},    {"disk", 3, play_disk},
    {"clock", 3, play_clock},   {"edit", 6, play_edit},      {"link", 4, play_link},
    {"after", 2, play_after},   {"log", 4, play_log},        {"notify", 5, play_notify},
    {"reload", 3, play_reload}, {"refresh", 3, play_reload}, {"retransfer", 3, play_reload},
    {"within", 4, play_within}, {"never", 4, play_never},    {NULL, 0, NULL},
};
static const struct verb checks[] = {
    {"ask", 6, check_ask},
    {"serial", 4, check_serial},
    {"served", 4, check_served},
    {"settled", 4, check_settled},
    {"unsettled", 4, check_unsettled},
    {"state", 4, check_state},
    {"peer", 5, check_peer},
    {NULL, 0, NULL},
};

bool story_play(const char *path, uint64_t seed, bool verbose)
{
    struct story *t = calloc(1, sizeof *t);
    must(t != NULL);
    sim_start(&t->sim, seed);
    t->sim.verbose = verbose;
    t->sim.client = got_reply;
    t->sim.client_ctx = t;
    bool ok = play_file(t, path);
    if (!ok) {
        fprintf(stderr, "%s:%u: %s\n", t->path, t->line, t->why);
        for (unsigned i = 0; i < t->sim.node_count; i++)
            fprintf(stderr, "--- log of %s\n%s", t->sim.nodes[i].name,
                    buf_text(&t->sim.nodes[i].log));
    }
    sim_end(&t->sim);
    free(t);
    return ok;
}

static bool play_file(struct story *t, const char *path)
{
    struct buf text = {0};
    snprintf(t->path, sizeof t->path, "%s", path);
    t->line = 0;
    bool ok = read_all(t, path, &text) && play_text(t, buf_text(&text));
    buf_free(&text);
    return ok;
}

static bool read_all(struct story *t, const char *path, struct buf *text)
{
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return no(t, "%s cannot be read", path);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(text, chunk, n);
    fclose(f);
    return true;
}

/* Lines that begin with "|" belong to the line before them. */
static bool play_text(struct story *t, const char *text)
{
    bool ok = true;
    struct buf block = {0};
    char *head = NULL;
    for (const char *at = text; ok && *at != 0;) {
        const char *end = strchrnul(at, '\n');
        char *line = strndup(at, (size_t)(end - at));
        const char *trimmed = line + strspn(line, " \t");
        bool more = *trimmed == '|', opens = starts_block(trimmed);
        if (!more && head != NULL) {
            ok = split(t, head) && play_block(t, (const char *)block.data, block.len);
            free(head);
            head = NULL;
            block.len = 0;
        }
        t->line += ok;
        if (more)
            buf_print(&block, "%s\n", trimmed + 1 + (trimmed[1] == ' '));
        else if (ok && opens)
            head = strdup(trimmed);
        else if (ok)
            ok = play_line(t, line);
        free(line);
        at = *end == 0 ? end : end + 1;
    }
    if (ok && head != NULL)
        ok = split(t, head) && play_block(t, (const char *)block.data, block.len);
    free(head);
    buf_free(&block);
    return ok;
}

static bool starts_block(const char *line)
{
    return strncmp(line, "config ", 7) == 0 || strncmp(line, "save ", 5) == 0;
}

static bool play_line(struct story *t, char *line)
{
    if (!split(t, line))
        return false;
    if (t->count == 0)
        return true;
    const struct verb *v = verb_of(verbs, t->words[0]);
    if (v == NULL)
        v = verb_of(checks, t->words[0]);
    if (v == NULL)
        return no(t, "no such verb: %s", t->words[0]);
    if (t->count < v->least)
        return no(t, "%s: too few words", t->words[0]);
    return v->play(t);
}

static bool play_block(struct story *t, const char *text, size_t len)
{
    struct node *n = node_word(t, 1);
    if (n == NULL)
        return false;
    if (strcmp(t->words[0], "save") == 0)
        return t->count == 3 ? node_file(n, t->words[2], text, len) : no(t, "save NAME FILE");
    n->config_text.len = 0;
    buf_add(&n->config_text, text, len);
    if (!n->up)
        return true;
    struct buf space = {0};
    bool ok = node_configure(n, &space);
    if (!ok)
        no(t, "%.500s", buf_text(&space));
    buf_free(&space);
    return ok;
}

static bool play_use(struct story *t)
{
    char back[sizeof t->path], name[64], path[PATH];
    unsigned line = t->line;
    snprintf(back, sizeof back, "%s", t->path);
    snprintf(name, sizeof name, "%.50s.txt", t->words[1]);
    if (!play_file(t, beside(t, name, path)))
        return false;
    snprintf(t->path, sizeof t->path, "%s", back);
    t->line = line;
    return true;
}

/* A path that begins where the story is. */
static const char *beside(const struct story *t, const char *name, char path[PATH])
{
    const char *slash = strrchr(t->path, '/');
    int len = slash == NULL ? 0 : (int)(slash - t->path) + 1;
    snprintf(path, PATH, "%.*s%s", len, t->path, name);
    return path;
}

static bool play_node(struct story *t)
{
    struct addr a;
    if (!addr_parse(t->words[2], PORT_DNS, &a))
        return no(t, "%s is no address", t->words[2]);
    node_add(&t->sim, t->words[1], &a);
    return true;
}

static bool play_copy(struct story *t)
{
    struct node *n = node_word(t, 1);
    struct buf text = {0};
    char name[128], path[PATH];
    snprintf(name, sizeof name, "../../zones/%.100s", t->words[2]);
    bool ok = n != NULL && read_all(t, beside(t, name, path), &text) &&
              node_file(n, t->words[2], (const char *)text.data, text.len);
    buf_free(&text);
    return ok;
}

static bool play_start(struct story *t)
{
    struct node *n = node_word(t, 1);
    struct buf complaints = {0};
    bool ok = n != NULL && node_start(n, &complaints);
    if (n != NULL && !ok)
        no(t, "configuration: %.500s", buf_text(&complaints));
    buf_free(&complaints);
    return ok;
}

static bool play_crash(struct story *t)
{
    struct node *n = node_word(t, 1);
    if (n != NULL)
        node_crash(n, 0);
    return n != NULL;
}

static bool play_disk(struct story *t)
{
    struct node *n = node_word(t, 1);
    if (n == NULL)
        return false;
    if (strcmp(t->words[2], "lost") != 0) {
        sim_disk_full(n->disk, strcmp(t->words[2], "full") == 0);
        return true;
    }
    if (n->up)
        return no(t, "%s is running on that disk", n->name);
    sim_disk_free(n->disk);
    n->disk = sim_disk_new();
    return n->disk != NULL;
}

static bool play_clock(struct story *t)
{
    struct node *n = node_word(t, 1);
    int64_t ms;
    if (n == NULL || !duration(t->words[2] + 1, &ms))
        return n != NULL && no(t, "%s is no step of a clock", t->words[2]);
    n->wall_skew_ms += t->words[2][0] == '-' ? -ms : ms;
    return true;
}

static bool play_edit(struct story *t)
{
    struct node *n = node_word(t, 1);
    const char *arrow = strstr(t->rest, " => ");
    if (n == NULL || arrow == NULL)
        return n != NULL && no(t, "edit NAME FILE OLD => NEW");
    char *old = strndup(t->rest, (size_t)(arrow - t->rest));
    const char *new = arrow + 4;
    bool done = false;
    for (struct sim_file *f = n->files; f < n->files + SIM_FILES && !done; f++) {
        const char *text = buf_text(&f->text), *at = strstr(text, old);
        if (strcmp(f->name, t->words[2]) != 0 || at == NULL)
            continue;
        struct buf next = {0};
        buf_add(&next, text, (size_t)(at - text));
        buf_print(&next, "%s%s", new, at + strlen(old));
        done = node_file(n, t->words[2], (const char *)next.data, next.len);
        buf_free(&next);
    }
    if (!done)
        no(t, "%s has no '%s'", t->words[2], old);
    free(old);
    return done;
}

static bool play_link(struct story *t)
{
    struct node *a = node_word(t, 1), *b = node_word(t, 2);
    if (a == NULL || b == NULL)
        return false;
    bool oneway = strcmp(t->words[3], "oneway") == 0;
    unsigned from = oneway ? 4 : 3;
    set_link(&t->sim.links[a - t->sim.nodes][b - t->sim.nodes], t->words + from, t->count - from);
    if (!oneway)
        set_link(&t->sim.links[b - t->sim.nodes][a - t->sim.nodes], t->words + from,
                 t->count - from);
    return true;
}

static bool play_after(struct story *t)
{
    int64_t ms;
    if (!duration(t->words[1], &ms))
        return no(t, "%s is no duration", t->words[1]);
    sim_run(&t->sim, ms);
    return true;
}

static bool play_notify(struct story *t)
{
    struct node *from = node_word(t, 1), *n = node_word(t, 2);
    struct name zone;
    uint8_t packet[1024], soa[64] = {0};
    if (from == NULL || n == NULL || !name_from(t->words[3], &zone))
        return false;
    put_u32(soa + 2, (uint32_t)strtoul(t->words[4], NULL, 10)); /* names: two roots */
    struct question q = {.id = 7,
                         .flags = OPCODE_NOTIFY << 11 | MSG_AA,
                         .qname = zone.octets,
                         .qtype = TYPE_SOA,
                         .soa = soa,
                         .soa_len = 22};
    struct addr sender = from->addr;
    sender.port = PORT_CLIENT;
    net_udp(&t->sim, &sender, &n->addr, packet, question_write(&q, packet));
    return true;
}

static bool play_reload(struct story *t)
{
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    bool force = t->count > 3 && strcmp(t->words[3], "force") == 0;
    struct keeper_actions actions = {0};
    struct now now = sim_now(&t->sim, n);
    if (strcmp(t->words[0], "reload") == 0)
        keeper_reload(n->keeper, number, force, now, &actions);
    else
        keeper_refresh(n->keeper, number, strcmp(t->words[0], "retransfer") == 0, now, &actions);
    node_carry_out(n, &actions);
    return true;
}

static bool play_log(struct story *t)
{
    struct node *n = node_word(t, 1);
    if (n == NULL)
        return false;
    bool has = strstr(buf_text(&n->log), t->rest) != NULL;
    if (has == (strcmp(t->words[2], "has") == 0))
        return true;
    return no(t, "the log %s '%s'", has ? "has" : "lacks", t->rest);
}

/* Shifts the words by two and plays the check until it holds or the time is over. */
static bool play_within(struct story *t)
{
    int64_t ms;
    const struct verb *v = verb_of(checks, t->words[2]);
    if (!duration(t->words[1], &ms) || v == NULL || t->count - 2 < v->least)
        return no(t, "within DURATION CHECK");
    memmove(t->words, t->words + 2, (t->count - 2) * sizeof *t->words);
    t->count -= 2;
    struct mono end = mono_plus_ms(t->sim.now, ms);
    int64_t pause_ms = ms < STEPS ? 1 : ms / STEPS;
    while (!v->play(t)) {
        if (!mono_before(t->sim.now, end))
            return false;
        sim_run(&t->sim, pause_ms);
    }
    t->why[0] = 0;
    return true;
}

static bool play_never(struct story *t)
{
    int64_t ms;
    if (!duration(t->words[1], &ms) || strcmp(t->words[2], "ask") != 0 || t->count - 2 < 6)
        return no(t, "never DURATION ask ...");
    memmove(t->words, t->words + 2, (t->count - 2) * sizeof *t->words);
    t->count -= 2;
    struct mono end = mono_plus_ms(t->sim.now, ms);
    int64_t pause_ms = ms / 100 > 0 ? ms / 100 : 1;
    while (mono_before(t->sim.now, end)) {
        if (check_ask(t))
            return no(t, "it did, %lld ms before the end",
                      (long long)mono_ms_between(t->sim.now, end));
        sim_run(&t->sim, pause_ms);
    }
    t->why[0] = 0;
    return true;
}

/* ask NAME QNAME TYPE gives WHAT [ttl N] [ede N] */
static bool check_ask(struct story *t)
{
    struct node *n = node_word(t, 1);
    if (n == NULL || !send_question(t, n, t->words[2], t->words[3]))
        return false;
    char what[512];
    size_t len = 0;
    const char *ttl = NULL, *ede = NULL;
    what[0] = 0;
    for (unsigned i = 5; i < t->count; i++) {
        if (strcmp(t->words[i], "ttl") == 0 && i + 1 < t->count)
            ttl = t->words[++i];
        else if (strcmp(t->words[i], "ede") == 0 && i + 1 < t->count)
            ede = t->words[++i];
        else if (strncmp(t->words[i], "ttl<=", 5) == 0)
            ttl = t->words[i] + 3;
        else
            len += (size_t)snprintf(what + len, sizeof what - len, "%s%s", len == 0 ? "" : " ",
                                    t->words[i]);
    }
    return judge_reply(t, what, ttl, ede);
}

static bool check_serial(struct story *t)
{
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    if (strcmp(t->words[3], "none") == 0)
        return !v.has_serial || no(t, "it has serial %u", v.serial);
    uint32_t want = (uint32_t)strtoul(t->words[3], NULL, 10);
    if (!v.has_serial)
        return no(t, "%s has no serial of %s: %s", n->name, t->words[2], v.error);
    return v.serial == want || no(t, "%s has serial %u of %s", n->name, v.serial, t->words[2]);
}

static bool check_served(struct story *t)
{
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    uint32_t want = (uint32_t)strtoul(t->words[3], NULL, 10);
    bool here = v.has_serial && v.serial == want;
    return (here && ledger_served(keeper_ledger(n->keeper, number), want)) ||
           no(t, "serial %u is not served", want);
}

static bool check_settled(struct story *t)
{
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    struct wall deadline;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    uint32_t want = (uint32_t)strtoul(t->words[3], NULL, 10);
    struct now now = sim_now(&t->sim, n);
    bool is = ledger_settled(keeper_ledger(n->keeper, number), want, now, &deadline);
    return is ||
           no(t, "serial %u settles in %lld ms", want, (long long)(deadline.ms - now.wall.ms));
}

static bool check_unsettled(struct story *t)
{
    return check_served(t) && (!check_settled(t) || no(t, "it has settled"));
}

static bool check_state(struct story *t)
{
    static const char *const names[] = {[SLOT_LOADING] = "loading",
                                        [SLOT_SERVING] = "serving",
                                        [SLOT_FAILED] = "failed",
                                        [SLOT_EXPIRED] = "expired"};
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    if (strcmp(t->words[3], "held") == 0)
        return v.held || no(t, "not held");
    return strcmp(names[v.state], t->words[3]) == 0 ||
           no(t, "it is %s: %s", names[v.state], v.error);
}

static bool check_peer(struct story *t)
{
    struct node *n;
    size_t number;
    struct keeper_zone_view v;
    struct ledger_peer_view p;
    if (!find_zone(t, 1, &n, &number, &v))
        return false;
    const struct ledger *l = keeper_ledger(n->keeper, number);
    for (unsigned i = 0; i < ledger_peer_count(l); i++) {
        ledger_peer(l, i, &p);
        if (strcmp(p.name, t->words[3]) == 0)
            return strcmp(peer_state_name(p.state), t->words[4]) == 0 ||
                   no(t, "peer %s is %s: %s", p.name, peer_state_name(p.state), p.reason);
    }
    return no(t, "no peer %s", t->words[3]);
}

static const struct verb *verb_of(const struct verb *table, const char *word)
{
    for (; table->word != NULL; table++)
        if (strcmp(table->word, word) == 0)
            return table;
    return NULL;
}

static bool no(struct story *t, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(t->why, sizeof t->why, format, ap);
    va_end(ap);
    return false;
}

/* Words in place; # begins a comment. `rest` is a copy of the line from its fourth word on. */
static bool split(struct story *t, char *line)
{
    static const char blanks[] = " \t";
    t->count = 0;
    t->rest = "";
    char *at = line + strspn(line, blanks);
    while (*at != 0 && *at != '#') {
        if (t->count == WORDS)
            return no(t, "too many words");
        if (t->count == 3 &&
            (strcmp(t->words[0], "edit") == 0 || strcmp(t->words[0], "log") == 0)) {
            t->rest = at;
            t->count = WORDS;
            return true;
        }
        t->words[t->count++] = at;
        at += strcspn(at, blanks);
        if (*at != 0)
            *at++ = 0;
        at += strspn(at, blanks);
    }
    return true;
}

static struct node *node_word(struct story *t, unsigned i)
{
    struct node *n = t->count > i ? sim_node(&t->sim, t->words[i]) : NULL;
    if (n == NULL)
        no(t, "no such node: %s", t->count > i ? t->words[i] : "");
    return n;
}

static bool duration(const char *text, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end;
    long long n = strtoll(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (end != text && strcmp(end, units[i].unit) == 0) {
            *ms = n * units[i].ms;
            return true;
        }
    return false;
}

static void set_link(struct link *l, char **words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : "0";
        int64_t ms = 0;
        (void)(duration(value, &ms) || true);
        if (strcmp(words[i], "cut") == 0)
            l->cut = true;
        else if (strcmp(words[i], "no-tcp") == 0)
            l->no_tcp = true;
        else if (strcmp(words[i], "heal") == 0)
            *l = (struct link){.delay_ms = 1};
        else if (strcmp(words[i], "loss") == 0)
            l->loss = (unsigned)strtoul(value, NULL, 10) * 10;
        else if (strcmp(words[i], "repeat") == 0)
            l->repeat = (unsigned)strtoul(value, NULL, 10) * 10;
        else if (strcmp(words[i], "delay") == 0)
            l->delay_ms = ms;
        else if (strcmp(words[i], "jitter") == 0)
            l->jitter_ms = ms;
    }
}

static bool send_question(struct story *t, struct node *n, const char *name, const char *type)
{
    struct name qname;
    uint16_t qtype;
    uint8_t packet[1024];
    if (!name_from(name, &qname) || !rrtype_parse(type, strlen(type), &qtype))
        return no(t, "%s %s is no question", name, type);
    struct question q = {.id = (uint16_t)t->sim.sequence,
                         .flags = MSG_RD,
                         .qname = qname.octets,
                         .qtype = qtype,
                         .edns = true};
    struct addr from = {.family = 4, .port = PORT_CLIENT, .ip = {127, 0, 0, 1}};
    t->replied = false;
    if (n->up)
        net_udp(&t->sim, &from, &n->addr, packet, question_write(&q, packet));
    struct mono end = mono_plus_ms(t->sim.now, ASK_PATIENCE_MS);
    while (n->up && !t->replied && sim_step(&t->sim, end))
        ;
    return true;
}

static void got_reply(void *ctx, const struct addr *server, const uint8_t *msg, size_t len)
{
    struct story *t = ctx;
    (void)server;
    t->replied = true;
    t->reply_len = len;
    memcpy(t->reply, msg, len);
}

static bool judge_reply(struct story *t, const char *what, const char *ttl, const char *ede)
{
    struct response r;
    struct record rr;
    struct buf space = {0}, text = {0}, seen = {0};
    bool good = false;
    size_t what_len = strlen(what);
    if (!t->replied)
        return strcmp(what, "TIMEOUT") == 0 || no(t, "no answer");
    if (!response_read(t->reply, t->reply_len, &r))
        return no(t, "the answer is malformed");
    buf_print(&seen, "%s", rcode_name(r.rcode));
    for (unsigned i = 0; i < r.counts[0] && record_read(&r.records, &space, &rr); i++) {
        text.len = 0;
        rdata_print(rr.type, rr.rdata, rr.rdlen, &text);
        buf_print(&seen, " %s/%u", buf_text(&text), rr.ttl);
        bool ttl_good = ttl == NULL || (ttl[0] == '<' ? rr.ttl <= strtoul(ttl + 2, NULL, 10)
                                                      : rr.ttl == strtoul(ttl, NULL, 10));
        good = good || (text.len == what_len && memcmp(text.data, what, what_len) == 0 && ttl_good);
    }
    if (r.rcode == RCODE_NOERROR && r.counts[0] == 0)
        good = strcmp(what, "NODATA") == 0;
    else if (r.rcode != RCODE_NOERROR)
        good = strcmp(rcode_name(r.rcode), what) == 0;
    if (ede != NULL || sim_ede(t->reply, t->reply_len) >= 0)
        buf_print(&seen, " ede %d", sim_ede(t->reply, t->reply_len));
    good = good && (ede == NULL || sim_ede(t->reply, t->reply_len) == atoi(ede));
    if (!good)
        no(t, "it gives %.500s", buf_text(&seen));
    buf_free(&space);
    buf_free(&text);
    buf_free(&seen);
    return good;
}

static bool find_zone(struct story *t, unsigned node_at, struct node **n, size_t *number,
                      struct keeper_zone_view *v)
{
    struct name zone;
    *n = node_word(t, node_at);
    if (*n == NULL || !(*n)->up || !name_from(t->words[node_at + 1], &zone))
        return *n != NULL &&
               no(t, "%s is down, or %s is no name", (*n)->name, t->words[node_at + 1]);
    if (!keeper_find((*n)->keeper, zone.octets, number) ||
        !keeper_zone((*n)->keeper, *number, sim_now(&t->sim, *n), v))
        return no(t, "%s has no zone %s", (*n)->name, t->words[node_at + 1]);
    return true;
}
