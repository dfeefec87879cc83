/* zone_beside.c - a zone that comes again, beside its large base and built anew: both ways lead
 * to the same version, the same change and the same words, through thousands of random edits. */
#include "base/rand.h"
#include "cases.h"
#include "zone_building.h"
#include "zonekit.h"
#include <stdio.h>

#define LINES_MOST 60
#define EDITS      1000 /* for make check; more by hand */

struct text { /* a zone file as lines; the last of them are in a file of their own */
    char line[LINES_MOST][96];
    unsigned count, included;
    struct buf main, inc;
};

static const char *const names[] = {
    "@",     "www", "WWW",    "a.b.c",    "b.c",        "*.w",   "x.w",       "w",
    "cut",   "Cut", "ns.cut", "x.cut",    "deep.x.cut", "other", "ns1.other", "dn",
    "x.dn",  "al",  "mail",   "ns1",      "ns2",        "c",     "ns.ns.cut", "out.other.zone.",
    "*.cut", "*",   "txt",    "very.w.x", "srv",        "NS1",
};

static const char *any_name(struct rand *r)
{
    return names[rand_below(r, sizeof names / sizeof names[0])];
}

/* A record of any kind, now and then one that is wrong. */
static void any_line(struct rand *r, char *out, size_t size)
{
    static const char *const ttls[] = {"", "", "", "", "60 ", "300 ", "0 "};
    const char *owner = any_name(r), *ttl = ttls[rand_below(r, 7)];
    unsigned n = rand_below(r, 3);
    switch (rand_below(r, 46)) {
    case 0:
        snprintf(out, size, "%s %sCNAME %s", owner, ttl, any_name(r));
        break;
    case 1:
    case 2:
        snprintf(out, size, "%s %sDNAME %s", rand_below(r, 2) == 0 ? "dn" : owner, ttl,
                 any_name(r));
        break;
    case 3:
        snprintf(out, size, "%s %sDS 1 8 2 %064u", owner, ttl, n);
        break;
    case 4:
        snprintf(out, size, "$TTL %u", n * 60 + 60);
        break;
    case 5:
        snprintf(out, size, "%s %sSRV 0 0 1 %s", owner, ttl, any_name(r));
        break;
    case 6:
        snprintf(out, size, "%s RRSIG A 8 2 60 20300101000000 20200101000000 %u example. AAAA",
                 owner, n);
        break;
    case 7:
        snprintf(out, size, "0123456789abcdefghijklmnopqrstuv NSEC3 1 0 %u - %032u A", n, n);
        break;
    case 8:
        snprintf(out, size, rand_below(r, 4) == 0 ? "%s A 192.0.2" : "\t\tTXT %s", owner);
        break;
    case 9:
        snprintf(out, size, "$GENERATE 1-3 g$ %sA 192.0.2.%u$", ttl, n + 1);
        break;
    case 10:
    case 11:
    case 12:
        snprintf(out, size, "%s %sMX %u %s", owner, ttl, n, any_name(r));
        break;
    case 13:
    case 14:
    case 15:
    case 16:
    case 17:
        snprintf(out, size, "%s %sNS %s", rand_below(r, 2) == 0 ? "cut" : owner, ttl, any_name(r));
        break;
    case 18:
    case 19:
        snprintf(out, size, "%s %sAAAA 2001:db8::%u", owner, ttl, n);
        break;
    case 20:
    case 21:
        snprintf(out, size, "%s %sTXT %u", owner, ttl, n);
        break;
    case 22: /* what looks like an entry, and is none */
        snprintf(out, size, "%s %sTXT (\nwww\n; )\nmail A%s", owner, ttl,
                 rand_below(r, 8) == 0 ? "" : "\n)");
        break;
    case 23:
        snprintf(out, size, "$ORIGIN %s", rand_below(r, 2) == 0 ? "example." : "w.example.");
        break;
    case 24:
        snprintf(out, size, "; %s\n\n \t\n%s A 192.0.2.%u\r\n A 192.0.2.9\r", owner, owner, n);
        break;
    case 25:
        snprintf(out, size, " %sA 192.0.2.%u", ttl, n);
        break;
    default:
        snprintf(out, size, "%s %sA 192.0.2.%u", owner, ttl, n);
    }
}

