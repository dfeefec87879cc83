/* cookie.h - DNS cookies as a server gives and checks them (RFC 7873, 9018): proof that whoever
 * asks over UDP can read what is sent to its address. */
#ifndef SETTLED_GUARD_COOKIE_H
#define SETTLED_GUARD_COOKIE_H

#include "base/addr.h"
#include "base/clock.h"
#include "config/config.h"
#include "guard/siphash.h"

#define COOKIE_SIZE 24 /* the client's 8 octets, then our 16 */

/* One worker's. Where no secret is configured it has one for each day, out of a seed that all
 * workers of a server share. Only the worker's thread uses it. */
struct cookie_jar {
    uint8_t seed[SIPHASH_KEY];
    bool has_day;
    uint32_t day; /* whose secret the next is */
    uint8_t secret[SIPHASH_KEY];
};
enum cookie_is {
    COOKIE_ABSENT,
    COOKIE_NEW, /* the client's half alone */
    COOKIE_BAD, /* ours was not made by us for this address, or too long ago */
    COOKIE_GOOD
};
struct cookie_sent { /* what came along with a question */
    const uint8_t *octets;
    size_t len; /* 0: nothing; else 8, or 16 to 40 */
    const struct addr *from;
};
/* With secrets the first makes cookies and all of them verify; with none the jar's do. `answer` is
 * written unless there was none: what the answer has to carry. */
enum cookie_is cookie_look(struct cookie_jar *jar, const struct config_cookies *secrets,
                           const struct cookie_sent *sent, struct wall now,
                           uint8_t answer[COOKIE_SIZE]);

#endif
