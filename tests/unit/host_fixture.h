/* host_fixture.h - whole servers on loopback, each with a directory and a thread of its own; what
 * they log is waited for, what they answer is asked for. SIGTERM ends all of them. */
#ifndef SETTLED_TESTS_UNIT_HOST_FIXTURE_H
#define SETTLED_TESTS_UNIT_HOST_FIXTURE_H

#include "journal_dir.h"
#include "server/diskfiles.h"
#include "server/server.h"
#include "worker_fixture.h"
#include <fcntl.h>
#include <pthread.h>

#define HOST_ZONE                                                                                  \
    "@ 3600 SOA ns admin %u 3600 600 86400 300\n@ 3600 NS ns\nns 3600 A 127.0.0.1\n"               \
    "www 60 A 192.0.2.%u\n"

struct host {
    char dir[DIR_PATH], conf[DIR_PATH + 32];
    struct staff client; /* only its address: for udp_ask */
    struct log log;
    pthread_mutex_t lock;
    struct buf lines;
    struct server *server;
    pthread_t thread;
    bool running, ran;
    struct oops trouble;
};

static inline void host_log(void *ctx, enum log_level level, const char *line)
{
    struct host *h = ctx;
    pthread_mutex_lock(&h->lock);
    buf_print(&h->lines, "%s: %s\n", log_level_name(level), line);
    pthread_mutex_unlock(&h->lock);
}

static inline void host_write(const struct host *h, const char *name, const char *text)
{
    char path[DIR_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", h->dir, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* The example zone, with this serial and last octet of www. */
static inline void host_zone(const struct host *h, unsigned serial, unsigned octet)
{
    char text[512];
    snprintf(text, sizeof text, HOST_ZONE, serial, octet);
    host_write(h, "example.zone", text);
}

/* An address and a directory; nothing runs yet. */
static inline void host_make(struct host *h)
{
    memset(h, 0, sizeof *h);
    signal(SIGPIPE, SIG_IGN);
    dir_make(h->dir);
    snprintf(h->conf, sizeof h->conf, "%s/settled.conf", h->dir);
    pthread_mutex_init(&h->lock, NULL);
    h->log = (struct log){LOG_LEVEL_DEBUG, host_log, h};
    ck_assert(addr_parse("127.0.0.1", 0, &h->client.at));
    h->client.at.port = free_port(&h->client.at);
}

static inline void host_configure(const struct host *h, const char *zones)
{
    struct buf text = {0};
    buf_print(&text,
              "server: { listen: [127.0.0.1@%u], threads: 2, state: %s/state, zones: %s }\n"
              "control: { socket: %s/control.sock }\n%s",
              h->client.at.port, h->dir, h->dir, h->dir, zones);
    host_write(h, "settled.conf", buf_text(&text));
    buf_free(&text);
}

static inline bool host_new(struct host *h)
{
    struct report report = {0};
    struct server_options o = {.config_path = h->conf, .log = &h->log};
    o.config = config_read(h->conf, &disk_files, &report);
    ck_assert_msg(o.config != NULL, "%s", buf_text(&report.text));
    report_free(&report);
    h->server = server_new(&o, &h->trouble);
    return h->server != NULL;
}

static inline void *host_run(void *arg)
{
    struct host *h = arg;
    h->ran = server_run(h->server, &h->trouble);
    return NULL;
}

static inline bool host_said(struct host *h, const char *text)
{
    pthread_mutex_lock(&h->lock);
    bool said = strstr(buf_text(&h->lines), text) != NULL;
    pthread_mutex_unlock(&h->lock);
    return said;
}

static inline void host_wait(struct host *h, const char *text)
{
    for (unsigned i = 0; i < 40000 && !host_said(h, text); i++) {
        usleep(1000);
    }
    ck_assert_msg(host_said(h, text), "not \"%s\" but: %s", text, buf_text(&h->lines));
}

static inline void host_start(struct host *h)
{
    ck_assert_msg(host_new(h), "%s", h->trouble.text);
    ck_assert(pthread_create(&h->thread, NULL, host_run, h) == 0);
    h->running = true;
    host_wait(h, "settled: "); /* signals are taken from here on */
}

/* After a SIGTERM: until it has ended. */
static inline void host_end(struct host *h)
{
    if (h->running) {
        pthread_join(h->thread, NULL);
        ck_assert_msg(h->ran, "%s", h->trouble.text);
        server_free(h->server);
    }
    h->running = false;
}

static inline void host_stop(struct host *h)
{
    if (h->running) {
        kill(getpid(), SIGTERM);
    }
    host_end(h);
}

static inline void host_remove(struct host *h)
{
    host_stop(h);
    pthread_mutex_destroy(&h->lock);
    buf_free(&h->lines);
    dir_remove(h->dir);
}

/* Asks until the answer has this text. */
static inline void host_answers(const struct host *h, const char *name, const char *text)
{
    const char *answer = "";
    for (unsigned i = 0; i < 40000; i++) {
        answer = udp_ask(&h->client, (struct asked){.name = name, .type = "A"});
        if (strstr(answer, text) != NULL) {
            return;
        }
        usleep(1000);
    }
    ck_abort_msg("%s: %s", name, answer);
}

#endif