static void swap_lines(struct text *t, unsigned a, unsigned b)
{
    char keep[sizeof t->line[0]];
    memcpy(keep, t->line[a], sizeof keep);
    memmove(t->line[a], t->line[b], sizeof keep);
    memcpy(t->line[b], keep, sizeof keep);
}

static void put_line(struct text *t, struct rand *r, const char *line)
{
    if (t->count < LINES_MOST) {
        snprintf(t->line[t->count], sizeof t->line[0], "%s", line);
        t->count++;
        swap_lines(t, t->count - 1, 3 + rand_below(r, t->count - 3)); /* behind the head */
    }
}

static void edit(struct text *t, struct rand *r)
{
    char line[sizeof t->line[0]];
    unsigned at = 3 + rand_below(r, t->count - 2);
    switch (rand_below(r, 12)) {
    case 0: /* shuffled */
        for (unsigned i = t->count - 1; i > 3; i--) {
            swap_lines(t, i, 3 + rand_below(r, i - 2));
        }
        break;
    case 1: /* the serial, or nothing */
        snprintf(t->line[1], sizeof t->line[1], "@ SOA ns1 h %u 1h 1h 1w 1h", rand_below(r, 9));
        break;
    case 2: /* twice */
        memcpy(line, t->line[rand_below(r, t->count)], sizeof line);
        put_line(t, r, line);
        break;
    case 3: /* the end is another file, or none is */
        t->included = rand_below(r, 2) * rand_below(r, 5);
        break;
    case 4: /* in large letters, names in rdata too */
        for (char *p = t->line[at < t->count ? at : 2]; *p != '\0' && *p != '$'; p++) {
            *p = *p >= 'a' && *p <= 'z' && rand_below(r, 2) == 0 ? (char)(*p - 32) : *p;
        }
        break;
    case 5:
    case 6:
    case 7: /* gone */
        if (at < t->count) {
            swap_lines(t, at, --t->count);
        }
        break;
    default:
        any_line(r, line, sizeof line);
        put_line(t, r, line);
    }
}

/* `open`: the last line has no newline. */
static void write_text(struct text *t, bool open, struct zone_disk *disk)
{
    buf_free(&t->main);
    buf_free(&t->inc);
    unsigned own = t->count - (t->included < t->count - 3 ? t->included : 0);
    for (unsigned i = 0; i < t->count; i++) {
        buf_print(i < own ? &t->main : &t->inc, "%s%s", t->line[i],
                  open && i + 1 == t->count ? "" : "\n");
    }
    if (own < t->count) {
        buf_print(&t->main, "$INCLUDE inc\n");
    }
    disk->files[0] = (struct zone_file){.path = "z", .text = buf_text(&t->main), .inode = 1};
    disk->files[1] = (struct zone_file){.path = "inc", .text = buf_text(&t->inc), .inode = 2};
}

