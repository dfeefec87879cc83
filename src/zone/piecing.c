/* piecing.c - a file read piece by piece: what was read is remembered, and what is remembered is
 * not read again.
 *
 * Called by text.c at the beginning of each entry, on the thread that reads. There a piece may end
 * and the next begin (pieces.c says where). While it looks, a piece that is known, under the state
 * it is met with now, is passed over: it is all entries, for it was, so the next entry begins where
 * it ends, and the state there is known; skim.c does so with all that follow. Of every other piece
 * it is noted what it has. When the same text is read a second time, for what recall.c wants of it,
 * it is found again by counting.
 *
 * A piece is sound, that is: may be passed over next time, if nothing was said about it (errors
 * and warnings), if it includes no file, if its first record names its owner, and if an entry
 * begins exactly behind it. In parentheses a line may look like an owner's; then the piece
 * before is not sound, and the next begins with the next entry. What is not sound is read each
 * time. An included file has pieces of its own. */
#include "zone/reading.h"
#include "zone/skim.h"
#include <string.h>

static uint64_t position(const struct reading *r);
static uint64_t end_of_file(const struct source *s);
static bool begin(struct reading *r);
static bool pass_row(struct reading *r);
static bool may_have(const struct reading *r, size_t index);
static bool begin_again(struct reading *r);
static bool pass(struct reading *r, const struct piece *known);
static bool pass_all(struct reading *r);
static bool land(struct reading *r, uint64_t to, unsigned line);
static bool lost(struct reading *r);
static void end(struct reading *r, bool reached);
static size_t state_of(const struct reading *r, uint8_t state[STATE_MOST]);
static void restore(struct reading *r, const struct pieces *p, uint32_t at);

void piecing_start(struct reading *r, struct piece_cursor *c)
{
    c->outer = r->pieces;
    c->under_way = c->sound = c->is_named = c->has_owner = false;
    if (r->text->piecing != NULL) {
        r->pieces = c;
    }
}

bool piecing_take(struct reading *r)
{
    const struct piece_cursor *c = r->pieces;
    if (c == NULL || (c->under_way && position(r) < c->end)) {
        return false;
    }
    end(r, position(r) == c->end);
    return r->text->piecing->again ? begin_again(r) : begin(r);
}

void piecing_break(struct reading *r)
{
    if (r->pieces != NULL && r->pieces->under_way) {
        r->pieces->end = UINT64_MAX;
        end(r, false);
    }
}

void piecing_end(struct reading *r, struct piece_cursor *c)
{
    const struct source *s = r->source;
    if (r->pieces == c) {
        bool is_over = !s->more && s->lex.at == s->lex.end;
        c->under_way = c->under_way && !r->stopped;
        end(r, is_over && !r->is_part && c->end == s->behind);
        r->pieces = c->outer;
    }
}

/* Behind $GENERATE the owner is again the one before it, so what that makes names none. */
void piecing_entry(struct reading *r, bool blank)
{
    struct piece_cursor *c = r->pieces;
    if (c != NULL) {
        c->sound = c->sound && (c->is_named || !blank);
        c->is_named = c->is_named || (!blank && r->made_at == NULL);
    }
}

void piecing_record(struct reading *r)
{
    struct piece_cursor *c = r->pieces;
    if (c == NULL || !c->under_way || r->text->piecing->again) {
        return;
    }
    if (!c->has_owner || !name_same_case(c->owner.octets, r->owner.octets)) {
        struct pieces *p = r->text->piecing->pieces;
        name_copy(&c->owner, r->owner.octets);
        pieces_owner(p, pieces_hash(p, r->owner.octets));
        c->has_owner = true;
    }
}

/* Of the entry, in its file. Ahead of a file that is at hand as a whole it counts from its end. */
static uint64_t position(const struct reading *r)
{
    const struct source *s = r->source;
    return s->behind - (uint64_t)(s->lex.end - s->lex.entry);
}

