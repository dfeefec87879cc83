/* config_zone_check.c - options of a zone that do not fit together. */
#include "config/zone_check.h"
#include "config_memory.h"

START_TEST(role_and_options)
{
    static const struct fault faults[] = {
        {"zones: [{name: a}]", "1:16: zone a: a 'role' is missing\n"},
        {"zones: [{role: cache, primaries: 192.0.2.1}]", "1:9: 'name' is missing here\n"},
        {"zones: [{name: a, role: primary}]", "1:16: zone a: a primary needs a 'file'\n"},
        {"zones: [{name: a, role: secondary}]", "1:16: zone a: a secondary needs 'primaries'\n"},
        {"zones: [{name: ., role: cache, primaries: []}]",
         "1:16: zone .: a cache needs 'primaries'\n"},
        {"zones: [{name: a, role: cache, primaries: 192.0.2.1, file: x}]",
         "1:54: 'file' is for primary, and zone a is a cache\n"},
        {"zones: [{name: a, role: primary, file: x, primaries: 192.0.2.1, follow: no}]",
         "1:43: 'primaries' is for secondary and cache, and zone a is a primary\n"
         "1:65: 'follow' is for cache, and zone a is a primary\n"},
        {"zones: [{name: a, role: cache, primaries: 192.0.2.1, expire-max: 1d}]",
         "1:54: 'expire-max' is for secondary, and zone a is a cache\n"},
        {"zones: [{name: a, role: boss, file: x}]",
         "1:25: role: 'boss' is none of: primary secondary cache\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(says_one_thing_once)
{
    static const struct fault faults[] = {
        {"zones: [{name: a, role: primary, file: }]", "1:34: file: no value\n"},
        {"zones: [{name: a, role: cache, primaries: [x]}]",
         "1:44: no peer is called 'x', and it is not an address\n"},
        {"defaults: {role: boss}\nzones: [{name: a}, {name: b, role: primary}]",
         "1:18: role: 'boss' is none of: primary secondary cache\n"
         "2:27: zone b: a primary needs a 'file'\n"},
        {"defaults: {role: boss}\nzones: [{name: a, file: x}]",
         "1:18: role: 'boss' is none of: primary secondary cache\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(refresh_and_root)
{
    static const struct fault faults[] = {
        {"zones: [{name: a, role: secondary, primaries: 192.0.2.1, refresh-min: 1h, refresh-max: "
         "30m}]",
         "1:71: refresh-min (3600s) is above refresh-max (1800s)\n"},
        {"zones: [{name: a, role: secondary, primaries: 192.0.2.1, refresh-max: 30s}]",
         "1:71: refresh-min (60s) is above refresh-max (30s)\n"},
        {"defaults: {refresh-max: 1s, role: cache, primaries: 192.0.2.1}\nzones: [{name: a}, "
         "{name: b}]",
         "1:25: refresh-min (60s) is above refresh-max (1s)\n"},
        {"zones: [{name: ., role: cache, primaries: 192.0.2.1, follow: yes}]",
         "1:62: follow: the root cannot be followed, for its serial says nothing about the zones "
         "below\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(twice_and_defaults)
{
    static const struct fault faults[] = {
        {"defaults: {role: cache, primaries: 192.0.2.1}\n"
         "zones:\n - name: a\n - name: b\n - name: A.\n - name: a\n",
         "5:10: zone a is there twice: first in conf, line 3\n"
         "6:10: zone a is there twice: first in conf, line 5\n"},
        {"defaults: {name: a}", "1:12: defaults cannot give a name: every zone has its own\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(does_not_guess_after_a_broken_file)
{
    static const struct fault fault = {
        "zones:\n - {name: a, role: primary}\n - {name: b}\n - {name: c",
        "4:4: this map is not closed\n"};
    check_fault(&fault);
}
END_TEST

TCase *case_config_zone_check(void)
{
    TCase *c = tcase_create("config_zone_check");
    tcase_add_test(c, role_and_options);
    tcase_add_test(c, says_one_thing_once);
    tcase_add_test(c, refresh_and_root);
    tcase_add_test(c, twice_and_defaults);
    tcase_add_test(c, does_not_guess_after_a_broken_file);
    return c;
}