static void expect_same_buf(struct buf *a, struct buf *b)
{
    ck_assert_str_eq(buf_text(a), buf_text(b));
    ck_assert_uint_eq(a->len, b->len);
    ck_assert(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void expect_same_version(const struct zone_version *a, const struct zone_version *b)
{
    struct buf x = {.len = 0}, y = {.len = 0};
    building_print(a, &x);
    building_print(b, &y);
    expect_same_buf(&x, &y);
    ck_assert_uint_eq(zone_serial(a), zone_serial(b));
    ck_assert_uint_eq(zone_records(a), zone_records(b));
    ck_assert_uint_eq(zone_content_hash(a), zone_content_hash(b));
    ck_assert_uint_eq(zone_max_ttl(a), zone_max_ttl(b));
    ck_assert_uint_eq(zone_bytes(a), zone_bytes(b));
    buf_free(&x);
    buf_free(&y);
}

static void expect_same(struct building *a, struct building *b)
{
    struct zone_built *x = &a->built, *y = &b->built;
    expect_same_buf(&x->report.text, &y->report.text);
    ck_assert_str_eq(report_first(&x->report), report_first(&y->report));
    ck_assert_uint_eq(x->report.errors, y->report.errors);
    ck_assert_uint_eq(x->report.warnings, y->report.warnings);
    ck_assert(x->ok == y->ok && x->same == y->same && (x->next == NULL) == (y->next == NULL));
    ck_assert_uint_eq(x->counted_before, y->counted_before);
    ck_assert_uint_eq(x->counted_after, y->counted_after);
    ck_assert(x->change.first == y->change.first);
    ck_assert_uint_eq(x->change.deleted_count, y->change.deleted_count);
    ck_assert_uint_eq(x->change.added_count, y->change.added_count);
    ck_assert(x->change.from == y->change.from && x->change.to == y->change.to);
    expect_same_buf(&x->change.deleted, &y->change.deleted);
    expect_same_buf(&x->change.added, &y->change.added);
    ck_assert_uint_eq(x->file_count, y->file_count);
    for (unsigned i = 0; i < x->file_count; i++) {
        ck_assert_str_eq(x->files[i].path, y->files[i].path);
    }
    if (x->next != NULL) {
        expect_same_version(x->next, y->next);
    }
}

static void build(struct building *b, enum serial_policy policy, uint64_t share_from)
{
    b->job.share_from = share_from;
    b->job.policy = policy;
    b->job.now = (struct wall){1700000000000};
    b->job.has_served = b->base != NULL;
    building_build(b, NULL);
}

/* All that a version has comes by transfer, one record of it twice. */
static void transfer(struct building *b, const struct zone_version *v, uint64_t share_from)
{
    struct record first;
    struct buf again = {.len = 0};
    size_t at = 0;
    b->job.kind = ZONE_JOB_RECORDS;
    b->job.share_from = share_from;
    kit_dump(v, &b->job.records);
    ck_assert(record_next(b->job.records.data, b->job.records.len, &at, &first, NULL));
    record_add(&again, &first);
    buf_add(&b->job.records, again.data, again.len);
    buf_free(&again);
    building_build(b, NULL);
    buf_free(&b->job.records);
}

static void end(struct building *b)
{
    if (b->built.ok) {
        building_serve(b);
        return;
    }
    ck_assert_ptr_null(b->built.next);
    zone_built_free(&b->built);
}

static void start_text(struct text *t)
{
    *t = (struct text){.count = 4};
    snprintf(t->line[0], sizeof t->line[0], "$TTL 60");
    snprintf(t->line[1], sizeof t->line[1], "@ SOA ns1 h 1 1h 1h 1w 1h");
    snprintf(t->line[2], sizeof t->line[2], "@ NS ns1");
    snprintf(t->line[3], sizeof t->line[3], "ns1 A 192.0.2.1");
}

/* Edits of one zone, one after the other. What is wrong, and so refused, is taken back in the
 * end. */
static unsigned live(struct rand *r, unsigned edits)
{
    static const enum serial_policy policies[] = {SERIAL_AUTO, SERIAL_AUTO, SERIAL_KEEP,
                                                  SERIAL_DATE, SERIAL_UNIXTIME};
    static const uint64_t rooms[] = {400, 1200, 4000, 1 << 20};
    static const struct hands hands = {.count = 3, .run = building_backwards, .least = 1};
    struct building beside, anew, second, other;
    struct text t;
    unsigned taken = 0;
    building_start(&beside);
    building_start(&anew);
    building_start(&second);
    building_start(&other);
    start_text(&t);
    for (unsigned n = rand_below(r, 2) * 40; n > 0; n--) {
        edit(&t, r);
    }
    beside.job.hands = rand_below(r, 2) == 0 ? &hands : NULL;
    bool narrow = rand_below(r, 2) == 0; /* hashes of owners: of one zone always the same way */
    enum serial_policy policy = policies[rand_below(r, 5)];
    struct text good = t;
    for (unsigned i = 0; i < edits; i++) {
        for (unsigned n = rand_below(r, 8) == 0 ? 20 : 1 + rand_below(r, 3); n > 0; n--) {
            edit(&t, r);
        }
        write_text(&t, rand_below(r, 4) == 0, &beside.disk);
        anew.disk = beside.disk;
        beside.job.share_room = rooms[rand_below(r, 4)];
        beside.job.piece_least = narrow ? 8 : 16 + 32 * rand_below(r, 3);
        beside.files.part = rand_below(r, 2) == 0 ? zone_disk_part : NULL;
        build(&beside, policy, 1);
        build(&anew, policy, UINT64_MAX);
        expect_same(&beside, &anew);
        bool ok = beside.built.ok;
        taken += beside.built.next != NULL;
        end(&beside);
        end(&anew);
        if (ok) {
            second.job.share_room = beside.job.share_room;
            transfer(&second, beside.base, 1);
            transfer(&other, beside.base, UINT64_MAX);
            expect_same(&second, &other);
            end(&second);
            end(&other);
        }
        if (ok || rand_below(r, 3) == 0) {
            struct text *from = ok ? &t : &good, *to = ok ? &good : &t;
            memcpy(to->line, from->line, sizeof to->line);
            to->count = from->count;
            to->included = from->included;
        }
    }
    buf_free(&t.main);
    buf_free(&t.inc);
    building_stop(&beside);
    building_stop(&anew);
    building_stop(&second);
    building_stop(&other);
    return taken;
}

START_TEST(both_ways_lead_to_the_same)
{
    struct rand r;
    unsigned taken = 0;
    rand_seed(&r, 20261);
    for (unsigned i = 0; i < EDITS; i += 50) {
        taken += live(&r, 50);
    }
    ck_assert_uint_gt(taken, EDITS / 10);
}
END_TEST

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

/* The second look at the file meets another: it is read a third time, whole. */
static bool read_changing(void *ctx, const char *path, struct buf *out, struct file_id *id,
                          struct oops *o)
{
    struct building *b = ctx;
    if (!zone_disk_read(&b->disk, path, out, id, o)) {
        return false;
    }
    b->disk.files[0].text = HEAD "cut NS ns.cut\n";
    b->disk.files[0].inode++;
    return true;
}

START_TEST(a_file_that_changes_between_two_passes_is_read_whole)
{
    struct building b;
    building_start(&b);
    b.job.share_from = 1;
    b.job.share_room = 1 << 20;
    building_build(&b, HEAD "cut NS ns.cut\nns.cut A 192.0.2.9\n");
    building_serve(&b);
    b.files = (struct files){.read = read_changing, .ctx = &b};
    building_build(&b, HEAD "cut NS ns.cut\nwww A 192.0.2.9\n");
    building_said(&b, "z:5:1: warning: cut.example.: NS points to ns.cut.example., which is "
                      "delegated, but there is no glue address for it\n");
    /* twice by pieces, twice two passes, one whole, and for the line */
    ck_assert_uint_eq(b.disk.files[0].inode, 8);
    building_serve(&b);
    ck_assert_uint_eq(zone_records(b.base), 4);
    building_stop(&b);
}
END_TEST

TCase *case_zone_beside(void)
{
    TCase *c = tcase_create("zone_beside");
    tcase_add_test(c, both_ways_lead_to_the_same);
    tcase_add_test(c, a_file_that_changes_between_two_passes_is_read_whole);
    return c;
}
