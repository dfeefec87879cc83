/* secrets.c - the file of cookie secrets: 32 hexadecimal digits a line, as NSD, Unbound and Knot
 * have them (RFC 9018 5). Empty lines and lines that begin with # are passed over. What is wrong
 * is told by the line's number: a secret is never shown. One thread, at configuration time. */
#include "config/secrets.h"
#include <string.h>

#define FILE_MOST 4096
#define DIGITS    (2 * sizeof((struct config_cookies *)NULL)->secret[0])

static bool read_lines(struct reading *r, const struct node *n, const char *text,
                       struct config_cookies *out);
static const char *read_line(const char *line, size_t len, struct config_cookies *out);
static int digit(char c);

void secrets_read(struct reading *r, const struct node *n, const char *path,
                  struct config_cookies *out)
{
    struct buf text = {.limit = FILE_MOST};
    struct file_id id;
    struct oops o = {""};
    struct config_cookies got = {.count = 0};
    if (!r->files->read(r->files->ctx, path, &text, &id, &o)) {
        finding_add(&r->findings, n->at, "cookie-secret-file: %s", o.text);
    } else if (read_lines(r, n, buf_text(&text), &got)) {
        *out = got;
    }
    memset(&got, 0, sizeof got);
    buf_free(&text);
}

static bool read_lines(struct reading *r, const struct node *n, const char *text,
                       struct config_cookies *out)
{
    for (unsigned number = 1; *text != '\0'; number++) {
        size_t len = strcspn(text, "\n"), bare = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
        const char *wrong = bare == 0 || text[0] == '#' ? NULL : read_line(text, bare, out);
        if (wrong != NULL) {
            finding_add(&r->findings, n->at, "cookie-secret-file: line %u: %s", number, wrong);
            return false;
        }
        text += len + (text[len] == '\n');
    }
    if (out->count == 0) {
        finding_add(&r->findings, n->at, "cookie-secret-file: no secret in it");
    }
    return out->count > 0;
}

/* What is wrong with it, or NULL. */
static const char *read_line(const char *line, size_t len, struct config_cookies *out)
{
    if (out->count == CONFIG_COOKIES) {
        return "more than 4 secrets";
    }
    if (len != DIGITS) {
        return "a secret is 32 hexadecimal digits";
    }
    for (size_t i = 0; i < DIGITS; i += 2) {
        int high = digit(line[i]), low = digit(line[i + 1]);
        if (high < 0 || low < 0) {
            return "a secret is 32 hexadecimal digits";
        }
        out->secret[out->count][i / 2] = (uint8_t)(high << 4 | low);
    }
    out->count++;
    return NULL;
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
    return c == '\0' || at == NULL ? -1 : (int)(at - digits);
}
