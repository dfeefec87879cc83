/* peers.c - servers called by name, and those written in place.
 * Called by read.c before the zones, for their lists point here. The array is made once, as large
 * as all lists together could need, so that pointers into it stay good. */
#include "config/peers.h"
#include "config/addresses.h"
#include "config/complaint.h"
#include "config/section.h"
#include "config/suggest.h"
#include <string.h>

#define SUGGEST_UNTIL 100 /* findings; nobody reads more, and each costs a walk over all peers */

static unsigned count_entries(struct reading *r);
static unsigned count_listed(const struct reading *r);
static unsigned count_in_zone(const struct node *zone);
static void read_peer(struct reading *r, const struct node *n);
static bool check_name(struct reading *r, const struct node *n);
static void read_addresses(struct reading *r, struct config_peer *p, const struct given *g);
static void read_via(struct reading *r, struct config_peer *p, const struct node *n);
static bool is_listed(struct reading *r, const struct config_peer *p);
static const struct config_peer *peer_in_place(struct reading *r, const struct node *n);
static const struct config_peer *new_in_place(struct reading *r, const struct addr *a,
                                              const char *text);
static struct config_peer *new_peer(struct reading *r);

void peers_read(struct reading *r)
{
    unsigned room = count_entries(r) + count_listed(r);
    r->peers.arena = &r->scratch;
    r->listed_in = arena_get(&r->scratch, room * sizeof *r->listed_in);
    r->config->peers = arena_get(&r->config->arena, room * sizeof *r->config->peers);
    if (r->listed_in == NULL || r->config->peers == NULL) {
        return;
    }
    for (struct source *s = r->sources; s != NULL; s = s->next) {
        for (const struct node *n = section_entries(r, s, "peers"); n != NULL; n = n->next) {
            read_peer(r, n);
        }
    }
    r->named_peers = r->config->peer_count;
}

static unsigned count_entries(struct reading *r)
{
    unsigned count = 0;
    for (struct source *s = r->sources; s != NULL; s = s->next) {
        const struct node *list = tree_child(s->root, "peers");
        count += list == NULL ? 0 : list->count;
    }
    return count;
}

/* No fewer than the addresses written in place of peers. */
static unsigned count_listed(const struct reading *r)
{
    unsigned count = 0;
    for (const struct source *s = r->sources; s != NULL; s = s->next) {
        const struct node *zones = tree_child(s->root, "zones");
        count += count_in_zone(tree_child(s->root, "defaults"));
        for (const struct node *n = zones == NULL ? NULL : zones->first; n != NULL; n = n->next) {
            count += count_in_zone(n);
        }
    }
    return count;
}

static unsigned count_in_zone(const struct node *zone)
{
    const struct node *notify = tree_child(zone, "notify"), *from = tree_child(zone, "primaries");
    return (notify == NULL ? 0 : item_count(notify)) + (from == NULL ? 0 : item_count(from));
}

static void read_peer(struct reading *r, const struct node *n)
{
    struct config_peer got = {.name = ""};
    struct given g;
    section_defaults(r, SCOPE_PEER, &got);
    if (!section_read(r, SCOPE_PEER, n, &got, &g)) {
        return;
    }
    section_require(r, SCOPE_PEER, n, &g);
    read_addresses(r, &got, &g);
    const struct node *name = g.at[PEER_name];
    if (name == NULL || g.wrong[PEER_name] || !check_name(r, name)) {
        return;
    }
    struct config_peer *p = new_peer(r);
    *p = got;
    keyed_put(&r->peers, p->name, p);
}

static bool check_name(struct reading *r, const struct node *n)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (address_word(n->text)) {
        finding_add(&r->findings, n->at, "a peer cannot be called '%s': the word has a meaning",
                    n->text);
        return false;
    }
    if (n->text[strspn(n->text, letters)] != '\0' || address_like(n->text)) {
        finding_add(
            &r->findings, n->at,
            "'%s' cannot name a peer: use letters, digits, '.', '-', '_', and not only digits",
            n->text);
        return false;
    }
    if (keyed_find(&r->peers, n->text) != NULL) {
        finding_add(&r->findings, n->at, "a second peer of the name '%s'", n->text);
        return false;
    }
    return true;
}

static void read_addresses(struct reading *r, struct config_peer *p, const struct given *g)
{
    struct addresses to = {.count = 0}, ask = {.count = 0};
    if (g->at[PEER_address] != NULL && addresses_read(r, g->at[PEER_address], &to)) {
        p->address = to.items;
        p->address_count = to.count;
    }
    p->ask = p->address;
    p->ask_count = p->address_count;
    if (g->at[PEER_ask] != NULL && addresses_read(r, g->at[PEER_ask], &ask)) {
        p->ask = ask.items;
        p->ask_count = ask.count;
    }
    if (g->at[PEER_via] != NULL) {
        read_via(r, p, g->at[PEER_via]);
    }
}

