/* config_zones.c - zones: defaults, what follows from the role, order, finding them again. */
#include "config/zones.h"
#include "config_memory.h"

static const struct config_zone *zone(const struct config *c, const char *text)
{
    struct name name;
    ck_assert(name_from(text, &name));
    const struct config_zone *z = config_find_zone(c, name.octets);
    ck_assert_msg(z != NULL, "%s", text);
    return z;
}

START_TEST(reads_all_roles)
{
    struct addr loopback, other;
    struct config *c = good_config("server: {zones: /z}\n"
                                   "zones:\n"
                                   "- {name: Example.COM., role: primary, file: a}\n"
                                   "- {name: example.net, role: secondary, primaries: 192.0.2.2,\n"
                                   "   notify-from: [192.0.2.7]}\n"
                                   "- {name: example.org, role: cache, primaries: [192.0.2.2]}\n"
                                   "- {name: ., role: cache, primaries: [192.0.2.53]}\n");
    ck_assert(addr_parse("127.0.0.1", 0, &loopback) && addr_parse("192.0.2.2", 0, &other));
    ck_assert_uint_eq(c->zone_count, 4);
    const struct config_zone *com = zone(c, "EXAMPLE.com"), *net = zone(c, "example.net");
    const struct config_zone *org = zone(c, "example.org"), *root = zone(c, ".");
    ck_assert_str_eq(com->text, "example.com");
    ck_assert_str_eq(root->text, ".");
    ck_assert_str_eq(com->file, "/z/a");
    ck_assert_ptr_null(net->file);
    ck_assert(com->rules->allow.any && net->rules->allow.any && !com->rules->allow.own_networks);
    ck_assert(!org->rules->allow.any && org->rules->allow.own_networks);
    ck_assert(config_acl_allows(&org->rules->allow, &loopback) &&
              !config_acl_allows(&org->rules->allow, &other));
    ck_assert(org->rules->follow && !root->rules->follow && !com->rules->follow &&
              !net->rules->follow);
    ck_assert(!com->rules->transfer.any && com->rules->transfer.count == 0);
    ck_assert_uint_eq(net->rules->notify_from.count, 2); /* its primaries, too */
    ck_assert_uint_eq(org->rules->notify_from.count, 1);
    ck_assert(config_acl_allows(&net->rules->notify_from, &other));
    ck_assert(com->rules->serial == SERIAL_AUTO && com->rules->watch == WATCH_NOTIFY &&
              com->rules->max_shrink == 50);
    ck_assert(net->rules->refresh_min_s == 60 && net->rules->refresh_max_s == 604800 &&
              net->rules->expire_max_s == 31449600);
    ck_assert(com->rules->limits.zone_bytes == 1 << 30 &&
              com->rules->limits.zone_records == 20000000);
    ck_assert(com->rules->limits.transfer_time_s == 3600 &&
              com->rules->limits.transfer_rate == 10240);
    ck_assert(com->rules->journal_max == 64 << 20 && com->rules->local_names);
    config_free(c);
}
END_TEST

START_TEST(begins_with_the_defaults)
{
    struct config *c =
        good_config("defaults:\n"
                    "  role: primary\n  serial: date\n  follow: no\n  allow: 10.0.0.0/8\n"
                    "  notify: 192.0.2.1\n  limits: {zone-records: 5, transfer-time: 9}\n"
                    "  primaries: 192.0.2.3\n  notify-from: 192.0.2.4\n"
                    "  file: shared\n  refresh-max: 1d\n"
                    "zones:\n"
                    "- {name: a, file: a}\n"
                    "- {name: b, limits: {zone-records: 6}, serial: keep, allow: any}\n"
                    "- {name: c, role: cache}\n"
                    "- {name: d, role: cache, follow: yes}\n");
    const struct config_zone *a = zone(c, "a"), *b = zone(c, "b");
    ck_assert(a->role == ROLE_PRIMARY && a->rules->serial == SERIAL_DATE &&
              a->rules->notify.count == 1);
    ck_assert(a->rules->allow.count == 1 && !a->rules->allow.any && b->rules->allow.any &&
              b->rules->serial == SERIAL_KEEP);
    ck_assert(a->rules->limits.zone_records == 5 && b->rules->limits.zone_records == 6);
    ck_assert(b->rules->limits.transfer_time_s == 9);
    ck_assert(a->rules->primaries.count == 0 && a->rules->notify_from.count == 0); /* passed over */
    ck_assert_str_eq(b->file, "/etc/settled/zones/shared");
    ck_assert(zone(c, "c")->rules->primaries.count == 1 &&
              zone(c, "c")->rules->notify_from.count == 2);
    ck_assert(!zone(c, "c")->rules->follow && zone(c, "d")->rules->follow &&
              zone(c, "c")->file == NULL);
    ck_assert(!zone(c, "c")->rules->allow.own_networks);
    config_free(c);
}
END_TEST

