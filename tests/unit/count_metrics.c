/* count_metrics.c - the text is what Prometheus reads, added up over the workers. */
#include "cases.h"
#include "count/metrics.h"
#include <string.h>

START_TEST(adds_up_workers)
{
    struct counters a = {.n = {0}}, b = {.n = {0}};
    const struct counters *both[] = {&a, &b};
    struct buf out = {.len = 0};
    count(&a, COUNT_answers);
    count(&b, COUNT_answers);
    metrics_counters(&out, both, 2);
    const char *text = buf_text(&out);
    ck_assert_ptr_nonnull(strstr(text, "# HELP settled_answers_total answers made\n"
                                       "# TYPE settled_answers_total counter\n"
                                       "settled_answers_total 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nsettled_refused_total 0\n"));
    buf_free(&out);
}
END_TEST

START_TEST(prints_gauges)
{
    struct buf out = {.len = 0};
    metrics_gauge(&out, &(struct metric){.name = "zones", .text = "zones served"}, 12);
    ck_assert_str_eq(buf_text(&out), "# HELP settled_zones zones served\n"
                                     "# TYPE settled_zones gauge\n"
                                     "settled_zones 12\n");
    buf_free(&out);
}
END_TEST

START_TEST(prints_histograms_cumulative_in_seconds)
{
    struct histogram a = {.sum_us = 0}, b = {.sum_us = 0};
    const struct histogram *both[] = {&a, &b};
    struct buf out = {.len = 0};
    histogram_add(&a, 3);
    histogram_add(&b, 1000000);
    histogram_add(&b, INT64_C(1) << 45);
    metrics_histogram(&out, &(struct metric){.name = "settle", .text = "x"}, both, 2);
    const char *text = buf_text(&out);
    ck_assert_ptr_nonnull(strstr(text, "# TYPE settled_settle_seconds histogram\n"));
    ck_assert_ptr_nonnull(strstr(text, "_bucket{le=\"2e-06\"} 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "_bucket{le=\"4e-06\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "_bucket{le=\"0.524288\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "_bucket{le=\"1.048576\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "_bucket{le=\"+Inf\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(text, "_seconds_sum 35184373.088835\n"));
    ck_assert_ptr_nonnull(strstr(text, "_seconds_count 3\n"));
    buf_free(&out);
}
END_TEST

TCase *case_count_metrics(void)
{
    TCase *c = tcase_create("count_metrics");
    tcase_add_test(c, adds_up_workers);
    tcase_add_test(c, prints_gauges);
    tcase_add_test(c, prints_histograms_cumulative_in_seconds);
    return c;
}
