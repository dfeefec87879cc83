/* reading.h - one run of zone_text_read: what text.c, include.c and generate.c share. */
#ifndef SETTLED_ZONE_READING_H
#define SETTLED_ZONE_READING_H

#include "zone/pieces.h"
#include "zone/text.h"
#include "zone/words.h"

struct source { /* a file under way, on the stack of who reads it */
    const char *path;
    struct file_id id;
    struct lex lex;
    struct buf content;        /* the text, or the part of it that is at hand */
    uint64_t behind;           /* octets of the file that were read so far: up to lex.end */
    bool more;                 /* there is more of it */
    const struct source *from; /* the file that includes it; NULL: none */
    unsigned from_line;
};
struct piece_cursor { /* in a file that is remembered: the piece that the entry stands in */
    struct piece_cursor *outer; /* in the file that includes this one */
    uint64_t begin, end;        /* octets of the file; UINT64_MAX: broken off */
    uint64_t key, records;
    uint32_t first_owner;
    unsigned line, said; /* where it begins; findings by then */
    bool under_way, sound;
    bool is_named;  /* a record named its owner */
    bool has_owner; /* the last that was noted */
    struct name owner;
};
struct reading {
    const struct zone_text *text;
    struct zone_text_limits limits; /* none of them 0 */
    struct report *report;
    void (*entries)(struct reading *r); /* reads all of the innermost file */
    struct source *source;              /* the innermost */
    struct piece_cursor *pieces;        /* in it; NULL: it is not remembered */
    unsigned depth;                     /* of includes */
    struct words words;
    struct name origin, owner;
    bool has_owner, owner_inside; /* inside the zone */
    bool has_default_ttl, has_last_ttl, told_last_ttl;
    uint32_t default_ttl, last_ttl;
    struct buf rdata; /* of the record under way */
    uint64_t bytes, records;
    bool stopped;
    bool is_part;        /* of a file that others read, too: good records only */
    bool gave_up;        /* there is something else */
    const char *made_at; /* the $GENERATE whose record is under way; NULL: none */
    struct {             /* what is wrong with the entry under way */
        const char *at;
        char text[1500];
    } wrong;
};

/* Says what is wrong with this entry; returns false. */
bool reading_wrong(struct reading *r, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);
/* The same from words.fault; `about` stands before it. */
bool reading_wrong_word(struct reading *r, const char *about);
/* Ends the reading for good with an error at the entry under way. */
void reading_stop(struct reading *r, const char *format, ...) PRINTF_LIKE(2, 3);
/* A warning at that place. */
void reading_warn(struct reading *r, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);
void reading_doubt(struct reading *r); /* warns of words.doubt */
/* One entry, whose first word is there: a record or a directive. False: it is wrong. */
bool reading_entry(struct reading *r);
/* A directive, whose first word is there. */
bool reading_directive(struct reading *r);
/* One record, whose first word is there. `blank`: it has the owner of the one before. */
bool reading_record(struct reading *r, bool blank);
bool reading_is_class(const struct words *w, uint16_t *class); /* is the next word a class? */

/* parts.c: a place in a large file, and what comes behind it, read already. */
struct parts_cursor {
    struct parts *parts;
    const char *next; /* no part begins before it; NULL: none at all */
    unsigned cuts;
};
void parts_start(const struct reading *r, struct parts_cursor *c); /* at the beginning of a file */
/* At the beginning of an entry. True: entries from here on are read, and the lexer is behind
 * them. */
bool parts_take(struct reading *r, struct parts_cursor *c);
void parts_end(const struct reading *r, struct parts_cursor *c);

/* piecing.c: around the entries of a file. */
void piecing_start(struct reading *r, struct piece_cursor *c);
/* At the beginning of an entry. True: entries from here on are known, and the lexer is behind them,
 * or the reading is stopped. */
bool piecing_take(struct reading *r);
void piecing_end(struct reading *r, struct piece_cursor *c);
void piecing_entry(struct reading *r, bool blank); /* a record; `blank`: with the owner before */
void piecing_record(struct reading *r);            /* the owner has a record */
void piecing_break(struct reading *r); /* the piece is over: other records come between */

/* include.c: reads a file in place of the $INCLUDE at `at` (NULL: the main file). False: it is
 * wrong to. */
bool include_file(struct reading *r, const char *path, const char *at);
/* The path an $INCLUDE means: relative to the directory of the file it stands in. */
void include_path(const char *file, const char *name, struct buf *out);
/* " (included from a.zone:3, ...)", or nothing. */
void include_stack(const struct source *s, struct buf *out);

/* window.c: the first part of a file. False: see window_fails, or there is no such file. */
bool window_open(struct reading *r, struct source *s, struct oops *o);
/* Before each entry: sees to it that all of it is at hand. False: see window_fails. */
bool window_slide(struct reading *r);
/* To an octet of the file that is a newline, or its last. False: there it is not. */
bool window_seek(struct reading *r, uint64_t to);
bool window_fails(struct reading *r); /* ends the reading: it has to be done anew; returns false */

/* generate.c: the words behind $GENERATE are there. */
bool generate_records(struct reading *r, const char *at);

#endif
