/* zone_check.c - what is wrong with a zone as a whole: every sentence, where it points, and whether
 * the zone is served all the same. */
#include "cases.h"
#include "zone_building.h"

/* Behind "$TTL 60" and an SOA on lines 1 and 2; what is said of the zone. */
static void expect_below(const char *head, const char *text, const char *said)
{
    struct building b;
    struct buf whole = {.len = 0};
    buf_print(&whole, "%s%s", head, text);
    building_start(&b);
    b.job.check_only = true;
    building_build(&b, buf_text(&whole));
    building_said(&b, said);
    ck_assert_int_eq(b.built.ok, strstr(said, ": error: ") == NULL);
    if (b.built.next != NULL) {
        building_serve(&b);
    } else {
        zone_built_free(&b.built);
    }
    building_stop(&b);
    buf_free(&whole);
}

static void expect(const char *text, const char *said)
{
    expect_below("$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n", text, said);
}

#define NS "@ NS ns\nns A 192.0.2.1\n" /* lines 3 and 4 */

START_TEST(a_sound_zone)
{
    expect(NS "@ MX 10 mail\n"
              "mail AAAA 2001:db8::1\n"
              "_x._tcp SRV 0 0 1 mail\n"
              "none SRV 0 0 0 .\n"
              "nomail MX 0 .\n"
              "elsewhere NS ns.other.\n"
              "child NS ns.child\n"
              "child DS 1 8 2 00\n"
              "ns.child AAAA 2001:db8::1\n"
              "self NS self\n"
              "self A 192.0.2.1\n"
              "www CNAME mail\n"
              "www RRSIG CNAME 8 2 60 1 1 1 example. AAAA\n"
              "www NSEC z CNAME RRSIG NSEC\n"
              "d DNAME other.\n"
              "d TXT x\n"
              "*.w A 192.0.2.1\n"
              "ptr MX 5 x.w\n"
              "sub.cut NS ns.child\n",
           "");
}
END_TEST

START_TEST(the_apex)
{
    expect("", "z:2:1: error: example.: the zone has no NS at its apex: nobody could find it\n");
    expect_below("$TTL 60\n", "a NS ns\n",
                 "z: error: the zone has no SOA: expected one record like \"example. SOA ns "
                 "hostmaster 1 1h 15m 2w 5m\"\n");
    expect("@ SOA ns h 2 1h 1h 1w 1h\n@ SOA ns h 2 1h 1h 1w 1h\n" NS,
           "z:3:1: error: a second SOA of example.: a zone has exactly one\n");
    expect("@ SOA NS H 1 1h 1h 1w 1h\n" NS, ""); /* the same again is one */
    expect(
        NS "a SOA ns h 2 1h 1h 1w 1h\n",
        "z:5:1: error: a.example.: an SOA below the apex: a child zone is a zone, and a file, of "
        "its own\n");
}
END_TEST

START_TEST(timers_that_expire_too_soon)
{
    expect_below(
        "$TTL 60\n", "@ SOA ns h 1 1h 1h 2h 1h\n" NS,
        "z:2:1: warning: example.: EXPIRE 7200 is not more than REFRESH 3600 + RETRY 3600: "
        "secondaries give up the zone before they have tried twice\n");
    expect_below("$TTL 60\n", "@ SOA ns h 1 1h 1h 7201 1h\n" NS, "");
    expect_below("$TTL 60\n", "@ SOA ns h 1 2147483647 2147483647 1 1h\n" NS,
                 "z:2:1: warning: example.: EXPIRE 1 is not more than REFRESH 2147483647 + RETRY "
                 "2147483647: secondaries give up the zone before they have tried twice\n");
}
END_TEST

