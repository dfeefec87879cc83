/* free_port.h - ports for tests that run side by side with others. */
#ifndef SETTLED_TESTS_UNIT_FREE_PORT_H
#define SETTLED_TESTS_UNIT_FREE_PORT_H

#include "cases.h"
#include "server/sockaddr.h"
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static inline bool is_free_port(struct addr at, int type)
{
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(&at, &sa);
    int fd = socket(sa.ss_family, type, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0;
    close(fd);
    return ok;
}

/* Ours until this process ends, among all tests of this network namespace: a name without a file
 * that one process has at a time. A port that is only free may be another test's a moment later. */
static inline bool claim_port(uint16_t port)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int len = snprintf(sa.sun_path + 1, sizeof sa.sun_path - 1, "settled-test-port-%u", port);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) + (socklen_t)len;
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&sa, size) == 0;
    if (!ok) {
        close(fd);
    }
    return ok;
}

/* A port of this address that nobody has, and that the kernel gives to nobody: tests run side by
 * side, each process begins somewhere else. */
static inline uint16_t free_port(const struct addr *a)
{
    static uint32_t next;
    struct addr at = *a;
    next = next != 0 ? next : (uint32_t)getpid() * 37;
    for (unsigned tries = 0; tries < 1000; tries++) {
        at.port = (uint16_t)(10240 + next++ % 20000);
        if (is_free_port(at, SOCK_STREAM) && is_free_port(at, SOCK_DGRAM) && claim_port(at.port)) {
            return at.port;
        }
    }
    ck_abort_msg("no port is free");
}

#endif
