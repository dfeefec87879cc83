/* pieces.c - what is remembered of a text that a version was made of: its pieces, what each was
 * read under, and which owners stand in it.
 *
 * Written by the thread of a job, then carried by the version it led to (version.c), and read by
 * the next job of its line. The text itself is not kept: of each piece of about 4 KiB there are a
 * hash of its octets mixed with the state of the reader at its beginning ($ORIGIN, $TTL, the TTL
 * before), the state at its end, and 4 octets for each run of records of one owner. For a million
 * names in 100 MB that is 5 MB, two octets a record. An edit's memory shares the hashes of owners
 * with the one before, and adds its own behind them, until these or what nobody needs any more
 * are an eighth: then all are copied once.
 *
 * Where the text is cut, the text alone decides (but a piece that is known stays whole: skim.c): at
 * a line that begins with an owner, and of which a hash says so, one in 64; not before 2 KiB, and
 * after 32 KiB at any such line. So an insertion moves no cut but those near it, and what is behind
 * it is found again wherever it stands.
 *
 * The seed is the line's, random in each process: two pieces with one key are an accident of
 * 2^-64 for each pair that is compared, and who does not know the seed cannot prepare one.
 * Owners have 32 bits; there accidents are expected, and cost time only (recall.c). */
#include "zone/pieces.h"
#include "base/hash.h"
#include "wire/ascii.h"
#include "wire/name.h"
#include <stdlib.h>
#include <string.h>

#define LEAST  2048
#define RARITY 64
#define NARROW 16 /* below this least, for tests: many owners have the same hash */
#define MORE   16 /* times as long as the least may a piece get before any line will do */
#define SPARE  16 /* pieces that an edit may bring before the list grows */

static void drop_shared(struct pieces *p);
static bool begins_owner(char octet);
static bool is_chosen(const struct pieces *p, const char *line, size_t len);
static bool make_room(void **list, size_t *room, size_t count, size_t size);

struct pieces *pieces_new(const uint8_t *apex, uint64_t seed, size_t least)
{
    struct pieces *p = calloc(1, sizeof *p);
    if (p != NULL) {
        p->seed = seed;
        p->apex_size = name_len(apex);
        p->least = least != 0 ? least : LEAST;
        p->most = p->least * MORE;
        p->rarity = p->least < LEAST ? 2 : RARITY;
        p->hash_mask = p->least < NARROW ? 7 : UINT32_MAX;
        p->states.limit = UINT32_MAX;
    }
    return p;
}

void pieces_free(struct pieces *p)
{
    if (p != NULL) {
        drop_shared(p);
        free(p->list);
        free(p->owners);
        buf_free(&p->states);
        free(p);
    }
}

static void drop_shared(struct pieces *p)
{
    if (p->shared != NULL && --p->shared->holders == 0) {
        free(p->shared->list);
        free(p->shared);
    }
    p->shared = NULL;
}

size_t pieces_cut(const struct pieces *p, const char *text, size_t len)
{
    for (size_t at = p->least; at < len;) {
        const char *newline = memchr(text + at - 1, '\n', len - at + 1);
        if (newline == NULL) {
            break;
        }
        at = (size_t)(newline - text) + 1;
        if (at < len && begins_owner(text[at]) &&
            (at >= p->most || is_chosen(p, text + at, len - at))) {
            return at;
        }
        at++;
    }
    return len;
}

bool pieces_ends(const struct pieces *p, const char *text, size_t len, size_t at_hand)
{
    return len == at_hand || (text[len - 1] == '\n' && begins_owner(text[len]) &&
                              (len >= p->most || is_chosen(p, text + len, at_hand - len)));
}

/* What cannot begin an owner, or not for certain: blanks, directives, comments, parentheses,
 * quotes, nothing. */
static bool begins_owner(char octet)
{
    return (unsigned char)octet > ' ' && strchr("$;()\"", octet) == NULL;
}

static bool is_chosen(const struct pieces *p, const char *line, size_t len)
{
    return hash_bytes(line, len < PIECE_AHEAD ? len : PIECE_AHEAD, p->seed) % p->rarity == 0;
}

uint64_t pieces_key(const struct pieces *p, const char *text, size_t len, const uint8_t *state,
                    size_t state_len)
{
    return hash_bytes(state, state_len, hash_bytes(text, len, p->seed));
}

uint32_t pieces_hash(const struct pieces *p, const uint8_t *owner)
{
    uint8_t key[NAME_SIZE];
    size_t len = name_len(owner), size = len > p->apex_size ? len - p->apex_size : 0, to = size;
    for (size_t at = 0; at < size; at += 1U + owner[at]) {
        must(owner[at] < to); /* it is in the zone */
        to -= 1U + owner[at];
        ascii_copy_lower(key + to, owner + at, 1U + owner[at]); /* a length is no letter */
    }
    return pieces_hash_key(p, key, size);
}

uint32_t pieces_hash_key(const struct pieces *p, const uint8_t *octets, size_t size)
{
    uint32_t hash = (uint32_t)hash_bytes(octets, size, p->seed) & p->hash_mask;
    return hash != 0 ? hash : 1;
}

void pieces_add(struct pieces *p, const struct piece *piece)
{
    if (p->failed || !make_room((void **)&p->list, &p->room, p->count + 1, sizeof *p->list)) {
        p->failed = true;
        return;
    }
    p->list[p->count++] = *piece;
}

