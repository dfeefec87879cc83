/* config_fingerprint.c - equal settings have an equal number, and each setting counts. */
#include "config/fingerprint.h"
#include "config_memory.h"

static uint64_t number(const char *peer, const char *options)
{
    struct buf text = {.len = 0};
    buf_print(&text, "peers: [{name: p, %s}]\nzones: [{name: example.org, %s}]\n", peer, options);
    struct config *c = good_config(buf_text(&text));
    uint64_t h = c->zones[0].hash;
    ck_assert_uint_eq(fingerprint_zone(&c->zones[0]), h);
    config_free(c);
    buf_free(&text);
    return h;
}

#define PEER      "address: 192.0.2.1"
#define PRIMARY   "role: primary, file: x"
#define SECONDARY "role: secondary, primaries: p"

START_TEST(equal_for_equal_settings)
{
    ck_assert_uint_eq(number(PEER, PRIMARY), number(PEER, PRIMARY));
    ck_assert_uint_eq(number(PEER, "file: x, max-shrink: 50, role: primary"),
                      number(PEER, PRIMARY));
    ck_assert_uint_eq(number("address: 192.0.2.9", PRIMARY), number(PEER, PRIMARY)); /* not used */
    ck_assert_uint_eq(number(PEER, PRIMARY ", allow: [10.0.0.1, 10.0.0.2]"),
                      number(PEER, PRIMARY ", allow: [10.0.0.2, 10.0.0.1]"));
}
END_TEST

START_TEST(differs_for_each_setting)
{
    static const char *const rows[][2] = {
        {PEER, PRIMARY},
        {PEER, "role: primary, file: y"},
        {PEER, PRIMARY ", serial: date"},
        {PEER, PRIMARY ", watch: poll"},
        {PEER, PRIMARY ", notify: p"},
        {PEER, PRIMARY ", transfer: p"},
        {PEER, PRIMARY ", transfer: 192.0.2.0/24"},
        {PEER, PRIMARY ", transfer: 192.0.2.0/25"},
        {PEER, PRIMARY ", transfer: any"},
        {PEER, PRIMARY ", allow: none"},
        {PEER, PRIMARY ", max-shrink: 51%"},
        {PEER, PRIMARY ", zonemd-verify: no"},
        {PEER, PRIMARY ", limits: {zone-bytes: 64K}"},
        {PEER, PRIMARY ", limits: {zone-records: 7}"},
        {PEER, PRIMARY ", limits: {transfer-time: 7}"},
        {PEER, PRIMARY ", limits: {transfer-rate: 7}"},
        {PEER, SECONDARY},
        {"address: 192.0.2.1@54", SECONDARY},
        {"address: [192.0.2.1, 192.0.2.2]", SECONDARY},
        {PEER ", via: 192.0.2.1", SECONDARY},
        {PEER ", ask: 192.0.2.2", SECONDARY},
        {PEER ", watch: no", SECONDARY},
        {PEER ", kind: cache", SECONDARY},
        {PEER, SECONDARY ", refresh-min: 7"},
        {PEER, SECONDARY ", refresh-max: 1d"},
        {PEER, SECONDARY ", expire-max: 1d"},
        {PEER, SECONDARY ", notify-from: 192.0.2.7"},
        {PEER, "role: cache, primaries: p"},
        {PEER, "role: cache, primaries: p, follow: no"},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    uint64_t numbers[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        numbers[i] = number(rows[i][0], rows[i][1]);
        for (size_t j = 0; j < i; j++) {
            ck_assert_msg(numbers[i] != numbers[j], "%s %s = %s %s", rows[i][0], rows[i][1],
                          rows[j][0], rows[j][1]);
        }
    }
}
END_TEST

TCase *case_config_fingerprint(void)
{
    TCase *c = tcase_create("config_fingerprint");
    tcase_add_test(c, equal_for_equal_settings);
    tcase_add_test(c, differs_for_each_setting);
    return c;
}
