/* forward_records.c - the records of an answer: which are taken, and the sets they make. */
#include "cases.h"
#include "forward/records.h"
#include "forward_message.h"

struct desk {
    struct message m;
    struct response response;
    struct arena arena;
    struct records records;
};

static bool read_desk(struct desk *d)
{
    message_end(&d->m);
    ck_assert(response_read(d->m.octets, d->m.len, &d->response));
    d->arena = (struct arena){.used = 0};
    return records_read(&d->response, &d->arena, &d->records);
}

static struct wanted wanted(struct name *keep, enum section s, const char *owner, uint16_t type)
{
    struct wanted w = {.section = s, .type = type};
    if (owner != NULL) {
        ck_assert(name_from(owner, keep));
        w.owner = keep->octets;
    }
    return w;
}

/* What "TTL: rdata|rdata" a set is, or "none". */
static const char *set_text(struct desk *d, const struct wanted *w, struct buf *out)
{
    struct rrset set;
    uint16_t len;
    const uint8_t *rdata;
    size_t at = 0;
    out->len = 0;
    if (!records_set(&d->records, w, &d->arena, &set)) {
        return "none";
    }
    ck_assert_uint_eq(set.type, w->type);
    buf_print(out, "%u %u:", set.ttl, set.count);
    while ((rdata = rrset_next(&set, &at, &len)) != NULL) {
        buf_add_u8(out, '|');
        rdata_print(w->type, rdata, len, out);
    }
    ck_assert_uint_eq(at, set.size);
    return buf_text(out);
}

START_TEST(sets_are_put_together)
{
    static const char *const answers[] = {"a.example 300 A 192.0.2.1",
                                          "A.Example 200 A 192.0.2.2",
                                          "b.example 100 A 192.0.2.9",
                                          "a.example 50 A 192.0.2.1", /* again, with another TTL */
                                          "a.example 10 CH A 192.0.2.7",
                                          "a.example 60 RRSIG A 8 2 60 1 1 1 example. AAAA",
                                          "a.example 70 RRSIG MX 8 2 60 1 1 1 example. AAAA",
                                          "a.example 30 NS N.example.",
                                          "a.example 30 NS n.EXAMPLE.",
                                          NULL};
    static const char *const authority[] = {"a.example 40 A 192.0.2.8",
                                            "example 90 SOA n. h. 1 2 3 4 5", NULL};
    struct desk d;
    struct buf text = {.len = 0};
    struct name keep;
    message_start(&d.m, "a.example", TYPE_A);
    message_lines(&d.m, SECTION_ANSWER, answers);
    message_lines(&d.m, SECTION_AUTHORITY, authority);
    message_add(&d.m, SECTION_ADDITIONAL, "a.example 1 A 192.0.2.66");
    ck_assert(read_desk(&d));
    ck_assert_uint_eq(d.records.answers, 8);
    ck_assert_uint_eq(d.records.count, 10);
    struct wanted w = wanted(&keep, SECTION_ANSWER, "a.EXAMPLE", TYPE_A);
    ck_assert_str_eq(set_text(&d, &w, &text), "50 2:|192.0.2.1|192.0.2.2");
    w.section = SECTION_AUTHORITY;
    ck_assert_str_eq(set_text(&d, &w, &text), "40 1:|192.0.2.8");
    w.type = TYPE_AAAA;
    ck_assert_str_eq(set_text(&d, &w, &text), "none");
    w = wanted(&keep, SECTION_ANSWER, "a.example", TYPE_NS);
    ck_assert_str_eq(set_text(&d, &w, &text), "30 1:|N.example."); /* the same but for case */
    w = wanted(&keep, SECTION_ANSWER, "c.example", TYPE_A);
    ck_assert_str_eq(set_text(&d, &w, &text), "none");
    w = wanted(&keep, SECTION_ANSWER, "a.example", TYPE_RRSIG);
    w.covers = TYPE_MX;
    ck_assert(strncmp(set_text(&d, &w, &text), "70 1:|MX 8 ", 11) == 0);
    w.covers = TYPE_AAAA;
    ck_assert_str_eq(set_text(&d, &w, &text), "none");
    w.covers = 0;
    ck_assert(strncmp(set_text(&d, &w, &text), "60 2:|A 8 ", 10) == 0);
    buf_free(&text);
    arena_free(&d.arena);
}
END_TEST

