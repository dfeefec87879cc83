/* control.c - the UNIX socket: clients, lines in, orders, lines out. Keeper thread (the server's
 * loop). At most CLIENTS at once, a request of at most CONTROL_FRAME octets, one order a
 * connection. A client that goes away takes its order with it. */
#include "control/control.h"
#include "control/order.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS       64
#define LOOK_AGAIN_MS 100

struct client {
    struct order order; /* first */
    uv_pipe_t pipe;
    struct control *control;
    struct client *next;
    uv_work_t work; /* order_aside */
    void (*run)(void *state);
    void (*done)(struct order *o);
    bool closing;
    bool collecting; /* lines go into `part`, to be written together */
    struct buf part;
    size_t len;
    char request[CONTROL_FRAME + 1];
};
struct control {
    struct server *server;
    uv_pipe_t pipe;
    uv_timer_t timer;
    char *path;
    struct client *clients;
    unsigned count, aside; /* clients, and how many of them have work done on another thread */
    uint64_t news;         /* the keeper's, when waiting orders last looked */
};
struct line_write {
    uv_write_t write;
    struct client *client;
    bool last;
    char *text;
};
struct command {
    const char *word;
    void (*run)(struct order *o);
};

static bool replace_stale(const char *path, struct oops *o);
static void discard(struct control *c);
static void on_connection(uv_stream_t *listener, int status);
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf);
static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf);
static void begin(struct client *c);
static bool take_arguments(struct order *o, const struct command_row *row);
static void send_line(struct order *o, json_t *line);
static void say_more(struct client *c);
static void write_text(struct client *c, char *text, size_t len);
static void on_written(uv_write_t *write, int status);
static void on_turn(void *ctx);
static void on_timer(uv_timer_t *timer);
static void look_again(struct control *c);
static void run_aside(uv_work_t *work);
static void on_aside(uv_work_t *work, int status);
static void client_close(struct client *c);
static void on_client_closed(uv_handle_t *h);

static const struct command commands[] = {
#define COMMAND(word, least, most, options, usage, text) {#word, order_##word},
#include "control/commands.def"
#undef COMMAND
};

struct control *control_start(struct server *s, const char *path, struct oops *o)
{
    struct control *c = calloc(1, sizeof *c);
    if (c == NULL || (c->path = strdup(path)) == NULL) {
        oops(o, "out of memory");
        free(c);
        return NULL;
    }
    c->server = s;
    must(uv_pipe_init(server_loop(s), &c->pipe, 0) == 0 &&
         uv_timer_init(server_loop(s), &c->timer) == 0);
    c->pipe.data = c->timer.data = c;
    int rc = replace_stale(path, o) ? uv_pipe_bind(&c->pipe, path) : 0;
    if (o->text[0] == 0 && rc == 0 && chmod(path, 0660) != 0)
        rc = uv_translate_sys_error(errno);
    if (o->text[0] == 0 && rc == 0)
        rc = uv_listen((uv_stream_t *)&c->pipe, CLIENTS, on_connection);
    if (o->text[0] == 0 && rc != 0)
        oops(o, "cannot listen on the control socket %s: %s", path, uv_strerror(rc));
    if (o->text[0] != 0) { /* what is at that path is not ours to remove */
        discard(c);
        return NULL;
    }
    uv_timer_start(&c->timer, on_timer, LOOK_AGAIN_MS, LOOK_AGAIN_MS);
    server_on_turn(s, on_turn, c);
    return c;
}

void control_stop(struct control *c)
{
    if (c == NULL)
        return;
    server_on_turn(c->server, NULL, NULL);
    unlink(c->path);
    while (c->clients != NULL) {
        struct client *client = c->clients;
        client_close(client);
    }
    while (c->aside > 0)
        uv_run(server_loop(c->server), UV_RUN_ONCE);
    discard(c);
}

static void discard(struct control *c)
{
    uv_close((uv_handle_t *)&c->pipe, NULL);
    uv_close((uv_handle_t *)&c->timer, NULL);
    uv_run(server_loop(c->server), UV_RUN_NOWAIT);
    free(c->path);
    free(c);
}

/* A socket file that nobody answers on is left from a daemon that died; one that answers is
 * somebody's. */
static bool replace_stale(const char *path, struct oops *o)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    struct stat st;
    if (strlen(path) >= sizeof sun.sun_path)
        return oops(o, "the path of the control socket is longer than %zu octets: %s",
                    sizeof sun.sun_path - 1, path);
    if (lstat(path, &st) != 0)
        return true;
    if (!S_ISSOCK(st.st_mode))
        return oops(o, "%s is there and is no socket", path);
    memcpy(sun.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive = fd >= 0 && connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0;
    if (fd >= 0)
        close(fd);
    if (alive)
        return oops(o, "another settled answers on %s", path);
    return unlink(path) == 0 || oops(o, "cannot replace %s: %s", path, strerror(errno));
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct control *c = listener->data;
    struct client *client = status < 0 ? NULL : calloc(1, sizeof *client);
    if (client == NULL)
        return;
    must(uv_pipe_init(server_loop(c->server), &client->pipe, 0) == 0);
    client->pipe.data = client;
    client->control = c;
    client->order.server = c->server;
    client->order.keeper = server_keeper(c->server);
    client->order.send = send_line;
    client->order.began = now_read().mono;
    client->next = c->clients;
    c->clients = client;
    c->count++;
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0)
        client_close(client);
    else if (c->count > CLIENTS)
        finish(&client->order, CONTROL_FAILED, NULL, "%d clients are connected already", CLIENTS);
    else if (uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) != 0)
        client_close(client);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct client *c = h->data;
    (void)suggested;
    *buf = uv_buf_init(c->request + c->len, (unsigned)(CONTROL_FRAME - c->len));
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = h->data;
    (void)buf;
    if (n == UV_ENOBUFS && !c->order.finished && c->order.request == NULL) {
        finish(&c->order, CONTROL_FAILED, NULL, "the request is longer than %d octets",
               CONTROL_FRAME);
        return;
    }
    if (n < 0) {
        client_close(c);
        return;
    }
    c->len += (size_t)n;
    c->request[c->len] = 0;
    if (c->order.request == NULL && !c->order.finished && memchr(c->request, '\n', c->len) != NULL)
        begin(c);
}

