/* model.c - a small zone as plain numbers. Values are never used twice, so that an answer says
 * which saves it can be of. */
#include "model.h"
#include "wire/msg.h"
#include "wire/rdata.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include "zone/version.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The owners come first. "n1" is an empty non-terminal while only "deep.n1" has data; "*.w" answers
 * for what is not there. */
static const char *const names[MODEL_ASKED] = {"n0",  "n1",  "n2",       "deep.n1", "*.w",
                                               "b.w", "a.w", "none.b.w", "x.n0"};
enum { WILDCARD = 4, BELOW_WILDCARD = 5 };

static void change(struct model *m, struct rand *r);
static uint32_t pick(struct rand *r, const uint32_t *of, uint32_t count);
static bool has_data(const struct model *m, unsigned owner);
static bool exists(const struct model *m, const char *name);
static bool is_below(const char *name, const char *above);
static struct model_answer denial(const struct model *m, enum model_kind kind);
static bool read_value(const struct record *rr, uint32_t *save);

static const uint32_t ttls[] = {0, 1, 5, 30, 60, 300, 3600};
#define PICK(r, list) pick(r, list, sizeof(list) / sizeof *(list))

void model_first(struct model *m, struct rand *r)
{
    static const uint32_t refresh[] = {5, 60, 300, 900, 21600}, retry[] = {1, 10, 60, 300},
                          expire[] = {120, 600, 3600, 604800};
    *m = (struct model){.serial = rand_below(r, 3) == 0 ? UINT32_C(0xfffffff0) : 1};
    m->refresh = PICK(r, refresh);
    m->retry = PICK(r, retry);
    m->expire = PICK(r, expire);
    m->minimum = PICK(r, ttls);
    for (unsigned i = 0; i < MODEL_NAMES; i++) {
        m->a[i] = (struct model_set){.is = rand_below(r, 2) == 0, .ttl = PICK(r, ttls)};
        m->txt[i] = (struct model_set){.is = rand_below(r, 3) == 0, .ttl = PICK(r, ttls)};
    }
}

void model_edit(struct model *m, struct rand *r)
{
    m->save++;
    m->serial += 1 + rand_below(r, 3);
    for (unsigned i = 1 + rand_below(r, 3); i > 0; i--)
        change(m, r);
}

static void change(struct model *m, struct rand *r)
{
    unsigned owner = rand_below(r, MODEL_NAMES);
    struct model_set *set = rand_below(r, 3) == 0 ? &m->txt[owner] : &m->a[owner];
    switch (rand_below(r, 8)) {
    case 0:
        m->minimum = PICK(r, ttls);
        break;
    case 1:
        set->ttl = PICK(r, ttls);
        break;
    case 2:
    case 3:
        set->is = false;
        break;
    default:
        set->is = true;
        set->save = m->save;
        break;
    }
}

static uint32_t pick(struct rand *r, const uint32_t *of, uint32_t count)
{
    return of[rand_below(r, count)];
}

void model_print(const struct model *m, struct buf *text)
{
    buf_print(text,
              "$TTL 60\n$ORIGIN " MODEL_APEX ".\n@ %u SOA ns1 root (%u %u %u %u %u)\n  NS ns1\n",
              m->minimum, m->serial, m->refresh, m->retry, m->expire, m->minimum);
    buf_print(text, "ns1 A 192.0.2.1\nsave 0 TXT \"%u\"\n", m->save);
    for (unsigned i = 0; i < MODEL_NAMES; i++) {
        const struct model_set *a = &m->a[i], *txt = &m->txt[i];
        if (a->is)
            buf_print(text, "%s %u A 10.0.%u.%u\n", names[i], a->ttl, a->save >> 8, a->save & 255);
        if (txt->is)
            buf_print(text, "%s %u TXT \"%u\"\n", names[i], txt->ttl, txt->save);
    }
}

void model_name(unsigned asked, struct name *out)
{
    char text[64];
    snprintf(text, sizeof text, "%s." MODEL_APEX ".", names[asked]);
    must(name_from(text, out));
}

