/* keeper_touched.c - what an edit touched: how long its old answers may live, and which two edits
 * can have touched the same answer. */
#include "base/hash.h"
#include "base/rand.h"
#include "cases.h"
#include "keeper/ledger_inside.h"
#include "ledger_fixture.h"

#define APEX_SOA "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 300\n"

static struct book b;

static void start(void)
{
    book_open(&b);
}

static void stop(void)
{
    book_close(&b);
}

/* The edit from one text to the next. `forget_next`: only the change and the old version. */
static struct ledger_touched *touch(const char *before, const char *after, bool forget_next)
{
    char lines[2][2000];
    struct change change;
    uint32_t serial = 2 * (b.count / 2) + 1;
    snprintf(lines[0], sizeof lines[0], before, serial);
    snprintf(lines[1], sizeof lines[1], after, serial + 1);
    struct zone_version *old = book_write(&b, serial, lines[0]);
    struct zone_version *next = book_write(&b, serial + 1, lines[1]);
    change_init(&change);
    ck_assert(zone_diff(old, next, &change));
    struct ledger_touched *t = ledger_touch(&change, old, forget_next ? NULL : next);
    ck_assert_ptr_nonnull(t);
    change_free(&change);
    return t;
}

static const struct {
    const char *what, *before, *after;
    uint32_t rrsets, ttl_s;
} edits[] = {
    {"only the serial", "a 600 A 192.0.2.1\n", "a 600 A 192.0.2.1\n", 0, 0},
    {"another address", "a 600 A 192.0.2.1\n", "a 60 A 192.0.2.2\n", 1, 600},
    {"a TTL lowered", "a 600 A 192.0.2.1\n", "a 60 A 192.0.2.1\n", 1, 600},
    {"a TTL raised", "a 60 A 192.0.2.1\n", "a 600 A 192.0.2.1\n", 1, 60},
    {"NODATA before", "a 9 A 192.0.2.1\n", "a 9 A 192.0.2.1\na 9 TXT x\n", 1, 300},
    {"NXDOMAIN before", "a 9 A 192.0.2.1\n", "a 9 A 192.0.2.1\nb 9 A 192.0.2.1\n", 1, 300},
    {"a name goes", "a 9 A 192.0.2.1\nb 900 A 192.0.2.1\n", "a 9 A 192.0.2.1\n", 1, 900},
    {"a name goes, and denials of names below it", "b 60 A 192.0.2.1\n", "", 1, 300},
    {"a name that a wildcard stood for", "* 900 A 192.0.2.1\n",
     "* 900 A 192.0.2.1\nb 9 A 192.0.2.1\n", 1, 900},
    {"below a name that a wildcard stood for", "* 900 A 192.0.2.1\n",
     "* 900 A 192.0.2.1\nx.b 9 A 192.0.2.1\n", 1, 900},
    {"another type of that wildcard lives longer", "* 60 A 192.0.2.1\n* 900 TXT x\n",
     "* 60 A 192.0.2.1\n* 900 TXT x\nb 9 A 192.0.2.1\n", 1, 900},
    {"a wildcard comes", "a 9 A 192.0.2.1\n", "a 9 A 192.0.2.1\n* 9 A 192.0.2.1\n", 1, 300},
    {"a wildcard goes", "* 900 A 192.0.2.1\n", "", 1, 900},
    {"a label '*' in the middle", "x.*.b 9 A 192.0.2.1\n", "x.*.b 9 A 192.0.2.2\n", 1, 300},
    {"a cut comes over names", "x.b 7200 A 192.0.2.1\n",
     "x.b 7200 A 192.0.2.1\nb 9 NS x.b.example.\n", 1, 7200},
    {"a cut's servers change", "x.b 7200 A 192.0.2.1\nb 9 NS x.b.example.\n",
     "x.b 7200 A 192.0.2.1\nb 9 NS y.example.net.\n", 1, 9},
    {"a DNAME comes over names", "x.b 7200 A 192.0.2.1\n",
     "x.b 7200 A 192.0.2.1\nb 9 DNAME example.net.\n", 1, 7200},
    {"a DNAME leads elsewhere", "b 900 DNAME example.net.\n", "b 9 DNAME example.org.\n", 1, 900},
    {"a CNAME instead of an address", "a 9 A 192.0.2.1\n", "a 9 CNAME b.example.\n", 2, 300},
    {"the SOA's MINIMUM", "@ 700 SOA ns.example. admin.example. %u 3600 600 86400 300\n",
     "@ 700 SOA ns.example. admin.example. %u 3600 600 86400 30\n", 1, 700},
    {"the SOA's TTL", "@ 700 SOA ns.example. admin.example. %u 3600 600 86400 300\n",
     "@ 60 SOA ns.example. admin.example. %u 3600 600 86400 300\n", 1, 700},
    {"a denial lives no longer than the SOA",
     "@ 100 SOA ns.example. admin.example. %u 3600 600 86400 300\n",
     "@ 100 SOA ns.example. admin.example. %u 3600 600 86400 300\nb 9 A 192.0.2.1\n", 1, 100},
    {"a proof", "a 9 NSEC b.example. A NSEC\n", "a 9 NSEC c.example. A NSEC\n", 1, 300},
};

