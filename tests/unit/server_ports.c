/* server_ports.c - the keeper's questions leave from ports of chance and from the address the owner
 * says; answers to them come back to the keeper. */
#include "cases.h"
#include "host_fixture.h"

#define ZONES 24

static struct host h;
static int peer; /* a socket that the server's questions come to */
static struct addr at;

static void start(void)
{
    struct sockaddr_storage sa;
    struct timeval patience = {10, 0};
    struct addr a = {.family = 4, .ip = {127, 0, 0, 1}};
    socklen_t len = addr_to_sockaddr(&a, &sa);
    host_make(&h);
    peer = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ck_assert(bind(peer, (struct sockaddr *)&sa, len) == 0);
    ck_assert(getsockname(peer, (struct sockaddr *)&sa, &len) == 0);
    at = addr_from_sockaddr((struct sockaddr *)&sa);
}

static void stop(void)
{
    close(peer);
    host_remove(&h);
}

/* The next question; where it came from. */
static struct addr next_question(uint8_t msg[1024])
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    ck_assert_int_gt(recvfrom(peer, msg, 1024, 0, (struct sockaddr *)&sa, &len), 0);
    return addr_from_sockaddr((struct sockaddr *)&sa);
}

START_TEST(from_many_ports)
{
    char zones[4096] = "zones:\n";
    uint8_t msg[1024];
    uint16_t ports[ZONES];
    unsigned different = 0;
    for (unsigned i = 0; i < ZONES; i++) {
        snprintf(zones + strlen(zones), sizeof zones - strlen(zones),
                 "  - { name: z%u, role: secondary, primaries: [127.0.0.1@%u] }\n", i, at.port);
    }
    host_configure(&h, zones);
    host_start(&h);
    for (unsigned i = 0; i < ZONES; i++) {
        bool again = false;
        ports[i] = next_question(msg).port;
        for (unsigned j = 0; j < i; j++) {
            again = again || ports[j] == ports[i];
        }
        different += !again;
    }
    ck_assert_uint_ge(different, 3); /* of 8, drawn 24 times */
    ck_assert_uint_le(different, 8);
}
END_TEST

START_TEST(from_the_address_of_the_owner)
{
    char zones[512];
    uint8_t msg[1024];
    snprintf(zones, sizeof zones,
             "peers: [{ name: p, address: 127.0.0.1@%u, via: 127.0.0.5 }]\n"
             "zones: [{ name: example, role: secondary, primaries: [p] }]\n",
             at.port);
    host_configure(&h, zones);
    host_start(&h);
    ck_assert_uint_eq(next_question(msg).ip[3], 5);
}
END_TEST

START_TEST(an_answer_comes_back)
{
    char zones[512];
    uint8_t msg[1024];
    struct sockaddr_storage sa;
    snprintf(zones, sizeof zones,
             "zones: [{ name: example, role: secondary, primaries: [127.0.0.1@%u] }]\n", at.port);
    host_configure(&h, zones);
    host_start(&h);
    struct addr from = next_question(msg);
    socklen_t len = addr_to_sockaddr(&from, &sa);
    sendto(peer, "rubbish", 7, 0, (struct sockaddr *)&sa, len); /* is nobody's answer */
    put_u16(msg + 2, MSG_QR | RCODE_REFUSED);
    memset(msg + 6, 0, 6);
    size_t end = MSG_HEADER + name_len(msg + MSG_HEADER) + 4;
    sendto(peer, msg, end, 0, (struct sockaddr *)&sa, len);
    host_wait(&h, "zone example: no primary gave an answer we can use: ");
    ck_assert(host_said(&h, ": REFUSED\n"));
}
END_TEST

TCase *case_server_ports(void)
{
    TCase *c = tcase_create("server_ports");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, from_many_ports);
    tcase_add_test(c, from_the_address_of_the_owner);
    tcase_add_test(c, an_answer_comes_back);
    return c;
}
