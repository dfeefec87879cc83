/* main.c - stands in for libFuzzer: gives a fuzz target the files named on the command line.
 * So the corpus is replayed by every compiler, in every make check. Each input gets memory of
 * exactly its size, so that ASan sees the first octet read too many. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MOST ((size_t)16 << 20)

static uint8_t *read_file(const char *path, size_t *len);

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t len = 0;
        uint8_t *data = read_file(argv[i], &len);
        if (data == NULL) {
            perror(argv[i]);
            return 1;
        }
        LLVMFuzzerTestOneInput(data, len);
        free(data);
    }
    printf("%s: %d inputs replayed\n", argv[0], argc - 1);
    return 0;
}

/* All of the file in memory of exactly its size (one octet when it is empty); NULL: see errno. */
static uint8_t *read_file(const char *path, size_t *len)
{
    uint8_t *whole = NULL;
    FILE *f = fopen(path, "rb");
    uint8_t *all = malloc(INPUT_MOST);
    if (f == NULL || all == NULL) {
        goto done;
    }
    *len = fread(all, 1, INPUT_MOST, f);
    if (ferror(f) == 0) {
        whole = realloc(all, *len == 0 ? 1 : *len);
        all = NULL;
    }
done:
    free(all);
    if (f != NULL) {
        fclose(f);
    }
    return whole;
}
