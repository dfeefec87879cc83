/* chain.h - private to answer/: one packet at work, and the chain of RRsets its answer is made of.
 * An answer is found first (chain.c, authority.c, cached.c) and written afterwards (compose.c): the
 * question in the buffer stays untouched until it is certain that nobody has to be asked.
 * Everything here points into the question, a zone's version or a cache entry, all valid until the
 * worker leaves its epoch. */
#ifndef SETTLED_ANSWER_CHAIN_H
#define SETTLED_ANSWER_CHAIN_H

#include "answer/answer.h"
#include "wire/query.h"

struct job { /* one call of answer() */
    struct answer_worker *worker;
    const struct packet *packet;
    const struct answer_try *try;
    struct now now;
    struct answer_out *out;
    struct query query;
    enum cookie_is cookie;
    uint8_t cookie_answer[COOKIE_SIZE]; /* unless it is absent */
};

struct link { /* one RRset of the answer section */
    const uint8_t *owner;
    struct rrset set;                 /* its ttl is the one to show */
    struct zone_node node;            /* from a zone: where its RRSIGs are; ref 0: not */
    bool from_wildcard;               /* the node is not the owner's own */
    uint8_t encloser_labels;          /* then: of the closest encloser */
    const struct cache_found *cached; /* from the cache: with RRSIGs and proof; NULL: not */
};

enum chain_end {
    CHAIN_ANSWER, /* the last link is of the type asked */
    CHAIN_STOP,   /* the chain leads where we may not or cannot go on: what we have is the answer */
    CHAIN_NODATA, /* the SOA of `soa` */
    CHAIN_NXDOMAIN, /* the same */
    CHAIN_REFERRAL, /* found.node is the cut */
    CHAIN_TOO_LONG, /* a DNAME made a name over 255 octets: YXDOMAIN (RFC 6672 2.2) */
    CHAIN_ERROR,    /* rcode and ede alone */
    CHAIN_ASK       /* out->ask says what is missing */
};

#define CHAIN_MADE  (2 + NAME_SIZE + 1)    /* rdlength and target of a CNAME that a DNAME made */
#define CHAIN_SETS  (2 * ANSWER_LINKS + 1) /* a DNAME gives two RRsets */
#define CHAIN_ZONES (ANSWER_LINKS + 1)

struct chain {
    enum chain_end end;
    unsigned links;      /* CNAMEs and DNAMEs followed */
    unsigned sets;       /* of set[] in use */
    const uint8_t *name; /* where the chain stands */
    bool authoritative;  /* AA is about the first owner (RFC 1035 4.1.1): it is a zone's of ours */
    bool cached;         /* a cache zone took part: RA */
    bool stale;          /* something expired is in it (RFC 8767) */
    uint16_t rcode;
    int ede;
    const char *ede_text;
    const struct world_zone *zone;      /* where it ended */
    const struct zone_version *version; /* the same, authoritative */
    struct zone_found found;            /* the same: what name stands at */
    struct {
        const uint8_t *owner, *rdata; /* rdata NULL: none to show */
        uint16_t rdlen;
        uint32_t ttl;
        const struct cache_found *cached; /* NULL: of c->version */
    } soa;
    struct cache_found cache[CHAIN_ZONES]; /* what each step found, by c->links */
    unsigned zones;                        /* of seen[] in use */
    struct { /* a question sees one version of a zone, however often the chain comes back to it */
        const struct world_zone *zone;
        const struct zone_version *version;
    } seen[CHAIN_ZONES];
    struct link set[CHAIN_SETS];
    uint8_t made[ANSWER_LINKS][CHAIN_MADE];
};

/* Follows the chain from the question's name in `zone` to its end. */
void chain_follow(struct job *j, struct chain *c, const struct world_zone *zone);
/* Adds an RRset to the answer; of no zone, not cached, until the caller says so. */
struct link *chain_add(struct chain *c, const uint8_t *owner, const struct rrset *set);
/* Adds a CNAME and goes on at its target. False: that was the end (c->end): asked for itself, a
 * loop, or the limit. */
bool chain_cname(struct job *j, struct chain *c, const struct link *link);
/* Adds a DNAME, the CNAME it makes, and goes on at the target; false as above. */
bool chain_dname(struct job *j, struct chain *c, const struct link *link);
/* Ends the chain with a bare rcode. Returns false: so that a step can return it. */
bool chain_error(struct chain *c, unsigned rcode, int ede, const char *text);

/* One step in c->zone for c->name. True: the chain goes on at a new c->name; false: c->end is
 * set. */
bool authority_step(struct job *j, struct chain *c);
bool cached_step(struct job *j, struct chain *c);

#endif
