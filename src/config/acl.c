/* acl.c - lists that say who may: prefixes, the longest first, so that the first one decides.
 * Reading: one thread, at configuration time. config_acl_allows: any thread. */
#include "config/acl.h"
#include "config/addresses.h"
#include "config/peers.h"
#include "config/section.h"
#include <stdlib.h>
#include <string.h>

static void read_entry(struct reading *r, const struct node *n, struct config_acl *a,
                       struct buf *items);
static bool read_word(struct reading *r, const struct node *n, struct config_acl *a,
                      struct buf *items);
static void add_loopback(struct buf *items);
static void add_peer(struct buf *items, const struct config_peer *p);
static void add_address(struct buf *items, const struct addr *address);
static void finish(struct arena *arena, struct config_acl *a, struct buf *items);
static int longest_first(const void *a, const void *b);

bool acl_read(struct reading *r, const struct node *n, struct config_acl *out)
{
    struct config_acl got = {.count = 0};
    struct buf items = {.len = 0};
    unsigned before = r->findings.count;
    if (n->bad) {
        return false;
    }
    for (const struct node *i = item_first(n); i != NULL; i = item_next(n, i)) {
        read_entry(r, i, &got, &items);
        if (i->kind == NODE_TEXT && strcmp(i->text, "none") == 0 && item_count(n) > 1) {
            finding_add(&r->findings, i->at, "'none' can only stand alone");
        }
    }
    finish(&r->config->arena, &got, &items);
    *out = got;
    return r->findings.count == before;
}

static void read_entry(struct reading *r, const struct node *n, struct config_acl *a,
                       struct buf *items)
{
    struct prefix prefix;
    struct addr address;
    if (n->kind == NODE_MAP && !n->bad) {
        n = peer_inline(r, n);
    }
    if (n == NULL || n->bad || read_word(r, n, a, items)) {
        return;
    }
    if (n->kind == NODE_TEXT && prefix_parse(n->text, &prefix)) {
        buf_add(items, &prefix, sizeof prefix);
        return;
    }
    if (n->kind == NODE_TEXT && !address_like(n->text)) {
        const struct config_peer *p = peer_meant(r, n);
        if (p != NULL) {
            add_peer(items, p);
        }
        return;
    }
    if (address_read(r, n, 0, &address)) { /* its port says where we send, not who may */
        add_address(items, &address);
    }
}

static bool read_word(struct reading *r, const struct node *n, struct config_acl *a,
                      struct buf *items)
{
    if (n->kind != NODE_TEXT || !address_word(n->text)) {
        return false;
    }
    if (n->key != NULL && strcmp(n->key->text, "address") == 0) {
        finding_add(&r->findings, n->at, "'%s' is not an address: write it without 'address:'",
                    n->text);
        return true;
    }
    a->any = a->any || strcmp(n->text, "any") == 0;
    if (strcmp(n->text, "localhost") == 0) {
        add_loopback(items);
    }
    return true;
}

static void add_loopback(struct buf *items)
{
    struct prefix four = {.net = {.family = 4, .ip = {127}}, .bits = 8};
    struct prefix six = {.net = {.family = 6, .ip = {[15] = 1}}, .bits = 128};
    buf_add(items, &four, sizeof four);
    buf_add(items, &six, sizeof six);
}

static void add_peer(struct buf *items, const struct config_peer *p)
{
    for (unsigned i = 0; i < p->address_count; i++) {
        add_address(items, &p->address[i]);
    }
}

static void add_address(struct buf *items, const struct addr *address)
{
    struct prefix p;
    char text[ADDR_TEXT];
    struct addr plain = *address;
    plain.scope = 0;                                     /* a prefix knows no interface */
    if (prefix_parse(addr_print_ip(&plain, text), &p)) { /* IPv4-mapped ones become IPv4 */
        buf_add(items, &p, sizeof p);
    }
}

void acl_add_peers(struct reading *r, struct config_acl *a, const struct config_peers *peers)
{
    struct buf items = {.len = 0};
    buf_add(&items, a->items, a->count * sizeof *a->items);
    for (unsigned i = 0; i < peers->count; i++) {
        add_peer(&items, peers->items[i]);
    }
    finish(&r->config->arena, a, &items);
}

struct config_acl acl_loopback(struct arena *arena)
{
    struct config_acl a = {.count = 0};
    struct buf items = {.len = 0};
    add_loopback(&items);
    finish(arena, &a, &items);
    return a;
}

/* Sorts the prefixes, drops repeated ones and keeps them in the arena. */
static void finish(struct arena *arena, struct config_acl *a, struct buf *items)
{
    a->count = 0;
    a->items = arena_copy(arena, items->data, items->len);
    unsigned count = (unsigned)(items->len / sizeof *a->items);
    arena->failed = arena->failed || items->failed;
    buf_free(items);
    if (a->items == NULL) {
        return;
    }
    if (count > 1) {
        qsort(a->items, count, sizeof *a->items, longest_first);
    }
    for (unsigned i = 0; i < count; i++) {
        if (a->count == 0 || longest_first(&a->items[i], &a->items[a->count - 1]) != 0) {
            a->items[a->count++] = a->items[i];
        }
    }
}

static int longest_first(const void *a, const void *b)
{
    const struct prefix *x = a, *y = b;
    if (x->net.family != y->net.family) {
        return x->net.family < y->net.family ? -1 : 1;
    }
    if (x->bits != y->bits) {
        return x->bits > y->bits ? -1 : 1;
    }
    return memcmp(x->net.ip, y->net.ip, sizeof x->net.ip);
}

bool config_acl_allows(const struct config_acl *a, const struct addr *from)
{
    for (unsigned i = 0; i < a->count; i++) {
        if (addr_in(from, &a->items[i])) {
            return true;
        }
    }
    return a->any;
}
