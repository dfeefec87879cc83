/* now.c - reading the clocks, and random octets from the kernel, a buffer at a time. */
#include "server/now.h"
#include "base/must.h"
#include <string.h>
#include <sys/random.h>
#include <time.h>

static void fill(void *ctx, void *out, size_t len);

struct now now_read(void)
{
    struct timespec mono, wall;
    must(clock_gettime(CLOCK_MONOTONIC, &mono) == 0);
    must(clock_gettime(CLOCK_REALTIME, &wall) == 0);
    return (struct now){{mono.tv_sec * NS_PER_S + mono.tv_nsec},
                        {wall.tv_sec * 1000 + wall.tv_nsec / NS_PER_MS}};
}

struct entropy entropy_from(struct entropy_pool *pool)
{
    return (struct entropy){fill, pool};
}

static void fill(void *ctx, void *out, size_t len)
{
    struct entropy_pool *pool = ctx;
    uint8_t *to = out;
    while (len > 0) {
        if (pool->left == 0) {
            /* up to 256 octets are never interrupted or cut short once the kernel's pool is
             * ready (getrandom(2)) */
            must(getrandom(pool->octets, sizeof pool->octets, 0) == (ssize_t)sizeof pool->octets);
            pool->left = sizeof pool->octets;
        }
        size_t n = len < pool->left ? len : pool->left;
        pool->left -= (unsigned)n;
        memcpy(to, pool->octets + pool->left, n);
        memset(pool->octets + pool->left, 0, n);
        to += n;
        len -= n;
    }
}
