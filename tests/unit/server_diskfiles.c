/* server_diskfiles.c - whole files from disk, or a reason; who they are. */
#include "cases.h"
#include "journal_dir.h"
#include "server/diskfiles.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char dir[DIR_PATH];

static void start(void)
{
    dir_make(dir);
}

static void stop(void)
{
    dir_remove(dir);
}

static const char *in_dir(const char *name)
{
    static char path[DIR_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t len)
{
    int fd = open(in_dir(name), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    close(fd);
}

static bool read_it(const char *name, struct buf *out, struct file_id *id, struct oops *o)
{
    return disk_files.read(disk_files.ctx, in_dir(name), out, id, o);
}

START_TEST(whole_files_of_any_size)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf out = {0};
        struct file_id id, again;
        struct oops o = {{0}};
        uint8_t *data = malloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++) {
            data[k] = (uint8_t)(k * 31 >> 3);
        }
        write_file("f", data, sizes[i]);
        buf_add(&out, "before", 6); /* is appended to */
        ck_assert_msg(read_it("f", &out, &id, &o), "%s", o.text);
        ck_assert_uint_eq(out.len, sizes[i] + 6);
        ck_assert(sizes[i] == 0 || memcmp(out.data + 6, data, sizes[i]) == 0);
        ck_assert_uint_eq(id.size, sizes[i]);
        ck_assert(disk_file_id(in_dir("f"), &again));
        ck_assert_mem_eq(&id, &again, sizeof id);
        buf_free(&out);
        free(data);
    }
}
END_TEST

START_TEST(reasons)
{
    struct buf out = {0}, small = {.limit = 100};
    struct file_id id;
    struct oops o = {{0}};
    char many[101];
    ck_assert(!read_it("none", &out, &id, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "/none: No such file or directory"));
    o.text[0] = '\0';
    ck_assert(!read_it(".", &out, &id, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "is not a regular file"));
    o.text[0] = '\0';
    ck_assert(mkfifo(in_dir("pipe"), 0600) == 0);
    ck_assert(!read_it("pipe", &out, &id, &o)); /* and does not wait for a writer */
    o.text[0] = '\0';
    memset(many, 'x', sizeof many);
    write_file("large", many, sizeof many);
    ck_assert(!read_it("large", &small, &id, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "larger than 100 octets"));
    buf_free(&small);
    buf_free(&out);
}
END_TEST

START_TEST(another_file_is_another)
{
    struct file_id a, b;
    write_file("a", "x", 1);
    ck_assert(disk_file_id(in_dir("a"), &a));
    write_file("b", "x", 1);
    ck_assert(disk_file_id(in_dir("b"), &b));
    ck_assert_mem_ne(&a, &b, sizeof a);
    char from[DIR_PATH + 64];
    snprintf(from, sizeof from, "%s", in_dir("b"));
    ck_assert(rename(from, in_dir("a")) == 0); /* as editors save */
    ck_assert(disk_file_id(in_dir("a"), &b));
    ck_assert_mem_ne(&a, &b, sizeof a);
    ck_assert(!disk_file_id(in_dir("b"), &a));
    ck_assert(symlink("a", in_dir("link")) == 0);
    bool is_link;
    ck_assert(disk_link_id(in_dir("link"), &a, &is_link) && is_link); /* what it leads to */
    ck_assert(disk_link_id(in_dir("a"), &b, &is_link) && !is_link);
    ck_assert_mem_eq(&a, &b, sizeof a);
}
END_TEST

START_TEST(patterns)
{
    struct buf found = {0};
    struct oops o = {{0}};
    write_file("b.conf", "", 0);
    write_file("a.conf", "", 0);
    write_file("c.other", "", 0);
    ck_assert(disk_files.match(disk_files.ctx, in_dir("*.conf"), &found, &o));
    ck_assert_uint_gt(found.len, 0);
    const char *first = (const char *)found.data, *second = first + strlen(first) + 1;
    ck_assert_str_eq(strrchr(first, '/'), "/a.conf");
    ck_assert_str_eq(strrchr(second, '/'), "/b.conf");
    ck_assert_uint_eq(found.len, strlen(first) + strlen(second) + 2);
    found.len = 0;
    ck_assert(disk_files.match(disk_files.ctx, in_dir("*.none"), &found, &o));
    ck_assert_uint_eq(found.len, 0);
    buf_free(&found);
}
END_TEST

START_TEST(a_file_is_read_in_parts)
{
    struct buf out = {.limit = 6};
    struct file_id id, whole;
    struct oops o = {.text = ""};
    write_file("f", "0123456789", 10);
    ck_assert(disk_file_id(in_dir("f"), &whole));
    ck_assert(disk_files.part(NULL, in_dir("f"), 0, &out, &id, &o));
    ck_assert_str_eq(buf_text(&out), "012345");
    ck_assert(memcmp(&id, &whole, sizeof id) == 0);
    buf_skip(&out, 4);
    ck_assert(disk_files.part(NULL, in_dir("f"), 6, &out, &id, &o));
    ck_assert_str_eq(buf_text(&out), "456789");
    ck_assert(memcmp(&id, &whole, sizeof id) == 0);
    out.len = 0;
    ck_assert(disk_files.part(NULL, in_dir("f"), 10, &out, &id, &o));
    ck_assert_uint_eq(out.len, 0);
    ck_assert(!disk_files.part(NULL, in_dir("none"), 0, &out, &id, &o));
    ck_assert_msg(strstr(o.text, "cannot open") != NULL, "%s", o.text);
    ck_assert(!disk_files.part(NULL, dir, 0, &out, &id, &o));
    buf_free(&out);
}
END_TEST

TCase *case_server_diskfiles(void)
{
    TCase *c = tcase_create("server_diskfiles");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, whole_files_of_any_size);
    tcase_add_test(c, reasons);
    tcase_add_test(c, another_file_is_another);
    tcase_add_test(c, patterns);
    tcase_add_test(c, a_file_is_read_in_parts);
    return c;
}
