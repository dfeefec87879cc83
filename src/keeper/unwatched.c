/* unwatched.c - the name servers of a zone that are neither us nor a peer: named in status, diff and wait, so that "settled" is
 * understood as "among the watched" (CONVERGENCE.md, Words).
 *
 * A server is known by its addresses in the zone; one whose addresses are not in the zone cannot be compared and counts as
 * unwatched unless it is the SOA's MNAME or a peer has its name. */
#include "keeper/kept.h"
#include <stdlib.h>
#include <string.h>

static bool watched(const struct turn *t, const struct kept *z, const uint8_t *server,
                    const uint8_t *mname);
static bool known_address(const struct turn *t, const struct kept *z, const struct addr *a);
static bool any_known(const struct turn *t, const struct kept *z, const struct rrset *set);

void unwatched_find(struct turn *t, struct kept *z)
{
    struct rrset ns;
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    unwatched_free(z);
    const uint8_t *rdata = zone_soa(z->current, &len, &ttl);
    if (!zone_rrset(zone_apex_node(z->current), TYPE_NS, &ns) || !soa_read(rdata, len, &soa))
        return;
    z->unwatched = calloc(ns.count, sizeof *z->unwatched);
    size_t at = 0;
    const uint8_t *server;
    while (z->unwatched != NULL && (server = rrset_next(&ns, &at, &len)) != NULL) {
        char text[NAME_TEXT];
        if (watched(t, z, server, soa.mname))
            continue;
        z->unwatched[z->unwatched_count] = strdup(name_print(server, text));
        if (z->unwatched[z->unwatched_count] != NULL)
            z->unwatched_count++;
    }
}

void unwatched_free(struct kept *z)
{
    for (unsigned i = 0; i < z->unwatched_count; i++)
        free(z->unwatched[i]);
    free(z->unwatched);
    z->unwatched = NULL;
    z->unwatched_count = 0;
}

static bool watched(const struct turn *t, const struct kept *z, const uint8_t *server,
                    const uint8_t *mname)
{
    char text[NAME_TEXT];
    struct rrset set;
    if (name_same(server, mname))
        return true;
    name_print(server, text);
    for (unsigned i = 0; i < z->follower_count; i++)
        if (strcmp(z->followers[i].peer->name, text) == 0)
            return true;
    struct zone_node node = zone_lookup(z->current, server);
    if (node.ref == 0)
        return false;
    return (zone_rrset(node, TYPE_A, &set) && any_known(t, z, &set)) ||
           (zone_rrset(node, TYPE_AAAA, &set) && any_known(t, z, &set));
}

static bool any_known(const struct turn *t, const struct kept *z, const struct rrset *set)
{
    size_t at = 0;
    uint16_t len;
    const uint8_t *ip;
    while ((ip = rrset_next(set, &at, &len)) != NULL) {
        struct addr a = {.family = len == 4 ? 4 : 6};
        memcpy(a.ip, ip, len <= sizeof a.ip ? len : sizeof a.ip);
        if (known_address(t, z, &a))
            return true;
    }
    return false;
}

static bool known_address(const struct turn *t, const struct kept *z, const struct addr *a)
{
    const struct config_server *server = &t->k->config->server;
    for (unsigned i = 0; i < server->listen_count; i++)
        if (addr_same_ip(&server->listen[i], a))
            return true;
    for (unsigned i = 0; i < z->follower_count; i++) {
        const struct config_peer *p = z->followers[i].peer;
        for (unsigned j = 0; j < p->address_count; j++)
            if (addr_same_ip(&p->address[j], a))
                return true;
        for (unsigned j = 0; j < p->ask_count; j++)
            if (addr_same_ip(&p->ask[j], a))
                return true;
    }
    return false;
}
