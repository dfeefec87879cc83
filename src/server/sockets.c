/* sockets.c - opening, binding and listening, before privileges are given up. */
#include "server/sockets.h"
#include "server/sockaddr.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define TCP_BACKLOG 256
#define UDP_BUFFER  (1 << 20) /* room for some thousand questions while a worker is busy */

static bool set_room(struct socket_set *set, unsigned count);
static bool nobody_listens(const struct addr *a, struct oops *o);
static bool open_address(const struct addr *a, struct socket_set *set, struct oops *o);
static int open_one(const struct addr *a, int type, struct oops *o);
static bool set_option(int fd, int level, int option, int value);
static void no_fragments(int fd, uint8_t family);
static bool is_any(const struct addr *a);
static bool want_destination(int fd, uint8_t family);
static bool take_handed(struct socket_set *sets, unsigned workers, int count, struct oops *o);
static bool take_one(struct socket_set *set, int fd, bool duplicate, struct oops *o);

bool sockets_open(const struct config_server *c, struct socket_set *sets, unsigned workers,
                  bool *from_manager, struct oops *o)
{
    int handed = sd_listen_fds(1);
    unsigned count = handed > 0 ? (unsigned)handed : c->listen_count;
    for (unsigned w = 0; w < workers; w++)
        if (!set_room(&sets[w], count))
            return oops(o, "out of memory");
    *from_manager = handed > 0;
    if (handed > 0)
        return take_handed(sets, workers, handed, o);
    for (unsigned i = 0; i < c->listen_count; i++)
        if (!nobody_listens(&c->listen[i], o))
            return false;
    for (unsigned i = 0; i < c->listen_count; i++)
        for (unsigned w = 0; w < workers; w++)
            if (!open_address(&c->listen[i], &sets[w], o))
                return false;
    return true;
}

void sockets_close(struct socket_set *set)
{
    for (unsigned i = 0; i < set->udp_count; i++)
        close(set->udp[i]);
    for (unsigned i = 0; i < set->tcp_count; i++)
        close(set->tcp[i]);
    free(set->udp);
    free(set->tcp);
    free(set->udp_any);
    *set = (struct socket_set){0};
}

int socket_bound(int type, uint8_t family, const struct addr *via, struct oops *o)
{
    char text[ADDR_TEXT];
    int fd = socket(family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        oops(o, "cannot open a socket: %s", strerror(errno));
        return -1;
    }
    struct sockaddr_storage sa;
    struct addr from = via->family != 0 ? *via : (struct addr){.family = family};
    if ((type == SOCK_DGRAM || via->family != 0) &&
        bind(fd, (struct sockaddr *)&sa, addr_to_sockaddr(&from, &sa)) != 0) {
        oops(o, "cannot send from %s: %s", addr_print(&from, text), strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static bool set_room(struct socket_set *set, unsigned count)
{
    *set = (struct socket_set){
        .udp = calloc(count + 1, sizeof(int)),
        .tcp = calloc(count + 1, sizeof(int)),
        .udp_any = calloc(count + 1, sizeof(bool)),
    };
    return set->udp != NULL && set->tcp != NULL && set->udp_any != NULL;
}

/* SO_REUSEPORT lets our workers share a port, and would let a second settled take a part of the
 * questions. Its TCP listeners are in the way of a socket without that option; connections that
 * linger from a moment ago are not. */
static bool nobody_listens(const struct addr *a, struct oops *o)
{
    char text[ADDR_TEXT];
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(a, &sa);
    int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return oops(o, "cannot open a TCP socket for %s: %s", addr_print(a, text), strerror(errno));
    bool ok = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
              (a->family != 6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
              bind(fd, (struct sockaddr *)&sa, len) == 0;
    if (!ok)
        oops(o, "cannot listen on %s: %s", addr_print(a, text), strerror(errno));
    close(fd);
    return ok;
}

static bool open_address(const struct addr *a, struct socket_set *set, struct oops *o)
{
    int udp = open_one(a, SOCK_DGRAM, o);
    if (udp < 0)
        return false;
    set->udp_any[set->udp_count] = is_any(a);
    set->udp[set->udp_count++] = udp;
    if (is_any(a) && !want_destination(udp, a->family))
        return oops(o, "cannot learn where questions were sent to: %s", strerror(errno));
    int tcp = open_one(a, SOCK_STREAM, o);
    if (tcp < 0)
        return false;
    set->tcp[set->tcp_count++] = tcp;
    return true;
}

static int open_one(const struct addr *a, int type, struct oops *o)
{
    char text[ADDR_TEXT];
    const char *what = type == SOCK_DGRAM ? "UDP" : "TCP";
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(a, &sa);
    int fd = socket(sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        oops(o, "cannot open a %s socket for %s: %s", what, addr_print(a, text), strerror(errno));
        return -1;
    }
    bool ok = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
              set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
              (a->family != 6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    if (type == SOCK_DGRAM) {
        (void)set_option(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER); /* as much as the system allows */
        (void)set_option(fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
        no_fragments(fd, a->family);
    }
    if (ok && bind(fd, (struct sockaddr *)&sa, len) == 0 &&
        (type == SOCK_DGRAM || listen(fd, TCP_BACKLOG) == 0))
        return fd;
    oops(o, "cannot listen on %s (%s): %s", addr_print(a, text), what, strerror(errno));
    close(fd);
    return -1;
}

static bool set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* Answers leave with DF, whatever somebody says about the path (RFC 9715 3.1): `udp-payload` is
 * what keeps them small enough. A packet without DF needs a number of its own from the kernel,
 * which is 2 % of the cost of an answer. IPv6 has no fragments up to 1232 octets by itself. */
static void no_fragments(int fd, uint8_t family)
{
    if (family == 4)
        (void)set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
}

bool sockets_fragment(int fd)
{
    return set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

static bool is_any(const struct addr *a)
{
    static const uint8_t zero[16];
    return memcmp(a->ip, zero, sizeof zero) == 0;
}

static bool want_destination(int fd, uint8_t family)
{
    return family == 4 ? set_option(fd, IPPROTO_IP, IP_PKTINFO, 1)
                       : set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static bool take_handed(struct socket_set *sets, unsigned workers, int count, struct oops *o)
{
    for (int i = 0; i < count; i++)
        for (unsigned w = 0; w < workers; w++)
            if (!take_one(&sets[w], SD_LISTEN_FDS_START + i, w > 0, o))
                return false;
    return true;
}

static bool take_one(struct socket_set *set, int fd, bool duplicate, struct oops *o)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    int type = 0;
    socklen_t type_len = sizeof type;
    if (duplicate)
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0 || getsockname(fd, (struct sockaddr *)&sa, &len) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        return oops(o, "cannot use a socket from the service manager: %s", strerror(errno));
    struct addr a = addr_from_sockaddr((struct sockaddr *)&sa);
    if (type == SOCK_DGRAM && a.family != 0) {
        no_fragments(fd, a.family);
        set->udp_any[set->udp_count] = is_any(&a);
        set->udp[set->udp_count++] = fd;
        return !is_any(&a) || want_destination(fd, a.family) ||
               oops(o, "IP_PKTINFO: %s", strerror(errno));
    }
    if (type == SOCK_STREAM && a.family != 0) {
        set->tcp[set->tcp_count++] = fd;
        return true;
    }
    return oops(o, "a socket from the service manager is neither UDP nor TCP");
}
