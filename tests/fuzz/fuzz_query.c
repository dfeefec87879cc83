/* fuzz_query.c - foreign datagrams as questions: taken apart, answered in their own buffer, and the
 * answer must be well-formed. */
#include "base/buf.h"
#include "wire/reply.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rrset sets[] = {
    {.type = TYPE_A, .count = 2, .size = 12, .data = (const uint8_t *)"\0\4abcd\0\4efgh"},
    {.type = TYPE_NS,
     .count = 2,
     .size = 38,
     .data = (const uint8_t *)"\0\21\3ns1\7example\3com\0\0\21\3ns2\7Example\3com\0"},
    {.type = TYPE_SRV,
     .count = 1,
     .size = 23,
     .data = (const uint8_t *)"\0\25\0\1\0\2\0\3\1x\7example\3com\0"},
};

static void check_pointers(const struct query *q)
{
    const uint8_t *end = q->msg + q->len;
    if (q->has_question) {
        size_t len;
        must(q->qname == q->msg + MSG_HEADER && q->qname + q->qname_len + 4 <= end);
        must(name_check(q->qname, q->qname_len, &len) && len == q->qname_len);
    }
    must(q->cookie == NULL || (q->cookie > q->msg && q->cookie + q->cookie_len <= end));
    must(!q->has_tsig || q->tsig_at < q->len);
    must(q->payload >= 512);
}

static void fill(struct reply *r, const struct query *q)
{
    const uint8_t *owner = q->has_question ? q->qname : name_root;
    for (int s = SECTION_ANSWER; s <= SECTION_ADDITIONAL; s++) {
        for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
            reply_rrset(r, (enum section)s, owner, &sets[i], 300);
        }
        owner = (const uint8_t *)"\7example\3com";
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buf[MSG_MAX]; /* as a worker's: the answer is written over the question */
    struct query q;
    struct reply r;
    struct response out;
    size = size < sizeof buf ? size : sizeof buf;
    enum query_status status = query_read(data, size, &q); /* where a step too far is seen */
    memcpy(buf, data, size);
    must(query_read(buf, size, &q) == status);
    if (status == QUERY_SHORT || status == QUERY_RESPONSE) {
        return 0;
    }
    check_pointers(&q);
    reply_start(&r, buf, sizeof buf, &q, q.payload, 40);
    r.rcode = q.has_edns ? RCODE_BADVERS : RCODE_NOERROR;
    r.ede = EDE_OTHER;
    r.ede_text = "fuzz";
    fill(&r, &q);
    size_t len = reply_finish(&r);
    must(len <= r.limit && r.limit <= q.payload);
    must(response_read(buf, len, &out));
    must(out.has_edns == q.has_edns && out.has_question == q.has_question);
    must(out.rcode == r.rcode && out.id == q.id);
    return 0;
}
