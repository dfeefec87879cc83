/* forward_classify.c - what answers from upstream say: only the chain of what was asked is taken,
 * and nothing from outside the zone. */
#include "cases.h"
#include "forward/classify.h"
#include "forward_message.h"
#include "wire/edns.h"

struct desk {
    struct cache_zone *zone;
    struct name name;
    struct classify_question q;
    struct message m;
    struct classification out;
    struct buf text;
};

/* A question of the cache zone "example". */
static void ask(struct desk *d, const char *qname, uint16_t qtype)
{
    struct name apex;
    memset(d, 0, sizeof *d);
    ck_assert(name_from("example", &apex) && name_from(qname, &d->name));
    d->zone = cache_zone_new(1, apex.octets, 0);
    d->q = (struct classify_question){
        .zone = d->zone, .name = d->name.octets, .type = qtype, .step = 5, .asked = {77}};
    message_start(&d->m, qname, qtype);
    d->m.reply.flags |= MSG_AA;
}

static void done(struct desk *d)
{
    classification_clear(&d->out);
    cache_zone_free(d->zone);
    buf_free(&d->text);
}

static void add_name(const uint8_t *name, struct buf *out)
{
    char text[NAME_TEXT];
    buf_print(out, "%s", name_print_dot(name, text));
}

static void add_set(const struct rrset *set, struct buf *out)
{
    uint16_t len;
    const uint8_t *rdata;
    size_t at = 0;
    for (unsigned i = 0; (rdata = rrset_next(set, &at, &len)) != NULL; i++) {
        buf_print(out, i == 0 ? " " : "|");
        rdata_print(set->type, rdata, len, out);
    }
}

/* One line a link: "owner TYPE TTL rdata|rdata", or "owner TYPE NODATA TTL soa's owner"; then the
 * version, and what signs and proves it. */
static void add_link(const struct classify_link *l, struct buf *out)
{
    char type[RRTYPE_TEXT];
    const struct cache_entry *e = &l->entry;
    add_name(l->key.name, out);
    buf_print(out, " %s", rrtype_print(l->key.type, type));
    if (e->kind == CACHE_RRSET) {
        buf_print(out, " %u", e->set.ttl);
        add_set(&e->set, out);
    } else {
        buf_print(out, " %s %u ", e->kind == CACHE_NODATA ? "NODATA" : "NXDOMAIN", e->ttl_s);
        add_name(e->soa != NULL ? e->soa_owner : (const uint8_t *)"\4none", out);
    }
    if (e->has_version) {
        buf_print(out, " v%u", e->version);
    }
    if (e->sigs != NULL) {
        buf_print(out, " sigs %u", e->sigs->count);
    }
    for (unsigned i = 0; i < e->proof_count; i++) {
        buf_print(out, " +%s/%u@", rrtype_print(e->proof[i].type, type), e->proof[i].count);
        add_name(e->proof_owners[i].octets, out);
    }
    buf_print(out, "\n");
}

static enum classified read_answer(struct desk *d)
{
    message_end(&d->m);
    return classify(&d->q, d->m.octets, d->m.len, &d->out);
}

static void expect(struct desk *d, enum classified as, const char *links)
{
    enum classified got = read_answer(d);
    ck_assert_int_eq(got, as);
    for (unsigned i = 0; as == CLASSIFIED_ANSWER && i < d->out.count; i++) {
        const struct classify_link *l = &d->out.links[i];
        ck_assert(l->key.zone == d->zone && l->key.dnssec_ok == d->q.dnssec_ok);
        ck_assert(l->entry.step == 5 && l->entry.asked.ns == 77);
        add_link(l, &d->text);
    }
    ck_assert_str_eq(buf_text(&d->text), links);
    done(d);
}

#define SIG(type) "RRSIG " type " 8 3 60 20300101000000 20200101000000 1 example. AAAA"

