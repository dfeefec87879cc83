/* encode.h - octets as letters: base16, base64 and base32hex without padding (RFC 4648), piece by
 * piece. Pure. */
#ifndef SETTLED_ZONE_ENCODE_H
#define SETTLED_ZONE_ENCODE_H

#include "base/buf.h"

/* The values are the bits a letter holds. */
enum encoding { ENCODING_HEX = 4, ENCODING_BASE32HEX = 5, ENCODING_BASE64 = 6 };

struct decoding { /* zero but for `as` at the start */
    enum encoding as;
    uint32_t bits; /* not yet an octet */
    unsigned have; /* how many bits these are */
    unsigned letters, padding;
};
/* Takes letters and appends whole octets to out. Returns how many letters it took: fewer than len
 * when text[that] cannot stand there. */
MUST_USE size_t decode(struct decoding *d, const char *text, size_t len, struct buf *out);
/* NULL when the letters so far are whole, else what is missing. */
MUST_USE const char *decode_end(const struct decoding *d);

void encode(enum encoding as, const uint8_t *octets, size_t len, struct buf *out);

#endif
