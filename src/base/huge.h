/* huge.h - large pages for large memory (DESIGN.md, The zone store): a page fault for each 4 KiB
 * is a fifth of the time of loading a large zone, and a search in one misses the TLB at every
 * step. */
#ifndef SETTLED_BASE_HUGE_H
#define SETTLED_BASE_HUGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

/* Asks for large pages for what of `size` octets at `memory` they can hold. Before it is written
 * to; any thread. A kernel that has none goes on with small ones. */
static inline void huge_hint(void *memory, size_t size)
{
    uintptr_t begin = (uintptr_t)memory, from = (begin + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    uintptr_t to = (begin + size) & ~(HUGE_PAGE - 1);
    if (memory != NULL && from < to) {
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
}

#endif
