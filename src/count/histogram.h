/* histogram.h - how long things took: powers of two of microseconds, one writer, read from
 * anywhere. */
#ifndef SETTLED_COUNT_HISTOGRAM_H
#define SETTLED_COUNT_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_BUCKETS 40
struct histogram {
    _Atomic uint64_t n[HISTOGRAM_BUCKETS]; /* bucket i: below 2^i microseconds */
    _Atomic uint64_t sum_us;
};

void histogram_add(struct histogram *h, int64_t us); /* owner's thread; negative counts as 0 */
uint64_t histogram_bucket(const struct histogram *h, int i); /* what is in bucket i alone */
uint64_t histogram_sum_us(const struct histogram *h);
uint64_t histogram_count(const struct histogram *h);
/* Upper edge in microseconds of the bucket that holds quantile q (0..1); 0 when empty. */
uint64_t histogram_quantile(const struct histogram *h, double q);

#endif
