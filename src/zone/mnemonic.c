/* mnemonic.c - words that may stand for numbers in rdata: DNSSEC algorithms, digests, kinds of
 * certificates.
 * Pure, any thread. We read them as BIND does and print numbers, which everybody reads. */
#include "zone/mnemonic.h"
#include "wire/ascii.h"
#include "wire/rrtype.h"

static const struct {
    uint8_t kind;
    uint16_t value;
    const char *word;
} rows[] = {
    {MNEMONIC_ALGORITHM, 1, "RSAMD5"},
    {MNEMONIC_ALGORITHM, 2, "DH"},
    {MNEMONIC_ALGORITHM, 3, "DSA"},
    {MNEMONIC_ALGORITHM, 5, "RSASHA1"},
    {MNEMONIC_ALGORITHM, 6, "DSA-NSEC3-SHA1"},
    {MNEMONIC_ALGORITHM, 6, "NSEC3DSA"},
    {MNEMONIC_ALGORITHM, 7, "RSASHA1-NSEC3-SHA1"},
    {MNEMONIC_ALGORITHM, 7, "NSEC3RSASHA1"},
    {MNEMONIC_ALGORITHM, 8, "RSASHA256"},
    {MNEMONIC_ALGORITHM, 10, "RSASHA512"},
    {MNEMONIC_ALGORITHM, 12, "ECC-GOST"},
    {MNEMONIC_ALGORITHM, 12, "ECCGOST"},
    {MNEMONIC_ALGORITHM, 13, "ECDSAP256SHA256"},
    {MNEMONIC_ALGORITHM, 14, "ECDSAP384SHA384"},
    {MNEMONIC_ALGORITHM, 15, "ED25519"},
    {MNEMONIC_ALGORITHM, 16, "ED448"},
    {MNEMONIC_ALGORITHM, 17, "SM2SM3"},
    {MNEMONIC_ALGORITHM, 23, "ECC-GOST12"},
    {MNEMONIC_ALGORITHM, 252, "INDIRECT"},
    {MNEMONIC_ALGORITHM, 253, "PRIVATEDNS"},
    {MNEMONIC_ALGORITHM, 254, "PRIVATEOID"},
    {MNEMONIC_DIGEST, 1, "SHA-1"},
    {MNEMONIC_DIGEST, 1, "SHA1"},
    {MNEMONIC_DIGEST, 2, "SHA-256"},
    {MNEMONIC_DIGEST, 2, "SHA256"},
    {MNEMONIC_DIGEST, 3, "GOST"},
    {MNEMONIC_DIGEST, 4, "SHA-384"},
    {MNEMONIC_DIGEST, 4, "SHA384"},
    {MNEMONIC_CERT, 1, "PKIX"},
    {MNEMONIC_CERT, 2, "SPKI"},
    {MNEMONIC_CERT, 3, "PGP"},
    {MNEMONIC_CERT, 4, "IPKIX"},
    {MNEMONIC_CERT, 5, "ISPKI"},
    {MNEMONIC_CERT, 6, "IPGP"},
    {MNEMONIC_CERT, 7, "ACPKIX"},
    {MNEMONIC_CERT, 8, "IACPKIX"},
    {MNEMONIC_CERT, 253, "URI"},
    {MNEMONIC_CERT, 254, "OID"},
    {MNEMONIC_SCHEME, 1, "NOTIFY"},
};

enum mnemonic_kind mnemonic_kind(uint16_t type, unsigned field)
{
    enum {
        SIG = 24,
        KEY = 25,
        CERT = 37,
        RKEY = 57,
        CDS = 59,
        CDNSKEY = 60,
        DSYNC = 66,
        TA = 32768,
        DLV = 32769
    };
    switch (type) {
    case TYPE_RRSIG:
    case SIG:
        return field == 1 ? MNEMONIC_ALGORITHM : MNEMONIC_NONE;
    case TYPE_DS:
    case CDS:
    case TA:
    case DLV:
        return field == 1 ? MNEMONIC_ALGORITHM : field == 2 ? MNEMONIC_DIGEST : MNEMONIC_NONE;
    case TYPE_DNSKEY:
    case CDNSKEY:
    case KEY:
    case RKEY:
        return field == 2 ? MNEMONIC_ALGORITHM : MNEMONIC_NONE;
    case CERT:
        return field == 0 ? MNEMONIC_CERT : field == 2 ? MNEMONIC_ALGORITHM : MNEMONIC_NONE;
    case DSYNC:
        return field == 1 ? MNEMONIC_SCHEME : MNEMONIC_NONE;
    default:
        return MNEMONIC_NONE;
    }
}

bool mnemonic_parse(enum mnemonic_kind kind, const char *text, size_t len, uint16_t *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind == kind && strlen(rows[i].word) == len &&
            ascii_same((const uint8_t *)rows[i].word, (const uint8_t *)text, len)) {
            *out = rows[i].value;
            return true;
        }
    }
    return false;
}
