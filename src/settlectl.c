/* settlectl.c - the owner's hand on the daemon (settlectl(8)): options, then one command, then an exit code that tells the truth. */
#include "config/config.h"
#include "control/check.h"
#include "control/client.h"
#include "server/diskfiles.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(FILE *to);
static int check(int argc, char **argv);
static char *socket_of(const char *config_path);

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},         {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *config = SETTLED_CONF, *socket = NULL;
    bool json = false;
    int c;
    while ((c = getopt_long(argc, argv, "+c:s:Vh", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            config = optarg;
            break;
        case 's':
            socket = optarg;
            break;
        case 'j':
            json = true;
            break;
        case 'V':
            puts("settlectl " SETTLED_VERSION);
            return CONTROL_DONE;
        case 'h':
            usage(stdout);
            return CONTROL_DONE;
        default:
            usage(stderr);
            return CONTROL_WRONG_USE;
        }
    }
    argc -= optind;
    argv += optind;
    if (argc == 0) {
        usage(stderr);
        return CONTROL_WRONG_USE;
    }
    for (int i = 1; i < argc; i++) /* --json may also stand behind the command */
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
            memmove(argv + i, argv + i + 1, (size_t)(argc-- - i) * sizeof *argv);
        }
    if (strncmp(argv[0], "check-", 6) == 0)
        return check(argc, argv);
    const struct command_row *row = client_command(argv[0]);
    struct oops o = {{0}};
    if (row == NULL) {
        fprintf(stderr, "settlectl: there is no command '%s'\n", argv[0]);
        usage(stderr);
        return CONTROL_WRONG_USE;
    }
    json_t *request = client_request(row, argc, argv, &o);
    if (request == NULL) {
        fprintf(stderr, "settlectl: %s\n", o.text);
        return CONTROL_WRONG_USE;
    }
    char *path = socket != NULL ? strdup(socket) : socket_of(config);
    int code = path == NULL ? (json_decref(request), CONTROL_FAILED)
                            : client_run(path, request, json, stdout, stderr);
    free(path);
    return code;
}

static void usage(FILE *to)
{
    fputs("usage: settlectl [-c FILE | -s SOCKET] [--json] COMMAND\n\n", to);
    for (const struct command_row *row = command_rows; row->word != NULL; row++)
        fprintf(to, "  %s\n        %s\n", row->usage, row->text);
    fputs(
        "  check-conf FILE\n        read a configuration, say what is wrong (no daemon needed)\n"
        "  check-zone ZONE FILE\n        read a zone file, say what is wrong (no daemon needed)\n\n"
        "exit code: 0 done, 1 failed, 2 wrong use, 3 not settled in time, 4 no daemon there\n",
        to);
}

static int check(int argc, char **argv)
{
    if (strcmp(argv[0], "check-conf") == 0 && argc == 2)
        return check_config(argv[1], &disk_files, stderr) ? CONTROL_DONE : CONTROL_FAILED;
    if (strcmp(argv[0], "check-zone") == 0 && argc == 3)
        return check_zone(argv[1], argv[2], &disk_files, stderr) ? CONTROL_DONE : CONTROL_FAILED;
    fputs("usage: settlectl check-conf FILE\n       settlectl check-zone ZONE FILE\n", stderr);
    return CONTROL_WRONG_USE;
}

/* Where the daemon of this configuration listens; NULL: the file has errors, which were printed. */
static char *socket_of(const char *config_path)
{
    struct report report = {0};
    struct config *c = config_read(config_path, &disk_files, &report);
    char *path = c == NULL ? NULL : strdup(c->control_socket);
    if (c == NULL)
        fprintf(stderr,
                "%ssettlectl: the configuration does not tell where the daemon listens (or name it "
                "with -s)\n",
                buf_text(&report.text));
    config_free(c);
    report_free(&report);
    return path;
}
