/* oracle.h - the invariants of CONVERGENCE.md over a random fleet: told of every save, looks at all
 * servers after every event, judges every answer. The first thing that is wrong is kept in words.
 */
#ifndef SETTLED_SIM_ORACLE_H
#define SETTLED_SIM_ORACLE_H

#include "model.h"
#include "sim.h"

#define ORACLE_SAVES 512
#define ORACLE_NONE  UINT32_MAX

struct oracle_version { /* what the primary published, in order */
    uint32_t serial;
    uint64_t content;
    const struct model *model;
    struct mono left; /* when a server last gave it up */
};
struct oracle_server { /* one of the fleet; what is known of it survives its crashes */
    struct node *node;
    enum { PRIMARY, SECONDARY, FOLLOWING, PLAIN } role;
    struct node *from; /* SECONDARY: its primary */
    bool watched;      /* a peer of the primary */
    unsigned holds;    /* version it serves, or would after a restart; ORACLE_NONE. FOLLOWING: is
                          coherent with, in this life */
    unsigned reached;  /* newest version it ever served or was coherent with, plus 1 */
    uint64_t life;
    bool
        clock_moved; /* its wall clock was set: what it knows of expiry from disk may be anything */
};
struct oracle {
    struct sim *sim;
    struct model saves[ORACLE_SAVES];
    unsigned save_count;
    struct oracle_version versions[ORACLE_SAVES];
    unsigned version_count;
    struct oracle_server servers[SIM_NODES];
    unsigned server_count;
    unsigned served, settled; /* by the primary's ledger: versions below were said to be */
    unsigned long answers, stale;
    bool all_watched; /* all that a cache may ask: an old answer after "settled" is wrong */
    bool failed;
    char why[600];
};

/* After every event. */
void oracle_look(struct oracle *o);
/* A server answers a question now. */
void oracle_judge(struct oracle *o, const struct oracle_server *s, const struct model_question *q,
                  const uint8_t *msg, size_t len);
struct oracle_server *oracle_server(struct oracle *o, const struct addr *a); /* by IP */
void oracle_wrong(struct oracle *o, const char *format, ...) PRINTF_LIKE(2, 3);
/* Does every server have the newest version? Else says who does not. */
bool oracle_all_newest(const struct oracle *o, const struct oracle_server **late);
bool oracle_primary_says_served(const struct oracle *o);
bool oracle_primary_says_settled(const struct oracle *o);

#endif
