/* msg.h - the words of a DNS message: header bits, opcodes, rcodes, classes, sections, limits
 * (RFC 1035 4.1, 6895). */
#ifndef SETTLED_WIRE_MSG_H
#define SETTLED_WIRE_MSG_H

#define MSG_HEADER      12
#define MSG_MAX         65535
#define MSG_UDP_PLAIN   512  /* RFC 1035 4.2.1: without EDNS */
#define MSG_UDP_DEFAULT 1232 /* what we send and ask for at most over UDP by default */

/* the second 16 bits of the header */
enum msg_flag {
    MSG_QR = 0x8000,
    MSG_AA = 0x0400,
    MSG_TC = 0x0200,
    MSG_RD = 0x0100,
    MSG_RA = 0x0080,
    MSG_AD = 0x0020,
    MSG_CD = 0x0010
};
#define MSG_OPCODE(flags) (((flags) >> 11) & 15)
#define MSG_RCODE(flags)  ((flags)&15)

enum opcode { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };
enum rcode {
    RCODE_NOERROR = 0,
    RCODE_FORMERR = 1,
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
    RCODE_NOTIMP = 4,
    RCODE_REFUSED = 5,
    RCODE_YXDOMAIN = 6,
    RCODE_NOTAUTH = 9,
    RCODE_BADVERS = 16,
    RCODE_BADCOOKIE = 23
};
enum dns_class { CLASS_IN = 1, CLASS_CH = 3, CLASS_NONE = 254, CLASS_ANY = 255 };
enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

/* Extended errors, RFC 8914 4. */
enum ede {
    EDE_NONE = -1,
    EDE_OTHER = 0,
    EDE_STALE_ANSWER = 3,
    EDE_NOT_READY = 14,
    EDE_PROHIBITED = 18,
    EDE_STALE_NXDOMAIN = 19,
    EDE_NOT_AUTHORITATIVE = 20,
    EDE_NOT_SUPPORTED = 21,
    EDE_NO_REACHABLE_AUTHORITY = 22,
    EDE_NETWORK_ERROR = 23,
    EDE_INVALID_DATA = 24
};

/* EDNS option codes. The mark is ours, from the local-use range (RFC 6891 9): in a SOA answer of
 * a settled cache it says "this serial is the one I am coherent with" (CONVERGENCE.md,
 * Evidence). */
enum edns_option {
    OPTION_NSID = 3,
    OPTION_COOKIE = 10,
    OPTION_KEEPALIVE = 11,
    OPTION_EDE = 15,
    OPTION_ZONEVERSION = 19,
    OPTION_SETTLED_MARK = 65153
};

/* "NOERROR", "SERVFAIL", ... as far as they are assigned (0..23), "RCODE12" in the gap; "an
 * unassigned rcode" above. */
const char *rcode_name(unsigned rcode);

#endif
