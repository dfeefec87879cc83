/* ration.c - answers that are too many for one network: which of them are alike, and who is not
 * counted. Worker's thread. Rate-limiting is about forged source addresses: over TCP, and with a
 * cookie of ours, nobody forges. A cache zone that only some may ask is not counted either: there
 * many clients of one network ask for the same name all the time. */
#include "answer/ration.h"
#include "answer/compose.h"

static bool is_counted(const struct job *j);
static struct rrl_answer kind_of(const struct job *j, const struct chain *c);
static bool is_made_up(const struct job *j);

bool ration(struct job *j, const struct rrl_answer *a, enum verdict *instead)
{
    const struct config_server *server = &j->worker->world->config->server;
    struct rrl_limit limit = {server->rate_limit, server->rate_limit_slip};
    struct counters *n = j->worker->counters;
    if (server->rate_limit == 0 || !is_counted(j)) {
        return false;
    }
    switch (rrl_take(j->worker->rrl, limit, &j->packet->from, a, j->now.mono, n)) {
    case RRL_SEND:
        return false;
    case RRL_DROP:
        count(n, COUNT_rate_dropped);
        *instead = VERDICT_DROP;
        return true;
    case RRL_SLIP:
        break;
    }
    count(n, COUNT_rate_slipped);
    if (a->kind == RRL_ERROR) { /* there is nothing to leave out */
        return false;
    }
    *instead = compose_slip(j);
    return true;
}

bool ration_chain(struct job *j, const struct chain *c, enum verdict *instead)
{
    if (j->worker->world->config->server.rate_limit == 0) {
        return false;
    }
    struct rrl_answer a = kind_of(j, c);
    return ration(j, &a, instead);
}

bool ration_code(struct job *j, enum verdict *instead)
{
    return ration(j, &(struct rrl_answer){.kind = RRL_ERROR}, instead);
}

static bool is_counted(const struct job *j)
{
    const struct world_zone *z = j->out->zone;
    if (j->worker->rrl == NULL || j->packet->tcp || j->cookie == COOKIE_GOOD) {
        return false;
    }
    if (z != NULL && z->config->role == ROLE_CACHE && !z->config->rules->allow.any) {
        return false;
    }
    return !config_acl_allows(&j->worker->world->config->server.rate_limit_exempt,
                              &j->packet->from);
}

/* As BIND and NSD count: names that an attacker can make up are one. */
static struct rrl_answer kind_of(const struct job *j, const struct chain *c)
{
    const uint8_t *asked = j->query.qname, *zone = j->out->zone->slot->name;
    switch (c->end) {
    case CHAIN_ERROR:
    case CHAIN_TOO_LONG:
        return (struct rrl_answer){.kind = RRL_ERROR};
    case CHAIN_NXDOMAIN:
        return (struct rrl_answer){RRL_NXDOMAIN, c->soa.rdata != NULL ? c->soa.owner : zone, 0};
    case CHAIN_REFERRAL:
        return (struct rrl_answer){RRL_REFERRAL, name_suffix(c->name, c->found.node_labels), 0};
    case CHAIN_NODATA:
        return is_made_up(j) ? (struct rrl_answer){RRL_WILDCARD, zone, 0}
                             : (struct rrl_answer){RRL_NODATA, asked, 0};
    default:
        return is_made_up(j) ? (struct rrl_answer){RRL_WILDCARD, zone, 0}
                             : (struct rrl_answer){RRL_ANSWER, asked, j->query.qtype};
    }
}

/* The first step found a wildcard, or a DNAME above the name. */
static bool is_made_up(const struct job *j)
{
    return j->out->found.match == ZONE_WILDCARD || j->out->found.match == ZONE_DNAME;
}
