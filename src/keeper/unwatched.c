/* unwatched.c - the name servers of a zone that are neither us nor a peer: named in status, diff
 * and wait, so that "settled" is understood as "among the watched" (CONVERGENCE.md, Words).
 *
 * A server is known by its addresses in the zone; one whose addresses are not in the zone cannot
 * be compared and counts as unwatched unless it is the SOA's MNAME or a peer has its name. */
#include "keeper/kept.h"
#include <stdlib.h>
#include <string.h>

struct looking {
    const struct keeper *k;
    struct kept *z;
    const uint8_t *mname;
};

static void look_in(struct looking *l, struct zone_node node);
static bool watched(const struct looking *l, struct zone_node node, const uint8_t *server);
static bool has_peer_address(const struct looking *l, const struct zone_version *v,
                             const uint8_t *server);
static bool any_known(const struct looking *l, const struct rrset *set);
static bool known_address(const struct looking *l, const struct addr *a);
static void add(struct kept *z, const char *server);

void unwatched_look(const struct keeper *k, struct kept *z)
{
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    struct zone_node cut;
    if (z->unwatched_at == k->published)
        return;
    unwatched_free(z);
    z->unwatched_at = k->published;
    if (z->current == NULL)
        return;
    const uint8_t *rdata = zone_soa(z->current, &len, &ttl);
    must(soa_read(rdata, len, &soa));
    struct looking l = {k, z, soa.mname};
    look_in(&l, zone_apex_node(z->current));
    if (parent_side(k, z, &cut) && cut.ref != 0)
        look_in(&l, cut);
}

void unwatched_free(struct kept *z)
{
    for (unsigned i = 0; i < z->unwatched_count; i++)
        free(z->unwatched[i]);
    free(z->unwatched);
    z->unwatched = NULL;
    z->unwatched_count = 0;
}

static void look_in(struct looking *l, struct zone_node node)
{
    struct rrset ns;
    size_t at = 0;
    uint16_t len;
    const uint8_t *server;
    char text[NAME_TEXT];
    if (!zone_rrset(node, TYPE_NS, &ns))
        return;
    while ((server = rrset_next(&ns, &at, &len)) != NULL)
        if (!watched(l, node, server))
            add(l->z, name_print(server, text));
}

static bool watched(const struct looking *l, struct zone_node node, const uint8_t *server)
{
    char text[NAME_TEXT];
    if (name_same(server, l->mname))
        return true;
    name_print(server, text);
    for (unsigned i = 0; i < l->z->follower_count; i++)
        if (strcmp(l->z->followers[i].peer->name, text) == 0)
            return true;
    return has_peer_address(l, l->z->current, server) || has_peer_address(l, node.version, server);
}

static bool has_peer_address(const struct looking *l, const struct zone_version *v,
                             const uint8_t *server)
{
    struct rrset set;
    struct zone_node node = zone_lookup(v, server);
    if (node.ref == 0)
        return false;
    return (zone_rrset(node, TYPE_A, &set) && any_known(l, &set)) ||
           (zone_rrset(node, TYPE_AAAA, &set) && any_known(l, &set));
}

static bool any_known(const struct looking *l, const struct rrset *set)
{
    size_t at = 0;
    uint16_t len;
    const uint8_t *ip;
    while ((ip = rrset_next(set, &at, &len)) != NULL) {
        struct addr a = {.family = len == 4 ? 4 : 6};
        memcpy(a.ip, ip, len <= sizeof a.ip ? len : sizeof a.ip);
        if (known_address(l, &a))
            return true;
    }
    return false;
}

static bool known_address(const struct looking *l, const struct addr *a)
{
    const struct config_server *server = &l->k->config->server;
    const struct kept *z = l->z;
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

static void add(struct kept *z, const char *server)
{
    for (unsigned i = 0; i < z->unwatched_count; i++)
        if (strcmp(z->unwatched[i], server) == 0)
            return;
    char **more = realloc(z->unwatched, (z->unwatched_count + 1) * sizeof *more);
    if (more == NULL)
        return;
    z->unwatched = more;
    more[z->unwatched_count] = strdup(server);
    if (more[z->unwatched_count] != NULL)
        z->unwatched_count++;
}