START_TEST(an_answer_and_nothing_beside_it)
{
    static const char *const answers[] = {
        "WWW.example 300 A 192.0.2.1",      "www.EXAMPLE 200 A 192.0.2.2",
        "www.example 300 AAAA 2001:db8::1", "other.example 300 A 192.0.2.66",
        "www.example 300 " SIG("A"),        NULL};
    static const char *const authority[] = {"example 300 NS evil.example.",
                                            "example 300 SOA n. h. 66 2 3 4 5", NULL};
    struct desk d;
    ask(&d, "Www.Example", TYPE_A);
    message_lines(&d.m, SECTION_ANSWER, answers);
    message_lines(&d.m, SECTION_AUTHORITY, authority);
    message_add(&d.m, SECTION_ADDITIONAL, "evil.example 300 A 192.0.2.66");
    expect(&d, CLASSIFIED_ANSWER, "Www.Example. A 200 192.0.2.1|192.0.2.2\n");
}
END_TEST

START_TEST(signatures_come_along_when_asked_for)
{
    struct desk d;
    ask(&d, "www.a.example", TYPE_A);
    d.q.dnssec_ok = true;
    message_add(&d.m, SECTION_ANSWER, "www.a.example 300 A 192.0.2.1");
    message_add(&d.m, SECTION_ANSWER, "www.a.example 300 " SIG("A"));
    message_add(&d.m, SECTION_ANSWER, "www.a.example 300 " SIG("AAAA"));
    message_add(&d.m, SECTION_AUTHORITY, "a.example 60 NSEC b.example. A");
    expect(&d, CLASSIFIED_ANSWER, "www.a.example. A 300 192.0.2.1 sigs 1\n");
}
END_TEST

/* RFC 4035 5.3.4: signed with fewer labels than it has, it came of a wildcard, and the NSEC that
 * says there is nothing closer belongs to it. */
START_TEST(a_wildcards_answer_keeps_its_proof)
{
    static const char *const authority[] = {"b.example 60 NSEC d.example. A",
                                            "b.example 60 " SIG("NSEC"),
                                            "b.example 60 " SIG("NSEC"),
                                            "example 60 NS n.example.",
                                            "example 60 " SIG("NS"),
                                            "example 60 " SIG("SOA"),
                                            NULL};
    struct desk d;
    ask(&d, "www.c.a.example", TYPE_A);
    d.q.dnssec_ok = true;
    message_add(&d.m, SECTION_ANSWER, "www.c.a.example 300 A 192.0.2.1");
    message_add(&d.m, SECTION_ANSWER, "www.c.a.example 300 " SIG("A"));
    message_lines(&d.m, SECTION_AUTHORITY, authority);
    expect(&d, CLASSIFIED_ANSWER,
           "www.c.a.example. A 300 192.0.2.1 sigs 1 +NSEC/1@b.example. +RRSIG/1@b.example.\n");
}
END_TEST

START_TEST(aliases_are_followed_inside_the_zone)
{
    static const char *const answers[] = {"c.example 30 A 192.0.2.1", /* in any order */
                                          "b.example 20 CNAME C.example.",
                                          "a.example 10 CNAME b.example.",
                                          "b.example 40 A 192.0.2.2", NULL};
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    message_lines(&d.m, SECTION_ANSWER, answers);
    expect(&d, CLASSIFIED_ANSWER,
           "a.example. CNAME 10 b.example.\n"
           "b.example. A 40 192.0.2.2\n");
    ask(&d, "a.example", TYPE_CNAME);
    message_lines(&d.m, SECTION_ANSWER, answers);
    expect(&d, CLASSIFIED_ANSWER, "a.example. CNAME 10 b.example.\n");
    ask(&d, "a.example", TYPE_MX); /* the owner of a link is the target as it was written */
    message_lines(&d.m, SECTION_ANSWER, answers);
    message_add(&d.m, SECTION_AUTHORITY, "example 60 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER,
           "a.example. CNAME 10 b.example.\n"
           "b.example. CNAME 20 C.example.\n"
           "C.example. MX NODATA 50 example. v9\n");
}
END_TEST

