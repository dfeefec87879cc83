/* fuzz_response.c - foreign answers: taken apart record by record, then written again and read
 * again, the same records. */
#include "base/buf.h"
#include "wire/rdata.h"
#include "wire/record.h"
#include "wire/reply.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct record *rr)
{
    must(rdata_check(rr->type, rr->rdata, rr->rdlen));
    must(rdata_same(rr->type, rr->rdata, rr->rdlen, rr->rdata, rr->rdlen));
    rdata_hash(rr->type, rr->rdata, rr->rdlen, 1);
    struct soa soa;
    must(rr->type != TYPE_SOA || soa_read(rr->rdata, rr->rdlen, &soa));
}

/* All records as one stream; false when one has malformed rdata. */
static bool gather(struct response *in, struct buf *stream)
{
    struct record rr;
    for (unsigned n = in->counts[0] + in->counts[1] + in->counts[2]; n > 0; n--) {
        if (!record_read(&in->records, stream, &rr)) {
            return false;
        }
        check_record(&rr);
    }
    return true;
}

/* Writes them into a message; those that still fit come back as they were. */
static void write_again(const struct buf *stream)
{
    static uint8_t msg[MSG_MAX];
    struct reply r;
    struct record rr, back;
    struct response out;
    struct buf again = {0};
    size_t at = 0;
    bool damaged = false;
    reply_start_bare(&r, msg, sizeof msg, 1, NULL, 0);
    while (record_next(stream->data, stream->len, &at, &rr, &damaged)) {
        if (rr.type != TYPE_OPT &&
            rr.class != 0) { /* OPTs are no records; class 0 means IN to us */
            reply_record(&r, SECTION_ANSWER, &rr);
        }
    }
    must(!damaged);
    size_t len = reply_finish(&r);
    must(response_read(msg, len, &out));
    out.records.work = SIZE_MAX; /* that is for foreign messages */
    at = 0;
    for (unsigned n = out.counts[0]; n > 0 && !r.full;) {
        must(record_next(stream->data, stream->len, &at, &rr, NULL));
        if (rr.type == TYPE_OPT || rr.class == 0) {
            continue;
        }
        must(record_read(&out.records, &again, &back));
        must(name_same(rr.owner, back.owner) && rr.type == back.type && rr.class == back.class);
        must(rr.ttl == back.ttl && rr.rdlen == back.rdlen);
        must(memcmp(rr.rdata, back.rdata, rr.rdlen) == 0);
        n--;
    }
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response in;
    struct buf stream = {0};
    if (size <= MSG_MAX && response_read(data, size, &in) && gather(&in, &stream)) {
        write_again(&stream);
    }
    buf_free(&stream);
    return 0;
}