/* An address to send from; it must be of a family that the peer has. The port is chosen anew for
 * each question, or it could be guessed (RFC 5452 9.2). */
static void read_via(struct reading *r, struct config_peer *p, const struct node *n)
{
    bool fits = p->address_count == 0;
    if (!address_read(r, n, 0, &p->via)) {
        return;
    }
    if (p->via.port != 0) {
        finding_add(&r->findings, n->at, "via: an address without a port belongs here");
    }
    for (unsigned i = 0; i < p->address_count; i++) {
        fits = fits || p->address[i].family == p->via.family;
    }
    if (!fits) {
        finding_add(&r->findings, n->at, "via: an IPv%u address, but the peer has none of these",
                    (unsigned)p->via.family);
    }
    p->has_via = true;
}

bool peers_list(struct reading *r, const struct node *n, struct config_peers *out)
{
    unsigned before = r->findings.count, room = item_count(n);
    struct config_peers got = {.items = arena_get(&r->config->arena, room * sizeof *got.items)};
    if (n->bad || got.items == NULL) {
        return false;
    }
    if (n->kind == NODE_TEXT && strcmp(n->text, "none") == 0) {
        *out = got; /* what `defaults` say, taken back */
        return true;
    }
    r->lists++;
    for (const struct node *i = item_first(n); i != NULL; i = item_next(n, i)) {
        const struct config_peer *p = peer_meant(r, i);
        if (p != NULL && is_listed(r, p)) {
            finding_add(&r->findings, i->at, "%s is listed twice", p->name);
        } else if (p != NULL) {
            got.items[got.count++] = p;
        }
    }
    *out = got;
    return r->findings.count == before && got.count == room;
}

/* Was the peer in this list before? From now on it is. */
static bool is_listed(struct reading *r, const struct config_peer *p)
{
    unsigned *list = &r->listed_in[p - r->config->peers];
    bool before = *list == r->lists;
    *list = r->lists;
    return before;
}

const struct config_peer *peer_meant(struct reading *r, const struct node *n)
{
    if (n->bad) {
        return NULL;
    }
    if (n->kind == NODE_MAP) {
        const struct node *address = peer_inline(r, n);
        return address == NULL ? NULL : peer_in_place(r, address);
    }
    if (n->kind == NODE_LIST || address_like(n->text)) {
        return peer_in_place(r, n);
    }
    const struct config_peer *p = keyed_find(&r->peers, n->text);
    if (p == NULL) {
        peer_tell_unknown(r, n);
    }
    return p;
}

static const struct config_peer *peer_in_place(struct reading *r, const struct node *n)
{
    struct addr a;
    char text[ADDR_TEXT];
    if (!address_read(r, n, 53, &a)) {
        return NULL;
    }
    const struct config_peer *known = keyed_find(&r->peers, addr_print(&a, text));
    return known != NULL ? known : new_in_place(r, &a, text);
}

static const struct config_peer *new_in_place(struct reading *r, const struct addr *a,
                                              const char *text)
{
    struct addr *kept = arena_copy(&r->config->arena, a, sizeof *a);
    const char *name = arena_text(&r->config->arena, text);
    if (kept == NULL || name == NULL) {
        return NULL;
    }
    struct config_peer *p = new_peer(r);
    section_defaults(r, SCOPE_PEER, p);
    p->name = name;
    p->address = p->ask = kept;
    p->address_count = p->ask_count = 1;
    keyed_put(&r->peers, p->name, p);
    return p;
}

static struct config_peer *new_peer(struct reading *r)
{
    return &r->config->peers[r->config->peer_count++];
}

const struct node *peer_inline(struct reading *r, const struct node *map)
{
    struct config_entry entry = {.address = ""};
    struct given g;
    if (map->first == NULL || strchr(map->first->key->text, ':') != NULL) {
        address_tell(r, map); /* [2001:db8:: , 192.0.2.1] is a map to YAML */
        return NULL;
    }
    if (!section_read(r, SCOPE_ENTRY, map, &entry, &g)) {
        return NULL;
    }
    section_require(r, SCOPE_ENTRY, map, &g);
    return g.wrong[ENTRY_address] ? NULL : g.at[ENTRY_address];
}

void peer_tell_unknown(struct reading *r, const struct node *n)
{
    struct suggestion s = {.word = n->text};
    if (r->broken) {
        return; /* it may stand in the part that could not be read */
    }
    for (unsigned i = 0; i < r->named_peers && r->findings.count < SUGGEST_UNTIL; i++) {
        suggest_try(&s, r->config->peers[i].name);
    }
    if (s.best != NULL) {
        finding_add(&r->findings, n->at, "no peer is called '%s': did you mean '%s'?", n->text,
                    s.best);
        return;
    }
    finding_add(&r->findings, n->at, "no peer is called '%s', and it is not an address", n->text);
}
