/* server.c - server, control, log and cache: one map each, in the main file. Called by read.c
 * before peers and zones, which need server: zones. */
#include "config/server.h"
#include "config/acl.h"
#include "config/addresses.h"
#include "config/secrets.h"
#include "config/section.h"

static void read_server(struct reading *r, const struct node *n);
static void listen_by_default(struct reading *r);
static void read_plain(struct reading *r, enum scope scope, const struct node *n, void *target);

void server_read(struct reading *r, const struct node *root)
{
    struct config *c = r->config;
    read_server(r, tree_child(root, "server"));
    read_plain(r, SCOPE_CONTROL, tree_child(root, "control"), c);
    read_plain(r, SCOPE_LOG, tree_child(root, "log"), c);
    read_plain(r, SCOPE_CACHE, tree_child(root, "cache"), &c->cache);
}

void server_read_exempt(struct reading *r, const struct node *root)
{
    const struct node *server = tree_child(root, "server");
    const struct node *exempt = tree_child(server, "rate-limit-exempt");
    if (exempt != NULL) {
        (void)!acl_read(r, exempt, &r->config->server.rate_limit_exempt); /* with findings */
    }
}

static void read_server(struct reading *r, const struct node *n)
{
    struct config_server *s = &r->config->server;
    struct given g;
    struct addresses listen;
    section_defaults(r, SCOPE_SERVER, s);
    listen_by_default(r);
    if (!section_read(r, SCOPE_SERVER, n, s, &g)) {
        return;
    }
    if (g.at[SERVER_listen] != NULL && addresses_read(r, g.at[SERVER_listen], &listen)) {
        s->listen = listen.items;
        s->listen_count = listen.count;
        s->listen_default = false;
    }
    if (g.at[SERVER_cookie_secret_file] != NULL && !g.wrong[SERVER_cookie_secret_file]) {
        secrets_read(r, g.at[SERVER_cookie_secret_file], s->cookie_secret_file, &s->cookies);
    }
    const struct node *per_address = g.at[SERVER_tcp_per_address];
    const struct node *all = g.at[SERVER_tcp_connections];
    if ((per_address != NULL || all != NULL) && s->tcp_per_address > s->tcp_connections) {
        finding_add(&r->findings, (per_address != NULL ? per_address : all)->at,
                    "tcp-per-address (%u) is above tcp-connections (%u)", s->tcp_per_address,
                    s->tcp_connections);
    }
}

/* Loopback only: a new installation answers nobody else until told to. */
static void listen_by_default(struct reading *r)
{
    const struct addr both[2] = {{.family = 4, .port = 53, .ip = {127, [3] = 1}},
                                 {.family = 6, .port = 53, .ip = {[15] = 1}}};
    struct config_server *s = &r->config->server;
    s->listen = arena_copy(&r->config->arena, both, sizeof both);
    s->listen_count = 2;
    s->listen_default = true;
}

static void read_plain(struct reading *r, enum scope scope, const struct node *n, void *target)
{
    struct given g;
    section_defaults(r, scope, target);
    if (section_read(r, scope, n, target, &g) && n != NULL) {
        section_require(r, scope, n, &g);
    }
}
