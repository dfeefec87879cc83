/* options.c - the rows of options.def and finding one. All constant: any thread. */
#include "config/options.h"
#include <stddef.h>
#include <string.h>

#define ROW(of, member, label, sort, standard, ...)                                                \
    {.scope = SCOPE_##of,                                                                          \
     .name = label,                                                                                \
     .kind = KIND_##sort,                                                                          \
     .fallback = standard,                                                                         \
     .offset = offsetof(STRUCT_##of, member),                                                      \
     .width = sizeof((STRUCT_##of *)NULL)->member,                                                 \
     __VA_ARGS__},

static const struct option options[] = {
#define SECTION(of, name, where, text)
#define LATER(scope, name, reason)
#define OPTION(of, member, ...) ROW(of, member, __VA_ARGS__)
#define RULE(member, ...)       ROW(ZONE, rules.member, __VA_ARGS__)
#include "config/options.def"
#undef SECTION
#undef OPTION
#undef LATER
};
static const struct option_section sections[] = {
#define SECTION(of, label, where, sentence)                                                        \
    {.scope = SCOPE_##of, .name = label, .place = where, .text = sentence},
#define OPTION(scope, member, ...)
#define LATER(scope, name, reason)
#include "config/options.def"
#undef SECTION
#undef OPTION
#undef LATER
};
static const struct option_later laters[] = {
#define SECTION(of, name, where, text)
#define OPTION(scope, member, ...)
#define LATER(of, label, why) {.scope = SCOPE_##of, .name = label, .reason = why},
#include "config/options.def"
#undef SECTION
#undef OPTION
#undef LATER
};

const struct option *option_row(enum option_id id)
{
    must(id < OPTION_COUNT);
    return &options[id];
}

const struct option *option_find(enum scope scope, const char *name, enum option_id *id)
{
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        if (options[i].scope == scope && strcmp(options[i].name, name) == 0) {
            *id = (enum option_id)i;
            return &options[i];
        }
    }
    return NULL;
}

const struct option_section *option_section(unsigned i)
{
    return i < sizeof sections / sizeof sections[0] ? &sections[i] : NULL;
}

const struct option_later *option_later(unsigned i)
{
    return i < sizeof laters / sizeof laters[0] ? &laters[i] : NULL;
}

const char *option_later_reason(enum scope scope, const char *name)
{
    const struct option_later *l;
    for (unsigned i = 0; (l = option_later(i)) != NULL; i++) {
        if (l->scope == scope && strcmp(l->name, name) == 0) {
            return l->reason;
        }
    }
    return NULL;
}

const char *scope_words(enum scope scope)
{
    switch (scope) {
    case SCOPE_TOP:
        return "section";
    case SCOPE_SERVER:
        return "option of server";
    case SCOPE_CONTROL:
        return "option of control";
    case SCOPE_LOG:
        return "option of log";
    case SCOPE_PEER:
        return "option of a peer";
    case SCOPE_ZONE:
        return "option of a zone";
    case SCOPE_LIMITS:
        return "option of limits";
    case SCOPE_CACHE:
        return "option of cache";
    case SCOPE_ENTRY:
        return "option of an address";
    }
    return "";
}

const char *scope_section(enum scope scope)
{
    const char *name = NULL;
    const struct option_section *s;
    for (unsigned i = 0; (s = option_section(i)) != NULL; i++) {
        name = s->scope == scope ? s->name : name; /* the last: "zones" rather than "defaults" */
    }
    return name;
}
