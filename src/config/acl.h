/* acl.h - reading the lists that say who may: transfer, notify-from, allow. */
#ifndef SETTLED_CONFIG_ACL_H
#define SETTLED_CONFIG_ACL_H

#include "config/reading.h"

/* Reads peers, addresses, prefixes and the words any, none, localhost. False with findings. */
MUST_USE bool acl_read(struct reading *r, const struct node *n, struct config_acl *out);
/* The addresses of all of these may, too. */
void acl_add_peers(struct reading *r, struct config_acl *a, const struct config_peers *peers);
/* Loopback addresses: 127.0.0.0/8 and ::1. */
struct config_acl acl_loopback(struct arena *a);

#endif
