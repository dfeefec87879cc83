/* fuzz_transfer.c - any octets as the stream of a primary: never a crash, and what is called
 * complete can be made a zone of, or is refused with a reason. Input: kind (0 AXFR, 1 IXFR, 2
 * IXFR_ONLY), octets fed at once, the stream. The zone is example., ours has serial 7, the id is
 * 0x1234. */
#include "transfer/in.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t apex[] = "\7example";
static const uint8_t soa[] = "\2ns\7example\0\5admin\7example\0"
                             "\0\0\0\7\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80\0\0\1\x2c";

static enum transfer_in_status feed(struct transfer_in *t, const uint8_t *data, size_t size,
                                    size_t piece);
static void build_zone(struct transfer_in *t);
static void apply_changes(struct transfer_in *t);
static struct zone_version *base_zone(struct zone_line *l);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct transfer_in_start s = {.kind = (enum transfer_in_kind)(data[0] % 3),
                                  .apex = apex,
                                  .soa = soa,
                                  .soa_len = sizeof soa - 1,
                                  .id = 0x1234,
                                  .most_bytes = 1 << 20};
    struct transfer_in *t = transfer_in_new(&s);
    must(t != NULL);
    switch (feed(t, data + 2, size - 2, data[1] + 1u)) {
    case TRANSFER_IN_ZONE:
        build_zone(t);
        break;
    case TRANSFER_IN_CHANGES:
        apply_changes(t);
        break;
    default:
        break;
    }
    transfer_in_free(t);
    return 0;
}

static enum transfer_in_status feed(struct transfer_in *t, const uint8_t *data, size_t size,
                                    size_t piece)
{
    enum transfer_in_status status = TRANSFER_IN_MORE;
    struct oops o = {""};
    for (size_t at = 0; at < size && status == TRANSFER_IN_MORE; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        status = transfer_in_feed(t, data + at, len, (struct mono){0}, &o);
    }
    must((status == TRANSFER_IN_FAILED) == (o.text[0] != '\0'));
    if (status == TRANSFER_IN_MORE) {
        transfer_in_closed(t, &o);
        must(o.text[0] != '\0');
    }
    return status;
}

static void build_zone(struct transfer_in *t)
{
    struct buf records;
    struct record rr;
    struct oops o;
    bool damaged = false;
    transfer_in_take_records(t, &records);
    struct zone_line *l = zone_line_new(apex, 1);
    struct zone_edit *e = zone_edit_start(l, NULL);
    must(l != NULL && e != NULL);
    for (size_t at = 0; record_next(records.data, records.len, &at, &rr, &damaged);) {
        must(rr.class == CLASS_IN && name_at_or_below(rr.owner, apex));
        must(rdata_check(rr.type, rr.rdata, rr.rdlen));
        (void)zone_edit_add(e, &rr);
    }
    must(!damaged);
    struct zone_version *v = zone_edit_finish(e, &o);
    must(v != NULL); /* one SOA, at the apex */
    zone_release(v);
    zone_line_free(l);
    buf_free(&records);
}

static void apply_changes(struct transfer_in *t)
{
    struct change *changes;
    struct oops o;
    unsigned count = transfer_in_take_changes(t, &changes);
    struct zone_line *l = zone_line_new(apex, 1);
    uint32_t serial = 7;
    must(l != NULL && count > 0);
    struct zone_version *v = base_zone(l);
    for (unsigned i = 0; i < count; i++) {
        must(changes[i].from == serial);
        serial = changes[i].to;
        struct zone_version *next = v != NULL ? zone_apply(l, v, &changes[i], &o) : NULL;
        if (v != NULL) {
            zone_release(v);
        }
        v = next;
        change_free(&changes[i]);
    }
    if (v != NULL) {
        zone_release(v);
    }
    zone_line_free(l);
    free(changes);
}

static struct zone_version *base_zone(struct zone_line *l)
{
    static const uint8_t www[] = "\3www\7example";
    static const uint8_t address[] = {192, 0, 2, 1};
    struct record rrs[] = {{apex, TYPE_SOA, CLASS_IN, 3600, sizeof soa - 1, soa},
                           {www, TYPE_A, CLASS_IN, 60, sizeof address, address}};
    struct oops o;
    struct zone_edit *e = zone_edit_start(l, NULL);
    must(e != NULL);
    for (size_t i = 0; i < 2; i++) {
        enum zone_edit_status status = zone_edit_add(e, &rrs[i]);
        must(status == ZONE_EDIT_OK);
    }
    return zone_edit_finish(e, &o);
}