START_TEST(aliases_stand_alone)
{
    expect(
        NS "a CNAME ns\na TXT x\n",
        "z:5:1: error: a.example.: a CNAME and also TXT: nothing stands beside a CNAME (RFC 2181 "
        "10.1)\n");
    expect(NS "a CNAME ns\na CNAME mail.other.\n",
           "z:5:1: error: a.example.: 2 CNAMEs: a name has one canonical name (RFC 2181 10.1)\n");
    expect(NS "a CNAME ns\na CNAME NS\n", ""); /* the same */
    expect("@ CNAME other.\n" NS,
           "z:3:1: error: example.: a CNAME and also SOA: nothing stands beside a CNAME (RFC 2181 "
           "10.1)\n");
    expect(NS "a DNAME other.\na DNAME another.\n",
           "z:5:1: error: a.example.: 2 DNAMEs: a name has one (RFC 6672 2.4)\n");
    expect(
        NS "a DNAME other.\na NS ns\n",
        "z:5:1: error: a.example.: a DNAME and also NS: delegated or renamed, not both (RFC 6672 "
        "2.4)\n");
    expect_below("$TTL 60\n", "@ SOA ns.other. h 1 1h 1h 1w 1h\n@ NS ns.other.\n@ DNAME other.\n",
                 ""); /* at the apex they may meet */
    expect(NS "a CNAME ns\na DNAME other.\n",
           "z:5:1: error: a.example.: a CNAME and also DNAME: nothing stands beside a CNAME (RFC "
           "2181 10.1)\n");
}
END_TEST

START_TEST(below_a_delegation)
{
    expect(
        NS "c NS ns\nx.c TXT x\ny.x.c NS ns\nz.c DS 1 8 2 00\n",
        "z:6:1: warning: x.c.example.: TXT below the delegation at c.example. is never answered; "
        "only glue addresses belong here\n"
        "z:7:1: warning: y.x.c.example.: NS below the delegation at c.example. is never answered; "
        "only glue addresses belong here\n"
        "z:8:1: warning: z.c.example.: DS below the delegation at c.example. is never answered; "
        "only glue addresses belong here\n");
    expect(NS "c NS ns\nx.c A 192.0.2.1\ncc A 192.0.2.1\n",
           "z:6:1: warning: x.c.example.: this address below the delegation at c.example. is no "
           "glue, for no NS points to it, and is never answered\n");
    expect(NS "c NS ns\nx.c A 192.0.2.1\nd NS x.c\n", ""); /* glue of another delegation */
}
END_TEST

START_TEST(at_a_delegation)
{
    expect(NS "c NS ns\nc TXT x\n", "z:6:1: warning: c.example.: TXT stands at a delegation and is "
                                    "never answered: it belongs into the child zone\n");
    expect(NS "c NS ns\nc A 192.0.2.1\n",
           "z:6:1: warning: c.example.: an address at a delegation is never answered: it belongs "
           "into the child zone\n");
    expect(NS "c DS 1 8 2 00\n",
           "z:5:1: warning: c.example.: a DS without NS beside it means nothing (RFC 4035 2.4)\n");
    expect(NS "c CNAME ns\nc NS ns\n",
           "z:5:1: error: c.example.: a CNAME and also NS: nothing stands beside a CNAME (RFC 2181 "
           "10.1)\n");
}
END_TEST

START_TEST(below_a_dname)
{
    expect(
        NS "d DNAME other.\nx.d A 192.0.2.1\ny.x.d NS ns\ndd A 192.0.2.1\n",
        "z:6:1: warning: x.d.example.: below the DNAME at d.example., and so never answered (RFC "
        "6672 2.4)\n"
        "z:7:1: warning: y.x.d.example.: below the DNAME at d.example., and so never answered "
        "(RFC 6672 2.4)\n");
}
END_TEST

