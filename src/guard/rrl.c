/* rrl.c - response rate limiting (Vixie and Schryver, ISC-TN-2012-1): a table of buckets, one for
 * each network and kind of answer. Worker's thread; each worker has its own table, for sharing one
 * would cost most under attack. A bucket holds the answers that may still go out, at most one
 * second's; it fills by itself. A bucket that is full says no more than one that is not there, so
 * where there is no room the fullest goes first, and an attack with many addresses does not make
 * us forget those that it hurts. The table comes from the kernel, not from malloc: what nobody
 * writes to takes no memory, and most servers have no limit. */
#include "guard/rrl.h"
#include "base/buf.h"
#include "base/hash.h"
#include "wire/name.h"
#include <stdlib.h>
#include <sys/mman.h>

#define SETS 16384
#define WAYS 4 /* 64 octets together: one line of the processor's cache */
/* What an attacker's victim is likely to own; BIND and NSD have the same. */
#define NETWORK_4 24
#define NETWORK_6 56
#define ONE       1000 /* an answer: so that an answer's part of a millisecond is a number */

struct bucket {
    uint32_t tag; /* 0: free */
    uint32_t at_ms;
    uint32_t left; /* then, in parts of ONE */
    uint32_t over; /* answers that were too many */
};
struct rrl {
    uint64_t seed;
    struct bucket (*sets)[WAYS];
};

static uint64_t hash_of(const struct rrl *r, const struct addr *to,
                        const struct rrl_answer *answer);
static struct bucket *find(struct bucket set[WAYS], uint32_t tag);
static struct bucket *replace(struct bucket set[WAYS], uint32_t rate, uint32_t now_ms,
                              struct counters *n);
static uint32_t left_in(const struct bucket *b, uint32_t rate, uint32_t now_ms);
static enum rrl_verdict above(struct bucket *b, unsigned slip);

struct rrl *rrl_new(uint64_t seed)
{
    struct rrl *r = malloc(sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->seed = seed;
    r->sets = mmap(NULL, SETS * sizeof *r->sets, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r->sets == MAP_FAILED) {
        free(r);
        return NULL;
    }
    return r;
}

void rrl_free(struct rrl *r)
{
    if (r != NULL) {
        (void)munmap(r->sets, SETS * sizeof *r->sets);
        free(r);
    }
}

enum rrl_verdict rrl_take(struct rrl *r, struct rrl_limit limit, const struct addr *to,
                          const struct rrl_answer *answer, struct mono now, struct counters *n)
{
    if (limit.rate == 0) {
        return RRL_SEND;
    }
    uint64_t hash = hash_of(r, to, answer);
    uint32_t tag = (uint32_t)(hash >> 32) | 1, now_ms = (uint32_t)(now.ns / NS_PER_MS);
    struct bucket *set = r->sets[hash % SETS], *b = find(set, tag);
    if (b == NULL) {
        b = replace(set, limit.rate, now_ms, n);
        *b = (struct bucket){.tag = tag, .at_ms = now_ms, .left = limit.rate * ONE};
    }
    b->left = left_in(b, limit.rate, now_ms);
    b->at_ms = now_ms;
    if (b->left < ONE) {
        return above(b, limit.slip);
    }
    b->left -= ONE;
    return RRL_SEND;
}

static uint64_t hash_of(const struct rrl *r, const struct addr *to, const struct rrl_answer *answer)
{
    uint64_t network =
        to->family == 4 ? get_u32(to->ip) >> (32 - NETWORK_4) : get_u64(to->ip) >> (64 - NETWORK_6);
    uint64_t what = (uint64_t)to->family << 32 | (uint64_t)answer->kind << 16 | answer->type;
    uint64_t name = answer->name == NULL ? 0 : name_hash(answer->name, r->seed);
    return hash_mix(hash_mix(r->seed ^ network, what), name);
}

static struct bucket *find(struct bucket set[WAYS], uint32_t tag)
{
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].tag == tag) {
            return &set[i];
        }
    }
    return NULL;
}

static struct bucket *replace(struct bucket set[WAYS], uint32_t rate, uint32_t now_ms,
                              struct counters *n)
{
    struct bucket *fullest = NULL;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].tag == 0) {
            return &set[i];
        }
        if (fullest == NULL || left_in(&set[i], rate, now_ms) > left_in(fullest, rate, now_ms)) {
            fullest = &set[i];
        }
    }
    if (left_in(fullest, rate, now_ms) < rate * ONE) {
        count(n, COUNT_rate_table_full);
    }
    return fullest;
}

/* Nothing is lost to rounding: at_ms moves on by whole milliseconds, and one fills it by `rate`. */
static uint32_t left_in(const struct bucket *b, uint32_t rate, uint32_t now_ms)
{
    uint64_t left = b->left + (uint64_t)(now_ms - b->at_ms) * rate;
    return left < (uint64_t)rate * ONE ? (uint32_t)left : rate * ONE;
}

static enum rrl_verdict above(struct bucket *b, unsigned slip)
{
    b->over++;
    return slip != 0 && b->over % slip == 0 ? RRL_SLIP : RRL_DROP;
}
