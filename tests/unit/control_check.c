/* control_check.c - a configuration or a zone file checked without a daemon: the same messages, a
 * count, and the truth. */
#include "cases.h"
#include "control/check.h"
#include <stdlib.h>
#include <string.h>

static const char *conf, *zone; /* what the files hold; NULL: not there */

static bool read_file(void *ctx, const char *path, struct buf *out, struct file_id *id,
                      struct oops *o)
{
    (void)ctx;
    const char *text = strstr(path, ".conf") != NULL ? conf : zone;
    if (text == NULL) {
        return oops(o, "cannot open %s: No such file or directory", path);
    }
    buf_add(out, text, strlen(text));
    *id = (struct file_id){.inode = text == conf ? 1 : 2, .size = out->len};
    return true;
}

static bool match(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    (void)ctx, (void)pattern, (void)found, (void)o;
    return true;
}

static const struct files files = {.read = read_file, .match = match};
static char *said;

enum what { CONFIG, ZONE, ALL };

static bool check(enum what what)
{
    size_t len;
    free(said);
    FILE *to = open_memstream(&said, &len);
    bool ok = what == CONFIG ? check_config("/a.conf", &files, to)
              : what == ZONE ? check_zone("example", "/z.zone", &files, to)
                             : check_all("/a.conf", &files, to);
    fclose(to);
    return ok;
}

static const char good_zone[] =
    "@ 60 SOA ns admin 7 3600 600 86400 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n";
static const char good_conf[] = "zones: [{ name: example, role: primary, file: z.zone }]\n";

START_TEST(good_ones)
{
    conf = good_conf;
    zone = good_zone;
    ck_assert(check(CONFIG));
    ck_assert_str_eq(said, "/a.conf: 1 zone, 0 peers, 0 errors, 0 warnings\n");
    ck_assert(check(ZONE));
    ck_assert_str_eq(said, "zone example: serial 7, 3 records, 0 errors, 0 warnings\n");
    ck_assert(check(ALL));
    ck_assert_ptr_nonnull(strstr(said, "/a.conf: 1 zone"));
    ck_assert_ptr_nonnull(strstr(said, "zone example: serial 7, 3 records, 0 errors"));
}
END_TEST

START_TEST(bad_ones)
{
    conf = "zones: [{ name: example, role: primary, fil: z.zone }]\n";
    zone = "@ 60 SOA ns admin 7 3600 600 86400 60\n@ 60 NS ns\nns 60 A 192.0.2.300\nx 60 AAA 1\n";
    ck_assert(!check(CONFIG));
    ck_assert_ptr_nonnull(strstr(said, "/a.conf:1:"));
    ck_assert_ptr_nonnull(strstr(said, "error"));
    ck_assert(!check(ZONE));
    ck_assert_ptr_nonnull(strstr(said, "/z.zone:3:9: error: "));
    ck_assert_ptr_nonnull(strstr(said, "/z.zone:4:6: error: "));
    ck_assert_ptr_nonnull(strstr(said, "zone example: 2 errors, 0 warnings\n"));
    conf = good_conf; /* a good configuration of a bad zone */
    ck_assert(!check(ALL));
    ck_assert_ptr_nonnull(strstr(said, "zone example: 2 errors"));
}
END_TEST

START_TEST(missing_ones)
{
    conf = zone = NULL;
    ck_assert(!check(CONFIG));
    ck_assert_ptr_nonnull(strstr(said, "cannot open /a.conf"));
    ck_assert(!check(ZONE));
    ck_assert_ptr_nonnull(strstr(said, "cannot open /z.zone"));
}
END_TEST

START_TEST(no_name_of_a_zone)
{
    size_t len;
    zone = good_zone;
    free(said);
    FILE *to = open_memstream(&said, &len);
    ck_assert(!check_zone("not..a.name", "/z.zone", &files, to));
    fclose(to);
    ck_assert_str_eq(said, "'not..a.name' is no domain name\n");
    free(said);
    said = NULL;
}
END_TEST

TCase *case_control_check(void)
{
    TCase *c = tcase_create("control_check");
    tcase_add_test(c, good_ones);
    tcase_add_test(c, bad_ones);
    tcase_add_test(c, missing_ones);
    tcase_add_test(c, no_name_of_a_zone);
    return c;
}
