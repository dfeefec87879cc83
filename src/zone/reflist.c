/* reflist.c - a bag of references, in parts that double up to 4 KiB: a one-record edit needs
 * some hundred octets, and a million references are never copied to grow. The thread that writes
 * the line. */
#include "zone/reflist.h"
#include <stdlib.h>

#define FIRST_ROOM 24U
#define MOST_ROOM  1020U

struct reflist_part {
    struct reflist_part *next;
    unsigned count, room;
    uint32_t ref[];
};

static bool add_part(struct reflist *l);
static void drop_part(struct reflist *l);

bool reflist_put(struct reflist *l, uint32_t ref)
{
    if ((l->first == NULL || l->first->count == l->first->room) && !add_part(l)) {
        return false;
    }
    l->first->ref[l->first->count++] = ref;
    l->count++;
    return true;
}

uint32_t reflist_last(const struct reflist *l)
{
    return l->first != NULL ? l->first->ref[l->first->count - 1] : 0;
}

void reflist_drop_last(struct reflist *l)
{
    l->first->count--;
    l->count--;
    if (l->first->count == 0) {
        drop_part(l);
    }
}

void reflist_clear(struct reflist *l)
{
    while (l->first != NULL) {
        drop_part(l);
    }
    l->count = 0;
}

static bool add_part(struct reflist *l)
{
    unsigned room = l->first == NULL ? FIRST_ROOM : l->first->room * 2;
    room = room < MOST_ROOM ? room : MOST_ROOM;
    struct reflist_part *part = malloc(sizeof *part + room * sizeof part->ref[0]);
    if (part == NULL) {
        return false;
    }
    *part = (struct reflist_part){.next = l->first, .room = room};
    l->first = part;
    l->bytes += sizeof *part + room * sizeof part->ref[0];
    return true;
}

static void drop_part(struct reflist *l)
{
    struct reflist_part *part = l->first;
    l->first = part->next;
    l->bytes -= sizeof *part + part->room * sizeof part->ref[0];
    free(part);
}
