/* reading.h - what the files of this room share while one configuration is read. One thread. */
#ifndef SETTLED_CONFIG_READING_H
#define SETTLED_CONFIG_READING_H

#include "config/config.h"
#include "config/findings.h"
#include "config/keyed.h"
#include "config/tree.h"

struct reading {
    struct config *config; /* being filled; what it points to lives in its arena */
    const struct files *files;
    struct arena scratch; /* texts, trees and findings: gone at the end */
    struct findings findings;
    struct source *sources; /* the main file first, then includes in the order they were named */
    size_t octets_left;     /* that further files may have */
    bool broken;            /* part of a file was not read: what seems missing may stand there */
    struct keyed peers;     /* named and in place: struct config_peer by name */
    unsigned named_peers;   /* they come first in config->peers */
    unsigned lists;         /* of peers, read so far */
    unsigned *listed_in;    /* for each peer: the last of these lists that holds it */
};

#endif
