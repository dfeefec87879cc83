/* keeper_unwatched.c - name servers that are neither we nor a peer are named (CONVERGENCE.md,
 * Words). */
#include "cases.h"
#include "keeper_fixture.h"

#define PEERS                                                                                      \
    "peers: [{ name: ns2, address: 192.0.2.2 }, { name: c.example.net, address: 10.0.0.3 },\n"     \
    "  { name: many, address: 10.0.0.4, ask: [192.0.2.4] }]\n"
#define EXAMPLE(notify)                                                                            \
    "  - { name: example, role: primary, file: example.zone, notify: [" notify "] }\n"
#define ABOVE "  - { name: ., role: primary, file: root.zone }\n"

static struct rig r;

static void start(void)
{
    rig_open(&r);
}

static void stop(void)
{
    rig_close(&r);
}

/* Servers of the zone; "ns" is the SOA's MNAME and has our address. */
static void servers(const char *lines)
{
    char text[2048];
    snprintf(text, sizeof text,
             "@ 3600 SOA ns admin 1 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n%s",
             lines);
    rig_file(&r, "/example.zone", text);
}

/* All of them in one text. */
static const char *named(void)
{
    static char text[512];
    const struct keeper_zone_view *v;
    size_t number;
    struct name apex = a_name("example");
    ck_assert(keeper_find(r.keeper, apex.octets, &number));
    v = rig_zone(&r, number);
    text[0] = '\0';
    for (unsigned i = 0; i < v->unwatched_count; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ",
                 keeper_unwatched(r.keeper, number, i));
    }
    return text;
}

static const struct {
    const char *lines, *notify, *named;
} cases[] = {
    {"", "", ""},                                          /* only us */
    {"@ NS b\nb A 192.0.2.2\n", "", "b.example "},         /* nobody's peer */
    {"@ NS b\nb A 192.0.2.2\n", "ns2", ""},                /* a peer has its address */
    {"@ NS b\nb A 192.0.2.9\nb A 192.0.2.2\n", "ns2", ""}, /* or one of them */
    {"@ NS b\nb AAAA 2001:db8::2\n", "ns2", "b.example "},
    {"@ NS b\nb A 192.0.2.4\n", "many", ""},            /* where it is asked */
    {"@ NS b\nb A 192.0.2.1\n", "", ""},                /* another name of ours */
    {"@ NS b.example.net.\n", "ns2", "b.example.net "}, /* its address is not known here */
    {"@ NS c.example.net.\n", "c.example.net", ""},     /* but its name may be */
    {"@ NS b\nb A 192.0.2.8\n@ NS d\nd A 192.0.2.9\n", "ns2", "b.example d.example "},
};

static void one_by_address_or_name(unsigned i)
{
    char yaml[1024];
    servers(cases[i].lines);
    snprintf(yaml, sizeof yaml,
             "%szones:\n  - { name: example, role: primary, file: example.zone, "
             "notify: [%s] }\n",
             PEERS, cases[i].notify);
    rig_start(&r, yaml);
    ck_assert_msg(strcmp(named(), cases[i].named) == 0, "%s: %s", cases[i].lines, named());
}

START_TEST(by_address_or_name)
{
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_by_address_or_name(i);
    }
}
END_TEST

START_TEST(a_new_peer_or_a_new_server_is_noticed)
{
    servers("@ NS b\nb A 192.0.2.2\n");
    rig_start(&r, PEERS "zones:\n" EXAMPLE(""));
    ck_assert_str_eq(named(), "b.example ");
    rig_configure(&r, PEERS "zones:\n" EXAMPLE("ns2"));
    ck_assert_str_eq(named(), "");
    servers("@ NS b\nb A 192.0.2.2\n@ NS d\nd A 192.0.2.9\n");
    rig_run(&r, 200);
    RIG_STEP(&r, KEEPER_FILE_CHANGED);
    rig_run(&r, 0);
    ck_assert_str_eq(named(), "d.example ");
}
END_TEST

/* The zone above may name others, if we serve it. */
START_TEST(servers_of_the_parent_side)
{
    size_t root;
    servers("@ NS b\nb A 192.0.2.2\n");
    rig_file(&r, "/root.zone",
             ". 60 SOA ns.example. admin.example. 1 3600 600 86400 60\n. 60 NS ns.example.\n"
             "example. 60 NS ns.example.\nexample. 60 NS old.example.\nexample. 60 NS b.example.\n"
             "ns.example. 60 A 192.0.2.1\nold.example. 60 A 192.0.2.7\n");
    rig_start(&r, PEERS "zones:\n" EXAMPLE("ns2") ABOVE);
    ck_assert_str_eq(named(), "old.example ");
    rig_file(&r, "/root.zone",
             ". 60 SOA ns.example. admin.example. 2 3600 600 86400 60\n. 60 NS ns.example.\n"
             "example. 60 NS ns.example.\nns.example. 60 A 192.0.2.1\n");
    rig_run(&r, 200);
    ck_assert(keeper_find(r.keeper, name_root, &root));
    RIG_STEP(&r, KEEPER_FILE_CHANGED, .slot = root);
    rig_run(&r, 0);
    ck_assert_str_eq(named(), "");
}
END_TEST

TCase *case_keeper_unwatched(void)
{
    TCase *c = tcase_create("keeper_unwatched");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, by_address_or_name);
    tcase_add_test(c, a_new_peer_or_a_new_server_is_noticed);
    tcase_add_test(c, servers_of_the_parent_side);
    return c;
}
