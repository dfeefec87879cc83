/* config_section.c - maps of options: what each kind of value refuses, unknown and repeated
 * names. */
#include "config/section.h"
#include "config_memory.h"

START_TEST(tells_unknown_names)
{
    static const struct fault faults[] = {
        {"server: {lisen: 192.0.2.1}",
         "1:10: unknown option of server 'lisen': did you mean 'listen'?\n"},
        {"server: {threads:1}",
         "1:10: unknown option of server 'threads:1': put a space behind the ':'\n"},
        {"server: {refresh-min: 1}",
         "1:10: unknown option of server 'refresh-min': it belongs in 'zones'\n"},
        {"log: {socket: x}", "1:7: unknown option of log 'socket': it belongs in 'control'\n"},
        {"cache: {colour: blue}", "1:9: unknown option of cache 'colour'\n"},
        {"defaults: {limits: {zone-byte: 1G}}",
         "1:21: unknown option of limits 'zone-byte': did you mean 'zone-bytes'?\n"},
        {"zone: []", "1:1: unknown section 'zone': did you mean 'zones'?\n"},
        {"listen: 192.0.2.1", "1:1: unknown section 'listen': it belongs in 'server'\n"},
        {"what: {}", "1:1: unknown section 'what'\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(tells_repeated_names)
{
    static const struct fault faults[] = {
        {"log: {level: info,\n level: debug}", "2:2: 'level' is given twice: first in line 1\n"},
        {"log: {}\nlog: {level: info}", "2:1: 'log' is given twice: first in line 1\n"},
        {"zones: []\n\nzones: []", "3:1: 'zones' is given twice: first in line 1\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(tells_wrong_values)
{
    static const struct fault faults[] = {
        {"server: {tcp-idle: soon}",
         "1:20: tcp-idle: 'soon' is not a time: write seconds, or w, d, h, m, s as in 1h30m\n"},
        {"server: {tcp-idle: 2h}", "1:20: tcp-idle: 2h is out of range, 1s to 1h\n"},
        {"server: {tcp-idle: 0}", "1:20: tcp-idle: 0 is out of range, 1s to 1h\n"},
        {"cache: {size: 256MB}",
         "1:15: size: '256MB' is not a size: write octets, or K, M, G as in 64M\n"},
        {"cache: {size: 99999999999999999999999}",
         "1:15: size: 99999999999999999999999 is out of range, 1M to 1024G\n"},
        {"server: {threads: two}", "1:19: threads: 'two' is not a number: write digits\n"},
        {"server: {threads: 0}", "1:19: threads: 0 is out of range, 1 to 256\n"},
        {"cache: {refresh-at: 10 %}",
         "1:21: refresh-at: '10 %' is not a percentage: write it as 10%\n"},
        {"cache: {refresh-at: 91%}", "1:21: refresh-at: 91% is out of range, 0% to 90%\n"},
        {"defaults: {follow: on}", "1:20: follow: 'on' is neither yes nor no\n"},
        {"log: {level: verbose}",
         "1:14: level: 'verbose' is none of: error warning notice info debug\n"},
        {"server: {user: }", "1:10: user: no value\n"},
        {"server: {user: ''}", "1:16: user: no value\n"},
        {"server: {user: [a]}", "1:16: user: one value belongs here, not a list\n"},
        {"server: {state: {a: b}}", "1:17: state: one value belongs here, not a map\n"},
        {"server: {state: ~/state, zones: ~}",
         "1:17: state: '~' is no home directory here: write the path out\n"
         "1:33: zones: '~' is no home directory here: write the path out\n"},
        {"defaults: {file: ~/a.zone}",
         "1:18: file: '~' is no home directory here: write the path out\n"},
        {"server: {user: abcdefghijklmnopqrstuvwxyzabcdefg}",
         "1:16: user: longer than 32 octets\n"},
        {"zones: [{name: a..b, role: cache}]",
         "1:16: name: 'a..b' is not a domain name: empty label\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(tells_wrong_shapes)
{
    static const struct fault faults[] = {
        {"hello", "1:1: sections belong here, as 'zones:' and 'server:'\n"},
        {"- a", "1:1: sections belong here, as 'zones:' and 'server:'\n"},
        {"server: [a]", "1:9: options belong here, each as 'name: value'\n"},
        {"server: on", "1:9: options belong here, each as 'name: value'\n"},
        {"zones: {name: a}", "1:8: zones: a list belongs here, each entry behind a '- '\n"},
        {"zones: [a]", "1:9: options belong here, each as 'name: value'\n"},
        {"peers: ns2", "1:8: peers: a list belongs here, each entry behind a '- '\n"},
        {"defaults: {limits: 5}", "1:20: options belong here, each as 'name: value'\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(says_what_must_wait)
{
    static const struct fault faults[] = {
        {"keys:\n - {name: k, algorithm: hmac-sha256, secret-file: k}",
         "1:1: 'keys' is not supported yet: transfers, NOTIFY and questions are not signed\n"},
        {"http: {listen: 127.0.0.1@8053}",
         "1:1: 'http' is not supported yet: there is no web page and no metrics over HTTP\n"},
        {"peers: [{name: a, address: 192.0.2.1, key: k}]",
         "1:39: 'key' is not supported yet: messages to and from peers are not signed\n"},
        {"defaults: {transfer: [{address: 192.0.2.1, key: k}]}",
         "1:44: 'key' is not supported yet: messages to and from peers are not signed\n"},
        {"defaults: {journal-max: 1M}",
         "1:12: 'journal-max' is not supported yet: zones are always transferred whole\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

START_TEST(takes_empty_sections)
{
    struct config *c =
        good_config("server:\nlog: {}\npeers:\nzones:\ndefaults: {limits: }\ninclude:\n");
    ck_assert_uint_eq(c->zone_count, 0);
    config_free(c);
}
END_TEST

TCase *case_config_section(void)
{
    TCase *c = tcase_create("config_section");
    tcase_add_test(c, tells_unknown_names);
    tcase_add_test(c, tells_repeated_names);
    tcase_add_test(c, tells_wrong_values);
    tcase_add_test(c, tells_wrong_shapes);
    tcase_add_test(c, says_what_must_wait);
    tcase_add_test(c, takes_empty_sections);
    return c;
}
