/* keeper_known.c - a zone that comes finds its past: the row of this life, else the one on disk. */
#include "cases.h"
#include "two_zones.h"

static struct rig r;

static void start(void)
{
    two_zones(&r);
}

static void stop(void)
{
    rig_close(&r);
}

/* Takes in what is known, as a new configuration does. */
static void know(struct known *known)
{
    struct keeper_actions actions = {0};
    struct turn t = {r.keeper, r.now, &actions};
    ck_assert(known_read(&t, known));
    rig_carry_out_all(&r, &actions);
}

static const struct journal_zone *find(const struct known *known, const char *name)
{
    struct name n = a_name(name);
    return known_find(known, n.octets);
}

static void put(uint32_t id, const char *name, uint32_t serial)
{
    struct store_batch batch = {0};
    struct oops o = {{0}};
    struct name n = a_name(name);
    struct journal_zone row = {.name = n.octets, .id = id, .has_serial = true, .serial = serial};
    journal_put_zone(&batch, &row);
    ck_assert_msg(store_commit(r.store, &batch, &o), "%s", o.text);
    batch_free(&batch);
}

START_TEST(a_row_of_this_life_goes_before_one_on_disk)
{
    struct known known;
    rig_disk(&r);
    rig_start(&r, ZONES(EXAMPLE("") OTHER));
    rig_run(&r, 2000);
    size_t number = slot_of(&r, "example")->number;
    rig_kept(&r, number)->row.serial = 99; /* not on its way to the disk yet */
    put(50, "third", 7);
    know(&known);
    ck_assert_ptr_eq(find(&known, "example"), &rig_kept(&r, number)->row);
    ck_assert_uint_eq(find(&known, "third")->serial, 7);
    ck_assert_ptr_null(find(&known, "fourth"));
    ck_assert_uint_eq(r.keeper->next_zone_id, 51);
    known_free(&known);
    rig_configure(&r, ZONES(OTHER)); /* also of one that is not configured */
    know(&known);
    ck_assert_uint_eq(find(&known, "example")->serial, 99);
    known_free(&known);
}
END_TEST

START_TEST(the_first_of_two_of_a_name_counts)
{
    struct known known;
    rig_disk(&r);
    put(9, "twice", 8);
    put(5, "twice", 7);
    rig_start(&r, ZONES(EXAMPLE("")));
    know(&known);
    ck_assert_uint_eq(find(&known, "twice")->id, 5);
    ck_assert_uint_eq(find(&known, "twice")->serial, 7);
    ck_assert_uint_gt(r.keeper->next_zone_id, 9); /* the other's number is in use all the same */
    known_free(&known);
}
END_TEST

/* More than the first room for rows and the smallest table. */
START_TEST(each_of_many_is_found)
{
    struct known known;
    char name[16];
    rig_disk(&r);
    for (uint32_t i = 1; i <= 40; i++) {
        snprintf(name, sizeof name, "z%u", i);
        put(i, name, 100 + i);
    }
    rig_start(&r, ZONES(EXAMPLE("")));
    know(&known);
    for (uint32_t i = 1; i <= 40; i++) {
        snprintf(name, sizeof name, "z%u", i);
        ck_assert_uint_eq(find(&known, name)->serial, 100 + i);
    }
    ck_assert_ptr_null(find(&known, "z41"));
    known_free(&known);
}
END_TEST

START_TEST(a_row_that_cannot_be_read_goes_from_the_disk)
{
    struct known known;
    struct oops o = {{0}};
    const uint8_t key[4] = {0, 0, 0, 70};
    struct store_batch batch = {0};
    rig_disk(&r);
    batch_put(&batch, STORE_ZONE, key, sizeof key, "odd", 3);
    ck_assert_msg(store_commit(r.store, &batch, &o), "%s", o.text);
    batch_free(&batch);
    rig_start(&r, ZONES(EXAMPLE("")));
    ck_assert(rig_logged(&r, ": dropped\n"));
    ck_assert_uint_gt(r.keeper->next_zone_id, 70);
    rig_run(&r, 100);
    know(&known);
    known_free(&known);
    ck_assert(!rig_logged(&r, ": dropped\n"));
}
END_TEST

START_TEST(one_that_comes_back_goes_on_with_its_serial)
{
    for (int disk = 0; disk < 2; disk++) {
        if (disk > 0) {
            rig_close(&r);
            two_zones(&r);
            rig_disk(&r);
        }
        rig_start(&r, ZONES(EXAMPLE("") OTHER));
        rig_run(&r, 2000);
        rig_configure(&r, ZONES(OTHER));
        rig_run(&r, 2000);
        rig_zone_file(&r, 1, "www 600 A 192.0.2.81\n");
        rig_configure(&r, ZONES(EXAMPLE("") OTHER));
        ck_assert_uint_eq(zone_serial(atomic_load(&slot_of(&r, "example")->version)), 2);
    }
}
END_TEST

TCase *case_keeper_known(void)
{
    TCase *c = tcase_create("keeper_known");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_row_of_this_life_goes_before_one_on_disk);
    tcase_add_test(c, the_first_of_two_of_a_name_counts);
    tcase_add_test(c, each_of_many_is_found);
    tcase_add_test(c, a_row_that_cannot_be_read_goes_from_the_disk);
    tcase_add_test(c, one_that_comes_back_goes_on_with_its_serial);
    return c;
}