static uint64_t end_of_file(const struct source *s)
{
    return s->more ? s->id.size : s->behind;
}

/* A piece begins with this entry. True: it is passed over. */
static bool begin(struct reading *r)
{
    struct zone_text_piecing *t = r->text->piecing;
    const struct source *s = r->source;
    struct piece_cursor *c = r->pieces;
    uint8_t state[STATE_MOST];
    if (t->old != NULL && pass_row(r)) {
        return true;
    }
    size_t rest = (size_t)(s->lex.end - s->lex.entry);
    size_t far = rest < PIECE_FAR ? rest : PIECE_FAR;
    size_t len = pieces_cut(t->pieces, s->lex.entry, far);
    bool is_far = len == far && (far < rest || s->more);
    uint64_t key = is_far ? 0 : pieces_key(t->pieces, s->lex.entry, len, state, state_of(r, state));
    *c = (struct piece_cursor){.outer = c->outer,
                               .under_way = true,
                               .begin = position(r),
                               .end = position(r) + len,
                               .key = key,
                               .sound = !is_far,
                               .line = s->lex.entry_number,
                               .records = r->records,
                               .said =
                                   r->report == NULL ? 0 : r->report->errors + r->report->warnings};
    c->first_owner = pieces_next_owner(t->pieces);
    size_t found;
    if (!is_far && t->known != NULL && t->known(t->ctx, key, &found) && may_have(r, found)) {
        c->under_way = false;
        t->expected = found + 1;
        pieces_copy(t->pieces, t->old, found);
        return pass(r, &t->pieces->list[t->pieces->count - 1]);
    }
    t->unknown += len;
    if (t->unknown > t->room) {
        return lost(r);
    }
    return false;
}

/* The pieces that stand here as they stood in a row before; false: not even the first does, and
 * then, when this one has been read, it may be the next. */
static bool pass_row(struct reading *r)
{
    struct zone_text_piecing *t = r->text->piecing;
    const struct piece *known = NULL;
    struct skim s;
    uint8_t here[STATE_MOST];
    const uint8_t *state = here;
    size_t len = state_of(r, here);
    unsigned line = r->source->lex.entry_number;
    skim_start(&s, r, position(r), t->expected);
    while (may_have(r, s.next) && skim_next(&s, state, len)) {
        known = &t->old->list[s.next - 1];
        pieces_copy(t->pieces, t->old, s.next - 1);
        r->records += known->records;
        line += known->lines;
        state = pieces_state_at(t->old, known->after, &len);
    }
    t->expected = known != NULL ? s.next : t->expected + 1;
    skim_end(&s);
    if (known == NULL) {
        return false;
    }
    restore(r, t->old, known->after);
    return t->pieces->failed ? lost(r) : land(r, s.at, line);
}

/* Are its records allowed? */
static bool may_have(const struct reading *r, size_t index)
{
    const struct pieces *old = r->text->piecing->old;
    return index < old->count && old->list[index].records <= r->limits.records - r->records;
}

/* The same piece a second time: its number says which. */
static bool begin_again(struct reading *r)
{
    struct zone_text_piecing *t = r->text->piecing;
    struct piece_cursor *c = r->pieces;
    if (t->next < t->pieces->count && !t->wanted[t->next]) {
        return pass_all(r);
    }
    if (t->next == t->pieces->count) {
        return lost(r);
    }
    uint32_t len = t->pieces->list[t->next++].len;
    c->under_way = true;
    c->end = len == UINT32_MAX ? UINT64_MAX : position(r) + len;
    return false;
}

static bool pass(struct reading *r, const struct piece *known)
{
    struct zone_text_piecing *t = r->text->piecing;
    r->records += known->records;
    restore(r, t->pieces, known->after);
    return t->pieces->failed
               ? lost(r)
               : land(r, position(r) + known->len, r->source->lex.entry_number + known->lines);
}

