/* fuzz_pages.c - the check of a journal's file before LMDB maps it. Input: damage, four octets each,
 * to a journal made here that has all a file can have: page, place in it (16 bits), new octet. What
 * the check calls sound is used, as the daemon does, and must not crash. */
#include "base/rand.h"
#include "journal/store.h"
#include "journal/store_pages.h"
#include "wire/reader.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

struct journal {
    char dir[64], path[96];
    uint8_t *octets;
    size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static const struct journal *journal(void);
static void fill(const char *dir);
static void write_file(const char *path, const uint8_t *octets, size_t len);
static void use(const char *dir);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct journal *j = journal();
    uint8_t *copy = malloc(j->len);
    struct oops o = {""};
    struct reader r;
    must(copy != NULL);
    memcpy(copy, j->octets, j->len);
    reader_start(&r, data, size < 256 ? size : 256);
    while (reader_left(&r) >= 4) {
        size_t page = read_u8(&r) % (j->len / PAGE), at = read_u16(&r) % PAGE;
        copy[page * PAGE + at] = read_u8(&r);
    }
    write_file(j->path, copy, j->len);
    if (pages_check(j->path, &o) == PAGES_SOUND) {
        use(j->dir);
    } else {
        must(o.text[0] != '\0');
    }
    free(copy);
    return 0;
}

/* Made once, for libFuzzer hands in nothing but octets; gone at exit. */
static struct journal the_journal;

static void remove_journal(void)
{
    char command[120];
    snprintf(command, sizeof command, "rm -rf %s", the_journal.dir);
    must(system(command) == 0);
    free(the_journal.octets);
}

static const struct journal *journal(void)
{
    struct journal *j = &the_journal;
    if (j->octets != NULL) {
        return j;
    }
    snprintf(j->dir, sizeof j->dir, "%s/settled-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(j->dir) != NULL);
    snprintf(j->path, sizeof j->path, "%.63s/journal/data.mdb", j->dir);
    fill(j->dir);
    struct stat there;
    int fd = open(j->path, O_RDONLY);
    must(fd >= 0 && fstat(fd, &there) == 0);
    j->len = (size_t)there.st_size;
    j->octets = malloc(j->len);
    must(j->octets != NULL && read(fd, j->octets, j->len) == there.st_size);
    close(fd);
    atexit(remove_journal);
    return j;
}

/* Three levels, a free list, values of all lengths. */
static void fill(const char *dir)
{
    uint8_t key[4], value[STORE_VALUE];
    struct oops o = {""};
    struct rand r;
    struct store *s = store_open(dir, &o);
    must(s != NULL);
    rand_seed(&r, 1);
    memset(value, 'v', sizeof value);
    for (unsigned most = 120; most > 0; most /= 5) {
        struct store_batch b = {.count = 0};
        for (uint32_t n = 0; n < most; n++) {
            put_u32(key, rand_below(&r, 120));
            batch_delete(&b, STORE_IMAGE, key, 4);
            put_u32(key, rand_below(&r, 120));
            batch_put(&b, STORE_IMAGE, key, 4, value, rand_below(&r, STORE_VALUE));
        }
        must(store_commit(s, &b, &o));
        batch_free(&b);
    }
    store_close(s);
}

static void write_file(const char *path, const uint8_t *octets, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    must(fd >= 0 && write(fd, octets, len) == (ssize_t)len);
    close(fd);
}

static bool see(void *ctx, const uint8_t *key, size_t klen, const uint8_t *value, size_t vlen)
{
    unsigned *sum = ctx;
    for (size_t i = 0; i < klen; i++) {
        *sum += key[i];
    }
    for (size_t i = 0; i < vlen; i++) {
        *sum += value[i];
    }
    return true;
}

/* Reads all, writes a little, twice: the second transaction takes pages from the free list. */
static void use(const char *dir)
{
    struct oops o = {""};
    struct store *s = store_open(dir, &o);
    unsigned sum = 0;
    if (s == NULL) {
        must(o.text[0] != '\0');
        return;
    }
    (void)!store_scan(s, STORE_IMAGE, NULL, 0, see, &sum, &o);
    for (unsigned n = 0; n < 2; n++) {
        struct store_batch b = {.count = 0};
        batch_delete_below(&b, STORE_IMAGE, "\0\0\0", 3);
        for (uint32_t k = 0; k < 20; k++) {
            batch_put(&b, STORE_PEER, &k, sizeof k, "value", 5);
        }
        (void)!store_commit(s, &b, &o);
        batch_free(&b);
    }
    store_close(s);
}