START_TEST(where_records_point_to)
{
    expect("@ NS ns\n@ NS gone\nns TXT x\n",
           "z:3:1: warning: example.: NS points to ns.example., which has no address\n"
           "z:4:1: warning: example.: NS points to gone.example., a name that does not exist\n");
    expect(
        NS "@ MX 1 www\nwww CNAME ns\n_s._tcp SRV 0 0 1 www\n",
        "z:5:1: warning: example.: MX points to www.example., which is an alias (RFC 2181 10.3)\n"
        "z:7:1: warning: _s._tcp.example.: SRV points to www.example., which is an alias (RFC "
        "2181 10.3)\n");
    expect(
        NS "c NS ns.c\nc NS other.\n@ MX 1 mail.c\n",
        "z:5:1: warning: c.example.: NS points to ns.c.example., which is delegated, but there is "
        "no glue address for it\n");
}
END_TEST

START_TEST(a_million_mistakes_of_a_kind_are_one)
{
    struct building b;
    struct buf text = {.len = 0};
    buf_print(&text, "$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n" NS "c NS ns\n"
                     "$GENERATE 1-1000 x$.c TXT x\n");
    building_start(&b);
    b.job.check_only = true;
    building_build(&b, buf_text(&text));
    ck_assert_uint_eq(b.built.report.warnings, 21);
    ck_assert_ptr_nonnull(
        strstr(buf_text(&b.built.report.text), "\nwarning: 980 more names below a delegation\n"));
    building_serve(&b);
    building_stop(&b);
    buf_free(&text);
}
END_TEST

START_TEST(all_mistakes_at_once_and_through_an_include)
{
    struct building b;
    building_start(&b);
    b.disk.files[1] = (struct zone_file){.path = "inc", .text = "\n\na CNAME ns\na TXT x\n"};
    building_build(&b, "$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n$INCLUDE inc\nb CNAME a\nb MX 1 .\n");
    building_refused(
        &b, "z:2:1: error: example.: the zone has no NS at its apex: nobody could find it\n"
            "inc:3:1: error: a.example.: a CNAME and also TXT: nothing stands beside a CNAME "
            "(RFC 2181 10.1)\n"
            "z:4:1: error: b.example.: a CNAME and also MX: nothing stands beside a CNAME "
            "(RFC 2181 10.1)\n");
    building_stop(&b);
}
END_TEST

START_TEST(findings_show_their_lines)
{
    struct building b;
    building_start(&b);
    building_build(&b, "$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n" NS "a CNAME ns\r\n\t TXT ( x\n y )\n"
                       "b 60 DS 1 8 2 00");
    ck_assert_str_eq(
        buf_text(&b.built.report.text),
        "z:5:1: error: a.example.: a CNAME and also TXT: nothing stands beside a CNAME "
        "(RFC 2181 10.1)\n  a CNAME ns\n  ^\n"
        "z:8:1: warning: b.example.: a DS without NS beside it means nothing (RFC 4035 "
        "2.4)\n  b 60 DS 1 8 2 00\n  ^\n");
    zone_built_free(&b.built);
    building_build(&b, "$TTL 60\n@ SOA ns h 1 1h 1h 1w 1h\n" NS "c NS ns\r\n\t TXT ( x\n y )\n");
    ck_assert_str_eq(
        buf_text(&b.built.report.text),
        "z:6:3: warning: c.example.: TXT stands at a delegation and is never answered: "
        "it belongs into the child zone\n  \t TXT ( x\n  \t ^\n");
    building_serve(&b);
    building_stop(&b);
}
END_TEST

TCase *case_zone_check(void)
{
    TCase *c = tcase_create("zone_check");
    tcase_add_test(c, a_sound_zone);
    tcase_add_test(c, the_apex);
    tcase_add_test(c, timers_that_expire_too_soon);
    tcase_add_test(c, aliases_stand_alone);
    tcase_add_test(c, below_a_delegation);
    tcase_add_test(c, at_a_delegation);
    tcase_add_test(c, below_a_dname);
    tcase_add_test(c, where_records_point_to);
    tcase_add_test(c, a_million_mistakes_of_a_kind_are_one);
    tcase_add_test(c, findings_show_their_lines);
    tcase_add_test(c, all_mistakes_at_once_and_through_an_include);
    return c;
}
