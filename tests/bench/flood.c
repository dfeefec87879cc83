/* flood.c - questions at a server as fast as it answers, every answer held against what is right;
 * or the plainest UDP server there is, as the ceiling of what a machine's sockets can do.
 *
 *   flood ask [-t] [-e] [-s SOCKETS] [-f IN-FLIGHT] [-d SECONDS] ADDRESS PORT FILE
 *   flood echo ADDRESS PORT
 *
 * FILE holds questions in wire form, each behind seven octets that say what a right answer is: rcode,
 * AA, records in the answer section, at least so many in the authority and in the additional section,
 * and the question's length (two octets, network order). They are asked in turn, over TCP with -t,
 * for so many seconds, or with -d 0 until SIGTERM; SIGUSR1 begins to count anew. With -e the other
 * side is our own echo. Prints one line of JSON.
 *
 * The server is to be the bottleneck, and never to wait. So this side must be cheaper than any server,
 * and must not be woken by it (a wake-up is the sender's to pay): it sleeps a moment whenever there is
 * little to read, and sends questions in bursts, 32 in one system call that the kernel takes apart at
 * the server's socket (UDP_SEGMENT). To every server they are packets like any others. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BURST     32
#define OCTETS    1280 /* of a packet, at most */
#define HEADER    12
#define EXPECTED  7    /* octets in front of each question */
#define SLOTS     1024 /* under way on one socket, at most: ten bits of the ID */
#define SOCKETS   64
#define MOMENT_NS 15000
#define LOST_S    0.3 /* silence after which what is under way is lost */
#define GIVEN_UP  30  /* silences in a row */
#define BUFFER    (8 << 20)
#define STREAM    (64 << 10)
#define FILE_MOST (64 << 20)

struct packet {
    uint8_t octets[OCTETS];
};
struct packets { /* for recvmmsg and sendmmsg */
    struct mmsghdr header[BURST];
    struct iovec part[BURST];
    struct sockaddr_storage from[BURST];
    struct packet packet[BURST];
};
struct question {
    const uint8_t *octets;
    uint16_t len;
    uint8_t rcode, authoritative, answers, authority, additional;
};
struct slot {
    const struct question *asked; /* NULL: free */
    uint8_t turn;                 /* upper bits of the ID */
};
struct line { /* one socket */
    int fd;
    struct slot slots[SLOTS];
    uint16_t free[SLOTS];
    unsigned free_count, in_flight;
    uint8_t *in, *out; /* TCP */
    size_t in_len, out_len, out_at;
};
struct flood {
    bool tcp, echo;
    const char *address, *port;
    struct question *questions;
    size_t question_count, next;
    unsigned line_count, in_flight_most; /* the latter of one line */
    struct line *lines;
    uint64_t right, wrong, lost, late;
    double most, start, last, longest; /* seconds; last answer; longest silence */
    struct packets in;
    uint8_t burst[BURST * OCTETS];
};

static int ask(int argc, char **argv);
static bool take_options(struct flood *f, int argc, char **argv);
static bool read_questions(struct flood *f, const char *path);
static bool open_lines(struct flood *f);
static bool flood(struct flood *f);
static unsigned read_packets(struct flood *f, struct line *l);
static bool send_packets(struct flood *f, struct line *l);
static unsigned put_burst(struct flood *f, struct line *l, unsigned most, size_t *len);
static bool send_burst(struct line *l, const uint8_t *octets, size_t all, size_t each);
static unsigned read_stream(struct flood *f, struct line *l);
static bool send_stream(struct flood *f, struct line *l);
static size_t put_question(struct flood *f, struct line *l, uint8_t *to);
static void look(struct flood *f, struct line *l, const uint8_t *octets, size_t len);
static bool is_right(const struct flood *f, const struct question *q, const uint8_t *octets,
                     size_t len);
static void lose(struct flood *f);
static void print(const struct flood *f);
static int echo(char **arguments);
static int open_socket(const char *address, const char *port, int type, bool serve);
static void prepare(struct packets *p);
static uint16_t u16(const uint8_t *octets);
static double now(void);
static void on_signal(int number);

static volatile sig_atomic_t stopped, again;

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "echo") == 0) {
        return echo(argv + 2);
    }
    if (argc > 1 && strcmp(argv[1], "ask") == 0) {
        return ask(argc - 1, argv + 1);
    }
    fputs("usage: flood ask [-t] [-e] [-s SOCKETS] [-f IN-FLIGHT] [-d SECONDS] ADDRESS PORT FILE\n"
          "       flood echo ADDRESS PORT\n",
          stderr);
    return 2;
}