static void begin(struct client *c)
{
    struct order *o = &c->order;
    json_error_t error;
    o->request = json_loads(c->request, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
    const char *word = json_string_value(json_object_get(o->request, "command"));
    if (word == NULL) {
        finish(o, CONTROL_WRONG_USE, NULL, "not a request: %s",
               o->request == NULL ? error.text : "no \"command\"");
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].word, word) == 0) {
            if (take_arguments(o, &command_rows[i]))
                commands[i].run(o);
            if (o->more != NULL)
                say_more(c);
            return;
        }
    finish(o, CONTROL_WRONG_USE, NULL, "this daemon knows no command '%s'", word);
}

static bool take_arguments(struct order *o, const struct command_row *row)
{
    json_t *list = json_object_get(o->request, "arguments");
    size_t count = json_array_size(list);
    bool ok = (int)count >= row->least && (int)count <= row->most;
    for (size_t i = 0; ok && i < count; i++) {
        o->arguments[i] = json_string_value(json_array_get(list, i));
        ok = o->arguments[i] != NULL;
    }
    o->argument_count = (unsigned)count;
    if (!ok)
        finish(o, CONTROL_WRONG_USE, NULL, "usage: settlectl %s", row->usage);
    return ok;
}

static void send_line(struct order *o, json_t *line)
{
    struct client *c = (struct client *)o;
    char *text = c->closing ? NULL : json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text == NULL)
        return;
    size_t len = strlen(text);
    text[len] = '\n'; /* in place of the NUL: it is counted from here on */
    if (!c->collecting) {
        write_text(c, text, len + 1);
        return;
    }
    buf_add(&c->part, text, len + 1);
    free(text);
}

/* The next part of a long answer in one write. The client that does not read it gets no more,
 * and holds up nobody. */
static void say_more(struct client *c)
{
    c->collecting = true;
    c->order.more(&c->order);
    c->collecting = false;
    struct buf part = c->part;
    c->part = (struct buf){0};
    if (part.failed || part.len == 0) { /* no memory: what is cut short must not look whole */
        buf_free(&part);
        client_close(c);
        return;
    }
    write_text(c, (char *)part.data, part.len);
}

/* Takes text over. */
static void write_text(struct client *c, char *text, size_t len)
{
    struct line_write *w = calloc(1, sizeof *w);
    if (w == NULL) {
        free(text);
        client_close(c);
        return;
    }
    *w = (struct line_write){.client = c, .last = c->order.finished, .text = text};
    uv_buf_t buf = uv_buf_init(text, (unsigned)len);
    if (uv_write(&w->write, (uv_stream_t *)&c->pipe, &buf, 1, on_written) != 0)
        on_written(&w->write, -1);
}

/* After the last line the connection is over. */
static void on_written(uv_write_t *write, int status)
{
    struct line_write *w = (struct line_write *)write;
    struct client *c = w->client;
    bool last = w->last;
    free(w->text);
    free(w);
    if (last || (status < 0 && c->order.more != NULL))
        client_close(c);
    else if (c->order.more != NULL && !c->closing && !c->collecting)
        say_more(c);
}

static void on_turn(void *ctx)
{
    struct control *c = ctx;
    uint64_t news = keeper_news(server_keeper(c->server));
    if (news == c->news)
        return;
    c->news = news;
    look_again(c);
}

static void on_timer(uv_timer_t *timer)
{
    look_again(timer->data);
}

static void look_again(struct control *c)
{
    for (struct client *client = c->clients, *next; client != NULL; client = next) {
        next = client->next;
        if (client->order.again != NULL)
            client->order.again(&client->order);
    }
}

static void client_close(struct client *c)
{
    if (c->closing)
        return;
    c->closing = true;
    c->order.again = NULL;
    c->order.cancelled = true;
    if (c->order.drop != NULL)
        c->order.drop(&c->order);
    c->order.drop = NULL;
    c->order.more = NULL;
    struct client **at = &c->control->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->control->count--;
    uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static void on_client_closed(uv_handle_t *h)
{
    struct client *c = h->data;
    if (c->order.busy) {
        h->data = NULL; /* whoever ends the business frees it: order_unbusy */
        return;
    }
    order_free(&c->order);
}

void order_aside(struct order *o, void (*run)(void *state), void (*done)(struct order *o))
{
    struct client *c = (struct client *)o;
    o->busy = true;
    c->run = run;
    c->done = done;
    c->work.data = c;
    c->control->aside++;
    must(uv_queue_work(server_loop(o->server), &c->work, run_aside, on_aside) == 0);
}

static void run_aside(uv_work_t *work)
{
    struct client *c = work->data;
    c->run(c->order.state);
}

static void on_aside(uv_work_t *work, int status)
{
    struct client *c = work->data;
    (void)status; /* nobody cancels it */
    c->control->aside--;
    c->done(&c->order);
    order_unbusy(&c->order);
}

void order_unbusy(struct order *o)
{
    struct client *c = (struct client *)o;
    o->busy = false;
    if (o->cancelled && c->pipe.data == NULL)
        order_free(o);
}

void order_free(struct order *o)
{
    json_decref(o->request);
    free(o->state);
    free(o);
}
