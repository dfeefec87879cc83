/* zone_loc.c - places on Earth: RFC 1876's examples, its limits, and what lies beyond. */
#include "zone_memory.h"

START_TEST(examples)
{
    zone_expect_rdata("LOC", "42 21 54 N 71 06 18 W -24m 30m", NULL,
                      "42 21 54.000 N 71 6 18.000 W -24m 30m 10000m 10m");
    zone_expect_rdata("LOC", "42 21 43.952 n 71 5 6.344 w -24M 1M 200M", NULL,
                      "42 21 43.952 N 71 5 6.344 W -24m 1m 200m 10m");
    zone_expect_rdata("LOC", "52 14 05 N 00 08 50 E 10", NULL, "52 14 5.000 N 0 8 50.000 E 10m 1m 10000m 10m");
    zone_expect_rdata("LOC", "32 7 19 S 116 2 25 E 10m", NULL, "32 7 19.000 S 116 2 25.000 E 10m 1m 10000m 10m");
    zone_expect_rdata("LOC", "42 N 71 W 0.5", NULL, "42 0 0.000 N 71 0 0.000 W 0.50m 1m 10000m 10m");
}
END_TEST

START_TEST(limits)
{
    zone_expect_rdata("LOC", "90 S 180 W -100000.00 90000000.00m 0.00m 0.01m", NULL,
                      "90 0 0.000 S 180 0 0.000 W -100000m 90000000m 0m 0.01m");
    zone_expect_rdata("LOC", "0 0 0.001 N 179 59 59.999 E 42849672.95m", NULL,
                      "0 0 0.001 N 179 59 59.999 E 42849672.95m 1m 10000m 10m");
    zone_expect_rdata("LOC", "0 N 0 E 0 15m", NULL, "0 0 0.000 N 0 0 0.000 E 0m 10m 10000m 10m");
    zone_expect_no_rdata("LOC", "91 N 0 E 0", 0, "more than 90 degrees");
    zone_expect_no_rdata("LOC", "90 0 0.001 N 0 E 0", 0, "more than 90 degrees");
    zone_expect_no_rdata("LOC", "0 N 181 E 0", 4, "more than 180 degrees");
    zone_expect_no_rdata("LOC", "0 60 N 0 E 0", 2, "expected minutes from 0 to 59");
    zone_expect_no_rdata("LOC", "0 0 60 N 0 E 0", 4, "expected seconds from 0 to 59.999");
    zone_expect_no_rdata("LOC", "0 0 0.0001 N 0 E 0", 4, "expected seconds");
    zone_expect_no_rdata("LOC", "0 0 0. N 0 E 0", 4, "expected seconds");
    zone_expect_no_rdata("LOC", "0 0 0 0 N 0 E 0", 6, "expected N or S");
    zone_expect_no_rdata("LOC", "0 E 0 E 0", 2, "expected minutes");
    zone_expect_no_rdata("LOC", "0 N 0 E", 7, "expected an altitude");
    zone_expect_no_rdata("LOC", "0 N 0 E -100000.01", 8, "expected an altitude");
    zone_expect_no_rdata("LOC", "0 N 0 E 42849672.96", 8, "expected an altitude");
    zone_expect_no_rdata("LOC", "0 N 0 E m", 8, "expected an altitude");
    zone_expect_no_rdata("LOC", "0 N 0 E 0 90000000.01", 10, "expected a size");
    zone_expect_no_rdata("LOC", "0 N 0 E 0 1 1 1 1", 16, "nothing more is expected here");
    zone_expect_no_rdata("LOC", "0 N 0 E 0 junk", 10, "expected a size");
    zone_expect_no_rdata("LOC", "", 0, "expected degrees");
}
END_TEST

TCase *case_zone_loc(void)
{
    TCase *c = tcase_create("zone_loc");
    tcase_add_test(c, examples);
    tcase_add_test(c, limits);
    return c;
}
