/* server_watched_names.c - what leads to a file: its own name and those of all links on the way; and
 * a directory is watched as long as a name in it matters. */
#include "base/hash.h"
#include "cases.h"
#include "journal_dir.h"
#include "server/watched_names.h"
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#define PATH (PATH_MAX + 64)

static char dir[DIR_PATH], top[PATH_MAX]; /* top: the same, without a link on the way */
static struct watched_names names;
static struct watched_name *own[4]; /* of the zones 0 to 3 */

static const char *in_top(const char *name)
{
    static char path[PATH];
    snprintf(path, sizeof path, "%s/%s", top, name);
    return path;
}

static void make(const char *name)
{
    int fd = open(in_top(name), O_CREAT | O_WRONLY, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void add(uint32_t zone, const char *name)
{
    struct stat st;
    bool is_link = lstat(in_top(name), &st) == 0 && S_ISLNK(st.st_mode);
    watched_names_add(&names, zone, in_top(name), is_link, &own[zone]);
}

static void drop(uint32_t zone)
{
    watched_names_drop(&names, own[zone]);
    own[zone] = NULL;
}

static unsigned names_of(uint32_t zone)
{
    unsigned count = 0;
    for (const struct watched_name *n = own[zone]; n != NULL; n = n->next_own) {
        count++;
    }
    return count;
}

/* The watch of a directory; of one that was not watched a new one. */
static int wd_of(const char *name)
{
    int wd = inotify_add_watch(names.fd, in_top(name), IN_MASK_ADD | IN_CREATE);
    ck_assert_int_ge(wd, 0);
    return wd;
}

static bool leads(const char *directory, const char *name)
{
    return watched_names_find(&names, wd_of(directory), name) != NULL;
}

/* How many events wait, the end of a watch aside. */
static unsigned heard(void)
{
    _Alignas(struct inotify_event) char space[4096];
    unsigned count = 0;
    ssize_t n;
    while ((n = read(names.fd, space, sizeof space)) > 0) {
        const struct inotify_event *e;
        for (const char *at = space; at < space + n; at += sizeof *e + e->len) {
            e = (const void *)at;
            count += (e->mask & IN_IGNORED) == 0;
        }
    }
    return count;
}

static void start(void)
{
    dir_make(dir);
    ck_assert_ptr_nonnull(realpath(dir, top));
    memset(&names, 0, sizeof names);
    memset(own, 0, sizeof own);
    names.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ck_assert_int_ge(names.fd, 0);
    make("zone");
}

static void stop(void)
{
    for (uint32_t zone = 0; zone < 4; zone++) {
        drop(zone);
    }
    watched_names_anew(&names);
    ck_assert_ptr_null(names.dirs);
    close(names.fd);
    dir_remove(dir);
}

/* As Kubernetes mounts a volume: link -> ..data/zone, ..data -> ..1. */
START_TEST(all_links_on_the_way)
{
    ck_assert(mkdir(in_top("..1"), 0700) == 0);
    make("..1/zone");
    ck_assert(symlink("..1", in_top("..data")) == 0);
    ck_assert(symlink("..data/zone", in_top("link")) == 0);
    add(0, "link");
    ck_assert_uint_eq(names_of(0), 3);
    ck_assert(leads("", "link") && leads("", "..data") && leads("..1", "zone"));
    ck_assert(!leads("", "zone"));
    add(1, "..data/zone"); /* no link itself */
    ck_assert_uint_eq(names_of(1), 2);
    ck_assert(symlink("link", in_top("chain")) == 0);
    add(2, "chain");
    ck_assert_uint_eq(names_of(2), 4);
}
END_TEST

START_TEST(a_target_that_begins_at_the_root)
{
    ck_assert(mkdir(in_top("sub"), 0700) == 0);
    make("sub/target");
    char target[PATH];
    snprintf(target, sizeof target, "%s", in_top("sub/target"));
    ck_assert(symlink(target, in_top("link")) == 0);
    add(0, "link");
    ck_assert_uint_eq(names_of(0), 2);
    ck_assert(leads("", "link") && leads("sub", "target"));
}
END_TEST

START_TEST(links_in_a_circle_end)
{
    ck_assert(symlink("b", in_top("a")) == 0 && symlink("a", in_top("b")) == 0);
    add(0, "a");
    ck_assert(leads("", "a") && leads("", "b"));
    ck_assert_uint_le(names_of(0), 20);
}
END_TEST

/* A directory is looked through once for many zones; what is a link all the same is seen. */
START_TEST(a_link_among_files)
{
    make("second");
    ck_assert(mkdir(in_top("elsewhere"), 0700) == 0);
    make("elsewhere/third");
    ck_assert(symlink("elsewhere/third", in_top("third")) == 0);
    add(0, "zone");
    ck_assert_str_eq(names.plain, top);
    add(1, "second");
    add(2, "third");
    ck_assert_int_eq(own[0]->wd, own[1]->wd);
    ck_assert_uint_eq(names_of(0) + names_of(1), 2);
    ck_assert(leads("", "third") && leads("elsewhere", "third"));
}
END_TEST

START_TEST(another_directory_may_be_there_now)
{
    char old[PATH];
    snprintf(old, sizeof old, "%s", in_top("old"));
    ck_assert(mkdir(in_top("sub"), 0700) == 0);
    add(0, "sub/zone"); /* not there yet, but its directory is */
    ck_assert(rename(in_top("sub"), old) == 0 && mkdir(in_top("sub"), 0700) == 0);
    watched_names_anew(&names);
    add(1, "sub/zone");
    ck_assert_int_ne(own[0]->wd, own[1]->wd);
    ck_assert(leads("sub", "zone"));
}
END_TEST

START_TEST(a_directory_without_names_is_watched_no_more)
{
    add(0, "zone");
    add(1, "second");
    add(2, "third");
    drop(0);
    drop(2);
    make("second");
    ck_assert_uint_ge(heard(), 1);
    drop(1);
    ck_assert_ptr_null(names.dirs);
    ck_assert_ptr_null(names.plain); /* it goes by the directory */
    make("third");
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

START_TEST(what_cannot_be_watched_is_left_out)
{
    add(0, "none/zone");
    ck_assert_uint_eq(names_of(0), 0);
    int fd = names.fd;
    names.fd = -1;
    add(0, "zone");
    names.fd = fd;
    ck_assert_uint_eq(names_of(0), 0);
}
END_TEST

START_TEST(all_of_a_name_are_found)
{
    ck_assert(mkdir(in_top("sub"), 0700) == 0);
    add(0, "zone");
    add(1, "second");
    add(2, "zone");
    add(3, "sub/zone");
    struct watched_name *n = watched_names_find(&names, own[0]->wd, "zone");
    ck_assert_uint_eq(n->zone, 2);
    n = watched_names_next(n);
    ck_assert_uint_eq(n->zone, 0);
    ck_assert_ptr_null(watched_names_next(n));
    ck_assert_ptr_eq(watched_names_find(&names, own[3]->wd, "zone"), own[3]);
    ck_assert_ptr_null(watched_names_find(&names, own[3]->wd, "second"));
}
END_TEST

/* So many that some share a bucket. */
START_TEST(others_of_the_bucket_are_passed)
{
    char name[16];
    for (unsigned i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "z%u", i);
        add(i % 4, name);
    }
    for (unsigned i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "z%u", i);
        struct watched_name *n = watched_names_find(&names, own[0]->wd, name);
        ck_assert(n != NULL && n->zone == i % 4 && watched_names_next(n) == NULL);
    }
}
END_TEST

START_TEST(the_same_name_of_another_directory_in_the_bucket)
{
    char name[16], below[32];
    uint64_t first, second;
    ck_assert(mkdir(in_top("sub"), 0700) == 0);
    add(0, "zone");
    add(1, "sub/zone");
    unsigned i = 0;
    do {
        size_t len = (size_t)snprintf(name, sizeof name, "z%u", i++);
        first = hash_bytes(name, len, (uint64_t)own[0]->wd);
        second = hash_bytes(name, len, (uint64_t)own[1]->wd);
    } while (first % WATCHED_BUCKETS != second % WATCHED_BUCKETS);
    snprintf(below, sizeof below, "sub/%s", name);
    add(2, name);
    add(3, below);
    ck_assert_ptr_eq(own[3]->next, own[2]);
    ck_assert_ptr_eq(watched_names_find(&names, own[0]->wd, name), own[2]);
    ck_assert_ptr_null(watched_names_next(own[3]));
}
END_TEST

TCase *case_server_watched_names(void)
{
    TCase *c = tcase_create("server_watched_names");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, all_links_on_the_way);
    tcase_add_test(c, a_target_that_begins_at_the_root);
    tcase_add_test(c, links_in_a_circle_end);
    tcase_add_test(c, a_link_among_files);
    tcase_add_test(c, another_directory_may_be_there_now);
    tcase_add_test(c, a_directory_without_names_is_watched_no_more);
    tcase_add_test(c, what_cannot_be_watched_is_left_out);
    tcase_add_test(c, all_of_a_name_are_found);
    tcase_add_test(c, others_of_the_bucket_are_passed);
    tcase_add_test(c, the_same_name_of_another_directory_in_the_bucket);
    return c;
}
