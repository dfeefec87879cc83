/* stream.h - one TCP connection of a worker. Private to server/tcp.c, stream.c and stream_out.c; worker's thread. */
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
struct stream *stream_new(struct worker *w); /* NULL: no memory */
void stream_begin(struct stream *s);         /* it is connected: reads */
void stream_turn(struct stream *s);  /* goes on with what it could not finish in its last turn */
void stream_taken(struct stream *s); /* the kernel took some of what waited */
/* A whole question came, or output was taken: the time for the next such thing starts. */
void stream_progress(struct stream *s, struct now now);
/* Ends it when all is done that will be, else sees to it that it reads, pauses, or gets another turn. */
void stream_go_on(struct stream *s);
void stream_close(struct stream *s); /* now; twice is fine */

/* ---- stream_out.c ---- */
/* Where the next message may be written: MSG_MAX octets. */
uint8_t *stream_out_room(struct stream *s, struct now now);
void stream_out_add(struct stream *s, size_t len); /* it has been written there */
/* Sends what was added. It may close the stream. Before another stream's turn nothing must be left unsent. */
void stream_out_flush(struct stream *s, struct now now);

#endif
