/* flood.c - questions at a UDP server as fast as it answers, every answer compared with its
 * question; or the plainest server there is, as the ceiling of what a machine's sockets can do.
 *
 *   flood ask ADDRESS PORT FILE COUNT IN-FLIGHT [echo]
 *   flood echo ADDRESS PORT
 *
 * FILE holds questions in wire form, each behind its length (two octets, network order). They are
 * asked in turn until COUNT right answers came, IN-FLIGHT at a time. Prints one line of JSON. With
 * `echo` the other side is our own echo, whose answers have no records.
 *
 * Both sides read and write batches of 32: the server's share of a system call is what is compared,
 * and a generator that is slower than the server would only measure itself. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH     32
#define OCTETS    4096 /* of a packet, at most */
#define HEADER    12
#define IDS       65536
#define LOST_MS   200 /* silence after which what is under way is lost */
#define GIVEN_UP  50  /* silences in a row */
#define BUFFER    (8 << 20)
#define FILE_MOST (64 << 20)

struct packet {
    uint8_t octets[OCTETS];
};
struct packets { /* for recvmmsg and sendmmsg */
    struct mmsghdr header[BATCH];
    struct iovec part[BATCH];
    struct sockaddr_storage from[BATCH];
    struct packet packet[BATCH];
};
struct question {
    const uint8_t *octets;
    uint16_t len;
};
struct flood {
    int fd;
    bool echo;
    struct question *questions;
    size_t question_count, next;
    const struct question *asked[IDS]; /* by ID; NULL: not under way */
    uint16_t id;
    unsigned in_flight, in_flight_most;
    uint64_t count, sent, right, wrong, lost, reads;
    struct packets in, out;
};

static int ask(struct flood *f, char **arguments);
static bool read_questions(struct flood *f, const char *path);
static bool flood(struct flood *f);
static bool fill(struct flood *f);
static bool take(struct flood *f);
static void look(struct flood *f, const uint8_t *octets, size_t len);
static bool is_right(const struct flood *f, const uint8_t *octets, size_t len);
static void lose(struct flood *f);
static void print(const struct flood *f, double seconds);
static int echo(char **arguments);
static int open_socket(const char *address, const char *port, bool serve);
static void prepare(struct packets *p);
static double now(void);

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "echo") == 0) {
        return echo(argv + 2);
    }
    bool to_echo = argc == 8 && strcmp(argv[7], "echo") == 0;
    if ((argc != 7 && !to_echo) || strcmp(argv[1], "ask") != 0) {
        fputs("usage: flood ask ADDRESS PORT FILE COUNT IN-FLIGHT [echo]\n"
              "       flood echo ADDRESS PORT\n",
              stderr);
        return 2;
    }
    struct flood *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return 1;
    }
    f->echo = to_echo;
    return ask(f, argv + 2);
}

static int ask(struct flood *f, char **arguments)
{
    f->count = strtoull(arguments[3], NULL, 10);
    f->in_flight_most = (unsigned)strtoul(arguments[4], NULL, 10);
    if (f->count == 0 || f->in_flight_most == 0 || f->in_flight_most >= IDS) {
        fputs("flood: COUNT and IN-FLIGHT are numbers, the latter below 65536\n", stderr);
        return 2;
    }
    f->fd = open_socket(arguments[0], arguments[1], false);
    if (f->fd < 0 || !read_questions(f, arguments[2])) {
        return 1;
    }
    prepare(&f->in);
    prepare(&f->out);
    double start = now();
    bool ok = flood(f);
    print(f, now() - start);
    return ok ? 0 : 1;
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
    for (size_t at = 0; f->questions != NULL && at + 2 < len;) {
        uint16_t size = (uint16_t)(text[at] << 8 | text[at + 1]);
        if (size < HEADER || size > OCTETS || size > len - at - 2) {
            break;
        }
        f->questions[f->question_count++] = (struct question){text + at + 2, size};
        at += 2 + (size_t)size;
    }
    if (f->question_count == 0) {
        fprintf(stderr, "%s: no questions\n", path);
    }
    return f->question_count > 0;
}

static bool flood(struct flood *f)
{
    unsigned silences = 0;
    while (f->right < f->count) {
        if (!fill(f)) {
            perror("sendmmsg");
            return false;
        }
        if (take(f)) {
            silences = 0;
            continue;
        }
        lose(f);
        if (++silences == GIVEN_UP) {
            fputs("flood: the server is silent\n", stderr);
            return false;
        }
    }
    return true;
}

