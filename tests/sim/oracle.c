/* oracle.c - the invariants of CONVERGENCE.md, checked from outside: by what servers publish and by
 * what they answer.
 *
 * I1 is the fleet's to check (it knows when the last fault ended); I7's waiting is the control
 * socket's. Here: I2 serials, I3 whole versions, I4 TTLs and old answers, I5 what a cache
 * confirmed, I6 expiry, I8 restarts, and that "served" and "settled" are true. */
#include "oracle.h"
#include "wire/msg.h"
#include "wire/rrtype.h"
#include <stdarg.h>
#include <stdio.h>

#define GRACE_MS 1000 /* an expiry that is due is noticed within */

static void look_at(struct oracle *o, struct oracle_server *s);
static bool published(struct oracle *o, const struct oracle_server *s, unsigned *version);
static bool coherent(struct oracle *o, const struct oracle_server *s, unsigned *version);
static unsigned version_of(const struct oracle *o, uint32_t serial);
static unsigned new_version(struct oracle *o, const struct zone_version *v);
static void moved(struct oracle *o, struct oracle_server *s, unsigned to);
static void look_at_expiry(struct oracle *o, struct oracle_server *s);
static void look_at_ledger(struct oracle *o);
static void judge_authority(struct oracle *o, const struct oracle_server *s,
                            const struct model_question *q, const struct model_answer *a);
static void judge_cached(struct oracle *o, const struct oracle_server *s,
                         const struct model_question *q, const struct model_answer *a);
static bool is_held(const struct oracle *o, unsigned version);
static bool fits_from(const struct oracle *o, unsigned version, const struct model_question *q,
                      const struct model_answer *a);
static const char *says(const struct model_answer *a, char text[64]);
static enum slot_state state_of(const struct node *n, struct keeper_zone_view *v);

void oracle_wrong(struct oracle *o, const char *format, ...)
{
    va_list ap;
    if (o->failed)
        return;
    o->failed = true;
    int at = snprintf(o->why, sizeof o->why,
                      "after %.4f s: ", (double)(o->sim->now.ns - NS_PER_S) / 1e9);
    va_start(ap, format);
    vsnprintf(o->why + at, sizeof o->why - (size_t)at, format, ap);
    va_end(ap);
}

struct oracle_server *oracle_server(struct oracle *o, const struct addr *a)
{
    for (unsigned i = 0; i < o->server_count; i++)
        if (addr_same_ip(&o->servers[i].node->addr, a))
            return &o->servers[i];
    return NULL;
}

/* The primary is the first: what it publishes is known before anybody can have it. */
void oracle_look(struct oracle *o)
{
    for (unsigned i = 0; i < o->server_count; i++)
        if (o->servers[i].node->up)
            look_at(o, &o->servers[i]);
    if (o->servers[0].node->up)
        look_at_ledger(o);
}

static void look_at(struct oracle *o, struct oracle_server *s)
{
    unsigned version;
    bool reborn = s->life != s->node->life;
    s->life = s->node->life;
    if (s->role == PLAIN)
        return;
    if (s->role == FOLLOWING) {
        if (reborn)
            s->holds = ORACLE_NONE;
        if (coherent(o, s, &version) && version != s->holds)
            moved(o, s, version);
        return;
    }
    if (published(o, s, &version) && version != s->holds)
        moved(o, s, version);
    if (s->role == SECONDARY)
        look_at_expiry(o, s);
}

/* I3: the version a server publishes is one that the primary published, whole. */
static bool published(struct oracle *o, const struct oracle_server *s, unsigned *version)
{
    struct keeper_zone_view v;
    if (state_of(s->node, &v) != SLOT_SERVING || v.version == NULL)
        return false;
    *version = version_of(o, zone_serial(v.version));
    if (*version == ORACLE_NONE && s->role == PRIMARY)
        *version = new_version(o, v.version);
    if (*version == ORACLE_NONE) {
        oracle_wrong(o, "I3: %s serves serial %u, which was never published", s->node->name,
                     zone_serial(v.version));
        return false;
    }
    if (zone_content_hash(v.version) != o->versions[*version].content)
        oracle_wrong(o, "I3: %s serves another serial %u than was published", s->node->name,
                     zone_serial(v.version));
    return true;
}

static bool coherent(struct oracle *o, const struct oracle_server *s, unsigned *version)
{
    struct keeper_zone_view v;
    state_of(s->node, &v);
    if (!v.has_serial)
        return false;
    *version = version_of(o, v.serial);
    if (*version == ORACLE_NONE)
        oracle_wrong(o, "%s says it is coherent with serial %u, which was never published",
                     s->node->name, v.serial);
    return *version != ORACLE_NONE;
}

