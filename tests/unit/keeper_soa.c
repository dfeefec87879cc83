/* keeper_soa.c - the SOA in an answer: found at the zone's own name only, and with what says how
 * far it can be trusted. */
#include "cases.h"
#include "keeper_fixture.h"

/* An answer to "example SOA" with these records in its answer section. */
static size_t message(uint8_t out[1024], const char *lines, uint16_t flags)
{
    struct buf stream = {0};
    tell(&stream, (struct told){.lines = lines, .qtype = TYPE_SOA});
    size_t len = stream.len - 2;
    ck_assert_uint_le(len, 1024);
    memcpy(out, stream.data + 2, len);
    put_u16(out + 2, flags);
    buf_free(&stream);
    return len;
}

static const struct {
    const char *lines;
    uint16_t flags;
    bool ok, authoritative;
    uint32_t serial;
    const char *why;
} answers[] = {
    {SOA(7), MSG_QR | MSG_AA, true, true, 7, NULL},
    {SOA(7), MSG_QR, true, false, 7, NULL},
    {SOA(7), MSG_QR | MSG_AA | RCODE_REFUSED, false, false, 0, "REFUSED"},
    {SOA(7), MSG_QR | MSG_AA | MSG_TC, false, false, 0, "its SOA answer is truncated"},
    {"", MSG_QR | MSG_AA, false, false, 0, "lame: it gives no SOA for the zone"},
    {"www 60 SOA ns.example. admin.example. 7 1 1 1 1\n", MSG_QR | MSG_AA, false, false, 0,
     "lame: it gives no SOA for the zone"},
    {"@ 60 A 192.0.2.1\n" SOA(8), MSG_QR | MSG_AA, true, true, 8, NULL},
};

static void one_found_or_a_reason(unsigned i)
{
    uint8_t msg[1024];
    struct response r;
    struct buf space = {0};
    struct soa_seen s;
    const char *why = NULL;
    size_t len = message(msg, answers[i].lines, answers[i].flags);
    ck_assert(response_read(msg, len, &r));
    ck_assert_int_eq(soa_answered(&r, &space, &s, &why), answers[i].ok);
    if (answers[i].ok) {
        struct soa soa;
        ck_assert_uint_eq(s.serial, answers[i].serial);
        ck_assert_int_eq(s.authoritative, answers[i].authoritative);
        ck_assert(!s.mark);
        ck_assert_uint_eq(s.ttl, 3600);
        ck_assert(soa_read(s.rdata, s.len, &soa));
        ck_assert_uint_eq(soa.serial, answers[i].serial);
    } else {
        ck_assert_str_eq(why, answers[i].why);
    }
    buf_free(&space);
}

START_TEST(found_or_a_reason)
{
    for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
        one_found_or_a_reason(i);
    }
}
END_TEST

START_TEST(the_mark_of_a_settled_cache)
{
    struct rig_later l = {0};
    struct rig_peer p = {.serial = 9, .lame = true, .mark = true};
    struct response r;
    struct buf space = {0};
    struct soa_seen s;
    const char *why = NULL;
    uint8_t question[1024];
    size_t len = message(question, "", 0);
    ck_assert_uint_gt(len, MSG_HEADER);
    rig_reply(&l, &p, question, false);
    ck_assert(response_read(l.data.data, l.data.len, &r));
    ck_assert(soa_answered(&r, &space, &s, &why));
    ck_assert(s.mark && !s.authoritative);
    ck_assert_uint_eq(s.serial, 9);
    buf_free(&space);
    buf_free(&l.data);
}
END_TEST

TCase *case_keeper_soa(void)
{
    TCase *c = tcase_create("keeper_soa");
    tcase_add_test(c, found_or_a_reason);
    tcase_add_test(c, the_mark_of_a_settled_cache);
    return c;
}
