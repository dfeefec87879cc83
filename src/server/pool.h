/* pool.h - long work off the keeper's thread: one thread per CPU at nice 10, small jobs before
 * large ones. */
#ifndef SETTLED_SERVER_POOL_H
#define SETTLED_SERVER_POOL_H

#include "base/mail.h"
#include "base/must.h"
#include "base/oops.h"
#include <stdint.h>

struct pool;
struct pool_job {         /* embedded or allocated by the caller; mailed back when done */
    struct letter letter; /* kind set by the caller */
    uint64_t size;
    void (*run)(void *ctx);
    void *ctx;
};
MUST_USE struct pool *pool_start(unsigned threads, struct mailbox *to, struct oops *o);
void pool_add(struct pool *p, struct pool_job *job); /* any thread */
/* Waits for running jobs; jobs not begun are mailed back without having run. */
void pool_stop(struct pool *p);

#endif
