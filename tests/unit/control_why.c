/* control_why.c - what is answered now, and where it comes from. */
#include "cases.h"
#include "control_fixture.h"

static struct desk d;

static void start(void)
{
    desk_make(&d);
    host_write(&d.host, "example.zone",
               "@ 3600 SOA ns admin 1 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n"
               "www 60 A 192.0.2.80\n*.wild 60 A 192.0.2.81\nx.empty 60 A 192.0.2.82\n"
               "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.83\nold 60 DNAME new.example.\n");
    desk_start(&d, "zones:\n"
                   "  - { name: example, role: primary, file: example.zone }\n"
                   "  - { name: cached, role: cache, primaries: [127.0.0.1@9] }\n"
                   "  - { name: bad, role: primary, file: missing.zone }\n");
    host_wait(&d.host, "serial 1 from file");
    host_wait(&d.host, "zone bad: the file has errors");
}

static void stop(void)
{
    desk_stop(&d);
}

START_TEST(where_it_comes_from)
{
    static const char *const cases[][2] = {
        {"why www.example", "  serial 1: the name is there\n"},
        {"why www.example A", "www.example. 60 IN A 192.0.2.80"},
        {"why www.example TXT", "  NOERROR, authoritative\n"},
        {"why a.wild.example", "  serial 1: made from a wildcard (*.wild.example)\n"},
        {"why none.example", "  serial 1: no such name, and no wildcard for it\n"},
        {"why empty.example", "the name has no records but names below it"},
        {"why www.sub.example", "  serial 1: at or below a delegation (sub.example)\n"},
        {"why a.old.example", "  serial 1: below a DNAME (old.example)\n"},
        {"why www.cached", "www.cached: cache zone cached\n"},
        {"why www.cached AAAA", "  not in the cache: the primaries would be asked now\n"},
        {"why www.other", "www.other: no zone of this server has it\n"},
        {"why www.bad", "  nothing to serve: "},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        desk_expect(&d, cases[i][0], CONTROL_DONE, cases[i][1]);
    }
    desk_expect(&d, "why a..b", CONTROL_WRONG_USE, "'a..b' is no domain name");
    desk_expect(&d, "why www.example NONSENSE", CONTROL_WRONG_USE, "'NONSENSE' is no record type");
}
END_TEST

START_TEST(is_it_changing)
{
    host_write(&d.host, "example.zone",
               "@ 3600 SOA ns admin 2 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n"
               "www 60 A 192.0.2.84\n");
    host_answers(&d.host, "www.example", "192.0.2.84");
    desk_expect(&d, "why www.example", CONTROL_DONE,
                "  the zone is changing: serial 2 settles in ");
}
END_TEST

TCase *case_control_why(void)
{
    TCase *c = tcase_create("control_why");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, where_it_comes_from);
    tcase_add_test(c, is_it_changing);
    return c;
}
