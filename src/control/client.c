/* client.c - a request out, lines in, shown. settlectl's own thread; blocking on purpose: there
 * is nothing else to do. */
#include "control/client.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum shape { TEXT, DOCUMENT, STREAM };

static json_t *placed(const char *path);
static bool take_option(json_t *request, const struct command_row *row, int c, struct oops *o);
static int connect_to(const char *path, FILE *err);
static bool send_request(int fd, json_t *request);
static int show_lines(FILE *in, enum shape shape, FILE *out, FILE *err);
static void collect(json_t *document, json_t *line);

const struct command_row *client_command(const char *word)
{
    for (const struct command_row *row = command_rows; row->word != NULL; row++)
        if (strcmp(row->word, word) == 0)
            return row;
    return NULL;
}

json_t *client_request(const struct command_row *row, int argc, char **argv, struct oops *o)
{
    static const struct option options[] = {
        {"for", required_argument, NULL, 'f'},
        {"timeout", required_argument, NULL, 't'},
        {"force", no_argument, NULL, 'F'},
        {"below", no_argument, NULL, 'b'},
        {NULL, 0, NULL, 0},
    };
    json_t *request = json_pack("{s:s}", "command", row->word), *arguments = json_array();
    int c;
    bool ok = true;
    optind = 0; /* a second list of words */
    opterr = 0;
    while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1)
        ok = c == '?' ? oops(o, "%s takes no such option, or the option lacks its value: %s",
                             row->word, argv[optind - 1])
                      : take_option(request, row, c, o);
    for (int i = optind; ok && i < argc; i++) {
        bool file = i == optind + 1 && strchr(row->options, 'P') != NULL;
        if (json_array_append_new(arguments, file ? placed(argv[i]) : json_string(argv[i])) != 0)
            ok = oops(o, "an argument is not UTF-8");
    }
    int count = argc - optind;
    if (ok && (count < row->least || count > row->most))
        ok = oops(o, "usage: settlectl %s", row->usage);
    json_object_set_new(request, "arguments", arguments);
    if (ok)
        return request;
    json_decref(request);
    return NULL;
}

int client_run(const char *socket_path, json_t *request, bool json, FILE *out, FILE *err)
{
    const char *word = json_string_value(json_object_get(request, "command"));
    bool endless = word != NULL && strcmp(word, "watch") == 0;
    int fd = connect_to(socket_path, err), code = -1;
    bool sent = fd >= 0 && send_request(fd, request);
    json_decref(request);
    FILE *in = sent ? fdopen(fd, "r") : NULL;
    if (in != NULL)
        code = show_lines(in, !json ? TEXT : endless ? STREAM : DOCUMENT, out, err);
    else if (fd >= 0)
        fprintf(err, "settlectl: the daemon at %s closed the connection\n", socket_path);
    if (in != NULL)
        fclose(in);
    else if (fd >= 0)
        close(fd);
    if (code < 0 && json)
        client_document(out, CONTROL_NO_DAEMON, "no daemon is there");
    return code < 0 ? CONTROL_NO_DAEMON : code;
}

void client_document(FILE *out, int code, const char *text)
{
    json_t *value = json_string(text);
    json_t *document = json_pack("{s:i, s:o}", "exit", code, "text",
                                 value != NULL ? value : json_string("(not printable)"));
    json_dumpf(document, out, JSON_INDENT(2) | JSON_SORT_KEYS);
    fputc('\n', out);
    json_decref(document);
}

bool client_duration(const char *text, long long *ms)
{
    static const struct {
        const char *unit;
        long long ms;
    } units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                 {"h", 3600000}, {"d", 86400000}, {"w", 604800000}};
    *ms = 0;
    if (*text == 0)
        return false;
    while (*text != 0) {
        char *end;
        errno = 0;
        long long n = *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : -1;
        if (n < 0 || errno != 0 || n > 1000000000)
            return false;
        size_t len = strcspn(end, "0123456789");
        long long unit_ms = len == 0 ? 1000 : 0;
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strlen(units[i].unit) == len && strncmp(end, units[i].unit, len) == 0)
                unit_ms = units[i].ms;
        if (unit_ms == 0)
            return false;
        *ms += n * unit_ms;
        text = end + len;
    }
    return true;
}

