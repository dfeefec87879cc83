/* metrics.h - counters and histograms as Prometheus text (exposition format 0.0.4). */
#ifndef SETTLED_COUNT_METRICS_H
#define SETTLED_COUNT_METRICS_H

#include "base/buf.h"
#include "count/counters.h"
#include "count/histogram.h"

struct metric {
    const char *name; /* without the "settled_" in front */
    const char *text; /* one sentence */
};

/* Every counter, added up over the `workers` blocks at c. Any thread. */
void metrics_counters(struct buf *out, const struct counters *const *c, unsigned workers);
/* A number that goes up and down. */
void metrics_gauge(struct buf *out, const struct metric *m, double value);
/* One histogram, in seconds as Prometheus wants it, added up over the `workers` histograms at h. */
void metrics_histogram(struct buf *out, const struct metric *m, const struct histogram *const *h,
                       unsigned workers);

#endif
