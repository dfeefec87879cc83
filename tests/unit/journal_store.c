/* journal_store.c - the store keeps what it was given: whole batches, in order, through kill -9 and
 * a full disk. */
#include "cases.h"
#include "journal/store.h"
#include "journal/store_map.h"
#include "journal_dir.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static struct store *opened(const char *dir)
{
    struct oops o = {""};
    struct store *s = store_open(dir, &o);
    ck_assert_msg(s != NULL, "%s", o.text);
    return s;
}

static void put_number(struct store_batch *b, enum store_table t, uint32_t key, uint32_t value)
{
    uint8_t k[4], v[4];
    put_u32(k, key);
    put_u32(v, value);
    batch_put(b, t, k, 4, v, 4);
}

static void commit(struct store *s, struct store_batch *b)
{
    struct oops o = {""};
    ck_assert_msg(store_commit(s, b, &o), "%s", o.text);
    batch_free(b);
}

static bool number(struct store *s, enum store_table t, uint32_t key, uint32_t *value)
{
    uint8_t k[4];
    struct buf out = {.len = 0};
    struct oops o = {"something"};
    put_u32(k, key);
    bool got = store_get(s, t, k, 4, &out, &o);
    ck_assert_str_eq(o.text, "");
    *value = got ? get_u32(out.data) : 0;
    buf_free(&out);
    return got;
}

struct seen {
    unsigned count, stop_after;
    uint32_t last;
    bool ordered;
};

static bool see(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    struct seen *seen = ctx;
    ck_assert_uint_eq(klen, 4);
    ck_assert(vlen >= 4 && get_u32(value) == get_u32(key) + 1);
    seen->ordered = seen->ordered && (seen->count == 0 || seen->last < get_u32(key));
    seen->last = get_u32(key);
    return ++seen->count != seen->stop_after;
}

START_TEST(gets_what_was_put)
{
    char dir[DIR_PATH];
    uint32_t value;
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0};
    put_number(&b, STORE_ZONE, 1, 10);
    put_number(&b, STORE_PEER, 1, 20); /* the same key in another table */
    put_number(&b, STORE_ZONE, 1, 11); /* in one batch the later one counts */
    commit(s, &b);
    ck_assert(number(s, STORE_ZONE, 1, &value));
    ck_assert_uint_eq(value, 11);
    ck_assert(number(s, STORE_PEER, 1, &value));
    ck_assert_uint_eq(value, 20);
    ck_assert(!number(s, STORE_PEER, 2, &value));
    ck_assert(!number(s, STORE_DELTA, 1, &value));
    store_close(s);
    s = opened(dir);
    ck_assert(number(s, STORE_ZONE, 1, &value));
    ck_assert_uint_eq(value, 11);
    batch_delete(&b, STORE_ZONE, "\0\0\0\1", 4);
    batch_delete(&b, STORE_ZONE, "not there", 9);
    commit(s, &b);
    ck_assert(!number(s, STORE_ZONE, 1, &value));
    store_close(s);
    dir_remove(dir);
}
END_TEST

START_TEST(scans_in_order_and_by_prefix)
{
    char dir[DIR_PATH];
    uint8_t v[STORE_VALUE] = {0}, k[4];
    struct oops o;
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0};
    for (uint32_t n = 1000; n-- > 0;) { /* over 1 MiB: several transactions */
        uint32_t key = n * 7 % 1000;
        put_u32(k, key);
        put_u32(v, key + 1);
        batch_put(&b, STORE_IMAGE, k, 4, v, sizeof v);
    }
    put_number(&b, STORE_DELTA, 5, 6);
    commit(s, &b);
    ck_assert_uint_ge(store_bytes(s), 1000 * STORE_VALUE);
    struct seen all = {.ordered = true};
    ck_assert(store_scan(s, STORE_IMAGE, NULL, 0, see, &all, &o));
    ck_assert_uint_eq(all.count, 1000);
    ck_assert(all.ordered);
    struct seen some = {.ordered = true};
    ck_assert(store_scan(s, STORE_IMAGE, "\0\0\1", 3, see, &some, &o));
    ck_assert_uint_eq(some.count, 256);
    ck_assert_uint_eq(some.last, 511);
    struct seen few = {.ordered = true, .stop_after = 100};
    ck_assert(store_scan(s, STORE_IMAGE, "", 0, see, &few, &o));
    ck_assert_uint_eq(few.count, 100);
    struct seen none = {.ordered = true};
    ck_assert(store_scan(s, STORE_PEER, NULL, 0, see, &none, &o));
    ck_assert_uint_eq(none.count, 0);
    store_close(s);
    dir_remove(dir);
}
END_TEST

