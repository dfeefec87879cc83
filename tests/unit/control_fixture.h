/* control_fixture.h - a server on loopback with its control socket, and settlectl's own client: a
 * command in words, its exit code, and what it printed. */
#ifndef SETTLED_TESTS_UNIT_CONTROL_FIXTURE_H
#define SETTLED_TESTS_UNIT_CONTROL_FIXTURE_H

#include "control/client.h"
#include "control/control.h"
#include "host_fixture.h"
#include <malloc.h>
#include <sys/un.h>

struct desk {
    struct host host;
    struct control *control;
    char *out, *err; /* of the last command */
};

static inline void desk_make(struct desk *d)
{
    memset(d, 0, sizeof *d);
    host_make(&d->host);
}

static inline void desk_start(struct desk *d, const char *zones)
{
    char path[DIR_PATH + 32];
    struct host *h = &d->host;
    host_configure(h, zones);
    ck_assert_msg(host_new(h), "%s", h->trouble.text);
    snprintf(path, sizeof path, "%s/control.sock", h->dir);
    d->control = control_start(h->server, path, &h->trouble);
    ck_assert_msg(d->control != NULL, "%s", h->trouble.text);
    ck_assert(pthread_create(&h->thread, NULL, host_run, h) == 0);
    h->running = true;
    host_wait(h, "settled: ");
}

static inline void desk_forget(struct desk *d)
{
    free(d->out);
    free(d->err);
    d->out = d->err = NULL;
}

static inline void desk_stop(struct desk *d)
{
    struct host *h = &d->host;
    desk_forget(d);
    if (h->running) {
        kill(getpid(), SIGTERM);
        pthread_join(h->thread, NULL);
        h->running = false;
        control_stop(d->control);
        server_free(h->server);
    }
    host_remove(h);
}

/* To its socket, as any program would. */
static inline int desk_connect(const struct desk *d)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct timeval patience = {10, 0};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.80s/control.sock", d->host.dir);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert(connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
    return fd;
}

/* What the process has allocated just now; 0 where a sanitizer allocates. */
static inline size_t desk_memory(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* "wait example 3 --timeout 10ms": its exit code. */
static inline int desk_run(struct desk *d, bool json, const char *command)
{
    char words[512], path[DIR_PATH + 32], *argv[16];
    int argc = 0;
    size_t out_len, err_len;
    struct oops o = {{0}};
    snprintf(words, sizeof words, "%s", command);
    for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " ")) {
        argv[argc++] = w;
    }
    argv[argc] = NULL;
    snprintf(path, sizeof path, "%s/control.sock", d->host.dir);
    desk_forget(d);
    FILE *out = open_memstream(&d->out, &out_len), *err = open_memstream(&d->err, &err_len);
    const struct command_row *row = client_command(argv[0]);
    ck_assert_msg(row != NULL, "no command %s", argv[0]);
    json_t *request = client_request(row, argc, argv, &o);
    int code = CONTROL_WRONG_USE;
    if (request == NULL) {
        fputs(o.text, err);
    } else {
        code = client_run(path, request, json, out, err);
    }
    fclose(out);
    fclose(err);
    return code;
}

/* The exit code, and what it said on the stream that fits it. */
static inline void desk_expect(struct desk *d, const char *command, int code, const char *text)
{
    int got = desk_run(d, false, command);
    ck_assert_msg(got == code && strstr(code == CONTROL_DONE ? d->out : d->err, text) != NULL,
                  "%s: %d: %s%s", command, got, d->out, d->err);
}

static inline json_t *desk_json(struct desk *d, const char *command, int code)
{
    int got = desk_run(d, true, command);
    json_t *document = json_loads(d->out, 0, NULL);
    ck_assert_msg(got == code && document != NULL, "%s: %d: %s%s", command, got, d->out, d->err);
    return document;
}

static inline const char *text_of(const json_t *f, const char *key)
{
    const char *text = json_string_value(json_object_get(f, key));
    return text != NULL ? text : "(none)";
}

static inline long long number_of(const json_t *f, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(f, key)), "no number: %s", key);
    return json_integer_value(json_object_get(f, key));
}

#endif
