/* config.h - the configuration, read once, then never changed: a new file makes a new struct
 * config beside the old one. Everything is in one arena. Strings are never NULL unless said so;
 * lists are arrays with counts. */
#ifndef SETTLED_CONFIG_CONFIG_H
#define SETTLED_CONFIG_CONFIG_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/files.h"
#include "base/log.h"
#include "base/report.h"
#include "config/words.h"
#include "wire/name.h"

struct config_peer {
    const char *name;     /* "192.0.2.2@5300" for an address written in place */
    struct addr *address; /* where NOTIFY, transfers and questions go; port filled in */
    unsigned address_count;
    struct addr *ask; /* where SOA is asked; the same as address unless given */
    unsigned ask_count;
    bool has_via;
    struct addr via; /* what we send from */
    bool watch;      /* waited for */
    enum peer_kind kind;
};
struct config_peers { /* a list where peers are meant: notify, primaries */
    const struct config_peer **items;
    unsigned count;
};
/* A list that says who may: transfer, notify-from, allow. Sorted most specific first; the first
 * entry that holds the address decides. */
struct config_acl {
    struct prefix *items;
    unsigned count;
    bool any;          /* "any" was written, or the default is everybody */
    bool own_networks; /* and whoever is on a network of this machine; the daemon knows which */
};
struct config_limits {
    uint64_t zone_bytes, zone_records;
    uint32_t transfer_time_s;
    uint32_t transfer_rate; /* least octets a minute */
};
/* How a zone is treated. Zones with the same rules share them, as a rule: of ten thousand zones
 * nearly all have what `defaults` say. */
struct config_rules { /* what every question needs is in front */
    struct config_acl allow;
    enum serial_policy serial;
    enum watch_mode watch;
    struct config_peers notify, primaries;
    struct config_acl transfer, notify_from; /* notify_from: primaries' addresses included */
    bool follow;
    bool local_names;
    uint32_t refresh_min_s, refresh_max_s, expire_max_s;
    uint64_t journal_max;
    unsigned max_shrink; /* percent that may go in one edit; 100: no check */
    bool zonemd_verify;
    struct config_limits limits;
    uint64_t hash; /* of all of it: an equal number is taken for equal rules */
};
struct config_zone {
    const struct config_rules *rules;
    const char *text;    /* name as people read it, no final dot ("." for the root) */
    const uint8_t *name; /* in lower case */
    const char *file;    /* absolute, or relative to where the daemon runs; NULL unless primary */
    uint64_t hash;       /* of all of it: equal hash, same zone configuration */
    enum zone_role role;
};
#define CONFIG_COOKIES 4 /* secrets of cookie-secret-file */
struct config_cookies {
    unsigned count;                     /* 0: no file */
    uint8_t secret[CONFIG_COOKIES][16]; /* the first makes cookies, all verify them */
};
struct config_server {
    struct addr *listen;
    unsigned listen_count;
    bool listen_default; /* nobody gave one: loopback only, said at start */
    unsigned threads;    /* 0: one per CPU */
    const char *state;
    const char *zones;
    const char *user;               /* NULL: stay who we are */
    const char *nsid;               /* NULL: none */
    const char *identity;           /* NULL: refused */
    const char *version;            /* NULL: refused */
    const char *cookie_secret_file; /* NULL: none */
    struct config_cookies cookies;  /* what is in it */
    uint32_t rate_limit;            /* like answers in a second to one network, 0: no limit */
    unsigned rate_limit_slip;
    struct config_acl rate_limit_exempt;
    uint16_t udp_payload; /* most octets of a UDP answer, 1232 */
    unsigned tcp_connections, tcp_per_address, tcp_pipeline, tcp_output;
    uint32_t tcp_idle_s;
};
struct config_cache {
    uint64_t size;
    uint32_t max_ttl_s, max_negative_ttl_s, serve_stale_s;
    unsigned refresh_at; /* percent of the TTL left when a refresh starts, 0: off */
};
struct config {
    struct arena arena;
    const char *path;
    struct config_server server;
    const char *control_socket;
    enum log_format log_format;
    enum log_level log_level;
    struct config_peer *peers;
    unsigned peer_count;
    struct config_zone *zones; /* sorted by name, canonical order */
    unsigned zone_count;
    struct config_cache cache;
};

/* Reads the file and its includes. NULL when there was any error; all of them are in report. Any
 * thread. */
MUST_USE struct config *config_read(const char *path, const struct files *files,
                                    struct report *report);
void config_free(struct config *c);
const struct config_zone *config_find_zone(const struct config *c, const uint8_t *name);
/* May this address do what the list is for? Answers for `items` and `any`; the networks of the
 * machine (own_networks) are the caller's to look at when this says no. */
bool config_acl_allows(const struct config_acl *a, const struct addr *from);
/* The option section of settled.conf(5), in mdoc, from options.def, appended to out. */
struct buf;
void config_print_manual(struct buf *out);

#endif
