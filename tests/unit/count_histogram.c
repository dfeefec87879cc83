/* count_histogram.c - values land in the right power of two, quantiles come from there. */
#include "cases.h"
#include "count/histogram.h"

START_TEST(buckets)
{
    struct histogram h = {.sum_us = 0};
    static const int64_t values[] = {-5, 0, 1, 2, 3, 4, 1023, 1024, INT64_MAX};
    static const int expected[] = {0, 0, 1, 2, 2, 3, 10, 11, HISTOGRAM_BUCKETS - 1};
    for (int i = 0; i < 9; i++) {
        uint64_t before = histogram_bucket(&h, expected[i]);
        histogram_add(&h, values[i]);
        ck_assert_uint_eq(histogram_bucket(&h, expected[i]), before + 1);
    }
    ck_assert_uint_eq(histogram_count(&h), 9);
    ck_assert_uint_eq(histogram_sum_us(&h), 2057 + (uint64_t)INT64_MAX);
}
END_TEST

START_TEST(quantiles)
{
    struct histogram h = {.sum_us = 0};
    ck_assert_uint_eq(histogram_quantile(&h, 0.5), 0);
    for (int i = 0; i < 99; i++) {
        histogram_add(&h, 100); /* below 128 */
    }
    histogram_add(&h, 5000); /* below 8192 */
    ck_assert_uint_eq(histogram_quantile(&h, 0), 128);
    ck_assert_uint_eq(histogram_quantile(&h, 0.5), 128);
    ck_assert_uint_eq(histogram_quantile(&h, 0.99), 128);
    ck_assert_uint_eq(histogram_quantile(&h, 0.995), 8192);
    ck_assert_uint_eq(histogram_quantile(&h, 1), 8192);
}
END_TEST

TCase *case_count_histogram(void)
{
    TCase *c = tcase_create("count_histogram");
    tcase_add_test(c, buckets);
    tcase_add_test(c, quantiles);
    return c;
}
