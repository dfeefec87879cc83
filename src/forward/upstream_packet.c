/* upstream_packet.c - the packets of a question of ours, and what makes a packet its answer (RFC
 * 5452 9, 6891, 7873, 9660). Worker's thread. Compared before anything else looks at a packet: ID,
 * QR, question with its case, cookie. Address and port are compared by the kernel: the socket is
 * connected. */
#include "forward/upstream_packet.h"
#include "wire/edns.h"
#include "wire/msg.h"
#include "wire/reader.h"
#include "wire/rrtype.h"
#include <string.h>

#define EDNS_DO UINT32_C(0x8000)

enum cookie { COOKIE_NONE, COOKIE_OURS, COOKIE_WRONG };
struct cookie_found {
    enum cookie is;
    const uint8_t *server;
    uint8_t server_len;
};

static void put_question(const struct upstream_question *q, struct chance *chance,
                         struct packet_sent *sent);
static uint8_t flip_at(const struct packet_sent *sent, size_t i);
static void put_opt(const struct upstream_question *q, const struct packet_peer *peer,
                    struct buf *out);
static bool question_fits(const uint8_t *msg, size_t len, const struct packet_sent *sent,
                          struct packet_peer *peer);
static bool same_but_for_case(const uint8_t *a, const struct packet_sent *sent);
static bool cookie_fits(const uint8_t *msg, size_t len, struct packet_peer *peer);
static struct cookie_found find_cookie(const uint8_t *msg, size_t len,
                                       const struct packet_peer *peer);
static struct cookie_found read_options(struct reader *r, const struct packet_peer *peer);

void chance_fill(struct chance *c, void *out, size_t len)
{
    must(len <= sizeof c->octets);
    if (c->left < len) {
        c->entropy->fill(c->entropy->ctx, c->octets, sizeof c->octets);
        c->left = sizeof c->octets;
    }
    c->left -= (unsigned)len;
    memcpy(out, c->octets + c->left, len);
}

void packet_write(const struct upstream_question *q, const struct packet_peer *peer,
                  struct chance *chance, struct buf *out, struct packet_sent *sent)
{
    chance_fill(chance, &sent->id, sizeof sent->id);
    sent->plain = q->plain;
    sent->any_case = peer->case_given_up;
    put_question(q, chance, sent);
    out->len = 0;
    buf_add_u16(out, sent->id);
    buf_add_u16(out, q->flags);
    buf_add_u16(out, 1);
    buf_add_u16(out, 0);
    buf_add_u16(out, 0);
    buf_add_u16(out, q->plain ? 0 : 1);
    buf_add(out, sent->question, sent->question_len);
    if (!q->plain) {
        put_opt(q, peer, out);
    }
}

/* 0x20: each letter in a case of chance (draft-vixie-dnsext-dns0x20). Lengths of labels are no
 * letters. */
static void put_question(const struct upstream_question *q, struct chance *chance,
                         struct packet_sent *sent)
{
    size_t len = name_len(q->name);
    memcpy(sent->question, q->name, len);
    memset(sent->flips, 0, sizeof sent->flips);
    if (!sent->any_case) {
        chance_fill(chance, sent->flips, sizeof sent->flips);
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t lower = sent->question[i] | 0x20;
        if (lower >= 'a' && lower <= 'z') {
            sent->question[i] ^= flip_at(sent, i);
        }
    }
    put_u16(sent->question + len, q->type);
    put_u16(sent->question + len + 2, CLASS_IN);
    sent->question_len = (uint16_t)(len + 4);
}

static uint8_t flip_at(const struct packet_sent *sent, size_t i)
{
    return (sent->flips[i / 8] >> i % 8 & 1) != 0 ? 0x20 : 0;
}

void packet_restore(uint8_t *msg, const struct packet_sent *sent)
{
    for (size_t i = 0; i + 4 < sent->question_len; i++) {
        uint8_t lower = sent->question[i] | 0x20;
        if (lower >= 'a' && lower <= 'z') {
            msg[MSG_HEADER + i] = sent->question[i] ^ flip_at(sent, i);
        }
    }
}

static void put_opt(const struct upstream_question *q, const struct packet_peer *peer,
                    struct buf *out)
{
    uint8_t cookie[COOKIE_CLIENT + COOKIE_SERVER_MOST];
    memcpy(cookie, peer->client, COOKIE_CLIENT);
    memcpy(cookie + COOKIE_CLIENT, peer->server, peer->server_len);
    size_t cookie_len = COOKIE_CLIENT + peer->server_len;
    buf_add_u8(out, 0);
    buf_add_u16(out, TYPE_OPT);
    buf_add_u16(out, MSG_UDP_DEFAULT);
    buf_add_u32(out, q->dnssec_ok ? EDNS_DO : 0);
    buf_add_u16(out, (uint16_t)(4 + 4 + cookie_len));
    edns_option(out, OPTION_ZONEVERSION, NULL, 0);
    edns_option(out, OPTION_COOKIE, cookie, cookie_len);
}

