/* journal_store_pages.c - a sound data file passes; a cut or a flipped bit is found, or does no
 * harm. */
#include "base/rand.h"
#include "cases.h"
#include "journal/store.h"
#include "journal/store_pages.h"
#include "journal_dir.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define FLIPS 150

/* A journal with all a data file can have: three levels, a free list, values of all lengths. */
static void fill(const char *dir)
{
    uint8_t key[4], value[STORE_VALUE];
    struct rand r;
    struct store *s = store_open(dir, NULL);
    ck_assert_ptr_nonnull(s);
    rand_seed(&r, 1);
    memset(value, 'v', sizeof value);
    for (unsigned most = 300; most > 0; most /= 10) {
        struct store_batch b = {.count = 0};
        for (uint32_t n = 0; n < most; n++) {
            put_u32(key, rand_below(&r, 300));
            batch_delete(&b, STORE_IMAGE, key, 4);
            put_u32(key, rand_below(&r, 300));
            batch_put(&b, STORE_IMAGE, key, 4, value, rand_below(&r, sizeof value));
        }
        ck_assert(store_commit(s, &b, NULL));
        batch_free(&b);
    }
    store_close(s);
}

struct file {
    char path[DIR_PATH + 32];
    uint8_t *octets;
    size_t len;
};

static void file_load(struct file *f, const char *dir)
{
    struct stat there;
    snprintf(f->path, sizeof f->path, "%s/journal/data.mdb", dir);
    int fd = open(f->path, O_RDONLY);
    ck_assert(fd >= 0 && fstat(fd, &there) == 0);
    f->len = (size_t)there.st_size;
    f->octets = malloc(f->len);
    ck_assert_int_eq(read(fd, f->octets, f->len), there.st_size);
    close(fd);
}

static void file_store(const struct file *f, size_t len)
{
    int fd = open(f->path, O_WRONLY | O_TRUNC);
    ck_assert_int_eq(write(fd, f->octets, len), (ssize_t)len);
    close(fd);
}

/* Writes one octet alone; the rest of the file is as it was. */
static void file_poke(const struct file *f, const uint8_t *octet)
{
    int fd = open(f->path, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, octet, 1, octet - f->octets), 1);
    close(fd);
}

static bool see(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    unsigned *count = ctx;
    (void)key;
    (void)value;
    *count += klen > 0 && vlen <= STORE_VALUE;
    return true;
}

/* Uses what passed: nothing may crash, whatever the answers are. */
static void use(const char *dir)
{
    struct oops o;
    struct store *s = store_open(dir, &o);
    struct store_batch b = {.count = 0};
    unsigned count = 0;
    if (s == NULL) {
        return;
    }
    (void)!store_scan(s, STORE_IMAGE, NULL, 0, see, &count, &o);
    batch_delete_below(&b, STORE_IMAGE, "\0\0\0", 3);
    for (unsigned n = 0; n < 40; n++) {
        batch_put(&b, STORE_PEER, &n, sizeof n, "value", 5);
    }
    (void)!store_commit(s, &b, &o);
    batch_free(&b);
    store_close(s);
}

START_TEST(sound_files_pass)
{
    char dir[DIR_PATH];
    struct file f;
    struct oops o = {""};
    dir_make(dir);
    snprintf(f.path, sizeof f.path, "%s/none", dir);
    ck_assert_int_eq(pages_check(f.path, &o), PAGES_SOUND);
    fill(dir);
    file_load(&f, dir);
    ck_assert_msg(pages_check(f.path, &o) == PAGES_SOUND, "%s", o.text);
    file_store(&f, 0);
    ck_assert_int_eq(pages_check(f.path, &o), PAGES_SOUND);
    free(f.octets);
    dir_remove(dir);
}
END_TEST

START_TEST(cut_files_are_damaged)
{
    char dir[DIR_PATH];
    struct file f;
    struct oops o;
    dir_make(dir);
    fill(dir);
    file_load(&f, dir);
    for (size_t len = 1; len < f.len; len += 1 + f.len / 50) {
        file_store(&f, len);
        o.text[0] = '\0';
        ck_assert_int_eq(pages_check(f.path, &o), PAGES_DAMAGED);
        ck_assert_ptr_nonnull(strstr(o.text, "data.mdb: "));
    }
    free(f.octets);
    dir_remove(dir);
}
END_TEST

START_TEST(flipped_heads_are_damaged)
{
    char dir[DIR_PATH];
    struct file f;
    dir_make(dir);
    fill(dir);
    file_load(&f, dir);
    /* page number, flags, magic and version of both heads; the transactions' numbers */
    static const unsigned places[] = {0, 10, 16, 19, 20, 144, 150};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        for (unsigned head = 0; head < 2; head++) {
            uint8_t *octet = f.octets + head * 4096 + places[i];
            *octet ^= 8;
            file_store(&f, f.len);
            ck_assert_msg(pages_check(f.path, NULL) == PAGES_DAMAGED, "octet %u of head %u",
                          places[i], head);
            *octet ^= 8;
        }
    }
    free(f.octets);
    dir_remove(dir);
}
END_TEST

START_TEST(flipped_bits_are_found_or_do_no_harm)
{
    char dir[DIR_PATH];
    struct file f;
    struct rand r;
    unsigned found = 0;
    dir_make(dir);
    fill(dir);
    file_load(&f, dir);
    rand_seed(&r, 7);
    for (unsigned i = 0; i < FLIPS; i++) {
        size_t page = rand_below(&r, (uint32_t)(f.len / 4096)) * (size_t)4096;
        uint8_t *octet = f.octets + page + rand_below(&r, i % 2 == 0 ? 4096 : 64);
        uint8_t bit = (uint8_t)(1u << rand_below(&r, 8));
        *octet ^= bit;
        file_poke(&f, octet);
        *octet ^= bit;
        if (pages_check(f.path, NULL) == PAGES_SOUND) {
            use(dir);
            file_store(&f, f.len);
        } else {
            file_poke(&f, octet);
            found++;
        }
    }
    ck_assert_uint_gt(found, FLIPS / 20);
    free(f.octets);
    dir_remove(dir);
}
END_TEST

START_TEST(a_damaged_journal_is_set_aside)
{
    char dir[DIR_PATH];
    struct file f;
    struct oops o;
    struct buf moved = {.len = 0};
    dir_make(dir);
    fill(dir);
    file_load(&f, dir);
    file_store(&f, f.len / 2);
    ck_assert_ptr_null(store_open(dir, &o));
    ck_assert_msg(strstr(o.text, "damaged") != NULL, "%s", o.text);
    ck_assert_msg(store_set_aside(dir, &moved, &o), "%s", o.text);
    ck_assert_ptr_nonnull(strstr(buf_text(&moved), "/journal.damaged-1"));
    struct store *s = store_open(dir, &o);
    ck_assert_msg(s != NULL, "%s", o.text);
    store_close(s);
    buf_free(&moved);
    free(f.octets);
    dir_remove(dir);
}
END_TEST

TCase *case_journal_store_pages(void)
{
    TCase *c = tcase_create("journal_store_pages");
    tcase_add_test(c, sound_files_pass);
    tcase_add_test(c, cut_files_are_damaged);
    tcase_add_test(c, flipped_heads_are_damaged);
    tcase_add_test(c, flipped_bits_are_found_or_do_no_harm);
    tcase_add_test(c, a_damaged_journal_is_set_aside);
    return c;
}
