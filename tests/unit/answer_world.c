/* answer_world.c - tests of finding the zone that owns a name. */
#include "answer_fixture.h"
#include "cases.h"

static const char *found(const struct bench *b, const char *name, uint16_t type)
{
    static const char none[] = "none";
    struct name n = a_name(name);
    const struct world_zone *z = world_find(b->world, n.octets, type);
    if (z == NULL) {
        return none;
    }
    ck_assert_ptr_eq(z->config, &b->configs[z - b->world->zones]);
    return z->config->text;
}

static struct bench *with_zones(const char *const *names, unsigned count)
{
    struct bench *b = bench_new();
    for (unsigned i = 0; i < count; i++) {
        bench_add(b, names[i], ROLE_PRIMARY)->text = names[i];
    }
    bench_ready(b);
    return b;
}

START_TEST(deepest_zone_owns)
{
    static const char *const names[] = {"example", "a.b.example", "other"};
    struct bench *b = with_zones(names, 3);
    ck_assert_str_eq(found(b, "example", TYPE_A), "example");
    ck_assert_str_eq(found(b, "EXAMPLE", TYPE_A), "example");
    ck_assert_str_eq(found(b, "b.example", TYPE_A), "example");
    ck_assert_str_eq(found(b, "a.b.example", TYPE_A), "a.b.example");
    ck_assert_str_eq(found(b, "x.y.z.A.b.example", TYPE_A), "a.b.example");
    ck_assert_str_eq(found(b, "xa.b.example", TYPE_A), "example");
    ck_assert_str_eq(found(b, "nothing", TYPE_A), "none");
    ck_assert_str_eq(found(b, ".", TYPE_A), "none");
    bench_free(b);
}
END_TEST

START_TEST(root_owns_the_rest)
{
    static const char *const names[] = {".", "a.example"};
    struct bench *b = with_zones(names, 2);
    ck_assert_str_eq(found(b, ".", TYPE_SOA), ".");
    ck_assert_str_eq(found(b, "example", TYPE_A), ".");
    ck_assert_str_eq(found(b, "b.a.example", TYPE_A), "a.example");
    ck_assert_str_eq(found(b, "a.example", TYPE_DS), ".");
    ck_assert_str_eq(found(b, "b.a.example", TYPE_DS), "a.example");
    ck_assert_str_eq(found(b, ".", TYPE_DS), ".");
    bench_free(b);
}
END_TEST

/* RFC 4035 3.1.4.1: DS of an apex belongs to the zone above, if we have it. */
START_TEST(ds_goes_up)
{
    static const char *const names[] = {"example", "a.example", "b.a.example", "alone.test"};
    struct bench *b = with_zones(names, 4);
    ck_assert_str_eq(found(b, "a.example", TYPE_DS), "example");
    ck_assert_str_eq(found(b, "b.a.example", TYPE_DS), "a.example");
    ck_assert_str_eq(found(b, "alone.test", TYPE_DS), "alone.test");
    ck_assert_str_eq(found(b, "a.example", TYPE_SOA), "a.example");
    bench_free(b);
}
END_TEST

START_TEST(exactly)
{
    static const char *const names[] = {"example", "a.example"};
    struct bench *b = with_zones(names, 2);
    struct name n = a_name("A.Example");
    ck_assert_str_eq(world_exact(b->world, n.octets)->config->text, "a.example");
    n = a_name("b.a.example");
    ck_assert_ptr_null(world_exact(b->world, n.octets));
    bench_free(b);
}
END_TEST

START_TEST(many_zones)
{
    enum { MANY = 5000 };
    struct config config = {.zone_count = MANY};
    struct slot *slots = calloc(MANY, sizeof *slots);
    struct name *names = calloc(MANY, sizeof *names);
    config.zones = calloc(MANY, sizeof *config.zones);
    ck_assert(slots != NULL && names != NULL && config.zones != NULL);
    struct world *w = world_new(&config, 99);
    for (unsigned i = 0; i < MANY; i++) {
        char text[32];
        snprintf(text, sizeof text, "z%u.example", i);
        names[i] = a_name(text);
        slots[i].name = names[i].octets;
        w->zones[i].slot = &slots[i];
    }
    world_index(w);
    for (unsigned i = 0; i < MANY; i++) {
        char text[64];
        snprintf(text, sizeof text, "some.name.z%u.example", i);
        struct name n = a_name(text);
        ck_assert_ptr_eq(world_find(w, n.octets, TYPE_A), &w->zones[i]);
        snprintf(text, sizeof text, "z%u.example", i + MANY);
        n = a_name(text);
        ck_assert_ptr_null(world_find(w, n.octets, TYPE_A));
    }
    world_free(w);
    free(config.zones);
    free(slots);
    free(names);
}
END_TEST

START_TEST(empty_world)
{
    struct world *w = world_new(NULL, 1);
    ck_assert_ptr_nonnull(w);
    world_index(w);
    struct name n = a_name("www.example");
    ck_assert_ptr_null(world_find(w, n.octets, TYPE_A));
    ck_assert_ptr_null(world_exact(w, name_root));
    world_free(w);
    world_free(NULL);
}
END_TEST

TCase *case_answer_world(void)
{
    TCase *c = tcase_create("answer_world");
    tcase_add_test(c, deepest_zone_owns);
    tcase_add_test(c, root_owns_the_rest);
    tcase_add_test(c, ds_goes_up);
    tcase_add_test(c, exactly);
    tcase_add_test(c, many_zones);
    tcase_add_test(c, empty_world);
    return c;
}
