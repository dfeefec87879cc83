/* upstream_packet.h - private to forward/upstream*.c: the packets of a question of ours, and what
 * makes a packet its answer. Pure. */
#ifndef SETTLED_FORWARD_UPSTREAM_PACKET_H
#define SETTLED_FORWARD_UPSTREAM_PACKET_H

#include "base/buf.h"
#include "base/rand.h"
#include "forward/upstream.h"
#include "wire/name.h"

/* Octets that cannot be guessed, fetched many at a time. */
struct chance {
    const struct entropy *entropy;
    unsigned left;
    uint8_t octets[256];
};
void chance_fill(struct chance *c, void *out, size_t len);

#define COOKIE_CLIENT      8
#define COOKIE_SERVER_MOST 32
/* Answers that fit but for one habit, before we take it for the server's way. */
#define HABIT_MISSES 8

/* What one server's answers have shown. Case (0x20) and cookies (RFC 7873) are asked back from
 * servers that can; one that answers eight times with right ID, socket and question but without
 * them is taken at its word: a forger who gets that right so often needs neither. */
struct packet_peer {
    bool case_kept, case_given_up;
    uint8_t case_misses;
    uint8_t client[COOKIE_CLIENT]; /* our cookie for it */
    uint8_t server[COOKIE_SERVER_MOST];
    uint8_t server_len; /* 0: it has shown none */
    uint8_t cookie_misses;
};
struct packet_sent { /* what the answer is compared with */
    uint16_t id;
    bool plain;    /* without EDNS */
    bool any_case; /* the server is known not to keep it */
    uint16_t question_len;
    uint8_t flips[(NAME_SIZE + 8) / 8];  /* letters sent in another case than they were asked in */
    uint8_t question[NAME_SIZE + 1 + 4]; /* name, type, class as sent */
};

/* Writes the question into out (emptied first) and what to compare its answer with into sent. */
void packet_write(const struct upstream_question *q, const struct packet_peer *peer,
                  struct chance *chance, struct buf *out, struct packet_sent *sent);
/* Is it the answer to what was sent? Learns the peer's habits from it. */
bool packet_answers(const uint8_t *msg, size_t len, const struct packet_sent *sent,
                    struct packet_peer *peer);

/* Puts the name's case back as it was asked: names in the answer point to it. */
void packet_restore(uint8_t *msg, const struct packet_sent *sent);

#endif
