/* networks.c - interface addresses and their masks as prefixes. */
#include "server/networks.h"
#include "server/sockaddr.h"
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool prefix_of(const struct ifaddrs *i, struct prefix *out);

struct prefix *networks_own(unsigned *count)
{
    struct ifaddrs *all = NULL;
    struct prefix *out = NULL;
    unsigned n = 0;
    *count = 0;
    if (getifaddrs(&all) != 0)
        return NULL;
    for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
        n++;
    out = calloc(n + 1, sizeof *out);
    for (struct ifaddrs *i = all; out != NULL && i != NULL; i = i->ifa_next)
        if (prefix_of(i, &out[*count]))
            ++*count;
    freeifaddrs(all);
    return out;
}

static bool prefix_of(const struct ifaddrs *i, struct prefix *out)
{
    if (i->ifa_addr == NULL || i->ifa_netmask == NULL)
        return false;
    int family = i->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6)
        return false;
    struct addr a = addr_from_sockaddr(i->ifa_addr);
    struct sockaddr_storage mask_space;
    memset(&mask_space, 0, sizeof mask_space);
    memcpy(&mask_space, i->ifa_netmask,
           family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    mask_space.ss_family = (sa_family_t)family; /* some systems leave it 0 in masks */
    struct addr mask = addr_from_sockaddr((struct sockaddr *)&mask_space);
    *out = (struct prefix){.net = a};
    out->net.port = 0;
    out->net.scope = 0;
    unsigned len = family == AF_INET ? 4 : 16;
    for (unsigned b = 0; b < len; b++) {
        out->net.ip[b] &= mask.ip[b];
        out->bits = (uint8_t)(out->bits + __builtin_popcount(mask.ip[b]));
    }
    return true;
}
