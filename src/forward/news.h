/* news.h - private to forward/: what the keeper should be told, each thing once a second. */
#ifndef SETTLED_FORWARD_NEWS_H
#define SETTLED_FORWARD_NEWS_H

#include "base/clock.h"
#include "forward/forward.h"

#define NEWS_PLACES 32 /* what was told within the last second; more at once wait their turn */

struct news {
    struct {
        struct forward_news what; /* slot NULL: a free place */
        struct mono told;
        bool waiting; /* to be taken */
    } places[NEWS_PLACES];
};

/* Forgotten when all places are taken by what is newer than a second: it will be seen again. */
void news_add(struct news *n, const struct forward_news *what, struct mono now);
bool news_take(struct news *n, struct forward_news *out);

#endif
