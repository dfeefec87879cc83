/* clock.h - the two times: `struct mono` for waiting, `struct wall` for people and for disk.
 * One-member structs, so that mixing them does not compile. Nothing here reads a clock: the
 * shell (server/) and the tests hand `now` in. */
#ifndef SETTLED_BASE_CLOCK_H
#define SETTLED_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
    int64_t ns; /* nanoseconds since an arbitrary start, never steps */
};
struct wall {
    int64_t ms; /* milliseconds since 1970-01-01 UTC, may step */
};

#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)
#define MONO_NEVER ((struct mono){INT64_MAX})

/* `t` later by `ms` or `s`; saturates at MONO_NEVER. */
struct mono mono_plus_ms(struct mono t, int64_t ms);
struct mono mono_plus_s(struct mono t, int64_t s);
/* Time from `from` to `to`; negative when `to` is earlier. */
static inline int64_t mono_ms_between(struct mono from, struct mono to)
{
    return (to.ns - from.ns) / NS_PER_MS;
}
static inline int64_t mono_s_between(struct mono from, struct mono to)
{
    return (to.ns - from.ns) / NS_PER_S;
}
static inline bool mono_before(struct mono a, struct mono b)
{
    return a.ns < b.ns;
}
static inline struct mono mono_min(struct mono a, struct mono b)
{
    return a.ns < b.ns ? a : b;
}
static inline struct wall wall_plus_s(struct wall t, int64_t s)
{
    return (struct wall){t.ms + s * 1000};
}
static inline bool wall_before(struct wall a, struct wall b)
{
    return a.ms < b.ms;
}
/* Writes "2026-11-22T11:23:08Z" (RFC 3339) into out[21]. */
void wall_print(struct wall t, char out[21]);

/* Both clocks at one moment, as the shell read them once per batch or event. */
struct now {
    struct mono mono;
    struct wall wall;
};

#endif
