/* zone_intake.c - which files a job read, and which it would have liked to. What becomes of their
 * records is in zone_build.c. */
#include "cases.h"
#include "zone_building.h"

#define HEAD "$TTL 60\n@ SOA ns h 5 1h 1h 1w 1h\n@ NS ns\nns A 192.0.2.1\n"

START_TEST(every_file_is_named_for_the_watch)
{
    struct building b;
    building_start(&b);
    b.disk.files[1] = (struct zone_file){.path = "a", .text = "a A 192.0.2.1\n", .inode = 2};
    b.disk.files[2] = (struct zone_file){.path = "b", .text = "b A x\n$INCLUDE a\n", .inode = 3};
    building_build(&b, HEAD "$INCLUDE a x\n$INCLUDE gone\n$INCLUDE b\n$INCLUDE a y\n");
    ck_assert_uint_eq(b.built.file_count, 4);
    ck_assert_str_eq(b.built.files[0].path, "z");
    ck_assert_str_eq(b.built.files[1].path, "a");
    ck_assert_uint_eq(b.built.files[1].id.inode, 2);
    ck_assert_str_eq(b.built.files[2].path, "gone");
    ck_assert(b.built.files[2].id.inode == 0 && b.built.files[2].id.size == 0);
    ck_assert_str_eq(b.built.files[3].path, "b");
    building_refused(&b, "z:6:1: error: gone: no such file\n"
                         "b:1:5: error: A: expected an IPv4 address, like 192.0.2.1 (included from "
                         "z:7)\n");
    building_stop(&b);
}
END_TEST

TCase *case_zone_intake(void)
{
    TCase *c = tcase_create("zone_intake");
    tcase_add_test(c, every_file_is_named_for_the_watch);
    return c;
}
