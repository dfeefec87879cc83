/* server_watch.c - saving is enough, however it is done: written in place, renamed over, through
 * symlinks, in a directory that went and came; and nothing is missed while the watch is renewed. */
#include "cases.h"
#include "journal_dir.h"
#include "server/watch.h"
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define ZONE 7

static char dir[DIR_PATH], file[DIR_PATH + 64];
static struct watch *w;
static unsigned seen, others;
static struct mono now;

static void changed(void *ctx, size_t zone)
{
    ck_assert_ptr_eq(ctx, dir);
    if (zone == ZONE) {
        seen++;
    } else {
        others++;
    }
}

static const char *in_dir(const char *name)
{
    static char path[DIR_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void save(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void rename_over(const char *text)
{
    char new[DIR_PATH + 64];
    snprintf(new, sizeof new, "%s", in_dir("zone.new"));
    save(new, text);
    ck_assert(rename(new, file) == 0);
}

/* What is to be heard at once, without the slow sweep; and once more after it, which must hear
 * nothing that was heard. */
static unsigned heard(void)
{
    struct pollfd p = {.fd = watch_fd(w), .events = POLLIN};
    seen = 0;
    if (poll(&p, 1, 0) == 1) {
        watch_ready(w);
    }
    now = mono_plus_ms(now, 100);
    watch_sweep(w, now);
    return seen;
}

/* As heard(), where nobody tells us: by the sweep, once the file was quiet for a second. */
static unsigned found(void)
{
    ck_assert_uint_eq(heard(), 0);
    now = mono_plus_s(now, 1);
    return heard();
}

static void watch_it(const char *path)
{
    watch_set(w, ZONE, WATCH_NOTIFY, path, 1);
}

static void start(void)
{
    dir_make(dir);
    snprintf(file, sizeof file, "%s/zone", dir);
    save(file, "one");
    w = watch_new(changed, dir, NULL);
    ck_assert(w != NULL && watch_fd(w) >= 0);
    seen = others = 0;
    now = (struct mono){100 * NS_PER_S};
}

static void stop(void)
{
    watch_free(w);
    dir_remove(dir);
}

START_TEST(written_in_place)
{
    watch_it(file);
    watch_sweep(w, now);
    ck_assert_uint_eq(heard(), 0);
    int fd = open(file, O_WRONLY);
    ck_assert_int_eq(write(fd, "two", 3), 3);
    ck_assert_uint_eq(heard(), 0); /* not before it is closed */
    close(fd);
    ck_assert_uint_ge(heard(), 1);
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

START_TEST(renamed_over)
{
    watch_it(file);
    watch_sweep(w, now);
    rename_over("two");
    ck_assert_uint_ge(heard(), 1);
    save(in_dir("other"), "x"); /* somebody else's */
    ck_assert_uint_eq(heard(), 0);
    rename_over("three"); /* and it is still watched */
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

START_TEST(gone_and_come_back)
{
    watch_it(file);
    watch_sweep(w, now);
    unlink(file);
    ck_assert_uint_eq(heard(), 0); /* nothing to read */
    save(file, "two");
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

START_TEST(not_there_yet)
{
    unlink(file);
    watch_it(file);
    watch_sweep(w, now);
    save(file, "one");
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

/* As Kubernetes mounts a volume: zone -> ..data/zone, ..data -> ..1, and ..data is swapped. */
START_TEST(a_swapped_link_on_the_way)
{
    char link[DIR_PATH + 64];
    snprintf(link, sizeof link, "%s", in_dir("..data.new"));
    unlink(file);
    ck_assert(mkdir(in_dir("..1"), 0700) == 0 && mkdir(in_dir("..2"), 0700) == 0);
    save(in_dir("..1/zone"), "one");
    save(in_dir("..2/zone"), "two");
    ck_assert(symlink("..1", in_dir("..data")) == 0);
    ck_assert(symlink("..data/zone", file) == 0);
    watch_it(file);
    watch_sweep(w, now);
    ck_assert(symlink("..2", link) == 0);
    ck_assert(rename(link, in_dir("..data")) == 0);
    ck_assert_uint_ge(heard(), 1);
    watch_it(file); /* it was read: the links lead elsewhere now */
    heard();
    save(in_dir("..2/zone"), "three");
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

START_TEST(the_target_of_a_link)
{
    unlink(file);
    save(in_dir("target"), "one");
    ck_assert(symlink(in_dir("target"), file) == 0);
    watch_it(file);
    watch_sweep(w, now);
    save(in_dir("target"), "two");
    ck_assert_uint_ge(heard(), 1);
    unlink(file);
    save(in_dir("second"), "three");
    ck_assert(symlink("second", file) == 0); /* made, not moved */
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

START_TEST(a_directory_that_goes_and_comes)
{
    char old[DIR_PATH + 64];
    snprintf(old, sizeof old, "%s", in_dir("gone"));
    ck_assert(mkdir(in_dir("sub"), 0700) == 0);
    snprintf(file, sizeof file, "%s", in_dir("sub/zone"));
    save(file, "one");
    watch_it(file);
    watch_sweep(w, now);
    ck_assert(rename(in_dir("sub"), old) == 0);
    heard(); /* it went: to be read (an error says so) */
    ck_assert(mkdir(in_dir("sub"), 0700) == 0);
    save(file, "two");
    now = mono_plus_s(now, 30);
    ck_assert_uint_eq(found(), 1); /* at the latest by the sweep */
    save(file, "three");
    now = mono_plus_s(now, 30);
    ck_assert_uint_eq(found(), 1);
}
END_TEST

/* A save between the reading and the renewal of the watch that follows it: its event waits. */
START_TEST(nothing_is_missed_by_watching_again)
{
    watch_it(file);
    watch_sweep(w, now);
    save(file, "two"); /* the event is in the queue, */
    watch_it(file);    /* the reader of "one" says what is to be watched, */
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

/* Nothing tells that a directory above went; when the sweep has seen it, the watch goes along. */
START_TEST(a_directory_above_that_went)
{
    char old[DIR_PATH + 64];
    snprintf(old, sizeof old, "%s", in_dir("old"));
    snprintf(file, sizeof file, "%s", in_dir("above/sub/zone"));
    ck_assert(mkdir(in_dir("above"), 0700) == 0 && mkdir(in_dir("above/sub"), 0700) == 0);
    save(file, "one");
    watch_it(file);
    watch_it(file); /* it was read */
    watch_sweep(w, now);
    ck_assert(rename(in_dir("above"), old) == 0);
    ck_assert(mkdir(in_dir("above"), 0700) == 0 && mkdir(in_dir("above/sub"), 0700) == 0);
    save(file, "two");
    ck_assert_uint_eq(heard(), 0);
    now = mono_plus_s(now, 30);
    ck_assert_uint_eq(heard(), 0); /* not before it is quiet */
    now = mono_plus_s(now, 1);
    ck_assert_uint_ge(heard(), 1);
    watch_it(file);
    save(file, "three");
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

START_TEST(a_new_path_counts_as_changed_once)
{
    char paths[2 * DIR_PATH + 128];
    size_t len = (size_t)snprintf(paths, sizeof paths, "%s", file) + 1;
    snprintf(paths + len, sizeof paths - len, "%s", in_dir("include"));
    watch_it(file);
    ck_assert_uint_eq(seen, 0); /* the first time nothing was read yet */
    watch_set(w, ZONE, WATCH_NOTIFY, paths, 2);
    ck_assert_uint_eq(seen, 1);
    watch_set(w, ZONE, WATCH_NOTIFY, paths, 2);
    ck_assert_uint_eq(seen, 1);
    watch_sweep(w, now);
    save(in_dir("include"), "x");
    ck_assert_uint_ge(heard(), 1);
    watch_it(file); /* no longer included */
    save(in_dir("include"), "y");
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

START_TEST(several_zones_of_one_directory)
{
    save(in_dir("second"), "x");
    watch_it(file);
    watch_set(w, 500, WATCH_NOTIFY, in_dir("second"), 1);
    watch_sweep(w, now);
    save(in_dir("second"), "y");
    ck_assert_uint_eq(heard(), 0);
    ck_assert_uint_ge(others, 1);
    watch_drop(w, 500);
    watch_drop(w, 100000);
    others = 0;
    save(in_dir("second"), "z");
    save(file, "two");
    ck_assert_uint_ge(heard(), 1); /* the directory is watched for the other */
    ck_assert_uint_eq(others, 0);
    watch_drop(w, ZONE);
    save(file, "three");
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

/* Without inotify (NFS): by looking, every two seconds; and a save right after a reading too. */
START_TEST(polled)
{
    watch_set(w, ZONE, WATCH_POLL, file, 1);
    watch_sweep(w, now);
    rename_over("two");
    ck_assert_uint_eq(heard(), 0);
    now = mono_plus_s(now, 2);
    ck_assert_uint_eq(found(), 1);
    rename_over("three"); /* while "two" was read */
    watch_set(w, ZONE, WATCH_POLL, file, 1);
    now = mono_plus_s(now, 2);
    ck_assert_uint_eq(found(), 1);
    now = mono_plus_s(now, 2);
    ck_assert_uint_eq(heard(), 0);
    unlink(file);
    now = mono_plus_s(now, 2);
    ck_assert_uint_eq(found(), 1);
}
END_TEST

/* link and unlink: the name is new, the file is finished, and nobody closes anything. */
START_TEST(a_name_given_to_a_finished_file)
{
    char other[DIR_PATH + 64];
    snprintf(other, sizeof other, "%s/other", dir);
    watch_it(file);
    watch_sweep(w, now);
    save(other, "two");
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(link(other, file), 0);
    ck_assert_int_eq(unlink(other), 0);
    ck_assert_uint_eq(heard(), 0);
    now = mono_plus_s(now, 1);
    ck_assert_uint_eq(heard(), 1);
    now = mono_plus_s(now, 1);
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

/* A new file that is written slowly is not taken before it is closed. */
START_TEST(a_new_file_is_written_slowly)
{
    watch_it(file);
    watch_sweep(w, now);
    ck_assert_int_eq(unlink(file), 0);
    int fd = open(file, O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(write(fd, "part", 4), 4);
        ck_assert_uint_eq(heard(), 0);
        now = mono_plus_ms(now, 700);
    }
    close(fd);
    ck_assert_uint_ge(heard(), 1);
}
END_TEST

/* So is one that somebody holds open, or writes on another machine: half of it is not served. */
START_TEST(written_slowly_where_nobody_tells_us)
{
    watch_set(w, ZONE, WATCH_POLL, file, 1);
    watch_sweep(w, now);
    int fd = open(file, O_WRONLY | O_TRUNC);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(write(fd, "part", 4), 4);
        now = mono_plus_ms(now, 700);
        ck_assert_uint_eq(heard(), 0);
    }
    close(fd);
    ck_assert_uint_eq(found(), 1);
    ck_assert_uint_eq(found(), 0);
}
END_TEST

/* But it is looked at in the end, though it may never be finished. */
START_TEST(written_for_ever)
{
    watch_set(w, ZONE, WATCH_POLL, file, 1);
    watch_sweep(w, now);
    int fd = open(file, O_WRONLY | O_TRUNC);
    unsigned count = 0;
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(write(fd, "part", 4), 4);
        now = mono_plus_ms(now, 700);
        count += heard();
    }
    close(fd);
    ck_assert(count >= 1 && count <= 3);
}
END_TEST

START_TEST(not_at_all)
{
    watch_set(w, ZONE, WATCH_NO, file, 1);
    rename_over("two");
    now = mono_plus_s(now, 60);
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

/* What inotify lost is found by the sweep. */
START_TEST(the_safety_net)
{
    char space[65536];
    watch_it(file);
    watch_sweep(w, now);
    rename_over("two");
    while (read(watch_fd(w), space, sizeof space) > 0) {
    }
    ck_assert_uint_eq(heard(), 0);
    now = mono_plus_s(now, 30);
    ck_assert_uint_eq(found(), 1);
}
END_TEST

TCase *case_server_watch(void)
{
    TCase *c = tcase_create("server_watch");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, written_in_place);
    tcase_add_test(c, renamed_over);
    tcase_add_test(c, gone_and_come_back);
    tcase_add_test(c, not_there_yet);
    tcase_add_test(c, a_swapped_link_on_the_way);
    tcase_add_test(c, the_target_of_a_link);
    tcase_add_test(c, a_directory_that_goes_and_comes);
    tcase_add_test(c, nothing_is_missed_by_watching_again);
    tcase_add_test(c, a_directory_above_that_went);
    tcase_add_test(c, a_new_path_counts_as_changed_once);
    tcase_add_test(c, several_zones_of_one_directory);
    tcase_add_test(c, polled);
    tcase_add_test(c, a_name_given_to_a_finished_file);
    tcase_add_test(c, a_new_file_is_written_slowly);
    tcase_add_test(c, written_slowly_where_nobody_tells_us);
    tcase_add_test(c, written_for_ever);
    tcase_add_test(c, not_at_all);
    tcase_add_test(c, the_safety_net);
    return c;
}
