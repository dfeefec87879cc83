/* classify.h - private to forward/: what an answer from upstream says, link by link. Pure: bytes
 * in, cache entries out. */
#ifndef SETTLED_FORWARD_CLASSIFY_H
#define SETTLED_FORWARD_CLASSIFY_H

#include "answer/answer.h"
#include "base/arena.h"
#include "base/buf.h"

#define CLASSIFY_LINKS (ANSWER_LINKS + 1) /* CNAMEs and DNAMEs, and what they lead to */

enum classified {
    CLASSIFIED_ANSWER,     /* at least one link: the question's name came closer to its answer */
    CLASSIFIED_TRUNCATED,  /* ask over TCP */
    CLASSIFIED_NO_EDNS,    /* ask without EDNS (RFC 6891 7) */
    CLASSIFIED_BAD_COOKIE, /* ask again: the door has learned the new one (RFC 7873 5.3) */
    CLASSIFIED_SERVFAIL,
    CLASSIFIED_REFERRAL, /* the name is below a zone cut this server does not cross */
    CLASSIFIED_LAME,     /* REFUSED, another zone's answer, nothing of use */
    CLASSIFIED_MALFORMED
};
struct classify_question {
    const struct cache_zone *zone; /* of the keys, and the bailiwick: nothing outside it is taken */
    const uint8_t *name;
    uint16_t type;
    bool dnssec_ok;
    bool plain;    /* asked without EDNS */
    uint32_t step; /* of the zone when it was sent */
    struct mono asked;
};
struct classify_link { /* ready for cache_put */
    struct cache_key key;
    struct cache_entry entry;
};
struct classification { /* everything links point to is in the arena, or in the question */
    struct arena arena;
    unsigned count;
    struct classify_link links[CLASSIFY_LINKS];
};

/* Takes the answer apart. `out` must be all zero or cleared; classification_clear frees what it
 * holds. */
enum classified classify(const struct classify_question *q, const uint8_t *msg, size_t len,
                         struct classification *out);
void classification_clear(struct classification *c);

#endif
