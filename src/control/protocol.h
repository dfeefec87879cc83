/* protocol.h - what settlectl and the daemon say to each other: one JSON object a line, both ways.
 *
 * settlectl: {"command": "wait", "arguments": ["example.com"], "for": "settled", "timeout_ms":
 * 1000, "force": true, "below": true} daemon:    any number of lines with "text" (for people)
 * and fields of stable names; the last has "exit" (the exit code) as well. A line with "list":
 * NAME is one item of that list: `--json` collects them into one document. */
#ifndef SETTLED_CONTROL_PROTOCOL_H
#define SETTLED_CONTROL_PROTOCOL_H

#define CONTROL_FRAME 65536 /* longest request, octets (RELIABILITY.md, limits) */

enum control_exit {
    CONTROL_DONE,
    CONTROL_FAILED,
    CONTROL_WRONG_USE,
    CONTROL_NOT_SETTLED,
    CONTROL_NO_DAEMON
};

struct command_row {
    const char *word;
    int least, most;
    /* f: --for, t: --timeout, F: --force, b: --below. P: the second argument is a file, and the
     * daemon is told where it is as seen from settlectl. */
    const char *options;
    const char *usage, *text;
};
extern const struct command_row command_rows[]; /* ends with word NULL */

#endif
