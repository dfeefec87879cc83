/* addr.h - where a packet comes from or goes to: IPv4 or IPv6 address and UDP/TCP port, and
 * prefixes. */
#ifndef SETTLED_BASE_ADDR_H
#define SETTLED_BASE_ADDR_H

#include "base/must.h"
#include <stdbool.h>
#include <stdint.h>

struct addr {
    uint8_t family; /* 4, 6, or 0: none */
    uint16_t port;  /* host order; 0: none given */
    uint8_t ip[16]; /* network order; an IPv4 address uses the first four; rest zero */
    uint32_t scope; /* IPv6 link-local: interface index */
};
struct prefix {
    struct addr net; /* port 0, host bits zero */
    uint8_t bits;
};

#define ADDR_TEXT 80 /* longest text of an address with port, NUL included */

/* "192.0.2.1", "192.0.2.1@5300", "2001:db8::1@53", "[2001:db8::1]:53", "[2001:db8::1]",
 * "192.0.2.1:53". Without a port the result has `default_port`. False when it is not an address. */
MUST_USE bool addr_parse(const char *text, uint16_t default_port, struct addr *out);
/* "192.0.2.0/24", "2001:db8::/32", or a plain address (all bits). Host bits set: false. */
MUST_USE bool prefix_parse(const char *text, struct prefix *out);
/* "192.0.2.1@5300"; without "@port" when the port is 53 or 0. Returns out. */
const char *addr_print(const struct addr *a, char out[ADDR_TEXT]);
const char *addr_print_ip(const struct addr *a, char out[ADDR_TEXT]); /* never a port */
const char *prefix_print(const struct prefix *p, char out[ADDR_TEXT]);
bool addr_same(const struct addr *a, const struct addr *b);    /* address and port */
bool addr_same_ip(const struct addr *a, const struct addr *b); /* address only */
bool addr_in(const struct addr *a, const struct prefix *p);    /* IPv4-mapped IPv6 counts as IPv4 */
bool addr_is_loopback(const struct addr *a);
uint64_t addr_hash_ip(const struct addr *a, uint64_t seed);

#endif
