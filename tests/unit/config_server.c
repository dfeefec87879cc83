/* config_server.c - server, control, log and cache: defaults, values, paths. */
#include "config/server.h"
#include "config_memory.h"

START_TEST(has_safe_defaults)
{
    char text[ADDR_TEXT];
    struct config *c = good_config("server:\n");
    const struct config_server *s = &c->server;
    ck_assert(s->listen_default && s->listen_count == 2);
    ck_assert_str_eq(addr_print_ip(&s->listen[0], text), "127.0.0.1");
    ck_assert_str_eq(addr_print_ip(&s->listen[1], text), "::1");
    ck_assert(s->listen[0].port == 53 && s->listen[1].port == 53);
    ck_assert_uint_eq(s->threads, 0);
    ck_assert_str_eq(s->state, "/var/lib/settled");
    ck_assert_str_eq(s->zones, "/etc/settled/zones");
    ck_assert(s->user == NULL && s->nsid == NULL);
    ck_assert(s->identity == NULL && s->version == NULL && s->cookie_secret_file == NULL);
    ck_assert(s->rate_limit == 0 && s->rate_limit_slip == 2 && s->cookies.count == 0);
    ck_assert(s->rate_limit_exempt.count == 0 && !s->rate_limit_exempt.any);
    ck_assert_uint_eq(s->udp_payload, 1232);
    ck_assert_uint_eq(s->tcp_connections, 1024);
    ck_assert_uint_eq(s->tcp_per_address, 32);
    ck_assert_uint_eq(s->tcp_pipeline, 16);
    ck_assert_uint_eq(s->tcp_output, 65536);
    ck_assert_uint_eq(s->tcp_idle_s, 30);
    ck_assert_str_eq(c->control_socket, "/run/settled/control.sock");
    ck_assert(c->log_format == LOG_TEXT && c->log_level == LOG_LEVEL_INFO);
    ck_assert_uint_eq(c->cache.size, (uint64_t)256 << 20);
    ck_assert_uint_eq(c->cache.max_ttl_s, 86400);
    ck_assert_uint_eq(c->cache.max_negative_ttl_s, 10800);
    ck_assert_uint_eq(c->cache.serve_stale_s, 86400);
    ck_assert_uint_eq(c->cache.refresh_at, 10);
    config_free(c);
}
END_TEST

START_TEST(takes_what_is_given)
{
    struct memory_file files[] = {
        {.path = "/opt/dns/conf",
         .text = "server:\n"
                 "  listen: 192.0.2.1@5300\n"
                 "  threads: 4\n  state: state\n  zones: zones\n  user: settled\n  nsid: no\n"
                 "  identity: one\n  version: auto\n  rate-limit: 20\n  rate-limit-slip: 1\n"
                 "  rate-limit-exempt: [192.0.2.0/24, friend]\n"
                 "  udp-payload: 4K\n  tcp-connections: 10\n  tcp-per-address: 10\n"
                 "  tcp-pipeline: 1\n  tcp-output: 128K\n  tcp-idle: 1m30s\n"
                 "peers: [{name: friend, address: 2001:db8::1}]\n"
                 "control: {socket: s}\n"
                 "log: {level: debug, format: json}\n"
                 "cache: {size: 1M, max-ttl: 2h, max-negative-ttl: 1, serve-stale: 0, refresh-at: "
                 "0}\n"},
        {.path = NULL},
    };
    struct buf errors = {.len = 0};
    struct config *c = memory_config(files, &errors);
    ck_assert_str_eq(buf_text(&errors), "");
    const struct config_server *s = &c->server;
    ck_assert(!s->listen_default && s->listen_count == 1 && s->listen[0].port == 5300);
    ck_assert_uint_eq(s->threads, 4);
    ck_assert_str_eq(s->state, "/opt/dns/state");
    ck_assert_str_eq(s->zones, "/opt/dns/zones");
    ck_assert_str_eq(s->user, "settled");
    ck_assert_str_eq(s->nsid, "no"); /* not a truth value of YAML's */
    ck_assert_str_eq(s->identity, "one");
    ck_assert_str_eq(s->version, "auto");
    ck_assert(s->rate_limit == 20 && s->rate_limit_slip == 1);
    ck_assert_uint_eq(s->rate_limit_exempt.count, 2);
    ck_assert_uint_eq(s->udp_payload, 4096);
    ck_assert_uint_eq(s->tcp_connections, 10);
    ck_assert_uint_eq(s->tcp_output, 131072);
    ck_assert_uint_eq(s->tcp_idle_s, 90);
    ck_assert_str_eq(c->control_socket, "/opt/dns/s");
    ck_assert_str_eq(c->path, "/opt/dns/conf");
    ck_assert(c->log_format == LOG_JSON && c->log_level == LOG_LEVEL_DEBUG);
    ck_assert(c->cache.size == 1 << 20 && c->cache.max_ttl_s == 7200 &&
              c->cache.max_negative_ttl_s == 1);
    ck_assert(c->cache.serve_stale_s == 0 && c->cache.refresh_at == 0);
    buf_free(&errors);
    config_free(c);
}
END_TEST

START_TEST(tells_what_does_not_fit)
{
    static const struct fault faults[] = {
        {"server: {tcp-per-address: 20, tcp-connections: 10}",
         "1:27: tcp-per-address (20) is above tcp-connections (10)\n"},
        {"server: {tcp-connections: 10}",
         "1:27: tcp-per-address (32) is above tcp-connections (10)\n"},
        {"server: {rate-limit: 1000001}", "1:22: rate-limit: 1000001 is out of range, 0 to 1000000\n"},
        {"server: {rate-limit: some}", "1:22: rate-limit: 'some' is not a number: write digits\n"},
        {"server: {rate-limit-slip: 11}", "1:27: rate-limit-slip: 11 is out of range, 0 to 10\n"},
        {"server: {rate-limit-exempt: [192.0.2.1/24, stranger]}",
         "1:30: '192.0.2.1/24' has bits behind its prefix: did you mean '192.0.2.0/24'?\n"
         "1:44: no peer is called 'stranger', and it is not an address\n"},
        {"server: {identity: \"\"}", "1:20: identity: no value\n"},
        {"control: {socket: "
         "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
         "1:19: socket: longer than 107 octets: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"},
    };
    CHECK_FAULTS(faults);
}
END_TEST

TCase *case_config_server(void)
{
    TCase *c = tcase_create("config_server");
    tcase_add_test(c, has_safe_defaults);
    tcase_add_test(c, takes_what_is_given);
    tcase_add_test(c, tells_what_does_not_fit);
    return c;
}
