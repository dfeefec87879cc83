/* fuzz_name.c - foreign octets and foreign text as names: what is accepted prints, parses back, and
 * orders as its key does. */
#include "wire/name.h"
#include "wire/reader.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void there_and_back(const uint8_t *name)
{
    char text[NAME_TEXT];
    struct name back;
    const char *why;
    name_print_dot(name, text);
    must(strlen(text) < NAME_TEXT);
    must(name_parse(text, strlen(text), NULL, &back, &why));
    must(name_same_case(name, back.octets));
    name_copy_lower(&back, name);
    must(name_same(name, back.octets) && name_compare(name, back.octets) == 0);
    must(name_hash(name, 1) == name_hash(back.octets, 1));
}

static void keys_agree(const uint8_t *a, const uint8_t *b)
{
    uint8_t ka[NAME_KEY], kb[NAME_KEY];
    size_t la = name_key(a, 0, ka), lb = name_key(b, 0, kb);
    must(la <= NAME_KEY && lb <= NAME_KEY);
    int order = memcmp(ka, kb, la < lb ? la : lb);
    order = order != 0 ? order : (la > lb) - (la < lb);
    must(sign(order) == sign(name_compare(a, b)));
    must(name_same(a, b) == (order == 0));
    must(!name_at_or_below(a, b) || (la >= lb && memcmp(ka, kb, lb) == 0));
}

static void as_text(const char *text, size_t len)
{
    static const uint8_t origin[] = "\7example\3com";
    struct name name;
    const char *why = NULL;
    if (name_parse(text, len, origin, &name, &why)) {
        there_and_back(name.octets);
    } else {
        must(why != NULL);
    }
}

/* Names one after the other, pointers followed, until one is malformed; neighbours are compared. */
static void as_octets(const uint8_t *data, size_t size)
{
    struct reader r;
    struct name last = {{0}}, name;
    reader_start(&r, data, size);
    while (reader_left(&r) > 0 && read_name(&r, &name)) {
        size_t len;
        must(name_check(name.octets, sizeof name.octets, &len) && len == name_len(name.octets));
        there_and_back(name.octets);
        keys_agree(last.octets, name.octets);
        keys_agree(name.octets, last.octets);
        last = name;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    if (name_check(data, size, &len)) {
        there_and_back(data);
    }
    as_text((const char *)data, size);
    as_octets(data, size);
    return 0;
}
