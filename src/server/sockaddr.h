/* sockaddr.h - the kernel's addresses to and from ours. */
#ifndef SETTLED_SERVER_SOCKADDR_H
#define SETTLED_SERVER_SOCKADDR_H

#include "base/addr.h"
#include <sys/socket.h>

struct addr
addr_from_sockaddr(const struct sockaddr
                       *sa); /* family 0 for others than IPv4 and IPv6; mapped IPv4 becomes IPv4 */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *out);

/* False: port 0, from where no UDP answer is wanted (RFC 768). IPv4 and IPv6 only. */
bool sockaddr_has_port(const struct sockaddr *sa);

#endif
