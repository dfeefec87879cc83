/* zone_parts.c - a file read in parts gives the same records, lines and findings as one read in
 * order, whatever is in it and wherever it is cut. */
#include "base/rand.h"
#include "server/hands.h"
#include "zone_memory.h"

static const char clean[] =
    "$TTL 300\n@ SOA ns h 1 1h 15m 2w 5m\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.2\n"
    " AAAA 2001:db8::1\n\tTXT \"a ; b\"\n; a line\n\na.b MX 10 www\nlong TXT ( one\n two ; three "
    ")\n"
    " three )\nc 60 IN A 192.0.2.3\nd IN 60 A 192.0.2.4\ne A 192.0.2.5\n\\102ad A 192.0.2.6\n";
static const char lively[] =
    "$ORIGIN example.com.\n@ 60 SOA ns h 1 1h 15m 2w 5m\n@ NS ns\nns A 192.0.2.1\n$ORIGIN a\nb A "
    "192.0.2.2\n$TTL 30\nc A 192.0.2.3\n$INCLUDE more\nd A 192.0.2.4\nout.side. A 192.0.2.5\n A "
    "192.0.2.6\n$GENERATE 1-3 g$ A 192.0.2.$\ne 77 A 192.0.2.7\nf A bad\nh TXT \"never\nclosed\ni "
    "A "
    "( 192.0.2.8\nj A 192.0.2.9\nIN A 192.0.2.10\n$ORIGIN example.com.\nk A 192.0.2.11\n";
static const char more[] = "m A 192.0.2.20\nn A 192.0.2.21\n$TTL 5\no A 192.0.2.22\n  \np A x\n";

struct told { /* what a reading said */
    struct buf records;
    struct report report;
    unsigned taken; /* records that came in parts */
    bool ok;
};
struct piece {
    struct buf records;
    unsigned count;
};

static bool hear(struct buf *records, const struct record *rr, const struct place *at)
{
    must(at->column == 1);
    buf_print(records, "%s:%u: ", at->file, at->line);
    record_print(rr, records);
    return true;
}

static bool hear_record(void *ctx, const struct record *rr, const struct place *at)
{
    return hear(&((struct told *)ctx)->records, rr, at);
}

static void *begin(void *ctx, const char *path, size_t octets)
{
    (void)ctx;
    must(path != NULL && octets > 0);
    return calloc(1, sizeof(struct piece));
}

static bool hear_in_part(void *part, const struct record *rr, const struct place *at)
{
    ((struct piece *)part)->count++;
    return hear(&((struct piece *)part)->records, rr, at);
}

static bool take(void *ctx, void *part)
{
    struct told *t = ctx;
    struct piece *p = part;
    buf_add(&t->records, p->records.data, p->records.len);
    t->taken += p->count;
    buf_free(&p->records);
    free(p);
    return true;
}

static void drop(void *part)
{
    buf_free(&((struct piece *)part)->records);
    free(part);
}

static struct told tell(const char *text, size_t len, uint64_t records, const struct hands *hands)
{
    struct told t = {.ok = false};
    struct name apex;
    struct zone_disk disk = {
        .files = {{.path = "z", .text = text, .len = len}, {.path = "more", .text = more}}};
    struct files files = {.read = zone_disk_read, .ctx = &disk};
    const struct zone_text_parts parts = {
        .hands = hands, .begin = begin, .record = hear_in_part, .take = take, .drop = drop};
    must(name_from("example.com", &apex));
    struct zone_text z = {.apex = apex.octets,
                          .path = "z",
                          .files = &files,
                          .limits = {.records = records},
                          .record = hear_record,
                          .ctx = &t,
                          .parts = &parts};
    t.ok = zone_text_read(&z, &t.report);
    return t;
}

static void forget(struct told *t)
{
    buf_free(&t->records);
    report_free(&t->report);
}

