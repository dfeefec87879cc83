/* options.h - the rows of options.def as a table. All of it is constant: any thread. */
#ifndef SETTLED_CONFIG_OPTIONS_H
#define SETTLED_CONFIG_OPTIONS_H

#include "config/config.h"

enum scope {
    SCOPE_TOP, /* section names, and "include" itself */
    SCOPE_SERVER,
    SCOPE_CONTROL,
    SCOPE_LOG,
    SCOPE_PEER,
    SCOPE_ZONE,
    SCOPE_LIMITS,
    SCOPE_CACHE,
    SCOPE_ENTRY
};
enum kind {
    KIND_SECONDS,
    KIND_SIZE,
    KIND_COUNT,
    KIND_PERCENT,
    KIND_YESNO,
    KIND_WORD,
    KIND_TEXT,
    KIND_PATH,    /* relative to the file that names it */
    KIND_FILE,    /* relative to server: zones */
    KIND_NAME,    /* a domain name */
    KIND_MAP,     /* the options of an inner scope */
    KIND_ADDRESS, /* this and the next are read by the section's own file */
    KIND_ADDRESSES,
    KIND_PEERS,
    KIND_ACL
};
#define ROLES_PRIMARY   (1u << ROLE_PRIMARY)
#define ROLES_SECONDARY (1u << ROLE_SECONDARY)
#define ROLES_CACHE     (1u << ROLE_CACHE)
#define ROLES_HOLDING   (ROLES_PRIMARY | ROLES_SECONDARY)
#define ROLES_ASKING    (ROLES_SECONDARY | ROLES_CACHE)
#define ROLES_ALL       (ROLES_PRIMARY | ROLES_ASKING)

/* What each scope fills. */
struct config_entry { /* { address: ... } in a list of peers */
    const char *address;
};
struct zone_options {
    enum zone_role role;
    const uint8_t *name; /* in lower case; NULL: none was given (then it is no zone yet) */
    const char *file;
    struct config_rules rules;
};
#define STRUCT_SERVER  struct config_server
#define STRUCT_CONTROL struct config
#define STRUCT_LOG     struct config
#define STRUCT_PEER    struct config_peer
#define STRUCT_ZONE    struct zone_options
#define STRUCT_LIMITS  struct config_limits
#define STRUCT_CACHE   struct config_cache
#define STRUCT_ENTRY   struct config_entry

enum option_id {
#define SECTION(of, name, where, text)
#define OPTION(scope, member, ...) scope##_##member,
#define LATER(scope, name, reason)
#include "config/options.def"
#undef SECTION
#undef OPTION
#undef LATER
    OPTION_COUNT
};
struct option {
    enum scope scope;
    const char *name;
    enum kind kind;
    const char *fallback; /* default, as one would write it; NULL: all zero */
    size_t offset, width; /* of the member in the scope's struct */
    uint64_t min, max;
    const char *words;
    unsigned roles;
    bool required;
    enum scope inner;
    const char *shown;
    const char *text;
};
enum section_place { MAIN_FILE, ANY_FILE };
struct option_section {
    enum scope scope;
    const char *name, *text;
    enum section_place place;
};
struct option_later {
    enum scope scope;
    const char *name, *reason;
};

const struct option *option_row(enum option_id id);
/* The option of that name, or NULL. */
const struct option *option_find(enum scope scope, const char *name, enum option_id *id);
/* The i-th section in the order of the manual, NULL behind the last. */
const struct option_section *option_section(unsigned i);
/* The i-th name whose feature is not there yet, NULL behind the last. */
const struct option_later *option_later(unsigned i);
/* Why that option does not work yet, NULL when it does or is not known. */
const char *option_later_reason(enum scope scope, const char *name);
/* What a name in the scope is: "option of server", "option of a zone", "section", ... */
const char *scope_words(enum scope scope);
/* The section whose options are of the scope, NULL when there is none. */
const char *scope_section(enum scope scope);

#endif