/* The daemon works in another directory than whoever names a file. */
static json_t *placed(const char *path)
{
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    json_t *text = here == NULL ? json_string(path) : json_sprintf("%s/%s", here, path);
    free(here);
    return text;
}

static bool take_option(json_t *request, const struct command_row *row, int c, struct oops *o)
{
    long long ms;
    if (strchr(row->options, c) == NULL)
        return oops(o, "usage: settlectl %s", row->usage);
    if (c == 'F' || c == 'b')
        return json_object_set_new(request, c == 'F' ? "force" : "below", json_true()) == 0;
    if (c == 'f') {
        if (strcmp(optarg, "served") != 0 && strcmp(optarg, "settled") != 0)
            return oops(o, "--for takes served or settled, not '%s'", optarg);
        return json_object_set_new(request, "for", json_string(optarg)) == 0;
    }
    if (!client_duration(optarg, &ms) || ms == 0)
        return oops(o, "'%s' is no time: 500ms, 10s, 15m, 1h30m", optarg);
    return json_object_set_new(request, "timeout_ms", json_integer(ms)) == 0;
}

static int connect_to(const char *path, FILE *err)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof sun.sun_path) {
        fprintf(err, "settlectl: the path of the control socket is too long: %s\n", path);
        return -1;
    }
    memcpy(sun.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0)
        return fd;
    fprintf(err, "settlectl: no daemon at %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool send_request(int fd, json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT);
    bool ok = text != NULL;
    size_t len = ok ? strlen(text) : 0, at = 0;
    if (ok)
        text[len++] = '\n'; /* in place of the NUL: it is counted from here on */
    while (ok && at < len) {
        ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);
        ok = n > 0;
        at += ok ? (size_t)n : 0;
    }
    free(text);
    return ok;
}

/* The exit code; -1: the daemon went away. */
static int show_lines(FILE *in, enum shape shape, FILE *out, FILE *err)
{
    json_t *document = json_object();
    char *line = NULL;
    size_t room = 0;
    int code = -1;
    while (code < 0 && getline(&line, &room, in) > 0) {
        json_t *answer = json_loads(line, 0, NULL);
        json_t *exit_code = json_object_get(answer, "exit");
        const char *text = json_string_value(json_object_get(answer, "text"));
        if (exit_code != NULL)
            code = (int)json_integer_value(exit_code);
        if (shape == TEXT && text != NULL && text[0] != 0) {
            size_t len = strlen(text);
            fprintf(exit_code != NULL && code != CONTROL_DONE ? err : out, "%s%s", text,
                    text[len - 1] == '\n' ? "" : "\n");
            fflush(out);
        }
        if (shape == STREAM && json_dumpf(answer, out, JSON_COMPACT | JSON_SORT_KEYS) == 0) {
            fputc('\n', out);
            fflush(out);
        }
        if (shape == DOCUMENT)
            collect(document, answer);
        json_decref(answer);
    }
    if (shape == DOCUMENT && code >= 0) {
        json_dumpf(document, out, JSON_INDENT(2) | JSON_SORT_KEYS);
        fputc('\n', out);
    }
    if (code < 0)
        fprintf(err, "settlectl: the daemon went away\n");
    json_decref(document);
    free(line);
    return code;
}

/* Items of a list are appended to it; the last line's fields are the document's own. */
static void collect(json_t *document, json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "list"));
    bool last = json_object_get(line, "exit") != NULL;
    if (name == NULL && !last)
        return;
    json_t *copy = json_copy(line);
    if (name == NULL) {
        json_object_update(document, copy);
        json_decref(copy);
        return;
    }
    json_t *list = json_object_get(document, name);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(document, name, list);
    }
    json_object_del(copy, "list");
    json_array_append_new(list, copy);
}
