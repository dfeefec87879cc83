/* counters.c - the names and texts of the counters, from the rows of counters.def. Any thread. */
#include "count/counters.h"
#include "base/must.h"

const char *counter_name(enum counter which)
{
    static const char *const names[COUNTERS] = {
#define COUNTER(name, text) [COUNT_##name] = #name,
#include "count/counters.def"
#undef COUNTER
    };
    must(which < COUNTERS);
    return names[which];
}

const char *counter_text(enum counter which)
{
    static const char *const texts[COUNTERS] = {
#define COUNTER(name, text) [COUNT_##name] = text,
#include "count/counters.def"
#undef COUNTER
    };
    must(which < COUNTERS);
    return texts[which];
}