START_TEST(an_alias_out_of_the_zone_is_the_end)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 10 CNAME b.other.");
    message_add(&d.m, SECTION_ANSWER, "b.other 10 A 192.0.2.66");
    expect(&d, CLASSIFIED_ANSWER, "a.example. CNAME 10 b.other.\n");
}
END_TEST

START_TEST(an_alias_to_what_does_not_exist)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    d.m.reply.rcode = RCODE_NXDOMAIN;
    message_add(&d.m, SECTION_ANSWER, "a.example 10 CNAME b.example.");
    message_add(&d.m, SECTION_AUTHORITY, "example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER,
           "a.example. CNAME 10 b.example.\n"
           "b.example. TYPE0 NXDOMAIN 40 example. v9\n");
}
END_TEST

START_TEST(two_canonical_names_are_none)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 10 CNAME b.example.");
    message_add(&d.m, SECTION_ANSWER, "a.example 10 CNAME c.example.");
    message_add(&d.m, SECTION_ANSWER, "b.example 10 A 192.0.2.1");
    expect(&d, CLASSIFIED_ANSWER, "a.example. A NODATA 0 none.\n");
}
END_TEST

START_TEST(loops_and_long_chains_end)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 10 CNAME a.example.");
    ck_assert_int_eq(read_answer(&d), CLASSIFIED_ANSWER);
    ck_assert_uint_eq(d.out.count, ANSWER_LINKS);
    done(&d);
    ask(&d, "q.a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 10 DNAME a.example.");
    ck_assert_int_eq(read_answer(&d), CLASSIFIED_ANSWER);
    ck_assert_uint_eq(d.out.count, ANSWER_LINKS);
    done(&d);
}
END_TEST

START_TEST(a_dname_stands_for_the_alias_it_made)
{
    static const char *const answers[] = {
        "d.example 30 DNAME e.example.", "x.d.example 30 CNAME x.e.example.",
        "x.e.example 20 A 192.0.2.1",    "example 30 " SIG("DNAME"),
        "d.example 30 " SIG("DNAME"),    NULL};
    struct desk d;
    ask(&d, "x.d.example", TYPE_A);
    d.q.dnssec_ok = true;
    message_lines(&d.m, SECTION_ANSWER, answers);
    expect(&d, CLASSIFIED_ANSWER,
           "d.example. DNAME 30 e.example. sigs 1\n"
           "x.e.example. A 20 192.0.2.1\n");
    ask(&d, "d.example", TYPE_A); /* a DNAME says nothing about its own owner */
    message_add(&d.m, SECTION_ANSWER, "d.example 30 DNAME e.example.");
    message_add(&d.m, SECTION_ANSWER, "e.example 30 A 192.0.2.1");
    expect(&d, CLASSIFIED_ANSWER, "d.example. A NODATA 0 none.\n");
    ask(&d, "x.d.example", TYPE_A); /* and one above the zone is none of its business */
    message_add(&d.m, SECTION_ANSWER, ". 30 DNAME other.");
    message_add(&d.m, SECTION_ANSWER, "example 30 DNAME other.");
    expect(&d, CLASSIFIED_ANSWER, "example. DNAME 30 other.\n");
}
END_TEST

/* RFC 6672 2.2 */
START_TEST(a_dname_whose_target_is_too_long)
{
    char question[260], answer[300];
    struct desk d;
    snprintf(question, sizeof question, "%0200d", 1);
    question[60] = question[120] = question[180] = '.';
    snprintf(question + 200, sizeof question - 200, ".d.example");
    snprintf(answer, sizeof answer, "d.example 30 DNAME %060d.%060d.example.", 1, 1);
    ask(&d, question, TYPE_A);
    d.m.reply.rcode = RCODE_YXDOMAIN;
    message_add(&d.m, SECTION_ANSWER, answer);
    ck_assert_int_eq(read_answer(&d), CLASSIFIED_ANSWER);
    ck_assert_uint_eq(d.out.count, 1);
    ck_assert_uint_eq(d.out.links[0].key.type, TYPE_DNAME);
    done(&d);
}
END_TEST