static int ask(int argc, char **argv)
{
    (void)signal(SIGTERM, on_signal); /* from the first moment: what was seen is printed */
    (void)signal(SIGUSR1, on_signal);
    struct flood *f = calloc(1, sizeof *f);
    if (f == NULL || !take_options(f, argc, argv)) {
        fputs("flood: wrong options\n", stderr);
        return 2;
    }
    if (!read_questions(f, argv[argc - 1]) || !open_lines(f)) {
        return 1;
    }
    (void)prctl(PR_SET_TIMERSLACK, 1UL); /* a moment is a moment */
    prepare(&f->in);
    bool ok = flood(f);
    print(f);
    return ok ? 0 : 1;
}

static bool take_options(struct flood *f, int argc, char **argv)
{
    unsigned long in_flight = 192, lines = 1;
    f->most = 1;
    for (int option; (option = getopt(argc, argv, "tes:f:d:")) != -1;) {
        switch (option) {
        case 't':
            f->tcp = true;
            break;
        case 'e':
            f->echo = true;
            break;
        case 's':
            lines = strtoul(optarg, NULL, 10);
            break;
        case 'f':
            in_flight = strtoul(optarg, NULL, 10);
            break;
        case 'd':
            f->most = strtod(optarg, NULL);
            break;
        default:
            return false;
        }
    }
    if (argc - optind != 3 || lines == 0 || lines > SOCKETS || in_flight / lines == 0 ||
        in_flight / lines > SLOTS) {
        return false;
    }
    f->address = argv[optind];
    f->port = argv[optind + 1];
    f->line_count = (unsigned)lines;
    f->in_flight_most = (unsigned)(in_flight / lines);
    return true;
}

/* They point into the file's text, which stays until we end. */
static bool read_questions(struct flood *f, const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *text = malloc(FILE_MOST);
    if (file == NULL || text == NULL) {
        perror(path);
        return false;
    }
    size_t len = fread(text, 1, FILE_MOST, file);
    (void)fclose(file);
    f->questions = calloc(len / HEADER + 1, sizeof *f->questions);
    for (size_t at = 0; f->questions != NULL && at + EXPECTED < len;) {
        const uint8_t *q = text + at;
        uint16_t size = u16(q + 5);
        if (size < HEADER || size > OCTETS || size > len - at - EXPECTED) {
            break;
        }
        f->questions[f->question_count++] =
            (struct question){q + EXPECTED, size, q[0], q[1], q[2], q[3], q[4]};
        at += EXPECTED + (size_t)size;
    }
    if (f->question_count == 0) {
        fprintf(stderr, "%s: no questions\n", path);
    }
    return f->question_count > 0;
}

static bool open_lines(struct flood *f)
{
    f->lines = calloc(f->line_count, sizeof *f->lines);
    for (unsigned i = 0; f->lines != NULL && i < f->line_count; i++) {
        struct line *l = &f->lines[i];
        l->fd = open_socket(f->address, f->port, f->tcp ? SOCK_STREAM : SOCK_DGRAM, false);
        l->in = f->tcp ? malloc(STREAM) : NULL;
        l->out = f->tcp ? malloc((size_t)SLOTS * (OCTETS + 2)) : NULL;
        if (l->fd < 0 || (f->tcp && (l->in == NULL || l->out == NULL))) {
            return false;
        }
        for (unsigned slot = 0; slot < f->in_flight_most; slot++) {
            l->free[l->free_count++] = (uint16_t)slot;
        }
    }
    return f->lines != NULL;
}

