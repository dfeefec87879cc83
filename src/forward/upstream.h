/* upstream.h - the door to other servers: one question out, one answer or none back. c-ares is
 * behind it in the daemon, the simulated network in tests/sim. One per worker, used by its thread
 * only; epoch slot and counters are that worker's. The defence against forged answers (random ID,
 * one of many sockets, 0x20, question and address compared) is in here. */
#ifndef SETTLED_FORWARD_UPSTREAM_H
#define SETTLED_FORWARD_UPSTREAM_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/must.h"
#include "base/rand.h"
#include "count/counters.h"
#include <stddef.h>
#include <stdint.h>

struct upstream;
struct upstream_question {
    struct addr to, via; /* via.family 0: any */
    const uint8_t *name;
    uint16_t type;
    uint16_t flags; /* MSG_RD, MSG_CD */
    bool dnssec_ok;
    bool tcp;   /* after a truncated answer */
    bool plain; /* without EDNS: the server said FORMERR to it */
    uint32_t timeout_ms;
    void *token; /* given back with the answer; never NULL */
};
/* How the shell lends its loop: sockets to watch and when to be called again. */
struct upstream_shell {
    void (*watch)(void *ctx, int fd, bool read, bool write); /* both false: forget the socket */
    void (*answered)(void *ctx, void *token, const uint8_t *msg, size_t len,
                     struct now now); /* msg NULL: timed out or failed */
    void *ctx;
};
MUST_USE struct upstream *upstream_new(const struct upstream_shell *shell,
                                       const struct entropy *entropy, struct counters *counters);
void upstream_free(struct upstream *u); /* answered() is not called for what was on its way */
/* Asks with EDNS and ZONEVERSION, unless plain. False: too many on the way, or no socket.
 * answered() is never called from inside. */
MUST_USE bool upstream_ask(struct upstream *u, const struct upstream_question *q, struct now now);
/* A watched socket is ready. */
void upstream_ready(struct upstream *u, int fd, bool readable, bool writable, struct now now);
/* Runs timeouts; when to call again. */
void upstream_late(struct upstream *u, struct now now);
struct mono upstream_due(const struct upstream *u);

#endif
