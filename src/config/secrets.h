/* secrets.h - the secrets of DNS cookies, out of a file of their own. */
#ifndef SETTLED_CONFIG_SECRETS_H
#define SETTLED_CONFIG_SECRETS_H

#include "config/reading.h"

/* Reads the file that the option at `n` names; what is wrong with it are findings there, and *out
 * is then left alone. */
void secrets_read(struct reading *r, const struct node *n, const char *path,
                  struct config_cookies *out);

#endif
