/* stream_out.c - messages on their way out of a stream: put together in the worker's buffer,
 * sent with one system call, and kept only as far as the kernel does not take them. Worker's
 * thread. */
#include "server/stream.h"
#include <stdlib.h>
#include <string.h>

struct out_write { /* what the kernel did not take at once; the octets follow */
    uv_write_t write;
    struct stream *stream;
    size_t len;
    uint8_t data[];
};

static void queue(struct stream *s, const uint8_t *octets, size_t len);
static void on_written(uv_write_t *write, int status);

uint8_t *stream_out_room(struct stream *s, struct now now)
{
    struct tcp_buffers *b = s->worker->tcp;
    if (STREAM_OUT - b->out_len < 2 + MSG_MAX)
        stream_out_flush(s, now);
    return b->out + b->out_len + 2;
}

void stream_out_add(struct stream *s, size_t len)
{
    struct tcp_buffers *b = s->worker->tcp;
    put_u16(b->out + b->out_len, (uint16_t)len);
    b->out_len += 2 + len;
}

void stream_out_flush(struct stream *s, struct now now)
{
    struct tcp_buffers *b = s->worker->tcp;
    size_t len = b->out_len;
    b->out_len = 0;
    if (s->closing || len == 0)
        return;
    uv_buf_t buf = uv_buf_init((char *)b->out, (unsigned)len);
    int n = s->out_bytes > 0 ? UV_EAGAIN : uv_try_write((uv_stream_t *)&s->tcp, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        stream_close(s);
        return;
    }
    size_t taken = n > 0 ? (size_t)n : 0;
    if (taken > 0)
        stream_progress(s, now);
    if (!s->closing && taken < len)
        queue(s, b->out + taken, len - taken);
}

static void queue(struct stream *s, const uint8_t *octets, size_t len)
{
    struct out_write *o = malloc(sizeof *o + len);
    if (o == NULL) {
        stream_close(s);
        return;
    }
    o->stream = s;
    o->len = len;
    memcpy(o->data, octets, len);
    uv_buf_t buf = uv_buf_init((char *)o->data, (unsigned)len);
    s->out_bytes += len;
    if (uv_write(&o->write, (uv_stream_t *)&s->tcp, &buf, 1, on_written) == 0)
        return;
    s->out_bytes -= len;
    free(o);
    stream_close(s);
}

static void on_written(uv_write_t *write, int status)
{
    struct out_write *o = (struct out_write *)write;
    struct stream *s = o->stream;
    s->out_bytes -= o->len;
    free(o);
    if (s->closing)
        return;
    if (status < 0)
        stream_close(s);
    else
        stream_taken(s);
}
