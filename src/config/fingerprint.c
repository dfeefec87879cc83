/* fingerprint.c - a hash over every resolved field of a zone.
 * Member by member, for padding and pointers would make equal zones differ. A reload leaves zones
 * with an equal number alone, and zones whose rules have one share them. Any thread. */
#include "config/fingerprint.h"
#include "base/hash.h"
#include <string.h>

#define FINGERPRINT_SEED UINT64_C(0x736574746c656431)

static uint64_t mix_text(uint64_t h, const char *text);
static uint64_t mix_peers(uint64_t h, const struct config_peers *peers);
static uint64_t mix_addresses(uint64_t h, const struct addr *a, unsigned count);
static uint64_t mix_acl(uint64_t h, const struct config_acl *a);

uint64_t fingerprint_zone(const struct config_zone *z)
{
    uint64_t h = name_hash(z->name, FINGERPRINT_SEED);
    h = hash_mix(h, (uint64_t)z->role);
    h = mix_text(h, z->file);
    return hash_mix(h, z->rules->hash);
}

uint64_t fingerprint_rules(const struct config_rules *r)
{
    const uint64_t numbers[] = {r->serial,
                                r->watch,
                                r->follow,
                                r->local_names,
                                r->refresh_min_s,
                                r->refresh_max_s,
                                r->expire_max_s,
                                r->journal_max,
                                r->max_shrink,
                                r->zonemd_verify,
                                r->limits.zone_bytes,
                                r->limits.zone_records,
                                r->limits.transfer_time_s,
                                r->limits.transfer_rate};
    uint64_t h = FINGERPRINT_SEED;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        h = hash_mix(h, numbers[i]);
    }
    h = mix_peers(h, &r->notify);
    h = mix_peers(h, &r->primaries);
    h = mix_acl(h, &r->transfer);
    h = mix_acl(h, &r->notify_from);
    return mix_acl(h, &r->allow);
}

static uint64_t mix_text(uint64_t h, const char *text)
{
    return hash_mix(h, text == NULL ? 0 : hash_bytes(text, strlen(text), FINGERPRINT_SEED));
}

static uint64_t mix_peers(uint64_t h, const struct config_peers *peers)
{
    h = hash_mix(h, peers->count);
    for (unsigned i = 0; i < peers->count; i++) {
        const struct config_peer *p = peers->items[i];
        h = mix_text(h, p->name);
        h = mix_addresses(h, p->address, p->address_count);
        h = mix_addresses(h, p->ask, p->ask_count);
        h = mix_addresses(h, &p->via, p->has_via ? 1 : 0);
        h = hash_mix(h, (uint64_t)p->watch << 8 | (uint64_t)p->kind);
    }
    return h;
}

static uint64_t mix_addresses(uint64_t h, const struct addr *a, unsigned count)
{
    h = hash_mix(h, count);
    for (unsigned i = 0; i < count; i++) {
        h = hash_mix(h, addr_hash_ip(&a[i], FINGERPRINT_SEED));
        h = hash_mix(h, a[i].port);
    }
    return h;
}

static uint64_t mix_acl(uint64_t h, const struct config_acl *a)
{
    h = hash_mix(h, (uint64_t)a->any << 1 | (uint64_t)a->own_networks);
    h = hash_mix(h, a->count);
    for (unsigned i = 0; i < a->count; i++) {
        h = hash_mix(h, addr_hash_ip(&a->items[i].net, FINGERPRINT_SEED));
        h = hash_mix(h, a->items[i].bits);
    }
    return h;
}
