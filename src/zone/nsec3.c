/* nsec3.c - hashed owner names (RFC 5155 5). Pure; any thread.
 *
 * SHA1_Init and its sisters are on OpenSSL's list of what may go one day, and yet they are right
 * here: a question that is denied needs up to three hashes, and they hash a name in 65 ns with a
 * context on the stack. The recommended EVP calls take 140 ns with a context kept by each
 * worker, and 200 ns with one allocated for each hash, which the answering path must not do
 * (measured with OpenSSL 3.0.19, names of 17 octets). A worker's context would also have to be
 * handed through all of the answer for this alone. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "zone/nsec3.h"
#include "base/buf.h"
#include "base/must.h"
#include <openssl/sha.h>
#include <string.h>

#define HEAD 5 /* algorithm, flags, iterations, length of the salt */

_Static_assert(NSEC3_OCTETS == SHA_DIGEST_LENGTH && NSEC3_OCTETS * 8 == KEY_HASH * 5, "SHA-1");

static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

static void digest(const struct nsec3_parameters *p, const uint8_t *data, size_t len,
                   uint8_t out[NSEC3_OCTETS]);

bool nsec3_read(const uint8_t *rdata, size_t len, struct nsec3_parameters *out)
{
    if (len < HEAD || len - HEAD < rdata[4]) {
        return false;
    }
    *out = (struct nsec3_parameters){.algorithm = rdata[0],
                                     .flags = rdata[1],
                                     .iterations = get_u16(rdata + 2),
                                     .salt_len = rdata[4],
                                     .salt = rdata + HEAD};
    return true;
}

bool nsec3_same(const struct nsec3_parameters *a, const struct nsec3_parameters *b)
{
    return a->algorithm == b->algorithm && a->iterations == b->iterations &&
           a->salt_len == b->salt_len && memcmp(a->salt, b->salt, a->salt_len) == 0;
}

void nsec3_hash(const struct nsec3_parameters *p, const uint8_t *name, uint8_t label[NSEC3_LABEL])
{
    struct name lower;
    uint8_t hash[NSEC3_OCTETS];
    must(p->algorithm == NSEC3_SHA1);
    name_copy_lower(&lower, name);
    digest(p, lower.octets, name_len(name), hash);
    for (unsigned i = 0; i < p->iterations; i++) {
        digest(p, hash, sizeof hash, hash);
    }
    nsec3_print(hash, label);
}

static void digest(const struct nsec3_parameters *p, const uint8_t *data, size_t len,
                   uint8_t out[NSEC3_OCTETS])
{
    SHA_CTX c;
    SHA1_Init(&c);
    SHA1_Update(&c, data, len);
    SHA1_Update(&c, p->salt, p->salt_len);
    SHA1_Final(out, &c);
}

const uint8_t *nsec3_next(const uint8_t *rdata, size_t len, const uint8_t **bitmap,
                          size_t *bitmap_len)
{
    size_t at = len >= HEAD ? HEAD + (size_t)rdata[4] : len;
    if (at >= len || rdata[at] != NSEC3_OCTETS || len - at - 1 < NSEC3_OCTETS) {
        return NULL;
    }
    *bitmap = rdata + at + 1 + NSEC3_OCTETS;
    *bitmap_len = len - at - 1 - NSEC3_OCTETS;
    return rdata + at + 1;
}

/* RFC 4648 7: five bits a digit, from the front. */
void nsec3_print(const uint8_t hash[NSEC3_OCTETS], uint8_t label[NSEC3_LABEL])
{
    unsigned bits = 0, have = 0;
    uint8_t *to = label;
    *to++ = KEY_HASH;
    for (unsigned i = 0; i < NSEC3_OCTETS; i++) {
        bits = bits << 8 | hash[i];
        for (have += 8; have >= 5; have -= 5) {
            *to++ = (uint8_t)digits[bits >> (have - 5) & 31];
        }
    }
}

void nsec3_step_back(uint8_t label[NSEC3_LABEL])
{
    for (unsigned i = KEY_HASH; i > 0; i--) {
        const char *digit = strchr(digits, label[i]);
        must(digit != NULL && *digit != '\0');
        if (digit != digits) {
            label[i] = (uint8_t)digit[-1];
            return;
        }
        label[i] = 'v'; /* and one less before it; before all zeros comes the last */
    }
}