static bool flood(struct flood *f)
{
    static const struct timespec moment = {.tv_nsec = MOMENT_NS};
    unsigned silences = 0;
    f->start = f->last = now();
    while (!stopped) {
        unsigned came = 0;
        if (again) {
            again = 0;
            f->start = f->last = now();
            f->right = f->wrong = f->lost = f->late = 0;
            f->longest = 0;
        }
        for (unsigned i = 0; i < f->line_count; i++) {
            struct line *l = &f->lines[i];
            if (!(f->tcp ? send_stream(f, l) : send_packets(f, l))) {
                perror("flood: sending");
                return false;
            }
            came += f->tcp ? read_stream(f, l) : read_packets(f, l);
        }
        double t = now();
        if (f->most > 0 && t - f->start >= f->most) {
            break;
        }
        if (came > 0) {
            f->longest = t - f->last > f->longest ? t - f->last : f->longest;
            f->last = t;
            silences = 0;
        } else if (t - f->last > LOST_S * (silences + 1)) {
            if (++silences == GIVEN_UP) {
                fputs("flood: the server is silent\n", stderr);
                return false;
            }
            if (!f->tcp) { /* which loses nothing */
                lose(f);
            }
        }
        if (came < BURST) {
            (void)nanosleep(&moment, NULL);
        }
    }
    return true;
}

/* How many answers came. */
static unsigned read_packets(struct flood *f, struct line *l)
{
    for (unsigned i = 0; i < BURST; i++) {
        f->in.part[i].iov_len = OCTETS;
    }
    int n = recvmmsg(l->fd, f->in.header, BURST, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        look(f, l, f->in.packet[i].octets, f->in.header[i].msg_len);
    }
    return n > 0 ? (unsigned)n : 0;
}

/* Whole bursts, as long as there is room for one under way. */
static bool send_packets(struct flood *f, struct line *l)
{
    unsigned burst = f->in_flight_most < BURST ? f->in_flight_most : BURST;
    while (l->free_count >= burst) {
        size_t len;
        unsigned n = put_burst(f, l, burst, &len);
        if (!send_burst(l, f->burst, n * len, len)) {
            return false;
        }
    }
    return true;
}

/* Questions that follow each other and are of one length, as the kernel wants them. */
static unsigned put_burst(struct flood *f, struct line *l, unsigned most, size_t *len)
{
    unsigned n = 0;
    *len = f->questions[f->next % f->question_count].len;
    while (n < most && f->questions[f->next % f->question_count].len == *len) {
        (void)put_question(f, l, f->burst + n * *len);
        n++;
    }
    return n;
}

static bool send_burst(struct line *l, const uint8_t *octets, size_t all, size_t each)
{
    union {
        struct cmsghdr head;
        uint8_t space[CMSG_SPACE(sizeof(uint16_t))];
    } control = {.space = {0}};
    struct iovec part = {(void *)(uintptr_t)octets, all};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control.space};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    uint16_t size = (uint16_t)each;
    c->cmsg_level = SOL_UDP;
    c->cmsg_type = UDP_SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(c), &size, sizeof size);
    return sendmsg(l->fd, &m, 0) == (ssize_t)all;
}

static unsigned read_stream(struct flood *f, struct line *l)
{
    unsigned came = 0;
    ssize_t n = recv(l->fd, l->in + l->in_len, STREAM - l->in_len, MSG_DONTWAIT);
    if (n <= 0) {
        return 0; /* one that was closed is a silent one */
    }
    l->in_len += (size_t)n;
    size_t at = 0;
    while (l->in_len - at >= 2 && l->in_len - at - 2 >= u16(l->in + at)) {
        look(f, l, l->in + at + 2, u16(l->in + at));
        at += 2 + (size_t)u16(l->in + at);
        came++;
    }
    l->in_len -= at;
    memmove(l->in, l->in + at, l->in_len);
    return came;
}