/* All pieces of this file in a row that nobody wants. */
static bool pass_all(struct reading *r)
{
    struct zone_text_piecing *t = r->text->piecing;
    const struct piece *known = NULL;
    uint64_t to = position(r), last = end_of_file(r->source);
    unsigned line = r->source->lex.entry_number;
    while (t->next < t->pieces->count && !t->wanted[t->next] && to < last) {
        known = &t->pieces->list[t->next++];
        r->records += known->records;
        to += known->len;
        line += known->lines;
    }
    restore(r, t->pieces, known->after);
    return to <= last ? land(r, to, line) : lost(r);
}

/* So that the next entry begins there, on that line; returns true. */
static bool land(struct reading *r, uint64_t to, unsigned line)
{
    struct source *s = r->source;
    struct lex *lex = &s->lex;
    if (to - position(r) <= (size_t)(lex->end - lex->entry)) {
        const char *at = lex->entry + (to - position(r));
        lex->at = at[-1] == '\n' ? at - 1 : at;
        if (lex->at == at && (at < lex->end || s->more)) {
            return lost(r);
        }
    } else if (!window_seek(r, to - 1)) {
        return lost(r);
    }
    lex->number = line - 1;
    r->has_owner = r->owner_inside = true; /* the next entry names its own */
    return true;
}

/* It is of no use, or another text by now: the reading has to be done anew; returns true. */
static bool lost(struct reading *r)
{
    r->text->piecing->lost = true;
    r->stopped = true;
    return true;
}

/* The piece under way ends before this entry; `reached`: at its own end. */
static void end(struct reading *r, bool reached)
{
    struct zone_text_piecing *t = r->text->piecing;
    struct piece_cursor *c = r->pieces;
    uint8_t state[STATE_MOST];
    if (!c->under_way) {
        return;
    }
    c->under_way = false;
    if (t->again) {
        return;
    }
    unsigned said = r->report == NULL ? 0 : r->report->errors + r->report->warnings;
    bool is_broken = c->end == UINT64_MAX;
    uint64_t len = is_broken ? UINT32_MAX : position(r) - c->begin;
    uint64_t records = r->records - c->records;
    struct piece piece = {.key = c->key,
                          .len = (uint32_t)len,
                          .lines = r->source->lex.number - c->line,
                          .after = pieces_state(t->pieces, state, state_of(r, state)),
                          .first_owner = c->first_owner,
                          .owner_count = pieces_next_owner(t->pieces) - c->first_owner,
                          .records = (uint32_t)records,
                          .sound = c->sound && reached && said == c->said && !r->gave_up};
    pieces_add(t->pieces, &piece);
}

/* All that is in force at this entry and that a record can depend on. The TTL of the record before
 * counts only as long as there is no other. */
static size_t state_of(const struct reading *r, uint8_t state[STATE_MOST])
{
    bool by_last = !r->has_default_ttl;
    state[0] = (uint8_t)(r->has_default_ttl | (by_last && r->has_last_ttl) << 1 |
                         (by_last && r->told_last_ttl) << 2);
    put_u32(state + 1, r->has_default_ttl ? r->default_ttl : 0);
    put_u32(state + 5, by_last && r->has_last_ttl ? r->last_ttl : 0);
    memcpy(state + 9, r->origin.octets, name_len(r->origin.octets));
    return 9 + name_len(r->origin.octets);
}

static void restore(struct reading *r, const struct pieces *p, uint32_t at)
{
    size_t len;
    const uint8_t *state = pieces_state_at(p, at, &len);
    r->has_default_ttl = (state[0] & 1) != 0;
    r->has_last_ttl = (state[0] & 2) != 0;
    r->told_last_ttl = (state[0] & 4) != 0;
    r->default_ttl = get_u32(state + 1);
    r->last_ttl = get_u32(state + 5);
    memcpy(r->origin.octets, state + 9, len - 9);
    words_origin(&r->words, r->origin.octets);
}
