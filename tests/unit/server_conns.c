/* server_conns.c - the keeper's TCP connections: a secondary takes its zone from a primary on
 * loopback; a refused, cut or silent one is a reason and harms nothing. */
#include "cases.h"
#include "host_fixture.h"

static struct host primary, secondary;

static void start(void)
{
    char zones[512];
    host_make(&primary);
    host_make(&secondary);
    host_zone(&primary, 1, 80);
    snprintf(zones, sizeof zones,
             "peers: [{ name: ns2, address: 127.0.0.1@%u }]\n"
             "zones: [{ name: example, role: primary, file: example.zone, notify: [ns2], "
             "transfer: [ns2] }]\n",
             secondary.client.at.port);
    host_configure(&primary, zones);
    snprintf(zones, sizeof zones,
             "zones: [{ name: example, role: secondary, primaries: [127.0.0.1@%u] }]\n",
             primary.client.at.port);
    host_configure(&secondary, zones);
}

static void stop(void)
{
    host_stop(&primary); /* and the other with it */
    host_remove(&secondary);
    host_remove(&primary);
}

START_TEST(a_zone_is_taken_and_followed)
{
    host_start(&primary);
    host_wait(&primary, "notice: ready\n");
    host_start(&secondary);
    host_answers(&secondary, "www.example", "192.0.2.80");
    host_zone(&primary, 2, 81);
    host_answers(&secondary, "www.example", "192.0.2.81");
    host_wait(&primary, "zone example: serial 2 served by 1/1 peers after ");
}
END_TEST

/* What listens there: 0: nobody over TCP, 1: one that hangs up, 2: one that says nothing. */
START_TEST(a_connection_that_comes_to_nothing)
{
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(&primary.client.at, &sa);
    uint8_t msg[1024];
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct timeval patience = {10, 0};
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert(bind(udp, (struct sockaddr *)&sa, len) == 0);
    ck_assert(_i == 0 || (bind(tcp, (struct sockaddr *)&sa, len) == 0 && listen(tcp, 5) == 0));
    host_start(&secondary);
    ssize_t n = recvfrom(udp, msg, sizeof msg, 0, (struct sockaddr *)&sa, &len);
    ck_assert_int_gt(n, MSG_HEADER);
    struct reply r;
    struct buf soa = {0};
    uint8_t out[1024];
    soa_of(&soa, 5);
    struct name apex = a_name("example");
    struct record rr = {.owner = apex.octets,
                        .type = TYPE_SOA,
                        .class = CLASS_IN,
                        .ttl = 60,
                        .rdata = soa.data,
                        .rdlen = (uint16_t)soa.len};
    reply_start_bare(&r, out, sizeof out, get_u16(msg), apex.octets, TYPE_SOA);
    ck_assert(reply_record(&r, SECTION_ANSWER, &rr));
    size_t out_len = reply_finish(&r);
    put_u16(out + 2, MSG_QR | MSG_AA);
    ck_assert_int_gt(sendto(udp, out, out_len, 0, (struct sockaddr *)&sa, len), 0);
    buf_free(&soa);
    if (_i == 1) {
        int fd = accept(tcp, NULL, NULL);
        ck_assert(fd >= 0 && read(fd, msg, 2) == 2);
        close(fd);
    }
    if (_i < 2) {
        host_wait(&secondary, _i == 0 ? "failed: connection refused" : "failed: ");
    } else {
        int fd = accept(tcp, NULL, NULL); /* the connection stands when the server stops */
        ck_assert(fd >= 0 && read(fd, msg, 2) == 2);
        host_stop(&secondary);
        close(fd);
    }
    close(udp);
    close(tcp);
}
END_TEST

TCase *case_server_conns(void)
{
    TCase *c = tcase_create("server_conns");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_zone_is_taken_and_followed);
    tcase_add_loop_test(c, a_connection_that_comes_to_nothing, 0, 3);
    return c;
}
