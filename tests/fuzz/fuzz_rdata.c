/* fuzz_rdata.c - rdata and its text. Input: the type (two octets), what the rest is (one octet), the
 * rest. Even: rdata off a wire, which is printed and must read back octet for octet. Odd: text, which,
 * if it is taken, makes well-formed rdata, and comes back the same when that is printed. */
#include "wire/rdata.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void from_wire(uint16_t type, const uint8_t *rdata, size_t len);
static void from_text(uint16_t type, const char *text, size_t len);
static bool read_back(uint16_t type, struct buf *text, const uint8_t *rdata, size_t len);

static const uint8_t origin[] = "\6origin\7example";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || size > 3 + 65535) {
        return 0;
    }
    uint16_t type = get_u16(data);
    if (data[2] % 2 == 0) {
        from_wire(type, data + 3, size - 3);
    } else {
        from_text(type, (const char *)data + 3, size - 3);
    }
    return 0;
}

/* What is malformed is shown as \# as well; a type that has rules then does not take it. */
static void from_wire(uint16_t type, const uint8_t *rdata, size_t len)
{
    struct buf text = {.len = 0};
    rdata_print(type, rdata, len, &text);
    must(read_back(type, &text, rdata, len) || !rdata_check(type, rdata, len));
    buf_free(&text);
}

static void from_text(uint16_t type, const char *text, size_t len)
{
    struct buf rdata = {.len = 0}, again = {.len = 0};
    const char *why = NULL;
    size_t at = SIZE_MAX;
    if (!rdata_parse(type, text, len, origin, &rdata, &why, &at)) {
        must(why != NULL && at <= len && rdata.len == 0);
    } else {
        must(rdata.len <= 65535 && rdata_check(type, rdata.data, rdata.len));
        rdata_print(type, rdata.data, rdata.len, &again);
        must(read_back(type, &again, rdata.data, rdata.len));
    }
    buf_free(&rdata);
    buf_free(&again);
}

/* One line of printable ASCII that means these octets? */
static bool read_back(uint16_t type, struct buf *text, const uint8_t *rdata, size_t len)
{
    struct buf back = {.len = 0};
    const char *why;
    size_t at;
    must(!text->failed);
    for (size_t i = 0; i < text->len; i++) {
        must(text->data[i] >= ' ' && text->data[i] < 0x7f);
    }
    bool ok = rdata_parse(type, buf_text(text), text->len, origin, &back, &why, &at);
    bool same = ok && back.len == len && (len == 0 || memcmp(back.data, rdata, len) == 0);
    if (ok && !same) {
        fprintf(stderr, "TYPE%u %s\n", type, buf_text(text));
    }
    must(!ok || same);
    buf_free(&back);
    return ok;
}
