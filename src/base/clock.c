/* clock.c - arithmetic on the two times, which never overflows into the past.
 * Any thread; reads no clock. */
#include "base/clock.h"
#include <stdio.h>
#include <time.h>

static struct mono plus(struct mono t, int64_t amount, int64_t unit_ns);

/* What prints with four digits for the year: 1000-01-01T00:00:00Z to 9999-12-31T23:59:59Z. */
#define WALL_FIRST_S INT64_C(-30610224000)
#define WALL_LAST_S  INT64_C(253402300799)

struct mono mono_plus_ms(struct mono t, int64_t ms)
{
    return plus(t, ms, NS_PER_MS);
}

struct mono mono_plus_s(struct mono t, int64_t s)
{
    return plus(t, s, NS_PER_S);
}

static struct mono plus(struct mono t, int64_t amount, int64_t unit_ns)
{
    int64_t ns, sum;
    if (__builtin_mul_overflow(amount, unit_ns, &ns) || __builtin_add_overflow(t.ns, ns, &sum)) {
        return amount > 0 ? MONO_NEVER : (struct mono){INT64_MIN};
    }
    return (struct mono){sum};
}

void wall_print(struct wall t, char out[21])
{
    int64_t s = t.ms / 1000 - (t.ms % 1000 < 0 ? 1 : 0); /* whole seconds, rounded down */
    s = s < WALL_FIRST_S ? WALL_FIRST_S : s > WALL_LAST_S ? WALL_LAST_S : s;
    time_t seconds = (time_t)s;
    struct tm tm = {.tm_year = 0};
    gmtime_r(&seconds, &tm);
    strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