static unsigned version_of(const struct oracle *o, uint32_t serial)
{
    for (unsigned i = o->version_count; i-- > 0;)
        if (o->versions[i].serial == serial)
            return i;
    return ORACLE_NONE;
}

static unsigned new_version(struct oracle *o, const struct zone_version *v)
{
    unsigned save;
    if (!model_save_of(v, &save) || save >= o->save_count || o->version_count == ORACLE_SAVES) {
        oracle_wrong(o, "I3: serial %u is of no save of the file", zone_serial(v));
        return ORACLE_NONE;
    }
    o->versions[o->version_count] = (struct oracle_version){
        .serial = zone_serial(v), .content = zone_content_hash(v), .model = &o->saves[save]};
    return o->version_count++;
}

/* I2: never backwards. */
static void moved(struct oracle *o, struct oracle_server *s, unsigned to)
{
    if (s->holds != ORACLE_NONE) {
        const struct oracle_version *from = &o->versions[s->holds];
        if (to < s->holds || !serial_older(from->serial, o->versions[to].serial))
            oracle_wrong(o, "I2: %s went from serial %u to %u", s->node->name, from->serial,
                         o->versions[to].serial);
        o->versions[s->holds].left = o->sim->now;
    }
    s->holds = to;
    if (to + 1 > s->reached)
        s->reached = to + 1;
}

/* I6: EXPIRE after the last word from its primary it does not serve any more, restarts or not. */
static void look_at_expiry(struct oracle *o, struct oracle_server *s)
{
    struct keeper_zone_view v;
    if (state_of(s->node, &v) == SLOT_EXPIRED && s->holds != ORACLE_NONE) {
        o->versions[s->holds].left = o->sim->now;
        s->holds = ORACLE_NONE;
    }
    if (v.state != SLOT_SERVING || s->holds == ORACLE_NONE || s->clock_moved)
        return;
    struct mono heard = s->node->heard[s->from - o->sim->nodes];
    struct mono over = mono_plus_s(heard, o->versions[s->holds].model->expire);
    if (mono_before(mono_plus_ms(over, GRACE_MS), o->sim->now))
        oracle_wrong(o, "I6: %s still serves serial %u, %lld s after its EXPIRE of %u s",
                     s->node->name, o->versions[s->holds].serial,
                     (long long)mono_s_between(over, o->sim->now),
                     o->versions[s->holds].model->expire);
}

/* What the primary says is served was served by all that are watched; nobody is "ahead" of it. */
static void look_at_ledger(struct oracle *o)
{
    const struct oracle_server *p = &o->servers[0];
    struct keeper_zone_view v;
    struct wall deadline;
    if (state_of(p->node, &v) != SLOT_SERVING || p->holds == ORACLE_NONE)
        return;
    const struct ledger *l = keeper_ledger(p->node->keeper, 0);
    for (unsigned i = 0; i < ledger_peer_count(l); i++) {
        struct ledger_peer_view peer;
        ledger_peer(l, i, &peer);
        if (peer.state == PEER_AHEAD)
            oracle_wrong(o, "I8: peer %s: %s", peer.name, peer.reason);
    }
    if (!ledger_served(l, v.serial))
        return;
    for (unsigned i = 1; i < o->server_count; i++)
        if (o->servers[i].watched && o->servers[i].reached <= p->holds)
            oracle_wrong(o, "I7: serial %u is said to be served, but %s never served it", v.serial,
                         o->servers[i].node->name);
    o->served = p->holds + 1;
    if (o->settled <= p->holds &&
        !p->clock_moved && /* across restarts it counts on the wall clock */
        ledger_settled(l, v.serial, sim_now(o->sim, p->node), &deadline))
        o->settled = p->holds + 1;
}

void oracle_judge(struct oracle *o, const struct oracle_server *s, const struct model_question *q,
                  const uint8_t *msg, size_t len)
{
    struct response r;
    struct model_answer a;
    int ede = sim_ede(msg, len);
    o->answers++;
    if (!response_read(msg, len, &r) || !model_read(&r, q, &a)) {
        oracle_wrong(o, "%s gives an answer that no version gives to %s", s->node->name,
                     model_name_text(q->asked));
        return;
    }
    if (s->role == PRIMARY || s->role == SECONDARY) {
        struct keeper_zone_view v;
        if (state_of(s->node, &v) == SLOT_EXPIRED &&
            (r.rcode != RCODE_SERVFAIL || ede != EDE_INVALID_DATA))
            oracle_wrong(o, "I6: %s has expired, but answers %s with extended error %d",
                         s->node->name, rcode_name(r.rcode), ede);
        judge_authority(o, s, q, &a);
        return;
    }
    if (ede == EDE_STALE_ANSWER || ede == EDE_STALE_NXDOMAIN)
        o->stale++;
    if (a.kind != MODEL_ERROR && ede != EDE_STALE_ANSWER && ede != EDE_STALE_NXDOMAIN)
        judge_cached(o, s, q, &a);
}