/* Sends whole batches as long as there is room for one under way. */
static bool fill(struct flood *f)
{
    unsigned batch = f->in_flight_most < BATCH ? f->in_flight_most : BATCH;
    while (f->in_flight + batch <= f->in_flight_most) {
        for (unsigned i = 0; i < batch; i++) {
            const struct question *q = &f->questions[f->next++ % f->question_count];
            while (f->asked[f->id] != NULL) {
                f->id++;
            }
            f->asked[f->id] = q;
            memcpy(f->out.packet[i].octets, q->octets, q->len);
            f->out.packet[i].octets[0] = (uint8_t)(f->id >> 8);
            f->out.packet[i].octets[1] = (uint8_t)f->id;
            f->out.part[i].iov_len = q->len;
            f->id++;
        }
        for (unsigned done = 0; done < batch;) {
            int n = sendmmsg(f->fd, f->out.header + done, batch - done, 0);
            if (n <= 0) {
                return false;
            }
            done += (unsigned)n;
        }
        f->in_flight += batch;
        f->sent += batch;
    }
    return true;
}

/* False: silence. */
static bool take(struct flood *f)
{
    for (unsigned i = 0; i < BATCH; i++) {
        f->in.part[i].iov_len = OCTETS;
    }
    int n = recvmmsg(f->fd, f->in.header, BATCH, MSG_WAITFORONE, NULL);
    if (n <= 0) {
        return false;
    }
    f->reads++;
    for (int i = 0; i < n; i++) {
        look(f, f->in.packet[i].octets, f->in.header[i].msg_len);
    }
    return true;
}

static void look(struct flood *f, const uint8_t *octets, size_t len)
{
    if (len < HEADER || f->asked[octets[0] << 8 | octets[1]] == NULL) {
        f->wrong++; /* or so late that it was taken for lost */
        return;
    }
    bool right = is_right(f, octets, len);
    f->right += right ? 1 : 0;
    f->wrong += right ? 0 : 1;
    f->asked[octets[0] << 8 | octets[1]] = NULL;
    f->in_flight--;
}

/* QR, no TC, NOERROR, the very question, and a record; from the echo, all but the last. */
static bool is_right(const struct flood *f, const uint8_t *octets, size_t len)
{
    const struct question *q = f->asked[octets[0] << 8 | octets[1]];
    if ((octets[2] & 0x82) != 0x80 || (octets[3] & 0x0f) != 0 || len < q->len) {
        return false;
    }
    bool has_record = (octets[6] | octets[7]) != 0;
    return (f->echo || has_record) &&
           memcmp(octets + HEADER, q->octets + HEADER, q->len - HEADER) == 0;
}

static void lose(struct flood *f)
{
    f->lost += f->in_flight;
    f->in_flight = 0;
    memset(f->asked, 0, sizeof f->asked);
}

static void print(const struct flood *f, double seconds)
{
    double batch = f->reads == 0 ? 0 : (double)(f->right + f->wrong) / (double)f->reads;
    printf(
        "{\"right\": %llu, \"wrong\": %llu, \"lost\": %llu, \"seconds\": %.3f, \"batch\": %.1f}\n",
        (unsigned long long)f->right, (unsigned long long)f->wrong, (unsigned long long)f->lost,
        seconds, batch);
}

/* Until it is killed. */
static int echo(char **arguments)
{
    struct packets *p = calloc(1, sizeof *p);
    int fd = open_socket(arguments[0], arguments[1], true);
    if (p == NULL || fd < 0) {
        return 1;
    }
    prepare(p);
    for (;;) {
        for (unsigned i = 0; i < BATCH; i++) {
            p->part[i].iov_len = OCTETS;
            p->header[i].msg_hdr.msg_name = &p->from[i];
            p->header[i].msg_hdr.msg_namelen = sizeof p->from[i];
        }
        int n = recvmmsg(fd, p->header, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            p->part[i].iov_len = p->header[i].msg_len;
            p->packet[i].octets[2] |= 0x80;
        }
        if (n > 0 && sendmmsg(fd, p->header, (unsigned)n, 0) < 0) {
            perror("sendmmsg");
        }
    }
}

static int open_socket(const char *address, const char *port, bool serve)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    struct timeval silence = {.tv_usec = LOST_MS * 1000};
    int size = BUFFER;
    if (inet_pton(AF_INET, address, &there.sin_addr) != 1) {
        fprintf(stderr, "flood: %s is no IPv4 address\n", address);
        return -1;
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *to = (const struct sockaddr *)&there;
    if (fd < 0 || (serve ? bind(fd, to, sizeof there) : connect(fd, to, sizeof there)) != 0) {
        perror(address);
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (!serve) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    }
    return fd;
}

static void prepare(struct packets *p)
{
    for (unsigned i = 0; i < BATCH; i++) {
        p->part[i] = (struct iovec){p->packet[i].octets, OCTETS};
        p->header[i].msg_hdr = (struct msghdr){.msg_iov = &p->part[i], .msg_iovlen = 1};
    }
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
