/* addresses.h - options whose values are addresses. */
#ifndef SETTLED_CONFIG_ADDRESSES_H
#define SETTLED_CONFIG_ADDRESSES_H

#include "config/reading.h"

#define ADDRESSES_MOST 1024 /* of one list */

struct addresses {
    struct addr *items;
    unsigned count;
};

/* Reads one address; without a port it has `port`. False, with a finding, when it is none. */
MUST_USE bool address_read(struct reading *r, const struct node *n, uint16_t port,
                           struct addr *out);
/* Reads an address or a list of at least one, port 53 unless given. False with findings. */
MUST_USE bool addresses_read(struct reading *r, const struct node *n, struct addresses *out);
/* The finding for a text that was meant as an address, a prefix or a peer and is none. */
void address_tell(struct reading *r, const struct node *n);
/* Could the text be an address, mistyped? */
bool address_like(const char *text);
/* Does the text have a meaning of its own in lists of who may: any, none, localhost? */
bool address_word(const char *text);

#endif
