/* config_memory.h - configuration files in memory, for the tests of config/. */
#ifndef SETTLED_TESTS_UNIT_CONFIG_MEMORY_H
#define SETTLED_TESTS_UNIT_CONFIG_MEMORY_H

#include "cases.h"
#include "config/config.h"
#include <fnmatch.h>
#include <string.h>

struct memory_file {
    const char *path, *text;
    size_t len; /* 0: of the text */
    uint64_t inode;
};

/* ctx: files, the last without a path. */
static inline bool memory_read(void *ctx, const char *path, struct buf *out, struct file_id *id,
                               struct oops *o)
{
    const struct memory_file *f = ctx;
    while (f->path != NULL && strcmp(f->path, path) != 0) {
        f++;
    }
    if (f->path == NULL) {
        return oops(o, "%s: no such file", path);
    }
    *id = (struct file_id){.device = 1, .inode = f->inode};
    buf_add(out, f->text, f->len == 0 ? strlen(f->text) : f->len);
    return !out->failed || oops(o, "%s: too large", path);
}

static inline bool memory_match(void *ctx, const char *pattern, struct buf *found, struct oops *o)
{
    if (strstr(pattern, "forbidden") != NULL) {
        return oops(o, "%s: not allowed", pattern);
    }
    for (const struct memory_file *f = ctx; f->path != NULL; f++) {
        if (fnmatch(pattern, f->path, FNM_PATHNAME) == 0) {
            buf_add(found, f->path, strlen(f->path) + 1);
        }
    }
    return true;
}

/* Reads "conf" out of the files; *errors gets the sentences without source lines and carets. */
static inline struct config *memory_config(struct memory_file *files, struct buf *errors)
{
    struct files f = {.read = memory_read, .match = memory_match, .ctx = files};
    struct report report = {.errors = 0};
    struct config *c = config_read(files[0].path, &f, &report);
    const char *at = buf_text(&report.text);
    while (*at != '\0') {
        size_t len = strcspn(at, "\n") + 1;
        if (at[0] != ' ') {
            buf_add(errors, at, len);
        }
        at += len;
    }
    ck_assert((c == NULL) == (report.errors != 0));
    report_free(&report);
    return c;
}

/* One file, "conf", that is right: the caller frees the config. */
static inline struct config *good_config(const char *text)
{
    struct memory_file files[] = {{.path = "conf", .text = text}, {.path = NULL}};
    struct buf errors = {.len = 0};
    struct config *c = memory_config(files, &errors);
    ck_assert_str_eq(buf_text(&errors), "");
    buf_free(&errors);
    return c;
}

struct
    fault { /* a text of "conf" and all of its errors, one a line, without "conf:" and "error:" */
    const char *text, *errors;
};

static inline void check_fault(const struct fault *fault)
{
    struct memory_file files[] = {{.path = "conf", .text = fault->text}, {.path = NULL}};
    struct buf errors = {.len = 0}, plain = {.len = 0};
    struct config *c = memory_config(files, &errors);
    for (const char *at = buf_text(&errors); *at != '\0';) {
        size_t len = strcspn(at, "\n") + 1;
        const char *error = strstr(at, " error: ");
        ck_assert_msg(error != NULL && strncmp(at, "conf", 4) == 0, "%s", at);
        buf_add(&plain, at + 5, (size_t)(error - at) - 5);
        buf_add(&plain, error + 7, len - 7 - (size_t)(error - at));
        at += len;
    }
    ck_assert_msg(strcmp(buf_text(&plain), fault->errors) == 0, "text:\n%s\nsays:\n%sexpected:\n%s",
                  fault->text, buf_text(&plain), fault->errors);
    ck_assert(c == NULL);
    buf_free(&errors);
    buf_free(&plain);
}

#define CHECK_FAULTS(faults)                                                                       \
    for (size_t i = 0; i < sizeof(faults) / sizeof *(faults); i++) {                               \
        check_fault(&(faults)[i]);                                                                 \
    }

#endif
