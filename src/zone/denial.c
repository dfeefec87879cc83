/* denial.c - which NSEC speaks of a name (RFC 4035 3.1.3). Any thread; no allocation. */
#include "zone/denial.h"
#include "wire/rrtype.h"
#include "zone/store.h"

static struct zone_node above_hidden(const struct zone_version *v, uint32_t place);

enum zone_denial zone_denial(const struct zone_version *v)
{
    return (enum zone_denial)v->denial;
}

struct zone_node zone_nsec(const struct zone_version *v, const uint8_t *name)
{
    struct zone_node node = {.version = v};
    struct rrset nsec;
    struct key k;
    if (!key_of_name(&k, name, &v->apex)) {
        return node;
    }
    node.ref = trie_place(trie_before(v->map, v->root, &k)); /* the apex at least */
    if (!zone_rrset(node, TYPE_NSEC, &nsec)) {
        node = above_hidden(v, node.ref);
    }
    return node;
}

/* The owner of a cut or DNAME, if what stands at `place` is below it. */
static struct zone_node above_hidden(const struct zone_version *v, uint32_t place)
{
    struct zone_found f;
    struct rrset nsec;
    struct name owner;
    zone_node_owner((struct zone_node){.version = v, .ref = place}, &owner);
    zone_find_above_cut(v, owner.octets, &f);
    bool is_hidden = f.match == ZONE_CUT || f.match == ZONE_DNAME;
    if (!is_hidden || !zone_rrset(f.node, TYPE_NSEC, &nsec)) {
        f.node.ref = 0;
    }
    return f.node;
}
