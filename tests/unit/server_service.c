/* server_service.c - what systemd is told: reading, ready, how the zones are, alive, stopping. */
#include "cases.h"
#include "host_fixture.h"
#include <sys/un.h>

static struct host h;
static int manager; /* its notification socket */
static struct buf told;

static void start(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct timeval patience = {0, 10000};
    char pid[16];
    host_make(&h);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.80s/notify", h.dir);
    ck_assert(bind(manager, (struct sockaddr *)&sa, sizeof sa) == 0);
    setenv("NOTIFY_SOCKET", sa.sun_path, 1);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    setenv("WATCHDOG_USEC", "2000000", 1);
    host_zone(&h, 1, 80);
}

static void stop(void)
{
    host_remove(&h);
    close(manager);
    buf_free(&told);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
}

/* All messages so far, a line each, until there is one that begins with `text`. */
static void until(const char *text)
{
    char msg[512];
    for (unsigned i = 0; i < 4000; i++) {
        ssize_t n = recv(manager, msg, sizeof msg - 1, 0);
        if (n <= 0) {
            continue;
        }
        msg[n] = '\0';
        buf_print(&told, "%s\n", msg);
        if (strncmp(msg, text, strlen(text)) == 0) {
            return;
        }
    }
    ck_abort_msg("not %s but: %s", text, buf_text(&told));
}

START_TEST(a_life)
{
    host_configure(&h, "zones: [{ name: example, role: primary, file: example.zone }]\n");
    host_start(&h);
    until("STATUS=reading zone files");
    until("READY=1");
    until("STATUS=1 zone, 1 serving, 1 settled");
    until("WATCHDOG=1");
    kill(getpid(), SIGHUP);
    until("RELOADING=1");
    until("READY=1");
    kill(getpid(), SIGTERM);
    until("STOPPING=1");
    host_end(&h);
    ck_assert_ptr_null(strstr(buf_text(&told), "READY=1\nSTATUS=reading"));
}
END_TEST

/* Whoever waits for a primary that is away holds nobody up. */
START_TEST(ready_without_the_zones_of_others)
{
    host_configure(&h, "zones:\n"
                       "  - { name: example, role: primary, file: missing.zone }\n"
                       "  - { name: other, role: secondary, primaries: [127.0.0.1@9] }\n");
    host_start(&h);
    until("READY=1");
    until("STATUS=2 zones, 0 serving, 0 settled");
}
END_TEST

TCase *case_server_service(void)
{
    TCase *c = tcase_create("server_service");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_life);
    tcase_add_test(c, ready_without_the_zones_of_others);
    return c;
}
