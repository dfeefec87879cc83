/* shared.h - what the threads of one server share, and the letters they write to the keeper.
 * Private to server/. */
#ifndef SETTLED_SERVER_SHARED_H
#define SETTLED_SERVER_SHARED_H

#include "answer/world.h"
#include "base/epoch.h"
#include "base/log.h"
#include "base/mail.h"
#include "cache/cache.h"
#include "guard/siphash.h"
#include "keeper/keeper.h"
#include "server/census.h"

enum letter_kind {               /* to the keeper's box */
                   LETTER_EVENT, /* struct event_letter */
                   LETTER_DISK,  /* struct disk_done */
                   LETTER_BUILT, /* struct pool_job: ctx is the struct keeper_job */
                   LETTER_STOP   /* to a worker's box: end your loop */
};
struct event_letter {
    struct letter letter;
    struct keeper_event event; /* no pointers in it */
};
struct worker;
struct shared {
    const struct log *log;
    struct epoch *epoch; /* slot 0: keeper, 1..N: workers */
    _Atomic(struct world *) world;
    struct cache *cache;
    struct mailbox keeper_box;
    struct census census;
    struct config_server limits; /* numbers only: as at start */
    uint8_t cookie_seed[SIPHASH_KEY];
    struct worker **workers;
    unsigned worker_count;
};
/* Mails the keeper an event; lost (as a packet may be) when there is no memory. Any thread. */
void shared_tell(struct shared *s, const struct keeper_event *e);

#endif