START_TEST(zones_share_the_same_rules)
{
    struct config *c = good_config("peers: [{name: p, address: 192.0.2.1}]\n"
                                   "zones:\n"
                                   "- {name: a, role: primary, file: a}\n"
                                   "- {name: b, role: primary, file: x, serial: auto}\n"
                                   "- {name: c, role: primary, file: c, notify: p}\n"
                                   "- {name: d, role: primary, file: d, notify: p}\n"
                                   "- {name: e, role: cache, primaries: p}\n");
    ck_assert_ptr_eq(zone(c, "a")->rules, zone(c, "b")->rules);
    ck_assert_ptr_eq(zone(c, "c")->rules, zone(c, "d")->rules);
    ck_assert_ptr_ne(zone(c, "a")->rules, zone(c, "c")->rules);
    ck_assert_ptr_ne(zone(c, "a")->rules, zone(c, "e")->rules);
    ck_assert_uint_ne(zone(c, "a")->hash, zone(c, "b")->hash);
    config_free(c);
}
END_TEST

START_TEST(follows_no_root_by_default)
{
    struct config *c = good_config("defaults: {follow: yes, role: cache, primaries: 192.0.2.1}\n"
                                   "zones: [{name: .}, {name: a}]\n");
    ck_assert(!zone(c, ".")->rules->follow && zone(c, "a")->rules->follow);
    config_free(c);
}
END_TEST

START_TEST(sorts_in_canonical_order)
{
    static const char *const order[] = {
        ".", "example", "a.example", "yljkjljk.a.example", "Z.a.example", "z.example"};
    struct config *c =
        good_config("defaults: {role: cache, primaries: 192.0.2.1}\n"
                    "zones: [{name: z.example}, {name: Z.a.example}, {name: example},\n"
                    "{name: .}, {name: yljkjljk.a.example}, {name: a.example}]\n");
    struct name missing;
    ck_assert_uint_eq(c->zone_count, 6);
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_ptr_eq(zone(c, order[i]), &c->zones[i]);
    }
    ck_assert(name_from("b.example", &missing));
    ck_assert_ptr_null(config_find_zone(c, missing.octets));
    config_free(c);
}
END_TEST

START_TEST(reads_ten_thousand)
{
    struct buf text = {.len = 0};
    buf_print(&text, "zones:\n");
    for (int i = 0; i < 10000; i++) {
        buf_print(
            &text,
            "- {name: z%d.example, role: primary, file: f%d, notify: [192.0.2.1, 10.%d.%d.1]}\n", i,
            i, i / 250, i % 250);
    }
    struct config *c = good_config(buf_text(&text));
    ck_assert_uint_eq(c->zone_count, 10000);
    ck_assert_uint_eq(c->peer_count, 10001);
    ck_assert_str_eq(zone(c, "z4711.example")->file, "/etc/settled/zones/f4711");
    config_free(c);
    buf_free(&text);
}
END_TEST

TCase *case_config_zones(void)
{
    TCase *c = tcase_create("config_zones");
    tcase_add_test(c, reads_all_roles);
    tcase_add_test(c, begins_with_the_defaults);
    tcase_add_test(c, zones_share_the_same_rules);
    tcase_add_test(c, follows_no_root_by_default);
    tcase_add_test(c, sorts_in_canonical_order);
    tcase_add_test(c, reads_ten_thousand);
    return c;
}
