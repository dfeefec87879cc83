/* sockets.h - the sockets questions come in on: bound by us (one set for each worker,
 * SO_REUSEPORT), or handed over by systemd. */
#ifndef SETTLED_SERVER_SOCKETS_H
#define SETTLED_SERVER_SOCKETS_H

#include "base/oops.h"
#include "config/config.h"

struct socket_set { /* of one worker */
    int *udp, *tcp;
    bool *udp_any; /* bound to a wildcard address: answers leave from the address that was asked */
    unsigned udp_count, tcp_count;
};
/* Opens sets[0..workers). With sockets from systemd (LISTEN_FDS) those are used: shared by all
 * workers, each with its own descriptor; *from_manager says so. False: o names the address and
 * the reason. */
MUST_USE bool sockets_open(const struct config_server *c, struct socket_set *sets, unsigned workers,
                           bool *from_manager, struct oops *o);
void sockets_close(struct socket_set *set);
/* Lets a UDP socket's answers leave in fragments (IPv4): a link is too small for them. Any
 * thread. */
bool sockets_fragment(int fd);
/* A UDP or TCP socket bound to `via` (family 0: any address of `family`), ephemeral port; -1: o. */
int socket_bound(int type, uint8_t family, const struct addr *via, struct oops *o);

#endif
