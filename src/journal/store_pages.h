/* store_pages.h - is this LMDB data file sound? Asked before it is mapped, because LMDB trusts what
 * it maps. Part of the door to disk; only store.c uses it. */
#ifndef SETTLED_JOURNAL_STORE_PAGES_H
#define SETTLED_JOURNAL_STORE_PAGES_H

#include "base/oops.h"

enum pages_state {
    PAGES_SOUND,   /* or not there yet */
    PAGES_DAMAGED, /* o says what */
    PAGES_UNREAD   /* could not be opened (permissions, ...): o says why */
};
/* Reads every page in use once and checks all that LMDB would follow: sizes, offsets, kinds, order,
 * counts, the free list. What the values mean is checked by their own checksums (seal.h). */
enum pages_state pages_check(const char *path, struct oops *o);

#endif