void pieces_owner(struct pieces *p, uint32_t hash)
{
    if (p->failed ||
        !make_room((void **)&p->owners, &p->owner_room, p->owner_count + 1, sizeof *p->owners)) {
        p->failed = true;
        return;
    }
    p->owners[p->owner_count++] = hash;
}

static bool make_room(void **list, size_t *room, size_t count, size_t size)
{
    if (count <= *room) {
        return true;
    }
    size_t more = *room == 0 ? 16 : *room * 2;
    more = more < count ? count : more;
    void *larger = more <= UINT32_MAX ? realloc(*list, more * size) : NULL;
    if (larger == NULL) {
        return false;
    }
    *list = larger;
    *room = more;
    return true;
}

/* Nearly always it is the one that was kept last. */
uint32_t pieces_state(struct pieces *p, const uint8_t *state, size_t len)
{
    if (p->count > 0) {
        size_t last_len;
        const uint8_t *last = pieces_state_at(p, p->list[p->count - 1].after, &last_len);
        if (last_len == len && memcmp(last, state, len) == 0) {
            return p->list[p->count - 1].after;
        }
    }
    uint32_t at = (uint32_t)p->states.len;
    buf_add_u16(&p->states, (uint16_t)len);
    buf_add(&p->states, state, len);
    p->failed = p->failed || p->states.failed;
    return at;
}

const uint8_t *pieces_state_at(const struct pieces *p, uint32_t at, size_t *len)
{
    const uint8_t *state = p->states.data + at;
    *len = get_u16(state);
    return state + 2;
}

uint32_t pieces_next_owner(const struct pieces *p)
{
    return (uint32_t)p->owner_count + (p->shared != NULL ? p->shared->count : 0);
}

const uint32_t *pieces_owners(const struct pieces *p, const struct piece *piece)
{
    uint32_t first = piece->first_owner, shared = p->shared != NULL ? p->shared->count : 0;
    return first < shared      ? p->shared->list + first
           : p->owners != NULL ? p->owners + (first - shared)
                               : NULL;
}

void pieces_copy(struct pieces *p, const struct pieces *from, size_t index)
{
    struct piece piece = from->list[index];
    size_t len, count = p->owner_count + piece.owner_count;
    const uint8_t *state = pieces_state_at(from, piece.after, &len);
    bool is_shared =
        p->shared != NULL && p->shared == from->shared && piece.first_owner < p->shared->count;
    if (!is_shared) {
        piece.first_owner = pieces_next_owner(p);
        if (p->failed ||
            !make_room((void **)&p->owners, &p->owner_room, count, sizeof *p->owners)) {
            p->failed = true;
            return;
        }
        if (piece.owner_count > 0) {
            memcpy(p->owners + p->owner_count, pieces_owners(from, &from->list[index]),
                   piece.owner_count * sizeof *p->owners);
        }
        p->owner_count = count;
    }
    piece.after = pieces_state(p, state, len);
    pieces_add(p, &piece);
}

void pieces_join(struct pieces *p, struct pieces *from)
{
    p->failed = p->failed || from->failed;
    for (size_t i = 0; i < from->count && !p->failed; i++) {
        pieces_copy(p, from, i);
    }
    pieces_clear(from);
}

void pieces_clear(struct pieces *p)
{
    drop_shared(p);
    p->count = p->owner_count = p->states.len = 0;
    p->failed = false;
}

void pieces_follow(struct pieces *p, const struct pieces *old)
{
    uint32_t used = 0;
    for (size_t i = 0; i < old->count && old->shared != NULL; i++) {
        bool is_shared = old->list[i].first_owner < old->shared->count;
        used += is_shared ? old->list[i].owner_count : 0;
    }
    if (old->shared != NULL && used >= old->shared->count / 8 * 7 &&
        old->owner_count <= old->shared->count / 8) {
        p->shared = old->shared;
        p->shared->holders++;
    }
    p->failed = !make_room((void **)&p->list, &p->room, old->count + SPARE, sizeof *p->list);
}

void pieces_settle(struct pieces *p)
{
    void *list = p->count > 0 ? realloc(p->list, p->count * sizeof *p->list) : NULL;
    void *owners =
        p->owner_count > 0 ? realloc(p->owners, p->owner_count * sizeof *p->owners) : NULL;
    p->room = list != NULL ? p->count : p->room;
    p->owner_room = owners != NULL ? p->owner_count : p->owner_room;
    p->list = list != NULL ? list : p->list;
    p->owners = owners != NULL ? owners : p->owners;
    struct piece_owners *shared = p->shared == NULL ? malloc(sizeof *shared) : NULL;
    if (shared != NULL) {
        *shared = (struct piece_owners){
            .list = p->owners, .count = (uint32_t)p->owner_count, .holders = 1};
        p->shared = shared;
        p->owners = NULL;
        p->owner_count = p->owner_room = 0;
    }
}

uint64_t pieces_bytes(const struct pieces *p)
{
    uint64_t shared = p->shared != NULL ? p->shared->count * sizeof *p->shared->list : 0;
    return sizeof *p + p->room * sizeof *p->list + p->owner_room * sizeof *p->owners +
           p->states.room + (shared != 0 ? shared / p->shared->holders : 0);
}
