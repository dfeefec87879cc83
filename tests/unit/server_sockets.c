/* server_sockets.c - the sockets questions come in on: our own, one set for each worker, or the
 * service manager's. */
#include "cases.h"
#include "worker_fixture.h"
#include <fcntl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

static struct socket_set sets[2];
static struct oops o;
static bool handed;

static void start(void)
{
    memset(sets, 0, sizeof sets);
    memset(&o, 0, sizeof o);
}

static void stop(void)
{
    sockets_close(&sets[0]);
    sockets_close(&sets[1]);
}

/* Port 0 when it has none. Asserts nothing: libcheck notes each assertion in a descriptor of its
 * own, and where the service manager's sockets are handed over it may be one of these. */
static struct addr local(int fd)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof sa;
    (void)!getsockname(fd, (struct sockaddr *)&sa, &len);
    return addr_from_sockaddr((struct sockaddr *)&sa);
}

static struct addr address(const char *text)
{
    struct addr a;
    ck_assert(addr_parse(text, 0, &a));
    a.port = free_port(&a);
    return a;
}

START_TEST(each_worker_has_its_own)
{
    struct addr listen[] = {address("127.0.0.1"), address("::1")};
    struct config_server c = {.listen = listen, .listen_count = 2};
    ck_assert_msg(sockets_open(&c, sets, 2, &handed, &o), "%s", o.text);
    ck_assert(!handed);
    for (unsigned w = 0; w < 2; w++) {
        ck_assert_uint_eq(sets[w].udp_count, 2);
        ck_assert_uint_eq(sets[w].tcp_count, 2);
        for (unsigned i = 0; i < 2; i++) {
            struct addr udp = local(sets[w].udp[i]), tcp = local(sets[w].tcp[i]);
            ck_assert(addr_same(&udp, &listen[i]) && addr_same(&tcp, &listen[i]));
            ck_assert(!sets[w].udp_any[i]);
            ck_assert((fcntl(sets[w].udp[i], F_GETFL) & O_NONBLOCK) != 0);
            ck_assert((fcntl(sets[w].udp[i], F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    ck_assert_int_ne(sets[0].udp[0], sets[1].udp[0]);
}
END_TEST

START_TEST(a_second_server_is_told)
{
    struct addr listen = address("127.0.0.1");
    struct config_server c = {.listen = &listen, .listen_count = 1};
    char text[ADDR_TEXT], expected[128];
    ck_assert(sockets_open(&c, &sets[0], 1, &handed, &o));
    ck_assert(!sockets_open(&c, &sets[1], 1, &handed, &o));
    snprintf(expected, sizeof expected, "cannot listen on %s: Address already in use",
             addr_print(&listen, text));
    ck_assert_str_eq(o.text, expected);
    sockets_close(&sets[0]); /* and when the first one goes, it may */
    sockets_close(&sets[1]);
    ck_assert_msg(sockets_open(&c, &sets[1], 1, &handed, &o), "%s", o.text);
}
END_TEST

START_TEST(an_address_that_is_not_here)
{
    struct addr listen;
    struct config_server c = {.listen = &listen, .listen_count = 1};
    ck_assert(addr_parse("240.0.0.1@5300", 0, &listen));
    ck_assert(!sockets_open(&c, sets, 1, &handed, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "cannot listen on 240.0.0.1@5300: "));
}
END_TEST

START_TEST(both_families_of_one_port)
{
    struct addr any4, any6;
    ck_assert(addr_parse("0.0.0.0", 0, &any4) && addr_parse("::", 0, &any6));
    any4.port = any6.port = free_port(&any4);
    struct addr listen[] = {any4, any6};
    struct config_server c = {.listen = listen, .listen_count = 2};
    ck_assert_msg(sockets_open(&c, sets, 1, &handed, &o), "%s", o.text);
    ck_assert(sets[0].udp_any[0] && sets[0].udp_any[1]);
}
END_TEST

START_TEST(what_the_keeper_sends_from)
{
    struct addr via, none = {.family = 0};
    ck_assert(addr_parse("127.0.0.3", 0, &via));
    int fd = socket_bound(SOCK_DGRAM, 4, &via, &o);
    ck_assert_int_ge(fd, 0);
    struct addr got = local(fd);
    ck_assert(addr_same_ip(&got, &via));
    ck_assert_uint_ne(got.port, 0);
    close(fd);
    fd = socket_bound(SOCK_DGRAM, 6, &none, &o);
    ck_assert_int_ge(fd, 0);
    ck_assert_uint_ne(local(fd).port, 0);
    close(fd);
    ck_assert(addr_parse("240.0.0.1", 0, &via));
    ck_assert_int_eq(socket_bound(SOCK_DGRAM, 4, &via, &o), -1);
    ck_assert_ptr_nonnull(strstr(o.text, "cannot send from 240.0.0.1: "));
}
END_TEST

/* ---- the service manager's, in a process of its own: they come as descriptor 3, 4, ... ---- */

static int plain(int family, int type)
{
    struct sockaddr_storage sa;
    struct addr a = {.family = 4, .ip = {127, 0, 0, 1}};
    socklen_t len = addr_to_sockaddr(&a, &sa);
    int fd = socket(family, type, 0);
    if (family == AF_INET && bind(fd, (struct sockaddr *)&sa, len) != 0) {
        return -1;
    }
    return fd;
}

static void hand_over(int first, int second)
{
    char pid[16];
    int safe[2] = {fcntl(first, F_DUPFD, 100), fcntl(second, F_DUPFD, 100)};
    dup2(safe[0], SD_LISTEN_FDS_START);
    dup2(safe[1], SD_LISTEN_FDS_START + 1);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
}

static int takes_them(void)
{
    struct addr unused = {.family = 4, .ip = {240, 0, 0, 1}, .port = 53};
    struct config_server c = {.listen = &unused, .listen_count = 1};
    hand_over(plain(AF_INET, SOCK_DGRAM), plain(AF_INET, SOCK_STREAM));
    if (!sockets_open(&c, sets, 2, &handed, &o) || !handed) {
        return 1;
    }
    for (unsigned w = 0; w < 2; w++) {
        if (sets[w].udp_count != 1 || sets[w].tcp_count != 1 ||
            (fcntl(sets[w].udp[0], F_GETFL) & O_NONBLOCK) == 0) {
            return 2;
        }
    }
    return sets[0].udp[0] == sets[1].udp[0] || local(sets[0].udp[0]).port == 0 ||
           local(sets[0].udp[0]).port != local(sets[1].udp[0]).port || getenv("LISTEN_FDS") != NULL;
}

static int refuses_others(void)
{
    struct config_server c = {.listen_count = 0};
    hand_over(plain(AF_INET, SOCK_DGRAM), plain(AF_UNIX, SOCK_STREAM));
    return sockets_open(&c, sets, 1, &handed, &o) ||
           strcmp(o.text, "a socket from the service manager is neither UDP nor TCP") != 0;
}

static int in_child(int (*fn)(void))
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(fn());
    }
    ck_assert(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

START_TEST(handed_over)
{
    ck_assert_int_eq(in_child(takes_them), 0);
    ck_assert_int_eq(in_child(refuses_others), 0);
}
END_TEST

TCase *case_server_sockets(void)
{
    TCase *c = tcase_create("server_sockets");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, each_worker_has_its_own);
    tcase_add_test(c, a_second_server_is_told);
    tcase_add_test(c, an_address_that_is_not_here);
    tcase_add_test(c, both_families_of_one_port);
    tcase_add_test(c, what_the_keeper_sends_from);
    tcase_add_test(c, handed_over);
    return c;
}
