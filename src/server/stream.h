/* stream.h - one TCP connection of a worker (RFC 7766). Private to server/tcp.c, stream.c and
 * stream_out.c; worker's thread.
 *
 * tcp.c takes a connection, stream.c answers what comes on it, stream_out.c sends. A stream
 * belongs to its worker's list from stream_new until libuv has closed it, a turn after
 * stream_close: till then a pointer to it may be looked at, and `closing` says that nothing is
 * to be done with it any more. Every function may close the stream it is given, so callers look
 * at `closing`. */
#ifndef SETTLED_SERVER_STREAM_H
#define SETTLED_SERVER_STREAM_H

#include "server/worker.h"
#include "transfer/out.h"

#define STREAM_IN  (2 + MSG_MAX) /* one whole question at least */
#define STREAM_OUT (4 * STREAM_IN)

struct stream {
    uv_tcp_t tcp;
    struct worker *worker;
    struct stream *next, *previous; /* of the worker's */
    struct stream *next_ready;
    bool is_ready, reading, closing, ended; /* ended: the client sends no more (half-closed) */
    bool pipeline_full, output_full;        /* and therefore not reading; each time is counted */
    struct addr from;
    uint8_t *in; /* what came and cannot be answered yet; NULL: nothing */
    size_t in_len, in_room;
    size_t out_bytes;   /* waiting for the kernel to take them */
    unsigned in_flight; /* questions asked upstream */
    struct client *clients;
    struct transfer_out *transfer;
    size_t transfer_slot;
    struct mono until; /* when it was too slow */
    struct due due;    /* when to look whether it was: no later than that */
};
/* What all streams of a worker share: nothing stays in here from one stream to the next. */
struct tcp_buffers {
    uint8_t in[STREAM_IN];
    size_t out_len;
    uint8_t out[STREAM_OUT]; /* messages with their lengths, of one stream */
};

/* ---- stream.c ---- */
/* Not connected yet: uv_accept is the caller's, then stream_begin or stream_close. NULL: no
 * memory. */
struct stream *stream_new(struct worker *w);
void stream_begin(struct stream *s); /* it is connected: reads, and its clock runs */
/* From the idle handle: goes on with what it could not finish in its last turn. */
void stream_turn(struct stream *s);
void stream_taken(struct stream *s); /* the kernel took some of what waited */
/* A whole question came, or output was taken: the time for the next such thing starts. The due
 * time that is set already is left alone: when it is over, tcp_overdue looks at `until`. */
void stream_progress(struct stream *s, struct now now);
/* Ends it when all is done that will be, else sees to it that it reads, pauses, or gets another
 * turn. */
void stream_go_on(struct stream *s);
void stream_close(struct stream *s); /* now; twice is fine */

/* ---- stream_out.c ---- */
/* The buffer is the worker's: whoever adds to it for one stream flushes it before another
 * stream's turn. */
/* Where the next message may be written: MSG_MAX octets, its length not counted. Flushes when
 * there is no such room. */
uint8_t *stream_out_room(struct stream *s, struct now now);
void stream_out_add(struct stream *s, size_t len); /* it has been written there, 1 octet or more */
/* All messages so far, in one system call; what the kernel does not take now is kept and sent
 * when it does. */
void stream_out_flush(struct stream *s, struct now now);

#endif
