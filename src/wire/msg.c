/* msg.c - rcodes in words (RFC 6895 2.3 and the registry it made), for log lines and settlectl.
 * Any thread. */
#include "wire/msg.h"
#include <stddef.h>

static const char *const rcodes[] = {
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",  "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI", "RCODE12", "RCODE13", "RCODE14",  "RCODE15",
    "BADVERS", "BADKEY",  "BADTIME",  "BADMODE",   "BADNAME", "BADALG",  "BADTRUNC", "BADCOOKIE",
};

const char *rcode_name(unsigned rcode)
{
    return rcode < sizeof rcodes / sizeof rcodes[0] ? rcodes[rcode] : "an unassigned rcode";
}
