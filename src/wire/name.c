/* name.c - domain names: measured, compared, hashed, copied, put together (RFC 1035 3.1, 4034 6.1).
 * Any thread; no allocation. Callers hand in checked names, so nothing here looks for the end of a
 * buffer; name_check is the one door for octets from outside. Text forms are in name_text.c. */
#include "wire/name.h"
#include "base/hash.h"
#include "wire/ascii.h"

/* Where each label of a name begins, leftmost first. */
struct labels {
    unsigned count;
    uint8_t at[NAME_LABELS + 1];
};

static void find_labels(const uint8_t *name, struct labels *out);
static int compare_labels(const uint8_t *a, const uint8_t *b);
static uint8_t *key_label(uint8_t *key, const uint8_t *label);

const uint8_t name_root[1] = {0};

bool name_check(const uint8_t *octets, size_t room, size_t *len)
{
    size_t most = room < NAME_SIZE ? room : NAME_SIZE;
    for (size_t at = 0; at < most; at += 1U + octets[at]) {
        if (octets[at] == 0) {
            *len = at + 1;
            return true;
        }
        if (octets[at] > 63) { /* a pointer, or a label type nobody uses (RFC 6891 5) */
            return false;
        }
    }
    return false;
}

bool name_same(const uint8_t *a, const uint8_t *b)
{
    if (a == b || *a != *b) { /* the first label tells most of them apart */
        return a == b;
    }
    size_t len = name_len(a);
    return len == name_len(b) && ascii_same(a, b, len);
}

bool name_same_case(const uint8_t *a, const uint8_t *b)
{
    size_t len = name_len(a);
    return len == name_len(b) && memcmp(a, b, len) == 0;
}

int name_compare(const uint8_t *a, const uint8_t *b)
{
    struct labels la, lb;
    find_labels(a, &la);
    find_labels(b, &lb);
    unsigned i = la.count, j = lb.count;
    while (i > 0 && j > 0) {
        int order = compare_labels(a + la.at[--i], b + lb.at[--j]);
        if (order != 0) {
            return order;
        }
    }
    return (i > 0) - (j > 0);
}

static void find_labels(const uint8_t *name, struct labels *out)
{
    unsigned count = 0;
    for (size_t at = 0; name[at] != 0; at += 1U + name[at]) {
        out->at[count++] = (uint8_t)at;
    }
    out->count = count;
}

static int compare_labels(const uint8_t *a, const uint8_t *b)
{
    int order = ascii_compare(a + 1, b + 1, *a < *b ? *a : *b);
    return order != 0 ? order : *a - *b;
}

bool name_at_or_below(const uint8_t *name, const uint8_t *above)
{
    size_t len = name_len(name), keep = name_len(above), at = 0;
    while (at + keep < len) {
        at += 1U + name[at];
    }
    return at + keep == len && ascii_same(name + at, above, keep);
}

const uint8_t *name_up(const uint8_t *name, unsigned labels)
{
    for (; labels > 0; labels--) {
        must(*name != 0);
        name += 1 + *name;
    }
    return name;
}

const uint8_t *name_suffix(const uint8_t *name, unsigned labels)
{
    unsigned all = name_labels(name);
    must(labels <= all);
    return name_up(name, all - labels);
}

bool name_is_wildcard(const uint8_t *name)
{
    return name[0] == 1 && name[1] == '*';
}

uint64_t name_hash(const uint8_t *name, uint64_t seed)
{
    uint8_t lower[NAME_SIZE];
    size_t len = name_len(name);
    ascii_copy_lower(lower, name, len);
    return hash_bytes(lower, len, seed);
}

void name_copy(struct name *out, const uint8_t *name)
{
    memmove(out->octets, name, name_len(name));
}

void name_copy_lower(struct name *out, const uint8_t *name)
{
    ascii_copy_lower(out->octets, name, name_len(name));
}

bool name_substitute(const uint8_t *name, unsigned keep, const uint8_t *target, struct name *out)
{
    size_t front = (size_t)(name_suffix(name, keep) - name), len = name_len(target);
    if (front + len > NAME_SIZE) {
        return false;
    }
    memmove(out->octets + front, target, len); /* first: out may be name or target */
    memmove(out->octets, name, front);
    return true;
}

bool name_wildcard(const uint8_t *name, struct name *out)
{
    static const uint8_t star[] = {1, '*', 0};
    return name_substitute(star, 0, name, out);
}

size_t name_key(const uint8_t *name, unsigned skip, uint8_t key[NAME_KEY])
{
    struct labels labels;
    uint8_t *end = key;
    find_labels(name, &labels);
    must(skip <= labels.count);
    for (unsigned i = labels.count - skip; i > 0; i--) {
        end = key_label(end, name + labels.at[i - 1]);
    }
    return (size_t)(end - key);
}

/* A label's octets in lower case, then 0. The octets 0 and 1 become 1,1 and 1,2, so that the end
 * of a label is below all of them and the order among them stays: 0 < 1,1 < 1,2 < 2 < ... */
static uint8_t *key_label(uint8_t *key, const uint8_t *label)
{
    for (unsigned i = 1; i <= *label; i++) {
        uint8_t c = ascii_lower(label[i]);
        if (c <= 1) {
            *key++ = 1;
            c++;
        }
        *key++ = c;
    }
    *key++ = 0;
    return key;
}
