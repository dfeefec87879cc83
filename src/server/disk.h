/* disk.h - the one thread that commits: batches in the order they were given, whatever waits
 * together in one transaction. */
#ifndef SETTLED_SERVER_DISK_H
#define SETTLED_SERVER_DISK_H

#include "base/mail.h"
#include "journal/store.h"

struct disk;
struct disk_done { /* mailed back for each batch, in order; freed by the receiver with free() */
    struct letter letter; /* kind: as given to disk_start */
    uint64_t number;
    bool ok;
    struct oops why;
};
/* `to`: whose box gets the answers, as letters of `kind`. NULL: o. */
MUST_USE struct disk *disk_start(struct store *store, struct mailbox *to, int kind, struct oops *o);
/* Takes the batch's contents over. The keeper's thread. */
void disk_commit(struct disk *d, uint64_t number, struct store_batch *batch);
/* When there is nothing to commit: memory that commits left goes back (store_rest). The keeper's
 * thread, which does not wait for it. */
void disk_rest(struct disk *d);
/* Commits what is left, ends the thread, frees. */
void disk_stop(struct disk *d);

#endif
