/* news.c - what the keeper should be told: an answer showed a newer serial, or no server that may
 * be asked is as new as we know the zone to be. Worker's thread. A thousand answers a second say
 * the same; the keeper hears it once. */
#include "forward/news.h"

static bool is_same(const struct forward_news *a, const struct forward_news *b);

void news_add(struct news *n, const struct forward_news *what, struct mono now)
{
    unsigned place = NEWS_PLACES;
    for (unsigned i = 0; i < NEWS_PLACES; i++) {
        bool old = n->places[i].what.slot == NULL ||
                   (!n->places[i].waiting && mono_ms_between(n->places[i].told, now) >= 1000);
        if (!old && is_same(&n->places[i].what, what)) {
            return;
        }
        place = old && place == NEWS_PLACES ? i : place;
    }
    if (place < NEWS_PLACES) {
        n->places[place].what = *what;
        n->places[place].told = now;
        n->places[place].waiting = true;
    }
}

static bool is_same(const struct forward_news *a, const struct forward_news *b)
{
    return a->slot == b->slot && a->has_serial == b->has_serial &&
           (!a->has_serial || a->serial == b->serial);
}

bool news_take(struct news *n, struct forward_news *out)
{
    for (unsigned i = 0; i < NEWS_PLACES; i++) {
        if (n->places[i].waiting) {
            n->places[i].waiting = false;
            *out = n->places[i].what;
            return true;
        }
    }
    return false;
}
