/* peers.h - the servers that lists call by name, and reading such lists. */
#ifndef SETTLED_CONFIG_PEERS_H
#define SETTLED_CONFIG_PEERS_H

#include "config/reading.h"

/* Reads all `peers` sections into config->peers, with room behind them for those written in
 * place. */
void peers_read(struct reading *r);
/* The peer that an entry of a list means: by name, or an address written in place (the same
 * address is the same peer, whichever list it is in). NULL with a finding. */
const struct config_peer *peer_meant(struct reading *r, const struct node *n);
/* Reads a list of peers: notify, primaries. False with findings. */
MUST_USE bool peers_list(struct reading *r, const struct node *n, struct config_peers *out);
/* The finding for a name that no peer has. */
void peer_tell_unknown(struct reading *r, const struct node *n);
/* { address: ... } in place of a name: the node of its address. NULL with a finding. */
const struct node *peer_inline(struct reading *r, const struct node *map);

#endif
