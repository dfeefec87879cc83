/* addresses.c - reading addresses: 192.0.2.1, 192.0.2.1@5300, "[2001:db8::1]:53".
 * YAML reads unquoted IPv6 as maps, lists or nothing at all: whatever is no text says "quote". */
#include "config/addresses.h"
#include "config/complaint.h"
#include "config/value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_repeated(const struct addresses *list, const struct addr *a);
static bool tell_host_bits(struct reading *r, const struct node *n);

bool address_read(struct reading *r, const struct node *n, uint16_t port, struct addr *out)
{
    if (n->bad) {
        return false;
    }
    if (n->kind == NODE_TEXT && addr_parse(n->text, port, out)) {
        return true;
    }
    address_tell(r, n);
    return false;
}

bool addresses_read(struct reading *r, const struct node *n, struct addresses *out)
{
    struct addresses got = {.count = 0};
    unsigned room = item_count(n), before = r->findings.count;
    if (n->bad) {
        return false;
    }
    if (room == 0 || room > ADDRESSES_MOST) {
        finding_add(&r->findings, n->at, "%s: %s", n->key->text,
                    room == 0 ? "an empty list" : "more than 1024 addresses");
        return false;
    }
    got.items = arena_get(&r->config->arena, room * sizeof *got.items);
    if (got.items == NULL) {
        return false;
    }
    for (const struct node *i = item_first(n); i != NULL; i = item_next(n, i)) {
        struct addr a;
        if (!address_read(r, i, 53, &a)) {
            continue;
        }
        if (is_repeated(&got, &a)) {
            finding_add(&r->findings, i->at, "%s is listed twice", i->text);
            continue;
        }
        got.items[got.count++] = a;
    }
    *out = got;
    return r->findings.count == before && got.count == room;
}

static bool is_repeated(const struct addresses *list, const struct addr *a)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (addr_same(&list->items[i], a)) {
            return true;
        }
    }
    return false;
}

void address_tell(struct reading *r, const struct node *n)
{
    if (n->kind != NODE_TEXT) {
        finding_add(&r->findings, n->at, "a %s where an address belongs; " QUOTE_IPV6,
                    n->kind == NODE_LIST ? "list" : "map");
        return;
    }
    if (n->empty) {
        finding_add(&r->findings, n->key != NULL ? n->key->at : n->at,
                    "an address is missing here");
        return;
    }
    struct prefix p;
    if (prefix_parse(n->text, &p)) {
        finding_add(&r->findings, n->at, "'%s' is a prefix: an address belongs here", n->text);
        return;
    }
    if (!tell_host_bits(r, n)) {
        finding_add(&r->findings, n->at, "'%s' is not an address%s", n->text,
                    strchr(n->text, '/') != NULL ? " or prefix" : "");
    }
}

/* 192.0.2.1/24: says which prefix may have been meant. */
static bool tell_host_bits(struct reading *r, const struct node *n)
{
    const char *slash = strchr(n->text, '/');
    char ip[ADDR_TEXT], text[ADDR_TEXT];
    struct prefix p = {.bits = 0}, checked;
    if (slash == NULL || (size_t)(slash - n->text) >= sizeof ip || strlen(slash) > 4) {
        return false;
    }
    snprintf(ip, sizeof ip, "%.*s", (int)(slash - n->text), n->text);
    unsigned long bits = strtoul(slash + 1, NULL, 10);
    if (!addr_parse(ip, 0, &p.net) || p.net.port != 0 || bits >= (p.net.family == 4 ? 32u : 128u)) {
        return false;
    }
    for (unsigned i = (unsigned)bits; i < 128; i++) {
        p.net.ip[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    }
    p.bits = (uint8_t)bits;
    prefix_print(&p, text);
    if (!prefix_parse(text, &checked) || strcmp(slash + 1, strchr(text, '/') + 1) != 0) {
        return false;
    }
    finding_add(&r->findings, n->at, "'%s' has bits behind its prefix: did you mean '%s'?", n->text,
                text);
    return true;
}

bool address_like(const char *text)
{
    return strchr(text, ':') != NULL || strchr(text, '/') != NULL || text[0] == '[' ||
           text[strspn(text, "0123456789.@")] == '\0';
}

bool address_word(const char *text)
{
    return value_word(text, "any none localhost") >= 0;
}
