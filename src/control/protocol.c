/* protocol.c - the table of commands. */
#include "control/protocol.h"
#include <stddef.h>

const struct command_row command_rows[] = {
#define COMMAND(word, least, most, options, usage, text) {#word, least, most, options, usage, text},
#include "control/commands.def"
#undef COMMAND
    {NULL, 0, 0, NULL, NULL, NULL},
};
