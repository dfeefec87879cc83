/* parent.c - what the zone above says about a zone of ours, where we serve the zone above, too
 * (CONVERGENCE.md, Words, Deadline): its NS for the zone, and how long resolvers keep them.
 * Keeper thread. */
#include "keeper/kept.h"

static uint32_t longest(uint32_t a, uint32_t b);

bool parent_side(const struct keeper *k, const struct kept *z, struct zone_node *cut)
{
    const uint8_t *apex = z->slot->name;
    const struct world_zone *w = k->world == NULL ? NULL : world_find(k->world, apex, TYPE_DS);
    const struct kept *above = w == NULL ? NULL : k->zones[w->slot->number];
    if (above == NULL || above == z || above->current == NULL)
        return false;
    *cut = zone_lookup(above->current, apex);
    return true;
}

bool parent_ttl(const struct keeper *k, const struct kept *z, uint32_t *ttl_s)
{
    struct zone_node cut;
    struct rrset ns, glue;
    size_t at = 0;
    uint16_t len;
    const uint8_t *server;
    *ttl_s = 0;
    if (z->slot->labels == 0)
        return true; /* nothing is above the root */
    if (!parent_side(k, z, &cut))
        return false;
    if (cut.ref == 0 || !zone_rrset(cut, TYPE_NS, &ns))
        return true; /* served, and it does not delegate */
    *ttl_s = ns.ttl;
    while ((server = rrset_next(&ns, &at, &len)) != NULL) {
        struct zone_node node = zone_lookup(cut.version, server);
        if (node.ref != 0 && zone_rrset(node, TYPE_A, &glue))
            *ttl_s = longest(*ttl_s, glue.ttl);
        if (node.ref != 0 && zone_rrset(node, TYPE_AAAA, &glue))
            *ttl_s = longest(*ttl_s, glue.ttl);
    }
    return true;
}

static uint32_t longest(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}