static void one_old_answers(unsigned i)
{
    struct ledger_touched *t = touch(edits[i].before, edits[i].after, false);
    ck_assert_msg(t->rrsets == edits[i].rrsets && t->old_ttl_s == edits[i].ttl_s,
                  "%s: %u RRsets, %u s", edits[i].what, t->rrsets, t->old_ttl_s);
    ck_assert_msg(!t->everything, "%s", edits[i].what);
    ledger_touched_free(t);
    /* Knowing less may only make it longer. */
    t = touch(edits[i].before, edits[i].after, true);
    ck_assert_msg(t->rrsets == edits[i].rrsets && t->old_ttl_s >= edits[i].ttl_s, "%s: %u s",
                  edits[i].what, t->old_ttl_s);
    ledger_touched_free(t);
}

START_TEST(old_answers)
{
    for (unsigned i = 0; i < sizeof edits / sizeof *edits; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_old_answers(i);
    }
}
END_TEST

static const struct {
    const char *what;
    const char *older[2], *newer[2];
    bool related;
} pairs[] = {
    {"one RRset twice",
     {"a 9 A 192.0.2.1\n", "a 9 A 192.0.2.2\n"},
     {"a 9 A 192.0.2.2\n", "a 9 A 192.0.2.3\n"},
     true},
    {"two types of one name",
     {"a 9 A 192.0.2.1\na 9 TXT x\n", "a 9 A 192.0.2.2\na 9 TXT x\n"},
     {"a 9 A 192.0.2.2\na 9 TXT x\n", "a 9 A 192.0.2.2\na 9 TXT y\n"},
     false},
    {"two names",
     {"a 9 A 192.0.2.1\nb 9 A 192.0.2.1\n", "a 9 A 192.0.2.2\nb 9 A 192.0.2.1\n"},
     {"a 9 A 192.0.2.2\nb 9 A 192.0.2.1\n", "a 9 A 192.0.2.2\nb 9 A 192.0.2.2\n"},
     false},
    {"a name came, then one of its types",
     {"c 9 A 192.0.2.1\n", "c 9 A 192.0.2.1\na 9 A 192.0.2.1\n"},
     {"c 9 A 192.0.2.1\na 9 A 192.0.2.1\n", "c 9 A 192.0.2.1\na 9 A 192.0.2.1\na 9 TXT x\n"},
     true},
    {"a name below came, then one above it", /* x.a was denied by the absence of a */
     {"c 9 A 192.0.2.1\n", "c 9 A 192.0.2.1\ny.x.a 9 A 192.0.2.1\n"},
     {"y.x.a 9 A 192.0.2.1\n", "y.x.a 9 A 192.0.2.1\nx.a 9 A 192.0.2.2\n"},
     true},
    {"names came in two branches",
     {"c 9 A 192.0.2.1\n", "c 9 A 192.0.2.1\nx.a 9 A 192.0.2.1\n"},
     {"c 9 A 192.0.2.1\nx.a 9 A 192.0.2.1\n",
      "c 9 A 192.0.2.1\nx.a 9 A 192.0.2.1\nx.b 9 A 192.0.2.1\n"},
     false},
    {"a wildcard, then a name it stood for",
     {"* 9 A 192.0.2.1\n", "* 9 A 192.0.2.2\n"},
     {"* 9 A 192.0.2.2\n", "* 9 A 192.0.2.2\na 9 A 192.0.2.1\n"},
     true},
    {"a wildcard elsewhere",
     {"*.b 9 A 192.0.2.1\n", "*.b 9 A 192.0.2.2\n"},
     {"*.b 9 A 192.0.2.2\na 9 A 192.0.2.1\n", "*.b 9 A 192.0.2.2\na 9 A 192.0.2.2\n"},
     false},
    {"a cut, then a name below it",
     {"x.b 9 A 192.0.2.1\n", "x.b 9 A 192.0.2.1\nb 9 NS x.b.example.\n"},
     {"x.b 9 A 192.0.2.1\nb 9 NS x.b.example.\n", "x.b 9 A 192.0.2.2\nb 9 NS x.b.example.\n"},
     true},
    {"another MINIMUM, then a name that was denied",
     {APEX_SOA, "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\n"},
     {"@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\n",
      "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\na 9 A 192.0.2.1\n"},
     true},
    {"another MINIMUM, then another address",
     {APEX_SOA "a 9 A 192.0.2.1\n",
      "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\na 9 A 192.0.2.1\n"},
     {"@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\na 9 A 192.0.2.1\n",
      "@ 3600 SOA ns.example. admin.example. %u 3600 600 86400 5\na 9 A 192.0.2.2\n"},
     false},
    {"NSEC3 parameters, then anything",
     {"@ 9 NSEC3PARAM 1 0 0 -\n", "@ 9 NSEC3PARAM 1 0 1 -\n"},
     {"a 9 A 192.0.2.1\n", "a 9 A 192.0.2.2\n"},
     true},
};