START_TEST(deletes_below_a_prefix_only)
{
    char dir[DIR_PATH];
    uint32_t value;
    struct oops o;
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0};
    for (uint32_t n = 0; n < 2000; n++) {
        put_number(&b, STORE_DELTA, n, n + 1);
    }
    put_number(&b, STORE_IMAGE, 300, 301);
    put_number(&b, STORE_ZONE, 300, 301);
    commit(s, &b);
    batch_delete_below(&b, STORE_DELTA, "\0\0\1", 3);
    commit(s, &b);
    struct seen seen = {.ordered = true};
    ck_assert(store_scan(s, STORE_DELTA, NULL, 0, see, &seen, &o));
    ck_assert_uint_eq(seen.count, 2000 - 256);
    ck_assert(number(s, STORE_DELTA, 255, &value));
    ck_assert(!number(s, STORE_DELTA, 256, &value));
    ck_assert(!number(s, STORE_DELTA, 511, &value));
    ck_assert(number(s, STORE_DELTA, 512, &value));
    batch_delete_below(&b, STORE_DELTA, NULL, 0);
    commit(s, &b);
    ck_assert(!number(s, STORE_DELTA, 512, &value));
    ck_assert(number(s, STORE_IMAGE, 300, &value));
    ck_assert(number(s, STORE_ZONE, 300, &value));
    store_close(s);
    dir_remove(dir);
}
END_TEST

START_TEST(a_second_one_is_told_who_has_it)
{
    char dir[DIR_PATH], process[32];
    struct oops o;
    struct buf moved = {.len = 0};
    dir_make(dir);
    struct store *s = opened(dir);
    snprintf(process, sizeof process, "process %ld", (long)getpid());
    ck_assert_ptr_null(store_open(dir, &o));
    ck_assert_msg(strstr(o.text, process) != NULL, "%s", o.text);
    ck_assert(!store_set_aside(dir, &moved, &o));
    ck_assert_msg(strstr(o.text, process) != NULL, "%s", o.text);
    store_close(s);
    ck_assert(!store_set_aside(dir, &moved, &o));
    ck_assert_msg(strstr(o.text, "nothing is wrong") != NULL, "%s", o.text);
    store_close(opened(dir));
    dir_remove(dir);
}
END_TEST

START_TEST(refuses_a_batch_without_memory)
{
    char dir[DIR_PATH];
    uint32_t value;
    struct oops o;
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0};
    put_number(&b, STORE_ZONE, 1, 2);
    b.ops.failed = true;
    ck_assert(!store_commit(s, &b, &o));
    ck_assert_msg(strstr(o.text, "out of memory") != NULL, "%s", o.text);
    ck_assert(!number(s, STORE_ZONE, 1, &value));
    batch_free(&b);
    store_close(s);
    dir_remove(dir);
}
END_TEST

/* A file that may not grow: what a full disk looks like to a writer, without needing one. */
static void limit_files(rlim_t most)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = most;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_full_disk_changes_nothing)
{
    char dir[DIR_PATH];
    uint32_t value;
    struct oops o;
    signal(SIGXFSZ, SIG_IGN);
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0}, big = {.count = 0};
    put_number(&b, STORE_ZONE, 1, 2);
    commit(s, &b);
    for (uint32_t n = 0; n < 10000; n++) {
        put_number(&big, STORE_ZONE, n, 7);
    }
    limit_files(100000);
    for (unsigned tries = 0; tries < 3; tries++) {
        ck_assert(!store_commit(s, &big, &o));
        ck_assert_msg(strstr(o.text, "cannot write: ") != NULL, "%s", o.text);
        ck_assert(number(s, STORE_ZONE, 1, &value));
        ck_assert_uint_eq(value, 2);
    }
    put_number(&b, STORE_PEER, 3, 4); /* a small one still fits */
    commit(s, &b);
    limit_files(RLIM_INFINITY);
    commit(s, &big);
    ck_assert(number(s, STORE_ZONE, 1, &value));
    ck_assert_uint_eq(value, 7);
    ck_assert(number(s, STORE_PEER, 3, &value));
    store_close(s);
    store_close(opened(dir));
    dir_remove(dir);
}
END_TEST

START_TEST(goes_on_after_a_failed_head)
{
    char dir[DIR_PATH];
    uint32_t value;
    struct oops o;
    signal(SIGXFSZ, SIG_IGN);
    dir_make(dir);
    struct store *s = opened(dir);
    struct store_batch b = {.count = 0};
    put_number(&b, STORE_ZONE, 1, 2);
    commit(s, &b);
    limit_files(0); /* nothing can be written, the head neither */
    put_number(&b, STORE_ZONE, 1, 3);
    ck_assert(!store_commit(s, &b, &o));
    ck_assert(number(s, STORE_ZONE, 1, &value));
    ck_assert_uint_eq(value, 2);
    limit_files(RLIM_INFINITY);
    commit(s, &b);
    ck_assert(number(s, STORE_ZONE, 1, &value));
    ck_assert_uint_eq(value, 3);
    store_close(s);
    dir_remove(dir);
}
END_TEST

static void put_thousand(struct store *s)
{
    uint8_t v[STORE_VALUE] = {0}, k[4];
    struct store_batch b = {.count = 0};
    for (uint32_t n = 0; n < 1000; n++) {
        put_u32(k, n);
        put_u32(v, n + 1);
        batch_put(&b, STORE_IMAGE, k, 4, v, sizeof v);
    }
    commit(s, &b);
}