START_TEST(one_after_the_other_of_any_owner)
{
    static const char *const answers[] = {"a.example 1 DNAME x.", "b.example 2 A 192.0.2.1",
                                          "c.example 3 DNAME y.", NULL};
    struct desk d;
    unsigned at = 0;
    struct name keep;
    message_start(&d.m, "q.a.example", TYPE_A);
    message_lines(&d.m, SECTION_ANSWER, answers);
    message_add(&d.m, SECTION_AUTHORITY, "d.example 4 DNAME z.");
    ck_assert(read_desk(&d));
    struct wanted w = wanted(&keep, SECTION_ANSWER, NULL, TYPE_DNAME);
    ck_assert_uint_eq(records_next(&d.records, &w, &at)->ttl, 1);
    ck_assert_uint_eq(records_next(&d.records, &w, &at)->ttl, 3);
    ck_assert_ptr_null(records_next(&d.records, &w, &at));
    w.section = SECTION_AUTHORITY;
    at = 0;
    ck_assert_uint_eq(records_next(&d.records, &w, &at)->ttl, 4);
    ck_assert_ptr_null(records_next(&d.records, &w, &at));
    arena_free(&d.arena);
}
END_TEST

START_TEST(an_answer_without_records)
{
    struct desk d;
    struct name keep;
    struct buf text = {.len = 0};
    message_start(&d.m, "a.example", TYPE_A);
    ck_assert(read_desk(&d));
    ck_assert_uint_eq(d.records.count, 0);
    struct wanted w = wanted(&keep, SECTION_ANSWER, "a.example", TYPE_A);
    ck_assert_str_eq(set_text(&d, &w, &text), "none");
    arena_free(&d.arena);
}
END_TEST

START_TEST(malformed_rdata_spoils_all)
{
    struct desk d;
    message_start(&d.m, "a.example", TYPE_A);
    message_add(&d.m, SECTION_ANSWER, "a.example 1 A 192.0.2.1");
    message_add(&d.m, SECTION_AUTHORITY, "a.example 1 TYPE65280 \\# 3 010203");
    d.m.octets[d.m.reply.len - 3 - 10] = 0; /* it says A now: three octets are no address */
    d.m.octets[d.m.reply.len - 3 - 9] = TYPE_A;
    ck_assert(!read_desk(&d));
    arena_free(&d.arena);
}
END_TEST

/* `count` NS records of one owner, each target some 250 octets once uncompressed. */
static void fill(struct message *m, unsigned count)
{
    struct name long_name;
    uint8_t rdata[NAME_SIZE];
    memset(long_name.octets, 'x', sizeof long_name.octets);
    long_name.octets[0] = long_name.octets[64] = long_name.octets[128] = 63;
    long_name.octets[192] = 55;
    long_name.octets[248] = 0;
    reply_start_bare(&m->reply, m->octets, sizeof m->octets, 1, long_name.octets, TYPE_NS);
    for (unsigned i = 0; i < count; i++) {
        struct record rr = {.owner = long_name.octets, .type = TYPE_NS, .class = CLASS_IN};
        rdata[0] = 4;
        put_u16(rdata + 1, (uint16_t)('0' + i / 32)); /* case must not make two of them alike */
        put_u16(rdata + 3, (uint16_t)(i % 32));
        memcpy(rdata + 5, long_name.octets, 249);
        rr.rdata = rdata;
        rr.rdlen = 5 + 249;
        ck_assert(reply_record(&m->reply, SECTION_ANSWER, &rr));
    }
}

START_TEST(what_decompresses_to_too_much_is_refused)
{
    struct desk d;
    struct rrset set;
    struct name keep;
    struct wanted w = wanted(&keep, SECTION_ANSWER, NULL, TYPE_NS);
    fill(&d.m, 255);
    ck_assert(read_desk(&d));
    ck_assert(records_set(&d.records, &w, &d.arena, &set));
    ck_assert_uint_eq(set.count, 255);
    arena_free(&d.arena);
    fill(&d.m, 257); /* over 64 KiB: no RRset */
    ck_assert(read_desk(&d));
    ck_assert(!records_set(&d.records, &w, &d.arena, &set));
    arena_free(&d.arena);
    fill(&d.m,
         1100); /* 20 octets each on the wire, 500 in memory: over the bound for all records */
    ck_assert(!read_desk(&d));
    arena_free(&d.arena);
}
END_TEST

TCase *case_forward_records(void)
{
    TCase *c = tcase_create("forward_records");
    tcase_add_test(c, sets_are_put_together);
    tcase_add_test(c, one_after_the_other_of_any_owner);
    tcase_add_test(c, an_answer_without_records);
    tcase_add_test(c, malformed_rdata_spoils_all);
    tcase_add_test(c, what_decompresses_to_too_much_is_refused);
    return c;
}