START_TEST(denials)
{
    struct desk d;
    ask(&d, "a.b.example", TYPE_A);
    d.m.reply.rcode = RCODE_NXDOMAIN;
    message_add(&d.m, SECTION_AUTHORITY, "example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER, "a.b.example. TYPE0 NXDOMAIN 40 example. v9\n");
    ask(&d, "a.b.example", TYPE_A); /* RFC 2308 5: MINIMUM when it is smaller */
    message_add(&d.m, SECTION_AUTHORITY, "example 40 SOA n. h. 9 2 3 4 30");
    expect(&d, CLASSIFIED_ANSWER, "a.b.example. A NODATA 30 example. v9\n");
    ask(&d, "a.b.example", TYPE_A); /* of a zone below: another zone's serial is no version */
    message_add(&d.m, SECTION_AUTHORITY, "b.example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER, "a.b.example. A NODATA 40 b.example.\n");
}
END_TEST

START_TEST(denials_with_their_proof)
{
    static const char *const authority[] = {
        "example 40 SOA n. h. 9 2 3 4 50", "example 40 " SIG("SOA"),
        "a.example 40 NSEC c.example. A",  "a.example 40 " SIG("NSEC"),
        "example 40 NSEC a.example. SOA",  "example 40 " SIG("NSEC"),
        "example 40 " SIG("NS"),           NULL};
    struct desk d;
    ask(&d, "b.example", TYPE_A);
    d.m.reply.rcode = RCODE_NXDOMAIN;
    d.q.dnssec_ok = true;
    message_lines(&d.m, SECTION_AUTHORITY, authority);
    expect(&d, CLASSIFIED_ANSWER,
           "b.example. TYPE0 NXDOMAIN 40 example. v9 +RRSIG/1@example. +NSEC/1@a.example. "
           "+RRSIG/1@a.example. +NSEC/1@example. +RRSIG/1@example.\n");
    ask(&d, "b.example", TYPE_A);
    message_lines(&d.m, SECTION_AUTHORITY, authority);
    expect(&d, CLASSIFIED_ANSWER, "b.example. A NODATA 40 example. v9\n");
}
END_TEST

START_TEST(a_proof_has_a_limit)
{
    struct desk d;
    ask(&d, "b.example", TYPE_A);
    d.q.dnssec_ok = true;
    message_add(&d.m, SECTION_AUTHORITY, "example 40 SOA n. h. 9 2 3 4 50");
    for (unsigned i = 0; i < 20; i++) {
        char line[80];
        snprintf(line, sizeof line, "n%u.example 40 NSEC c.example. A", i);
        message_add(&d.m, SECTION_AUTHORITY, line);
    }
    ck_assert_int_eq(read_answer(&d), CLASSIFIED_ANSWER);
    ck_assert_uint_eq(d.out.links[0].entry.proof_count, 16);
    done(&d);
}
END_TEST

START_TEST(denials_that_nobody_vouches_for)
{
    struct desk d;
    ask(&d, "b.example", TYPE_A); /* authoritative, without an SOA: not to be kept */
    d.m.reply.rcode = RCODE_NXDOMAIN;
    expect(&d, CLASSIFIED_ANSWER, "b.example. TYPE0 NXDOMAIN 0 none.\n");
    ask(&d, "b.example", TYPE_A); /* from a resolver */
    d.m.reply.flags = MSG_RA;
    expect(&d, CLASSIFIED_ANSWER, "b.example. A NODATA 0 none.\n");
    ask(&d, "b.example", TYPE_A); /* from somebody who knows nothing */
    d.m.reply.flags = 0;
    expect(&d, CLASSIFIED_LAME, "");
    ask(&d, "b.example", TYPE_A); /* the SOA of a zone above: it speaks for another zone */
    message_add(&d.m, SECTION_AUTHORITY, ". 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_LAME, "");
    ask(&d, "b.example", TYPE_A);
    message_add(&d.m, SECTION_AUTHORITY, "c.example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_LAME, "");
    ask(&d, "b.example", TYPE_A); /* records of another name alone */
    d.m.reply.flags = 0;
    message_add(&d.m, SECTION_ANSWER, "c.example 40 A 192.0.2.1");
    expect(&d, CLASSIFIED_LAME, "");
}
END_TEST

START_TEST(referrals)
{
    struct desk d;
    ask(&d, "b.c.example", TYPE_A);
    d.m.reply.flags = 0;
    message_add(&d.m, SECTION_AUTHORITY, "c.example 40 NS n.c.example.");
    expect(&d, CLASSIFIED_REFERRAL, "");
    ask(&d, "b.c.example", TYPE_A); /* at the end of a chain it does not spoil the chain */
    d.m.reply.flags = 0;
    message_add(&d.m, SECTION_ANSWER, "b.c.example 40 CNAME x.d.example.");
    message_add(&d.m, SECTION_AUTHORITY, "d.example 40 NS n.d.example.");
    expect(&d, CLASSIFIED_ANSWER, "b.c.example. CNAME 40 x.d.example.\n");
}
END_TEST

START_TEST(rcodes)
{
    static const struct {
        unsigned rcode;
        enum classified as, plain;
    } rows[] = {
        {RCODE_FORMERR, CLASSIFIED_NO_EDNS, CLASSIFIED_LAME},
        {RCODE_NOTIMP, CLASSIFIED_NO_EDNS, CLASSIFIED_LAME},
        {RCODE_BADVERS, CLASSIFIED_NO_EDNS, CLASSIFIED_LAME},
        {RCODE_BADCOOKIE, CLASSIFIED_BAD_COOKIE, CLASSIFIED_BAD_COOKIE},
        {RCODE_SERVFAIL, CLASSIFIED_SERVFAIL, CLASSIFIED_SERVFAIL},
        {RCODE_REFUSED, CLASSIFIED_LAME, CLASSIFIED_LAME},
        {RCODE_NOTAUTH, CLASSIFIED_LAME, CLASSIFIED_LAME},
        {15, CLASSIFIED_LAME, CLASSIFIED_LAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int plain = 0; plain < 2; plain++) {
            struct desk d;
            ask(&d, "a.example", TYPE_A);
            d.q.plain = plain == 1;
            d.m.reply.rcode = (uint16_t)rows[i].rcode;
            d.m.reply.edns = true; /* for those above 15 */
            d.m.reply.reserved = 11;
            message_add(&d.m, SECTION_ANSWER, "a.example 40 A 192.0.2.1");
            expect(&d, plain ? rows[i].plain : rows[i].as, "");
        }
    }
}
END_TEST

START_TEST(what_is_no_answer_to_this)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    d.m.reply.flags |= MSG_TC;
    message_add(&d.m, SECTION_ANSWER, "a.example 40 A 192.0.2.1");
    expect(&d, CLASSIFIED_TRUNCATED, "");
    ask(&d, "a.example", TYPE_A); /* of another name */
    message_start(&d.m, "b.example", TYPE_A);
    expect(&d, CLASSIFIED_MALFORMED, "");
    ask(&d, "a.example", TYPE_A); /* type */
    message_start(&d.m, "a.example", TYPE_AAAA);
    expect(&d, CLASSIFIED_MALFORMED, "");
    ask(&d, "a.example", TYPE_A); /* class */
    d.m.octets[12 + 11 + 3] = CLASS_CH;
    expect(&d, CLASSIFIED_MALFORMED, "");
    ask(&d, "a.example", TYPE_A); /* opcode */
    d.m.reply.flags |= OPCODE_NOTIFY << 11;
    expect(&d, CLASSIFIED_MALFORMED, "");
    ask(&d, "a.example", TYPE_A); /* without a question */
    reply_start_bare(&d.m.reply, d.m.octets, sizeof d.m.octets, 1, NULL, 0);
    expect(&d, CLASSIFIED_MALFORMED, "");
}
END_TEST

START_TEST(a_cut_anywhere_is_malformed)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 40 CNAME b.example.");
    message_add(&d.m, SECTION_AUTHORITY, "example 40 SOA n. h. 9 2 3 4 50");
    message_end(&d.m);
    for (size_t len = 0; len < d.m.len; len++) {
        uint8_t *copy = malloc(len + 1); /* of this size, so that ASan sees more */
        memcpy(copy, d.m.octets, len);
        ck_assert_int_eq(classify(&d.q, copy, len, &d.out), CLASSIFIED_MALFORMED);
        free(copy);
        classification_clear(&d.out);
    }
    done(&d);
}
END_TEST

/* Puts ZONEVERSION (RFC 9660) at the end of the message. */
static void add_zoneversion(struct desk *d, uint8_t labels, uint32_t version)
{
    static uint8_t option[] = {0, OPTION_ZONEVERSION, 0, 6, 0, 0, 0, 0, 0, 0};
    option[4] = labels;
    option[5] = 0;
    put_u32(option + 6, version);
    d->m.reply.edns = true;
    d->m.reply.reserved = 11 + sizeof option;
    d->m.reply.options = option;
    d->m.reply.options_len = sizeof option;
}

START_TEST(the_version_an_answer_is_of)
{
    struct desk d;
    ask(&d, "a.example", TYPE_A); /* it speaks of the name that was asked, not of the chain */
    add_zoneversion(&d, 1, 42);
    message_add(&d.m, SECTION_ANSWER, "a.example 40 CNAME b.example.");
    message_add(&d.m, SECTION_ANSWER, "b.example 40 A 192.0.2.1");
    expect(&d, CLASSIFIED_ANSWER,
           "a.example. CNAME 40 b.example. v42\n"
           "b.example. A 40 192.0.2.1\n");
    ask(&d, "a.example", TYPE_A); /* of a zone with more labels: a child */
    add_zoneversion(&d, 2, 42);
    message_add(&d.m, SECTION_ANSWER, "a.example 40 A 192.0.2.1");
    expect(&d, CLASSIFIED_ANSWER, "a.example. A 40 192.0.2.1\n");
    ask(&d, "example", TYPE_SOA);
    message_add(&d.m, SECTION_ANSWER, "example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER, "example. SOA 40 n. h. 9 2 3 4 50 v9\n");
    ask(&d, "c.example", TYPE_SOA); /* a child's serial is no version of this zone */
    message_add(&d.m, SECTION_ANSWER, "c.example 40 SOA n. h. 9 2 3 4 50");
    expect(&d, CLASSIFIED_ANSWER, "c.example. SOA 40 n. h. 9 2 3 4 50\n");
}
END_TEST

TCase *case_forward_classify(void)
{
    TCase *c = tcase_create("forward_classify");
    tcase_add_test(c, an_answer_and_nothing_beside_it);
    tcase_add_test(c, signatures_come_along_when_asked_for);
    tcase_add_test(c, a_wildcards_answer_keeps_its_proof);
    tcase_add_test(c, aliases_are_followed_inside_the_zone);
    tcase_add_test(c, an_alias_out_of_the_zone_is_the_end);
    tcase_add_test(c, an_alias_to_what_does_not_exist);
    tcase_add_test(c, two_canonical_names_are_none);
    tcase_add_test(c, loops_and_long_chains_end);
    tcase_add_test(c, a_dname_stands_for_the_alias_it_made);
    tcase_add_test(c, a_dname_whose_target_is_too_long);
    tcase_add_test(c, denials);
    tcase_add_test(c, denials_with_their_proof);
    tcase_add_test(c, a_proof_has_a_limit);
    tcase_add_test(c, denials_that_nobody_vouches_for);
    tcase_add_test(c, referrals);
    tcase_add_test(c, rcodes);
    tcase_add_test(c, what_is_no_answer_to_this);
    tcase_add_test(c, a_cut_anywhere_is_malformed);
    tcase_add_test(c, the_version_an_answer_is_of);
    return c;
}