/* Records that came in parts. */
static unsigned expect_same(const char *text, size_t len, uint64_t records,
                            const struct hands *hands)
{
    struct told alone = tell(text, len, records, NULL), parted = tell(text, len, records, hands);
    ck_assert_msg(strcmp(buf_text(&alone.report.text), buf_text(&parted.report.text)) == 0,
                  "%s\nalone:\n%sin parts:\n%s", text, buf_text(&alone.report.text),
                  buf_text(&parted.report.text));
    ck_assert_msg(strcmp(buf_text(&alone.records), buf_text(&parted.records)) == 0,
                  "%s\nalone:\n%sin parts:\n%s", text, buf_text(&alone.records),
                  buf_text(&parted.records));
    must(alone.ok == parted.ok && alone.report.errors == parted.report.errors &&
         alone.report.warnings == parted.report.warnings && alone.taken == 0);
    unsigned taken = parted.taken;
    forget(&alone);
    forget(&parted);
    return taken;
}

static void run_backwards(void *ctx, unsigned parts, void (*part)(void *arg, unsigned index),
                          void *arg)
{
    (void)ctx;
    while (parts > 0) {
        part(arg, --parts);
    }
}

START_TEST(the_same_wherever_it_is_cut)
{
    struct hands hands = {.count = 3, .run = run_backwards};
    unsigned taken = 0;
    for (hands.least = 1; hands.least < sizeof lively; hands.least++) {
        taken += expect_same(clean, strlen(clean), 0, &hands);
        taken += expect_same(lively, strlen(lively), 0, &hands);
        taken += expect_same(clean, strlen(clean), 1 + hands.least % 13, &hands); /* too many */
    }
    ck_assert_uint_gt(taken, 500);
}
END_TEST

/* Octets that mean something where they should not be, lines twice, lines lost. */
static void mutate(struct rand *r, char *text, size_t *len)
{
    static const char octets[] = "\n\n () \t\";\\$@.a0\r\xff";
    for (unsigned n = 1 + rand_below(r, 4); n > 0 && *len > 1; n--) {
        size_t at = rand_below(r, (uint32_t)*len), size = rand_below(r, 30);
        size = size < *len - at ? size : *len - at;
        switch (rand_below(r, 3)) {
        case 0:
            text[at] = octets[rand_below(r, sizeof octets - 1)];
            break;
        case 1:
            memmove(text + at, text + at + size, *len - at - size);
            *len -= size;
            break;
        default:
            memmove(text + at + size, text + at, *len - at);
            *len += size;
        }
    }
    text[*len] = '\0';
}

static void mutants(const struct hands *from, unsigned rounds)
{
    struct rand r;
    unsigned taken = 0;
    rand_seed(&r, 7);
    for (unsigned round = 0; round < rounds; round++) {
        char text[4096];
        const char *base = round % 2 == 0 ? clean : lively;
        size_t len = strlen(base);
        struct hands hands = *from;
        memcpy(text, base, len + 1);
        memcpy(text + len, base, len + 1); /* twice: larger, and every directive late, too */
        len *= 2;
        mutate(&r, text, &len);
        hands.least = 1 + rand_below(&r, 200);
        taken += expect_same(text, len, 0, &hands);
    }
    ck_assert_uint_gt(taken, rounds);
}

START_TEST(the_same_whatever_is_wrong_with_it)
{
    struct hands hands = {.count = 4, .run = run_backwards};
    mutants(&hands, 1500);
}
END_TEST

START_TEST(the_same_on_threads)
{
    struct hands hands = hands_of_threads(3);
    mutants(&hands, 40);
}
END_TEST

START_TEST(one_hand_reads_in_order)
{
    struct hands hands = {.count = 1, .run = run_backwards, .least = 1};
    ck_assert_uint_eq(expect_same(clean, strlen(clean), 0, &hands), 0);
}
END_TEST

TCase *case_zone_parts(void)
{
    TCase *c = tcase_create("zone_parts");
    tcase_add_test(c, the_same_wherever_it_is_cut);
    tcase_add_test(c, the_same_whatever_is_wrong_with_it);
    tcase_add_test(c, the_same_on_threads);
    tcase_add_test(c, one_hand_reads_in_order);
    return c;
}