static void one_the_same_answer(unsigned i)
{
    struct ledger_touched *older = touch(pairs[i].older[0], pairs[i].older[1], false);
    struct ledger_touched *newer = touch(pairs[i].newer[0], pairs[i].newer[1], false);
    ck_assert_msg(touched_related(older, newer) == pairs[i].related, "%s", pairs[i].what);
    ck_assert(touched_related(NULL, newer) && touched_related(older, NULL)); /* not known: yes */
    ledger_touched_free(older);
    ledger_touched_free(newer);
}

START_TEST(the_same_answer)
{
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_the_same_answer(i);
    }
}
END_TEST

/* Too much to remember counts as everything; too much to look at, with the longest TTL there
 * was. */
static const struct {
    unsigned names; /* that appear: three hashes each, and the apex's */
    bool everything;
    uint32_t ttl_s;
} many[] = {{TOUCHED_HASHES / 3 - 1, false, 300},
            {TOUCHED_HASHES / 3 + 1, true, 300},
            {TOUCHED_HASHES + 1, true, 5000}};

static void one_too_much_is_everything(unsigned case_number)
{
    struct buf after = {0};
    struct change change;
    book_write(&b, 1, "long 5000 A 192.0.2.1\n");
    for (unsigned i = 0; i < many[case_number].names; i++) {
        buf_print(&after, "n%u 60 A 192.0.2.1\n", i);
    }
    buf_print(&after, "long 5000 A 192.0.2.1\n");
    book_write(&b, 2, buf_text(&after));
    change_init(&change);
    ck_assert(zone_diff(b.versions[0], b.versions[1], &change));
    struct ledger_touched *t = ledger_touch(&change, b.versions[0], b.versions[1]);
    ck_assert_ptr_nonnull(t);
    ck_assert_int_eq(t->everything, many[case_number].everything);
    ck_assert_int_eq(t->exact.items == NULL, many[case_number].everything);
    ck_assert_uint_eq(t->rrsets, many[case_number].names);
    ck_assert_uint_eq(t->old_ttl_s, many[case_number].ttl_s);
    ledger_touched_free(t);
    change_free(&change);
    buf_free(&after);
}