static void judge_authority(struct oracle *o, const struct oracle_server *s,
                            const struct model_question *q, const struct model_answer *a)
{
    char saw[64], wanted[64];
    if (a->kind == MODEL_ERROR)
        return;
    struct model_answer right = {.kind = MODEL_ERROR};
    if (s->holds != ORACLE_NONE)
        right = model_answer(o->versions[s->holds].model, q);
    if (!model_same(a, &right) || a->ttl != right.ttl)
        oracle_wrong(o, "I3: %s answers %s for %s type %u, its version says %s", s->node->name,
                     says(a, saw), model_name_text(q->asked), q->type, says(&right, wanted));
}

static void judge_cached(struct oracle *o, const struct oracle_server *s,
                         const struct model_question *q, const struct model_answer *a)
{
    char text[64];
    bool known = false, in_time = false;
    struct mono over = mono_plus_s(o->sim->now, a->ttl);
    for (unsigned i = 0; i < o->version_count && !in_time; i++) {
        struct model_answer right = model_answer(o->versions[i].model, q);
        if (!model_same(a, &right))
            continue;
        known = true;
        struct mono latest =
            mono_plus_s(is_held(o, i) ? o->sim->now : o->versions[i].left, right.ttl);
        if (a->ttl == 0) /* nothing is kept; it may have been under way */
            latest = mono_plus_s(latest, LEDGER_GRACE_S);
        in_time = a->ttl <= right.ttl && !mono_before(latest, over);
    }
    const char *name = model_name_text(q->asked);
    if (!known)
        oracle_wrong(o, "%s answers %s for %s type %u, which was never so", s->node->name,
                     says(a, text), name, q->type);
    else if (!in_time)
        oracle_wrong(o, "I4: %s answers %s for %s type %u: longer than its origin allows",
                     s->node->name, says(a, text), name, q->type);
    if (o->all_watched && o->settled > 0 && !fits_from(o, o->settled - 1, q, a))
        oracle_wrong(o, "I4: %s answers %s for %s type %u, though serial %u has settled",
                     s->node->name, says(a, text), name, q->type,
                     o->versions[o->settled - 1].serial);
    if (s->role == FOLLOWING && s->holds != ORACLE_NONE && !fits_from(o, s->holds, q, a))
        oracle_wrong(o, "I5: %s answers %s for %s type %u, though it confirmed serial %u",
                     s->node->name, says(a, text), name, q->type, o->versions[s->holds].serial);
}

static bool is_held(const struct oracle *o, unsigned version)
{
    for (unsigned i = 0; i < o->server_count; i++)
        if (o->servers[i].role <= SECONDARY && o->servers[i].holds == version)
            return true;
    return false;
}

/* Is it right by this version or a newer one? */
static bool fits_from(const struct oracle *o, unsigned version, const struct model_question *q,
                      const struct model_answer *a)
{
    for (unsigned i = version; i < o->version_count; i++) {
        struct model_answer right = model_answer(o->versions[i].model, q);
        if (model_same(a, &right))
            return true;
    }
    return false;
}

static const char *says(const struct model_answer *a, char text[64])
{
    static const char *const kinds[] = {"", "NODATA", "NXDOMAIN", "an error"};
    if (a->kind == MODEL_DATA)
        snprintf(text, 64, "the value of save %u, TTL %u", a->save, a->ttl);
    else
        snprintf(text, 64, "%s, TTL %u", kinds[a->kind], a->ttl);
    return text;
}

static enum slot_state state_of(const struct node *n, struct keeper_zone_view *v)
{
    bool there = keeper_zone(n->keeper, 0, sim_now(n->sim, n), v);
    must(there);
    return v->state;
}

bool oracle_all_newest(const struct oracle *o, const struct oracle_server **late)
{
    for (unsigned i = 0; i < o->server_count; i++) {
        const struct oracle_server *s = &o->servers[i];
        struct keeper_zone_view v;
        if (s->role == PLAIN)
            continue;
        *late = s;
        if (!s->node->up || s->holds + 1 != o->version_count)
            return false;
        if (s->role <= SECONDARY && state_of(s->node, &v) != SLOT_SERVING)
            return false;
        if (s->role == PRIMARY && o->versions[s->holds].model != &o->saves[o->save_count - 1])
            return false;
    }
    return true;
}

bool oracle_primary_says_served(const struct oracle *o)
{
    return o->served == o->version_count;
}

bool oracle_primary_says_settled(const struct oracle *o)
{
    return o->settled == o->version_count;
}