bool packet_answers(const uint8_t *msg, size_t len, const struct packet_sent *sent,
                    struct packet_peer *peer)
{
    if (len < MSG_HEADER || get_u16(msg) != sent->id || (get_u16(msg + 2) & MSG_QR) == 0) {
        return false;
    }
    return question_fits(msg, len, sent, peer) && (sent->plain || cookie_fits(msg, len, peer));
}

static bool question_fits(const uint8_t *msg, size_t len, const struct packet_sent *sent,
                          struct packet_peer *peer)
{
    const uint8_t *question = msg + MSG_HEADER;
    if (get_u16(msg + 4) != 1 || len - MSG_HEADER < sent->question_len) {
        return false;
    }
    if (memcmp(question, sent->question, sent->question_len) == 0) {
        peer->case_kept = peer->case_kept || !sent->any_case;
        return true;
    }
    if (!same_but_for_case(question, sent)) {
        return false;
    }
    if (!peer->case_kept && !peer->case_given_up && ++peer->case_misses == HABIT_MISSES) {
        peer->case_given_up = true;
    }
    return sent->any_case;
}

static bool same_but_for_case(const uint8_t *a, const struct packet_sent *sent)
{
    size_t len, name = sent->question_len - 4u;
    return name_check(a, name, &len) && len == name && name_same(a, sent->question) &&
           memcmp(a + name, sent->question + name, 4) == 0;
}

/* RFC 7873 5.3: an answer with another cookie than ours is not ours, nor is one without where one
 * was to be expected. */
static bool cookie_fits(const uint8_t *msg, size_t len, struct packet_peer *peer)
{
    struct cookie_found found = find_cookie(msg, len, peer);
    if (found.is == COOKIE_WRONG) {
        return false;
    }
    if (found.is == COOKIE_NONE) {
        if (peer->server_len == 0) {
            return true;
        }
        if (++peer->cookie_misses == HABIT_MISSES) {
            peer->server_len = peer->cookie_misses = 0;
        }
        return false;
    }
    peer->cookie_misses = 0;
    if (found.server_len > 0) {
        memcpy(peer->server, found.server, found.server_len);
        peer->server_len = found.server_len;
    }
    return true;
}

/* A packet that is malformed somewhere has no cookie as far as it can be read: it is refused later,
 * by response_read. */
static struct cookie_found find_cookie(const uint8_t *msg, size_t len,
                                       const struct packet_peer *peer)
{
    struct reader r;
    reader_start(&r, msg, len);
    (void)read_bytes(&r, 6);
    unsigned records = read_u16(&r);
    records += read_u16(&r);
    records += read_u16(&r);
    skip_name(&r);
    (void)read_bytes(&r, 4);
    for (unsigned i = 0; i < records && !r.failed; i++) { /* 11 octets each at least */
        skip_name(&r);
        uint16_t type = read_u16(&r);
        (void)read_bytes(&r, 6);
        uint16_t rdlen = read_u16(&r);
        const uint8_t *rdata = read_bytes(&r, rdlen);
        if (rdata != NULL && type == TYPE_OPT) {
            struct reader options;
            reader_start(&options, rdata, rdlen);
            return read_options(&options, peer);
        }
    }
    return (struct cookie_found){.is = COOKIE_NONE};
}

static struct cookie_found read_options(struct reader *r, const struct packet_peer *peer)
{
    while (reader_left(r) > 0) {
        uint16_t code = read_u16(r), len = read_u16(r);
        const uint8_t *data = read_bytes(r, len);
        if (data == NULL) {
            break;
        }
        if (code != OPTION_COOKIE) {
            continue;
        }
        bool fits =
            len == COOKIE_CLIENT || (len >= 16 && len <= COOKIE_CLIENT + COOKIE_SERVER_MOST);
        if (!fits || memcmp(data, peer->client, COOKIE_CLIENT) != 0) {
            return (struct cookie_found){.is = COOKIE_WRONG};
        }
        return (struct cookie_found){COOKIE_OURS, data + COOKIE_CLIENT,
                                     (uint8_t)(len - COOKIE_CLIENT)};
    }
    return (struct cookie_found){.is = COOKIE_NONE};
}
