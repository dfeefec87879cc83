/* settlectl.c - the owner's hand on the daemon (settlectl(8)): options, then one command, then
 * an exit code that tells the truth. */
#include "config/config.h"
#include "config/suggest.h"
#include "control/check.h"
#include "control/client.h"
#include "server/diskfiles.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct given { /* the options */
    const char *config, *socket;
    bool json;
};

#define GO_ON -1 /* no exit code */

static int read_options(int argc, char **argv, struct given *given);
static bool take_json(int *argc, char **argv);
static int run(int argc, char **argv, const struct given *given);
static void usage(FILE *to);
static void unknown(const char *word);
static int check(int argc, char **argv, bool json);
static int check_json(int argc, char **argv);
static bool check_to(FILE *to, int argc, char **argv);
static char *socket_of(const char *config_path);

int main(int argc, char **argv)
{
    struct given given = {.config = SETTLED_CONF};
    int code = read_options(argc, argv, &given);
    if (code != GO_ON)
        return code;
    argc -= optind;
    argv += optind;
    if (argc == 0) {
        usage(stderr);
        return CONTROL_WRONG_USE;
    }
    given.json = take_json(&argc, argv) || given.json;
    if (strncmp(argv[0], "check-", 6) == 0)
        return check(argc, argv, given.json);
    return run(argc, argv, &given);
}

static int read_options(int argc, char **argv, struct given *given)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},         {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int c;
    while ((c = getopt_long(argc, argv, "+c:s:Vh", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            given->config = optarg;
            break;
        case 's':
            given->socket = optarg;
            break;
        case 'j':
            given->json = true;
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
    return GO_ON;
}

/* --json may also stand behind the command: takes it out there. */
static bool take_json(int *argc, char **argv)
{
    bool found = false;
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], "--json") == 0) {
            found = true;
            memmove(argv + i, argv + i + 1, (size_t)((*argc)-- - i) * sizeof *argv);
        }
    return found;
}

/* What the daemon has to do. */
static int run(int argc, char **argv, const struct given *given)
{
    const struct command_row *row = client_command(argv[0]);
    struct oops o = {{0}};
    if (row == NULL) {
        unknown(argv[0]);
        return CONTROL_WRONG_USE;
    }
    json_t *request = client_request(row, argc, argv, &o);
    if (request == NULL) {
        fprintf(stderr, "settlectl: %s\n", o.text);
        return CONTROL_WRONG_USE;
    }
    char *path = given->socket != NULL ? strdup(given->socket) : socket_of(given->config);
    if (path == NULL) {
        json_decref(request);
        if (given->json)
            client_document(stdout, CONTROL_FAILED, "the configuration has errors");
        return CONTROL_FAILED;
    }
    int code = client_run(path, request, given->json, stdout, stderr);
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

static void unknown(const char *word)
{
    struct suggestion s = {.word = word};
    for (const struct command_row *row = command_rows; row->word != NULL; row++)
        suggest_try(&s, row->word);
    fprintf(stderr, "settlectl: there is no command '%s'", word);
    if (s.best != NULL)
        fprintf(stderr, ": did you mean '%s'?\n", s.best);
    else
        fputs(" (settlectl --help tells those there are)\n", stderr);
}

static int check(int argc, char **argv, bool json)
{
    if (argc != (strcmp(argv[0], "check-conf") == 0   ? 2
                 : strcmp(argv[0], "check-zone") == 0 ? 3
                                                      : 0)) {
        fputs("usage: settlectl check-conf FILE\n       settlectl check-zone ZONE FILE\n", stderr);
        return CONTROL_WRONG_USE;
    }
    if (json)
        return check_json(argc, argv);
    return check_to(stderr, argc, argv) ? CONTROL_DONE : CONTROL_FAILED;
}

static int check_json(int argc, char **argv)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    int code = to != NULL && check_to(to, argc, argv) ? CONTROL_DONE : CONTROL_FAILED;
    if (to != NULL)
        fclose(to);
    client_document(stdout, code, text == NULL ? "out of memory" : text);
    free(text);
    return code;
}

static bool check_to(FILE *to, int argc, char **argv)
{
    const char *path = strcmp(argv[argc - 1], "-") == 0 ? "/dev/stdin" : argv[argc - 1];
    return argc == 2 ? check_config(path, &stream_files, to)
                     : check_zone(argv[1], path, &stream_files, to);
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
                report_text(&report));
    config_free(c);
    report_free(&report);
    return path;
}