START_TEST(too_much_is_everything)
{
    for (unsigned i = 0; i < sizeof many / sizeof *many; i++) {
        if (i > 0) {
            stop();
            start();
        }
        one_too_much_is_everything(i);
    }
}
END_TEST

START_TEST(a_first_version_touches_everything_for_no_time)
{
    struct change change;
    book_write(&b, 1, "a 600 A 192.0.2.1\n");
    change_init(&change);
    ck_assert(zone_diff(NULL, b.versions[0], &change));
    struct ledger_touched *t = ledger_touch(&change, NULL, b.versions[0]);
    ck_assert(t != NULL && t->everything);
    ck_assert_uint_eq(t->old_ttl_s, 0);
    ledger_touched_free(t);
    change_free(&change);
}
END_TEST

/* ---- random zones, edited twice, against what their answers really are ---- */

#define OWNERS 6
#define ROUNDS 300
#define BELOW  "abcd*" /* labels of the names that are asked for */
#define ASKED  (5 + 25 + 125)

struct model {
    uint32_t minimum;
    struct {
        char owner[8];
        unsigned kind, value, ttl;
    } owners[OWNERS];
};

static unsigned pick(struct rand *r, unsigned n)
{
    return rand_below(r, n);
}

static void random_owner(struct rand *r, char out[8])
{
    static const char *const owners[] = {"a", "b.a", "c.b.a", "*", "*.a", "b", "a.b", "b.*", "c.a"};
    strcpy(out, owners[pick(r, sizeof owners / sizeof *owners)]);
}

static void change_owner(struct rand *r, struct model *m, unsigned i)
{
    static const unsigned ttls[] = {5, 60, 300, 900};
    if (m->owners[i].owner[0] == '\0' || pick(r, 3) == 0) {
        random_owner(r, m->owners[i].owner);
    }
    m->owners[i].kind = pick(r, 6);
    m->owners[i].value = pick(r, 3);
    m->owners[i].ttl = ttls[pick(r, 4)];
}

static struct zone_version *write_model(const struct model *m, uint32_t serial)
{
    struct buf lines = {0};
    buf_print(&lines, "@ 400 SOA ns.example. admin.example. %u 3600 600 86400 %u\n", serial,
              m->minimum);
    for (unsigned i = 0; i < OWNERS; i++) {
        const char *owner = m->owners[i].owner;
        unsigned ttl = m->owners[i].ttl, value = m->owners[i].value;
        bool again = m->owners[i].kind == 0;
        for (unsigned j = 0; j < i; j++) {
            again = again || (m->owners[j].kind != 0 && strcmp(m->owners[j].owner, owner) == 0);
        }
        if (again) {
            continue;
        }
        switch (m->owners[i].kind) {
        case 2:
            buf_print(&lines, "%s %u TXT x%u\n", owner, ttl, value);
            break;
        case 3:
            buf_print(&lines, "%s %u NS n%u.example.net.\n", owner, ttl, value);
            break;
        case 4:
            buf_print(&lines, "%s %u CNAME n%u.example.net.\n", owner, ttl, value);
            break;
        case 5:
            buf_print(&lines, "%s %u DNAME n%u.example.net.\n", owner, ttl, value);
            break;
        default:
            buf_print(&lines, "%s %u A 192.0.2.%u\n", owner, ttl, value);
        }
    }
    struct zone_version *v = book_write(&b, serial, buf_text(&lines));
    buf_free(&lines);
    return v;
}

struct answered {
    uint64_t hash;
    uint32_t ttl;
};

static struct answered of_rrset(const struct rrset *set)
{
    uint64_t hash = hash_mix(hash_bytes(set->data, set->size, set->type), set->ttl);
    return (struct answered){hash, set->ttl};
}

