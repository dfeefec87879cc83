/* rrtype.h - the table of RR types: mnemonic, code, rdata layout, RFC (rrtype.def, from IANA).
 * Parser, printer, decompression, compression and canonical form all come from the layout string;
 * one letter a field:
 *   b h w   8, 16, 32 bit number
 *   t       32 bit time, shown YYYYMMDDHHMMSS (RRSIG)
 *   T       RR type (16 bits)
 *   l       32 bit TTL (SOA's times)
 *   4 6     addresses
 *   n       name: decompressed when read, compressed when written (RFC 1035's types)
 *   d       name: decompressed when read, never compressed when written (RFC 3597 4)
 *   N       name, never compressed
 *   s       one character-string
 *   S       character-strings to the end, at least one
 *   q       rest of the rdata as text in quotes without a length octet (URI, CAA value)
 *   x       hex to the end; at least one octet
 *   X       hex with an 8-bit length in front ("-" when empty)
 *   B       base64 to the end; at least one octet, but for KEY, RKEY, SINK and DOA
 *   H       base32hex with an 8-bit length in front (NSEC3)
 *   m       type bitmap to the end
 *   *       the rest has a form of its own (SVCB, APL, LOC, HIP, IPSECKEY, AMTRELAY, ...): zone/'s
 *           text files know it
 * An unknown type has the layout NULL: opaque (RFC 3597). */
#ifndef SETTLED_WIRE_RRTYPE_H
#define SETTLED_WIRE_RRTYPE_H

#include "base/must.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rrtype {
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_NULL = 10,
    TYPE_WKS = 11,
    TYPE_PTR = 12,
    TYPE_HINFO = 13,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_ISDN = 20,
    TYPE_NSAP = 22,
    TYPE_KEY = 25,
    TYPE_AAAA = 28,
    TYPE_LOC = 29,
    TYPE_NXT = 30,
    TYPE_SRV = 33,
    TYPE_ATMA = 34,
    TYPE_NAPTR = 35,
    TYPE_A6 = 38,
    TYPE_DNAME = 39,
    TYPE_SINK = 40,
    TYPE_OPT = 41,
    TYPE_APL = 42,
    TYPE_DS = 43,
    TYPE_IPSECKEY = 45,
    TYPE_RRSIG = 46,
    TYPE_NSEC = 47,
    TYPE_DNSKEY = 48,
    TYPE_NSEC3 = 50,
    TYPE_NSEC3PARAM = 51,
    TYPE_HIP = 55,
    TYPE_RKEY = 57,
    TYPE_ZONEMD = 63,
    TYPE_SVCB = 64,
    TYPE_HTTPS = 65,
    TYPE_NID = 104,
    TYPE_L64 = 106,
    TYPE_EUI48 = 108,
    TYPE_EUI64 = 109,
    TYPE_TKEY = 249,
    TYPE_TSIG = 250,
    TYPE_IXFR = 251,
    TYPE_AXFR = 252,
    TYPE_MAILB = 253,
    TYPE_MAILA = 254,
    TYPE_ANY = 255,
    TYPE_URI = 256,
    TYPE_CAA = 257,
    TYPE_DOA = 259,
    TYPE_AMTRELAY = 260,
    TYPE_IPN = 264
};

#define RRTYPE_TEXT 16

/* NULL when the type is not in the table. */
const char *rrtype_mnemonic(uint16_t type);
const char *rrtype_layout(uint16_t type);
/* "A", or "TYPE65280" (RFC 3597 5). Returns out. */
const char *rrtype_print(uint16_t type, char out[RRTYPE_TEXT]);
/* Mnemonic in any case, or TYPEnnn. */
MUST_USE bool rrtype_parse(const char *text, size_t len, uint16_t *type);
/* Is it a question only, or meta (0, OPT, 128..255 but for those that are data)? Such may not
 * stand in a zone. */
bool rrtype_is_meta(uint16_t type);

#endif
