/* rdata_ldns.c - rdata of rare types as text and back through ldns: the one file that knows
 * ldns.
 * Any thread: the calls used here keep no state. Only types where ldns 1.8.3 was found right are
 * sent here (rdata_forms.c); what it made is checked like any foreign octets by who called. */
#include "wire/rrtype.h"
#include "zone/rdata_text.h"
#include <ldns/ldns.h>

#define OWNER_OCTETS 3 /* "a." */
#define FIXED_OCTETS 10

static bool parse_via_ldns(struct words *w, uint16_t type, struct buf *out);
static bool print_via_ldns(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out);
static bool take_words(struct words *w, struct buf *line);
static bool line_to_rdata(const char *line, const uint8_t *origin, struct buf *out);
static bool print_fields(const ldns_rr *rr, struct buf *out);
static const char *expected(uint16_t type);

const struct rdata_form via_ldns_form = {.parse = parse_via_ldns, .print = print_via_ldns};

static bool parse_via_ldns(struct words *w, uint16_t type, struct buf *out)
{
    const char *begin = w->token.text;
    struct buf line = {.len = 0};
    char mnemonic[RRTYPE_TEXT];
    if (words_end(w)) {
        return words_wrong(w, expected(type));
    }
    buf_print(&line, "a. 0 IN %s", rrtype_print(type, mnemonic));
    bool ok = take_words(w, &line);
    if (ok && !line_to_rdata(buf_text(&line), w->origin, out)) {
        ok = words_wrong_at(w, begin, line.failed ? "no memory" : expected(type));
    }
    buf_free(&line);
    return ok;
}

/* All words of the entry, a blank before each. */
static bool take_words(struct words *w, struct buf *line)
{
    for (; w->token.kind == LEX_WORD; words_next(w)) {
        buf_add_u8(line, ' ');
        buf_add(line, w->token.text, w->token.len);
    }
    return words_end(w) || words_wrong(w, "expected a word without quotes");
}

static bool line_to_rdata(const char *line, const uint8_t *origin, struct buf *out)
{
    ldns_rr *rr = NULL;
    uint8_t *wire = NULL;
    size_t len = 0;
    ldns_rdf *base = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_len(origin), origin);
    bool ok = base != NULL && ldns_rr_new_frm_str(&rr, line, 0, base, NULL) == LDNS_STATUS_OK &&
              ldns_rr2wire(&wire, rr, LDNS_SECTION_ANSWER, &len) == LDNS_STATUS_OK &&
              len > OWNER_OCTETS + FIXED_OCTETS;
    if (ok) {
        buf_add(out, wire + OWNER_OCTETS + FIXED_OCTETS, len - OWNER_OCTETS - FIXED_OCTETS);
    }
    LDNS_FREE(wire);
    ldns_rr_free(rr);
    ldns_rdf_deep_free(base);
    return ok;
}

static bool print_via_ldns(uint16_t type, const uint8_t *rdata, size_t len, struct buf *out)
{
    struct buf wire = {.len = 0};
    ldns_rr *rr = NULL;
    size_t at = 0;
    buf_add_u8(&wire, 0);
    buf_add_u16(&wire, type);
    buf_add_u16(&wire, LDNS_RR_CLASS_IN);
    buf_add_u32(&wire, 0);
    buf_add_u16(&wire, (uint16_t)len);
    buf_add(&wire, rdata, len);
    bool ok = !wire.failed &&
              ldns_wire2rr(&rr, wire.data, wire.len, &at, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK &&
              print_fields(rr, out);
    ldns_rr_free(rr);
    buf_free(&wire);
    return ok;
}

/* False: ldns has no text for it. */
static bool print_fields(const ldns_rr *rr, struct buf *out)
{
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));
        if (text == NULL) {
            return false;
        }
        buf_print(out, "%s%s", i > 0 ? " " : "", text);
        LDNS_FREE(text);
    }
    return true;
}

static const char *expected(uint16_t type)
{
    switch (type) {
    case TYPE_NSAP:
        return "expected 0x and hex digits, two for each octet";
    case TYPE_NID:
    case TYPE_L64:
        return "expected a preference and four groups of hex digits, like 10 2001:0db8:1140:1000";
    case TYPE_EUI48:
        return "expected six octets in hex, like 00-00-5e-00-53-2a";
    case TYPE_EUI64:
        return "expected eight octets in hex, like 00-00-5e-ef-10-00-00-2a";
    default:
        return "these words do not fit this type";
    }
}