/* What a cache would keep of the answer. */
static struct answered answer_of(const struct zone_version *v, const uint8_t *name, uint16_t type)
{
    static const uint16_t instead[] = {TYPE_CNAME, TYPE_NS, TYPE_DNAME};
    struct zone_found f;
    struct rrset set;
    struct soa soa;
    uint16_t len;
    uint32_t ttl;
    const uint8_t *rdata = zone_soa(v, &len, &ttl);
    must(soa_read(rdata, len, &soa));
    uint32_t negative = ttl < soa.minimum ? ttl : soa.minimum;
    zone_find(v, name, &f);
    if (f.match == ZONE_NONE) {
        return (struct answered){negative, negative};
    }
    type = f.match == ZONE_CUT ? instead[1] : f.match == ZONE_DNAME ? instead[2] : type;
    if (zone_rrset(f.node, type, &set) || zone_rrset(f.node, instead[0], &set)) {
        return of_rrset(&set);
    }
    return (struct answered){UINT64_C(1) << 32 | negative, negative};
}

static unsigned asked_names(struct name *out)
{
    unsigned count = 0;
    char text[32];
    for (const char *x = BELOW; *x != '\0'; x++) {
        snprintf(text, sizeof text, "%c.example", *x);
        out[count++] = a_name(text);
        for (const char *y = BELOW; *y != '\0'; y++) {
            snprintf(text, sizeof text, "%c.%c.example", *y, *x);
            out[count++] = a_name(text);
            for (const char *z = BELOW; *z != '\0'; z++) {
                snprintf(text, sizeof text, "%c.%c.%c.example", *z, *y, *x);
                out[count++] = a_name(text);
            }
        }
    }
    return count;
}

static struct ledger_touched *touch_versions(struct zone_version *old, struct zone_version *next)
{
    struct change change;
    change_init(&change);
    ck_assert(zone_diff(old, next, &change));
    struct ledger_touched *t = ledger_touch(&change, old, next);
    ck_assert_ptr_nonnull(t);
    change_free(&change);
    return t;
}

static void compare_answers(struct zone_version *const v[3], const struct name *names,
                            unsigned round)
{
    static const uint16_t types[] = {TYPE_A, TYPE_TXT, TYPE_NS};
    struct ledger_touched *first = touch_versions(v[0], v[1]), *second = touch_versions(v[1], v[2]);
    bool related = touched_related(first, second);
    for (unsigned i = 0; i < ASKED * 3; i++) {
        const uint8_t *name = names[i / 3].octets;
        struct answered a[3];
        for (unsigned k = 0; k < 3; k++) {
            a[k] = answer_of(v[k], name, types[i % 3]);
        }
        char text[NAME_TEXT];
        if (a[0].hash == a[1].hash) {
            continue;
        }
        if (first->old_ttl_s < a[0].ttl) {
            ck_abort_msg("round %u: %s: %u s, not %u", round, name_print(name, text), a[0].ttl,
                         first->old_ttl_s);
        }
        if (a[1].hash != a[2].hash && !related) {
            ck_abort_msg("round %u: %s %u was changed twice", round, name_print(name, text),
                         types[i % 3]);
        }
    }
    ledger_touched_free(first);
    ledger_touched_free(second);
}

START_TEST(no_old_answer_is_overlooked)
{
    struct name *names = calloc(ASKED, sizeof *names);
    struct rand r;
    rand_seed(&r, 20);
    ck_assert_uint_eq(asked_names(names), ASKED);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct zone_version *v[3];
        struct model m = {.minimum = pick(&r, 2) == 0 ? 300 : 30};
        for (unsigned i = 0; i < OWNERS; i++) {
            change_owner(&r, &m, i);
        }
        for (unsigned k = 0; k < 3; k++) {
            v[k] = write_model(&m, k + 1);
            change_owner(&r, &m, pick(&r, OWNERS));
            m.minimum = pick(&r, 8) == 0 ? 100 : m.minimum;
        }
        compare_answers(v, names, round);
        while (b.count > 0) {
            zone_release(b.versions[--b.count]);
        }
        while (zone_line_reclaim(b.line, 1000)) {
        }
    }
    free(names);
}
END_TEST

TCase *case_keeper_touched(void)
{
    TCase *c = tcase_create("keeper_touched");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, old_answers);
    tcase_add_test(c, the_same_answer);
    tcase_add_test(c, too_much_is_everything);
    tcase_add_test(c, a_first_version_touches_everything_for_no_time);
    tcase_add_test(c, no_old_answer_is_overlooked);
    return c;
}
