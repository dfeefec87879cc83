/* client.h - settlectl's end of the control socket. */
#ifndef SETTLED_CONTROL_CLIENT_H
#define SETTLED_CONTROL_CLIENT_H

#include "base/oops.h"
#include "control/protocol.h"
#include <jansson.h>
#include <stdio.h>

/* What the words behind the options ask for. NULL: o says what is wrong with them. */
MUST_USE json_t *client_request(const struct command_row *row, int argc, char **argv,
                                struct oops *o);
const struct command_row *client_command(const char *word); /* NULL: none of that name */
/* Sends the request and shows the answers (as text while they come, or with `json` as one
 * document at the end; of watch, which has none, as one line for each event). Gives the exit
 * code. `request` is stolen. */
int client_run(const char *socket_path, json_t *request, bool json, FILE *out, FILE *err);
/* The document of a command that no daemon answered: its exit code, and what there is to say. */
void client_document(FILE *out, int code, const char *text);
/* "90", "90s", "15m", "1h30m", "500ms" to milliseconds. */
MUST_USE bool client_duration(const char *text, long long *ms);

#endif
