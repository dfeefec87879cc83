/* server_server.c - a server starts in order, answers, stops in order, and starts again with what
 * it knew. */
#include "cases.h"
#include "host_fixture.h"

#define PRIMARY "zones: [{ name: example, role: primary, file: example.zone }]\n"

static struct host h;

static void start(void)
{
    host_make(&h);
    host_zone(&h, 1, 80);
    host_configure(&h, PRIMARY);
}

static void stop(void)
{
    host_remove(&h);
}

START_TEST(starts_answers_stops)
{
    char hello[128];
    host_start(&h);
    host_wait(&h, "notice: ready\n");
    snprintf(hello, sizeof hello, "notice: settled: 1 zone, 2 workers, listening on 127.0.0.1@%u\n",
             h.client.at.port);
    ck_assert(host_said(&h, hello));
    ck_assert_str_eq(udp_ask(&h.client, (struct asked){.name = "www.example", .type = "A"}),
                     "NOERROR aa\nan www.example. 60 IN A 192.0.2.80\n");
    host_stop(&h);
    ck_assert(host_said(&h, "notice: stopping (SIGTERM)\nnotice: stopped\n"));
}
END_TEST

START_TEST(what_was_served_is_known_to_the_next)
{
    host_start(&h);
    host_answers(&h, "www.example", "192.0.2.80");
    host_stop(&h);
    host_zone(&h, 1, 81); /* another zone under the old serial */
    host_start(&h);
    host_answers(&h, "www.example", "192.0.2.81");
    ck_assert_ptr_nonnull(
        strstr(udp_ask(&h.client, (struct asked){.name = "example", .type = "SOA"}), " 2 3600 "));
}
END_TEST

START_TEST(the_address_is_taken)
{
    host_start(&h);
    struct server *first = h.server;
    ck_assert(!host_new(&h));
    ck_assert_ptr_nonnull(strstr(h.trouble.text, "Address already in use"));
    h.server = first;
}
END_TEST

START_TEST(the_state_is_taken)
{
    host_start(&h);
    struct server *first = h.server;
    h.client.at.port = 0;
    h.client.at.port = free_port(&h.client.at);
    host_configure(&h, PRIMARY);
    ck_assert(!host_new(&h));
    ck_assert_str_ne(h.trouble.text, "");
    h.server = first;
}
END_TEST

/* Never run: made and freed. */
START_TEST(made_and_freed)
{
    ck_assert_msg(host_new(&h), "%s", h.trouble.text);
    server_free(h.server);
    server_free(NULL);
}
END_TEST

TCase *case_server_server(void)
{
    TCase *c = tcase_create("server_server");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, starts_answers_stops);
    tcase_add_test(c, what_was_served_is_known_to_the_next);
    tcase_add_test(c, the_address_is_taken);
    tcase_add_test(c, the_state_is_taken);
    tcase_add_test(c, made_and_freed);
    return c;
}