const char *model_name_text(unsigned asked)
{
    return names[asked];
}

struct model_answer model_answer(const struct model *m, const struct model_question *q)
{
    unsigned owner = q->asked;
    if (!exists(m, names[q->asked])) {
        bool wild = is_below(names[q->asked], "w") && has_data(m, WILDCARD) &&
                    !(has_data(m, BELOW_WILDCARD) && is_below(names[q->asked], "b.w"));
        if (!wild)
            return denial(m, MODEL_NXDOMAIN);
        owner = WILDCARD;
    }
    if (owner >= MODEL_NAMES)
        return denial(m, MODEL_NODATA);
    const struct model_set *set = q->type == TYPE_A ? &m->a[owner] : &m->txt[owner];
    if (!set->is)
        return denial(m, MODEL_NODATA);
    return (struct model_answer){MODEL_DATA, set->save, set->ttl};
}

static bool has_data(const struct model *m, unsigned owner)
{
    return m->a[owner].is || m->txt[owner].is;
}

static bool exists(const struct model *m, const char *name)
{
    for (unsigned i = 0; i < MODEL_NAMES; i++)
        if (has_data(m, i) && (strcmp(names[i], name) == 0 || is_below(names[i], name)))
            return true;
    return false;
}

static bool is_below(const char *name, const char *above)
{
    size_t len = strlen(name), top = strlen(above);
    return len > top && name[len - top - 1] == '.' && strcmp(name + len - top, above) == 0;
}

static struct model_answer denial(const struct model *m, enum model_kind kind)
{
    return (struct model_answer){.kind = kind, .ttl = m->minimum};
}

bool model_read(struct response *r, const struct model_question *q, struct model_answer *out)
{
    struct record rr;
    struct buf space = {0};
    bool soa = false, good = true;
    unsigned sets = 0;
    *out = (struct model_answer){.kind = MODEL_ERROR};
    for (unsigned i = 0; i < (unsigned)r->counts[0] + r->counts[1]; i++) {
        space.len = 0;
        if (!record_read(&r->records, &space, &rr))
            break;
        if (i < r->counts[0] && rr.type == q->type) {
            sets++;
            out->ttl = rr.ttl;
            good = good && read_value(&rr, &out->save);
        } else if (i >= r->counts[0] && rr.type == TYPE_SOA) {
            soa = true;
            out->ttl = rr.ttl;
        }
    }
    buf_free(&space);
    if (r->rcode == RCODE_NXDOMAIN)
        out->kind = MODEL_NXDOMAIN;
    else if (r->rcode == RCODE_NOERROR)
        out->kind = sets > 0 ? MODEL_DATA : MODEL_NODATA;
    else
        return true;
    return good && sets <= 1 && (sets == 1 || soa) && (r->flags & MSG_TC) == 0;
}

static bool read_value(const struct record *rr, uint32_t *save)
{
    char text[16] = "";
    if (rr->type == TYPE_A) {
        *save = get_u32(rr->rdata) - UINT32_C(0x0a000000);
        return true;
    }
    if (rr->rdlen < 2 || rr->rdlen != 1u + rr->rdata[0] || rr->rdata[0] >= sizeof text)
        return false;
    memcpy(text, rr->rdata + 1, rr->rdata[0]);
    *save = (uint32_t)strtoul(text, NULL, 10);
    return true;
}

bool model_same(const struct model_answer *a, const struct model_answer *b)
{
    return a->kind == b->kind && (a->kind != MODEL_DATA || a->save == b->save);
}

bool model_save_of(const struct zone_version *v, unsigned *save)
{
    struct name name;
    struct rrset set;
    must(name_from("save." MODEL_APEX ".", &name));
    struct zone_node node = zone_lookup(v, name.octets);
    if (node.ref == 0 || !zone_rrset(node, TYPE_TXT, &set) || set.count != 1)
        return false;
    struct record rr = {.type = TYPE_TXT, .rdlen = get_u16(set.data), .rdata = set.data + 2};
    uint32_t value = 0;
    bool ok = read_value(&rr, &value);
    *save = value;
    return ok;
}
