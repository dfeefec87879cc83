/* answer.h - the one function: query + world + now -> verdict. No I/O, no clock, no allocation; it
 * writes only through its arguments. Workers call it inside their epoch; so do the simulation, the
 * fuzzers and `settlectl why`. */
#ifndef SETTLED_ANSWER_ANSWER_H
#define SETTLED_ANSWER_ANSWER_H

#include "answer/world.h"
#include "base/clock.h"
#include "cache/cache.h"
#include "count/counters.h"
#include "guard/cookie.h"
#include "guard/rrl.h"
#include "wire/reply.h"

enum verdict {
    VERDICT_SEND,  /* the answer stands in buf, length in out->len */
    VERDICT_DROP,  /* say nothing (counted) */
    VERDICT_ASK,   /* ask upstream what out->ask says, then call again with asked + 1 */
    VERDICT_STREAM /* TCP: hold out->stream.version and send the zone (transfer/) */
};
/* At most one beside the verdict. */
enum wish {
    WISH_NONE,
    WISH_REFRESH,     /* the answer is sent; ask out->ask in the background */
    WISH_TELL_KEEPER, /* a NOTIFY was taken: out->told */
    WISH_HINT         /* TCP: SOA, IXFR or AXFR asked by what may be a peer: probe it now */
};
struct ahead;
struct packet {
    uint8_t *buf; /* the question, and room for the answer in its place */
    size_t len, room;
    struct addr from;
    bool tcp;
    uint16_t keepalive;        /* TCP: how long it may be idle, in 100 ms (RFC 7828 3.1) */
    const struct ahead *ahead; /* what answer_ahead found in this epoch for buf; NULL: nothing */
};
/* A packet that has to be asked upstream is kept as it came: answer() leaves the question in buf
 * untouched for VERDICT_ASK. */
struct answer_worker { /* one per worker; nothing in it changes but counters, cache and guards */
    const struct world *world;
    struct cache *cache; /* NULL: no cache zones */
    struct counters *counters;
    struct cookie_jar *cookies; /* NULL: cookies are not looked at */
    struct rrl *rrl;            /* NULL: no answer is too many */
};
#define ANSWER_ASKS  16 /* upstream questions for one client question (RELIABILITY.md, limits) */
#define ANSWER_LINKS 8  /* CNAME and DNAME links followed at most */
/* An answer too short-lived to be cached (TTL 0), or refused room: for those who waited for it. */
struct answer_fresh {
    struct cache_key key;
    struct cache_found found;
};
struct answer_try {
    unsigned asked; /* how often upstream was asked for this packet: 0 the first time */
    bool stale_ok;  /* upstream did not answer in time: stale entries may go out */
    bool failed;    /* upstream failed for good: stale, or SERVFAIL with ede */
    int ede;        /* with failed: why, in RFC 8914's numbers */
    const struct answer_fresh *fresh;
    unsigned fresh_count;
};
struct answer_ask {
    const struct world_zone *zone;
    /* The next cache zone above: its servers are asked after a referral. NULL: none. */
    const struct cache_zone *enclosing;
    struct name name; /* what to ask: the end of the chain so far */
    uint16_t type;
    bool dnssec_ok, checking_disabled;
};
struct answer_out {
    enum wish wish;
    size_t len;            /* SEND */
    struct answer_ask ask; /* ASK, WISH_REFRESH */
    struct {
        const struct world_zone *zone;
        struct zone_version *version; /* loaded inside this epoch: zone_hold it before leaving */
        bool ixfr;                    /* asked as IXFR; from_serial is theirs */
        uint32_t from_serial;
    } stream;
    struct {
        const struct world_zone *zone;
        bool has_serial;
        uint32_t serial;
        unsigned ask_kind;         /* HINT: the qtype asked */
    } told;                        /* TELL_KEEPER, HINT */
    const struct world_zone *zone; /* what the first link of the answer came from */
    struct zone_found found;       /* the same, for `why` */
    /* SEND: while this version of `zone`, and the world, are what they are, the same octets from
     * anybody over UDP have the same answer. NULL: nobody says so. */
    const struct zone_version *lasting;
};
enum verdict answer(struct answer_worker *w, const struct packet *p, const struct answer_try *t,
                    struct now now, struct answer_out *out);

#endif
