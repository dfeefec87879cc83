/* metrics.c - counters and histograms as Prometheus text.
 * Any thread: reads numbers that their owners go on changing. Texts come from our own tables and
 * need no escaping. */
#include "count/metrics.h"

static void head(struct buf *out, const struct metric *m, const char *end, const char *type);

void metrics_counters(struct buf *out, const struct counters *const *c, unsigned workers)
{
    for (enum counter i = 0; i < COUNTERS; i++) {
        uint64_t sum = 0;
        for (unsigned w = 0; w < workers; w++) {
            sum += counted(c[w], i);
        }
        const struct metric m = {.name = counter_name(i), .text = counter_text(i)};
        head(out, &m, "_total", "counter");
        buf_print(out, "settled_%s_total %llu\n", m.name, (unsigned long long)sum);
    }
}

static void head(struct buf *out, const struct metric *m, const char *end, const char *type)
{
    buf_print(out, "# HELP settled_%s%s %s\n", m->name, end, m->text);
    buf_print(out, "# TYPE settled_%s%s %s\n", m->name, end, type);
}

void metrics_gauge(struct buf *out, const struct metric *m, double value)
{
    head(out, m, "", "gauge");
    buf_print(out, "settled_%s %.15g\n", m->name, value);
}

void metrics_histogram(struct buf *out, const struct metric *m, const struct histogram *const *h,
                       unsigned workers)
{
    uint64_t seen = 0, sum_us = 0;
    head(out, m, "_seconds", "histogram");
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        for (unsigned w = 0; w < workers; w++) {
            seen += histogram_bucket(h[w], i);
        }
        if (i < HISTOGRAM_BUCKETS - 1) { /* the last bucket has no upper edge */
            double edge_s = (double)(UINT64_C(1) << i) / 1e6;
            buf_print(out, "settled_%s_seconds_bucket{le=\"%.9g\"} %llu\n", m->name, edge_s,
                      (unsigned long long)seen);
        }
    }
    for (unsigned w = 0; w < workers; w++) {
        sum_us += histogram_sum_us(h[w]);
    }
    buf_print(out, "settled_%s_seconds_bucket{le=\"+Inf\"} %llu\n", m->name,
              (unsigned long long)seen);
    buf_print(out, "settled_%s_seconds_sum %.15g\n", m->name, (double)sum_us / 1e6);
    buf_print(out, "settled_%s_seconds_count %llu\n", m->name, (unsigned long long)seen);
}