/* As many as there may be under way, in one piece. */
static bool send_stream(struct flood *f, struct line *l)
{
    if (l->out_at == l->out_len) {
        l->out_at = l->out_len = 0;
        while (l->free_count > 0) {
            size_t len = put_question(f, l, l->out + l->out_len + 2);
            l->out[l->out_len] = (uint8_t)(len >> 8);
            l->out[l->out_len + 1] = (uint8_t)len;
            l->out_len += 2 + len;
        }
    }
    if (l->out_at < l->out_len) {
        ssize_t n =
            send(l->fd, l->out + l->out_at, l->out_len - l->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            return false;
        }
        l->out_at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The next question, with an ID of its own on this line. */
static size_t put_question(struct flood *f, struct line *l, uint8_t *to)
{
    const struct question *q = &f->questions[f->next++ % f->question_count];
    unsigned slot = l->free[--l->free_count];
    struct slot *s = &l->slots[slot];
    s->asked = q;
    s->turn = (uint8_t)((s->turn + 1) & 63);
    memcpy(to, q->octets, q->len);
    to[0] = (uint8_t)(s->turn << 2 | slot >> 8);
    to[1] = (uint8_t)slot;
    l->in_flight++;
    return q->len;
}

static void look(struct flood *f, struct line *l, const uint8_t *octets, size_t len)
{
    unsigned id = len < HEADER ? 0 : u16(octets);
    struct slot *s = &l->slots[id & (SLOTS - 1)];
    if (len < HEADER || s->asked == NULL || s->turn != id >> 10) {
        f->late++; /* it was taken for lost */
        return;
    }
    bool right = is_right(f, s->asked, octets, len);
    f->right += right ? 1 : 0;
    f->wrong += right ? 0 : 1;
    s->asked = NULL;
    l->free[l->free_count++] = (uint16_t)(id & (SLOTS - 1));
    l->in_flight--;
}

/* QR, no TC, the very question, and rcode, AA and records of the kind of answer this name has; from
 * the echo only the first and the question. */
static bool is_right(const struct flood *f, const struct question *q, const uint8_t *octets,
                     size_t len)
{
    if ((octets[2] & 0x82) != 0x80 || len < q->len ||
        memcmp(octets + HEADER, q->octets + HEADER, q->len - HEADER) != 0) {
        return false;
    }
    return f->echo || ((octets[3] & 0x0f) == q->rcode && (octets[2] >> 2 & 1) == q->authoritative &&
                       u16(octets + 6) == q->answers && u16(octets + 8) >= q->authority &&
                       u16(octets + 10) >= q->additional);
}

static void lose(struct flood *f)
{
    for (unsigned i = 0; i < f->line_count; i++) {
        struct line *l = &f->lines[i];
        f->lost += l->in_flight;
        for (unsigned slot = 0; slot < f->in_flight_most; slot++) {
            if (l->slots[slot].asked != NULL) {
                l->slots[slot].asked = NULL;
                l->free[l->free_count++] = (uint16_t)slot;
            }
        }
        l->in_flight = 0;
    }
}

static void print(const struct flood *f)
{
    printf("{\"right\": %llu, \"wrong\": %llu, \"lost\": %llu, \"late\": %llu, \"seconds\": %.4f, "
           "\"silence\": %.4f}\n",
           (unsigned long long)f->right, (unsigned long long)f->wrong, (unsigned long long)f->lost,
           (unsigned long long)f->late, now() - f->start, f->longest);
}

/* Until it is killed. */
static int echo(char **arguments)
{
    struct packets *p = calloc(1, sizeof *p);
    int fd = open_socket(arguments[0], arguments[1], SOCK_DGRAM, true);
    if (p == NULL || fd < 0) {
        return 1;
    }
    prepare(p);
    for (;;) {
        for (unsigned i = 0; i < BURST; i++) {
            p->part[i].iov_len = OCTETS;
            p->header[i].msg_hdr.msg_name = &p->from[i];
            p->header[i].msg_hdr.msg_namelen = sizeof p->from[i];
        }
        int n = recvmmsg(fd, p->header, BURST, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            p->part[i].iov_len = p->header[i].msg_len;
            p->packet[i].octets[2] |= 0x80;
        }
        if (n > 0 && sendmmsg(fd, p->header, (unsigned)n, 0) < 0) {
            perror("sendmmsg");
        }
    }
}

static int open_socket(const char *address, const char *port, int type, bool serve)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int size = BUFFER, on = 1;
    if (inet_pton(AF_INET, address, &there.sin_addr) != 1) {
        fprintf(stderr, "flood: %s is no IPv4 address\n", address);
        return -1;
    }
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const struct sockaddr *to = (const struct sockaddr *)&there;
    if (fd < 0 || (serve ? bind(fd, to, sizeof there) : connect(fd, to, sizeof there)) != 0) {
        perror(address);
        return -1;
    }
    if (type == SOCK_STREAM) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    } else {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return fd;
}

static void prepare(struct packets *p)
{
    for (unsigned i = 0; i < BURST; i++) {
        p->part[i] = (struct iovec){p->packet[i].octets, OCTETS};
        p->header[i].msg_hdr = (struct msghdr){.msg_iov = &p->part[i], .msg_iovlen = 1};
    }
}

static uint16_t u16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void on_signal(int number)
{
    if (number == SIGTERM) {
        stopped = 1;
    } else {
        again = 1;
    }
}
