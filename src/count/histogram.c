/* histogram.c - how long things took, in powers of two of microseconds.
 * One writer: adding is a load and a store per number, no locked instruction. A reader on another
 * thread sees each number whole, but perhaps an addition half done; for a page that is read once a
 * second that is no harm. */
#include "count/histogram.h"

static void plus(_Atomic uint64_t *n, uint64_t more);
static uint64_t value(const _Atomic uint64_t *n);

void histogram_add(struct histogram *h, int64_t us)
{
    uint64_t v = us < 0 ? 0 : (uint64_t)us;
    int bucket = v == 0 ? 0 : 64 - __builtin_clzll(v); /* v < 2^bucket */
    plus(&h->n[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1], 1);
    plus(&h->sum_us, v);
}

static void plus(_Atomic uint64_t *n, uint64_t more)
{
    uint64_t now = atomic_load_explicit(n, memory_order_relaxed);
    atomic_store_explicit(n, now + more, memory_order_relaxed);
}

uint64_t histogram_bucket(const struct histogram *h, int i)
{
    return value(&h->n[i]);
}

uint64_t histogram_sum_us(const struct histogram *h)
{
    return value(&h->sum_us);
}

uint64_t histogram_count(const struct histogram *h)
{
    uint64_t count = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        count += value(&h->n[i]);
    }
    return count;
}

uint64_t histogram_quantile(const struct histogram *h, double q)
{
    uint64_t count = histogram_count(h), seen = 0;
    if (count == 0) {
        return 0;
    }
    for (int i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        seen += value(&h->n[i]);
        if (seen > 0 && (double)seen >= q * (double)count) {
            return UINT64_C(1) << i;
        }
    }
    return UINT64_C(1) << (HISTOGRAM_BUCKETS - 1);
}

/* C11 lets an atomic load take a pointer to const only since a later correction; hence the way
 * round. */
static uint64_t value(const _Atomic uint64_t *n)
{
    return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)n, memory_order_relaxed);
}
