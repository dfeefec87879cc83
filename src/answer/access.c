/* access.c - who may ask what: the lists of the configuration, and the networks of this machine
 * where a list says so. Pure reading of the world. Keys (TSIG) will be looked at here too. */
#include "answer/access.h"

static bool allows(const struct world *w, const struct config_acl *a, const struct addr *from);
static bool is_own(const struct world *w, const struct addr *from);

bool access_may_ask(const struct world *w, const struct world_zone *z, const struct addr *from)
{
    return allows(w, &z->config->rules->allow, from);
}

bool access_may_notify(const struct world *w, const struct world_zone *z, const struct addr *from)
{
    return allows(w, &z->config->rules->notify_from, from);
}

bool access_may_transfer(const struct world *w, const struct world_zone *z, const struct addr *from)
{
    return allows(w, &z->config->rules->transfer, from);
}

bool access_may_probe(const struct world *w, const struct world_zone *z, const struct addr *from)
{
    return access_may_ask(w, z, from) || access_may_notify(w, z, from);
}

static bool allows(const struct world *w, const struct config_acl *a, const struct addr *from)
{
    return config_acl_allows(a, from) || (a->own_networks && is_own(w, from));
}

static bool is_own(const struct world *w, const struct addr *from)
{
    if (addr_is_loopback(from)) {
        return true;
    }
    for (unsigned i = 0; i < w->own_network_count; i++) {
        if (addr_in(from, &w->own_networks[i])) {
            return true;
        }
    }
    return false;
}
