/* cookie.c - DNS cookies as a server gives and checks them: the client's 8 octets, then version,
 * reserved, timestamp and hash (RFC 9018 4). Worker's thread. Nothing is remembered of clients:
 * whatever carries the hash of a secret of ours, the address and a time not long ago is ours. */
#include "guard/cookie.h"
#include "base/buf.h"
#include <string.h>

#define CLIENT  8
#define HASHED  16 /* client's half, version, reserved, timestamp */
#define VERSION 1
/* RFC 9018 4.3. */
#define OLDEST_S 3600
#define FRESH_S  1800 /* older ones are replaced */
#define FUTURE_S 300
#define DAY_S                                                                                      \
    86400       /* RFC 7873: no secret for more than 36 days, and better not more than 26 hours */
#define MAKES 0 /* which of the secrets makes cookies */

static int verify(struct cookie_jar *jar, const struct config_cookies *secrets,
                  const struct cookie_sent *sent, int32_t age_s);
static void make(struct cookie_jar *jar, const struct config_cookies *secrets,
                 const struct cookie_sent *sent, uint32_t now_s, uint8_t out[COOKIE_SIZE]);
static bool same(const uint8_t a[8], const uint8_t b[8]);
static void hash(const uint8_t secret[SIPHASH_KEY], const uint8_t *octets, const struct addr *from,
                 uint8_t out[8]);
static const uint8_t *secret_of_day(struct cookie_jar *jar, uint32_t day);

enum cookie_is cookie_look(struct cookie_jar *jar, const struct config_cookies *secrets,
                           const struct cookie_sent *sent, struct wall now,
                           uint8_t answer[COOKIE_SIZE])
{
    uint32_t now_s = (uint32_t)(now.ms / 1000);
    if (sent->len == 0) {
        return COOKIE_ABSENT;
    }
    int32_t age_s = 0;
    int by = -1;
    if (sent->len == COOKIE_SIZE) {
        age_s = (int32_t)(now_s - get_u32(sent->octets + 12)); /* RFC 1982 arithmetic */
        by = verify(jar, secrets, sent, age_s);
    }
    if (by == MAKES && age_s <= FRESH_S) {
        memcpy(answer, sent->octets, COOKIE_SIZE);
        return COOKIE_GOOD;
    }
    make(jar, secrets, sent, now_s, answer);
    return by >= 0 ? COOKIE_GOOD : sent->len == CLIENT ? COOKIE_NEW : COOKIE_BAD;
}

/* Which secret made it; -1: none of ours, or too long ago. */
static int verify(struct cookie_jar *jar, const struct config_cookies *secrets,
                  const struct cookie_sent *sent, int32_t age_s)
{
    uint8_t right[8];
    const uint8_t *octets = sent->octets;
    if (octets[CLIENT] != VERSION || age_s > OLDEST_S || age_s < -FUTURE_S) {
        return -1;
    }
    if (secrets->count == 0) { /* its own day's */
        hash(secret_of_day(jar, get_u32(octets + 12) / DAY_S), octets, sent->from, right);
        return same(right, octets + HASHED) ? MAKES : -1;
    }
    for (unsigned i = 0; i < secrets->count; i++) {
        hash(secrets->secret[i], octets, sent->from, right);
        if (same(right, octets + HASHED)) {
            return (int)i;
        }
    }
    return -1;
}

/* In a time that does not depend on where they differ. */
static bool same(const uint8_t a[8], const uint8_t b[8])
{
    return get_u64(a) == get_u64(b);
}

static void make(struct cookie_jar *jar, const struct config_cookies *secrets,
                 const struct cookie_sent *sent, uint32_t now_s, uint8_t out[COOKIE_SIZE])
{
    const uint8_t *secret =
        secrets->count > 0 ? secrets->secret[MAKES] : secret_of_day(jar, now_s / DAY_S);
    memcpy(out, sent->octets, CLIENT);
    put_u32(out + CLIENT, (uint32_t)VERSION << 24);
    put_u32(out + 12, now_s);
    hash(secret, out, sent->from, out + HASHED);
}

static void hash(const uint8_t secret[SIPHASH_KEY], const uint8_t *octets, const struct addr *from,
                 uint8_t out[8])
{
    uint8_t input[HASHED + 16];
    size_t ip = from->family == 4 ? 4 : 16;
    memcpy(input, octets, HASHED);
    memcpy(input + HASHED, from->ip, ip);
    siphash(secret, input, HASHED + ip, out);
}

static const uint8_t *secret_of_day(struct cookie_jar *jar, uint32_t day)
{
    if (!jar->has_day || jar->day != day) {
        uint8_t input[5];
        put_u32(input, day);
        for (unsigned half = 0; half < 2; half++) {
            input[4] = (uint8_t)half;
            siphash(jar->seed, input, sizeof input, jar->secret + 8 * half);
        }
        jar->has_day = true;
        jar->day = day;
    }
    return jar->secret;
}