/* KiB of the file that are mapped into memory now. */
static unsigned mapped_kib(const char *dir)
{
    char line[512];
    unsigned kib = 0, some;
    bool ours = false;
    FILE *f = fopen("/proc/self/smaps", "re");
    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof line, f) != NULL) {
        bool is_head = strchr(line, '-') != NULL && strstr(line, " r") != NULL;
        ours = is_head ? strstr(line, dir) != NULL && strstr(line, "data.mdb") != NULL : ours;
        if (ours && sscanf(line, "Rss: %u", &some) == 1) {
            kib += some;
        }
    }
    fclose(f);
    return kib;
}

START_TEST(memory_goes_back)
{
    char dir[DIR_PATH];
    struct oops o;
    uint32_t value;
    struct store_batch b = {.count = 0};
    dir_make(dir);
    struct store *s = opened(dir);
    put_thousand(s);
    struct seen seen = {.ordered = true};
    ck_assert(store_scan(s, STORE_IMAGE, NULL, 0, see, &seen, &o));
    ck_assert_uint_ge(mapped_kib(dir), 1000);
    store_rest(s);
    ck_assert_uint_le(mapped_kib(dir), 256);
    seen = (struct seen){.ordered = true};
    ck_assert(store_scan(s, STORE_IMAGE, NULL, 0, see, &seen, &o));
    ck_assert_uint_eq(seen.count, 1000);
    put_number(&b, STORE_ZONE, 1, 10);
    commit(s, &b);
    ck_assert(number(s, STORE_ZONE, 1, &value));
    store_close(s);
    dir_remove(dir);
}
END_TEST

START_TEST(a_full_map_grows)
{
    char dir[DIR_PATH];
    struct oops o;
    dir_make(dir);
    struct store *s = store_open_map(dir, 1 << 20, &o);
    ck_assert_msg(s != NULL, "%s", o.text);
    put_thousand(s);
    struct seen seen = {.ordered = true};
    ck_assert(store_scan(s, STORE_IMAGE, NULL, 0, see, &seen, &o));
    ck_assert_uint_eq(seen.count, 1000);
    store_close(s);
    dir_remove(dir);
}
END_TEST

/* Commits pairs for ever, and tells the pipe after each. */
static void commit_for_ever(const char *dir, int tell)
{
    struct store *s = store_open(dir, NULL);
    for (uint32_t n = 1; s != NULL; n++) {
        struct store_batch b = {.count = 0};
        put_number(&b, STORE_ZONE, 1, n);
        put_number(&b, STORE_DELTA, n, n + 1);
        put_number(&b, STORE_PEER, 1, n);
        if (!store_commit(s, &b, NULL) || write(tell, &n, sizeof n) != (ssize_t)sizeof n) {
            break;
        }
        batch_free(&b);
    }
    _exit(1);
}

START_TEST(kill_leaves_whole_batches)
{
    char dir[DIR_PATH];
    for (unsigned round = 0; round < 5; round++) {
        int ends[2];
        uint32_t told = 0, n, zone, peer, delta;
        dir_make(dir);
        ck_assert_int_eq(pipe(ends), 0);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            commit_for_ever(dir, ends[1]);
        }
        close(ends[1]);
        ck_assert_int_eq(read(ends[0], &told, sizeof told), sizeof told);
        nanosleep(&(struct timespec){.tv_nsec = 3000000 + 3700000 * (long)round}, NULL);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        while (read(ends[0], &n, sizeof n) == (ssize_t)sizeof n) {
            told = n;
        }
        close(ends[0]);
        struct store *s = opened(dir);
        ck_assert(number(s, STORE_ZONE, 1, &zone));
        ck_assert(number(s, STORE_PEER, 1, &peer));
        ck_assert_uint_ge(zone, told);
        ck_assert_uint_le(zone, told + 1);
        ck_assert_uint_eq(zone, peer);
        ck_assert(number(s, STORE_DELTA, zone, &delta));
        ck_assert(!number(s, STORE_DELTA, zone + 1, &delta));
        store_close(s);
        dir_remove(dir);
    }
}
END_TEST

TCase *case_journal_store(void)
{
    TCase *c = tcase_create("journal_store");
    tcase_add_test(c, gets_what_was_put);
    tcase_add_test(c, scans_in_order_and_by_prefix);
    tcase_add_test(c, deletes_below_a_prefix_only);
    tcase_add_test(c, a_second_one_is_told_who_has_it);
    tcase_add_test(c, refuses_a_batch_without_memory);
    tcase_add_test(c, a_full_disk_changes_nothing);
    tcase_add_test(c, goes_on_after_a_failed_head);
    tcase_add_test(c, memory_goes_back);
    tcase_add_test(c, a_full_map_grows);
    tcase_add_test(c, kill_leaves_whole_batches);
    return c;
}
