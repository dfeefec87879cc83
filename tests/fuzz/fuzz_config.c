/* fuzz_config.c - any octets as a configuration: the files a, b and c, parted by lines of
 * "%%%%". */
#include "config/config.h"
#include <stdlib.h>
#include <string.h>

#define PART  "\n%%%%\n"
#define FILES 3

struct input {
    const uint8_t *data[FILES];
    size_t size[FILES];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static struct input part(const uint8_t *data, size_t size);
static bool read_input(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o);
static bool match_input(void *ctx, const char *pattern, struct buf *found, struct oops *o);
static void check(const struct config *c);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = part(data, size);
    struct files files = {.read = read_input, .match = match_input, .ctx = &input};
    struct report report = {.errors = 0};
    struct config *c = config_read("a", &files, &report);
    must((c == NULL) == (report.errors > 0));
    must((report_first(&report)[0] != '\0') == (report.errors > 0));
    if (c != NULL) {
        check(c);
    }
    config_free(c);
    report_free(&report);
    return 0;
}

static struct input part(const uint8_t *data, size_t size)
{
    struct input input = {.data = {data}, .size = {size}};
    for (int i = 1; i < FILES; i++) {
        const uint8_t *last = input.data[i - 1];
        const uint8_t *at =
            last == NULL ? NULL : memmem(last, input.size[i - 1], PART, strlen(PART));
        if (at == NULL) {
            break;
        }
        input.data[i] = at + strlen(PART);
        input.size[i] = (size_t)(last + input.size[i - 1] - input.data[i]);
        input.size[i - 1] = (size_t)(at - last);
    }
    return input;
}

static bool read_input(void *ctx, const char *path, struct buf *out, struct file_id *id,
                       struct oops *o)
{
    const struct input *input = ctx;
    size_t i = (size_t)(path[0] - 'a');
    if (path[0] < 'a' || i >= FILES || path[1] != '\0' || input->data[i] == NULL) {
        return oops(o, "%s: no such file", path);
    }
    *id = (struct file_id){.inode = i + 1};
    buf_add(out, input->data[i], input->size[i]);
    return !out->failed || oops(o, "%s: too large", path);
}

static bool match_input(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    (void)ctx;
    (void)o;
    if (strchr(pattern, '*') != NULL) {
        buf_add(found, "a\0b\0c", 6);
    }
    return true;
}

/* What every room relies on. */
static void check(const struct config *c)
{
    for (unsigned i = 0; i < c->zone_count; i++) {
        const struct config_zone *z = &c->zones[i];
        must(config_find_zone(c, z->name) == z);
        must(i == 0 || name_compare(c->zones[i - 1].name, z->name) < 0);
        must((z->file != NULL) == (z->role == ROLE_PRIMARY));
        must((z->rules->primaries.count > 0) == (z->role != ROLE_PRIMARY));
        must(z->rules->refresh_min_s <= z->rules->refresh_max_s);
        for (unsigned k = 1; k < z->rules->allow.count; k++) {
            must(z->rules->allow.items[k - 1].bits >= z->rules->allow.items[k].bits ||
                 z->rules->allow.items[k - 1].net.family != z->rules->allow.items[k].net.family);
        }
    }
    for (unsigned i = 0; i < c->peer_count; i++) {
        must(c->peers[i].address_count > 0 && c->peers[i].ask_count > 0);
    }
    must(c->server.listen_count > 0);
}
