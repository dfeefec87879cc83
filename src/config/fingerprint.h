/* fingerprint.h - one number for all that a zone is configured to do, and for its rules alone. */
#ifndef SETTLED_CONFIG_FINGERPRINT_H
#define SETTLED_CONFIG_FINGERPRINT_H

#include "config/config.h"

/* Equal for equal settings, in any run of the program and for any order of the file; peers count
 * with their addresses, not only by name. That others have the same number, one in 2^64, is
 * accepted. That of a zone takes the one that stands in its rules. */
uint64_t fingerprint_zone(const struct config_zone *z);
uint64_t fingerprint_rules(const struct config_rules *r);

#endif
