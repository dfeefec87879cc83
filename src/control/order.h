/* order.h - one order of one client of the control socket; private to control/. An order answers
 * with lines and ends with finish(). One that has to wait sets `again`, which is called after
 * every turn of the keeper that changed something, and every 100 ms, until it finishes. */
#ifndef SETTLED_CONTROL_ORDER_H
#define SETTLED_CONTROL_ORDER_H

#include "control/protocol.h"
#include "server/now.h"
#include "server/server.h"
#include <jansson.h>

struct order {
    struct server *server;
    struct keeper *keeper;
    json_t *request;
    const char *arguments[2];
    unsigned argument_count;
    bool finished;
    bool cancelled; /* the client went away while something outside still refers to the order */
    bool busy;      /* such a thing is under way: do not free */
    void (*again)(struct order *o);
    /* A long answer in parts: called when all that was said is on its way to the client, until
     * it finishes. */
    void (*more)(struct order *o);
    void (*drop)(struct order *o); /* once, when the client goes: gives back what `state` holds */
    void *state;                   /* what these need; freed with free() */
    struct mono began;
    void (*send)(struct order *o, json_t *line); /* steals line */
};

/* A line for people with fields for programs: `fields` (stolen, may be NULL) gets "text". */
void say(struct order *o, json_t *fields, const char *format, ...) PRINTF_LIKE(3, 4);
/* The same as the last line. `again` is never called after it. */
void finish(struct order *o, enum control_exit code, json_t *fields, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The zone an argument names; false: finished with a sentence. */
bool order_zone(struct order *o, unsigned argument, size_t *number);
struct keeper_zone_view order_view(struct order *o, size_t number); /* of a zone that is there */
const char *wall_text(struct wall t, char out[21]);                 /* "-" for 0 */
/* "850 ms", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h" */
const char *span_text(int64_t ms, char out[32]);

/* Has run(o->state) done on another thread, then done(o) here, also when the client has gone
 * meanwhile: what is said then is lost. */
void order_aside(struct order *o, void (*run)(void *state), void (*done)(struct order *o));
/* The business is over: the order may go (and may be gone then). */
void order_unbusy(struct order *o);
void order_free(struct order *o);

#define COMMAND(word, least, most, options, usage, text) void order_##word(struct order *o);
#include "control/commands.def"
#undef COMMAND

#endif
