/* why.c - what this server answers to a question now, and where that comes from. The question
 * goes through answer(), as a client's. */
#include "control/order.h"
#include "wire/response.h"
#include "wire/rrtype.h"
#include "zone/text.h"
#include <string.h>

static bool question(struct order *o, struct name *name, uint16_t *type);
static json_t *source_fields(struct order *o, const struct answer_out *out, bool answered);
static void say_source(struct order *o, const struct answer_out *out, const struct name *name);
static const char *match_words(const struct zone_found *f);
static const char *matched_name(const struct zone_found *f, const struct name *name,
                                char out[NAME_TEXT + 8]);
static void say_answer(struct order *o, uint8_t *msg, size_t len);
static void say_changing(struct order *o, const struct world_zone *zone);

void order_why(struct order *o)
{
    static uint8_t const loopback[4] = {127, 0, 0, 1};
    uint8_t buf[4096];
    struct name name;
    uint16_t type = TYPE_A;
    struct answer_out out = {0};
    if (!question(o, &name, &type))
        return;
    struct question q = {
        .id = 1, .flags = MSG_RD, .qname = name.octets, .qtype = type, .edns = true};
    struct packet p = {.buf = buf,
                       .len = question_write(&q, buf),
                       .room = sizeof buf,
                       .from = {.family = 4, .port = 53}};
    memcpy(p.from.ip, loopback, sizeof loopback);
    enum verdict v = server_answer(o->server, &p, &out);
    say_source(o, &out, &name);
    if (v == VERDICT_ASK)
        say(o, NULL, "  not in the cache: the primaries would be asked now");
    if (v == VERDICT_SEND)
        say_answer(o, buf, out.len);
    if (out.zone != NULL)
        say_changing(o, out.zone);
    finish(o, CONTROL_DONE, source_fields(o, &out, v == VERDICT_SEND), "%s", "");
}

/* What say_source and say_changing tell people. */
static json_t *source_fields(struct order *o, const struct answer_out *out, bool answered)
{
    static const char *const roles[] = {
        [ROLE_PRIMARY] = "primary", [ROLE_SECONDARY] = "secondary", [ROLE_CACHE] = "cache"};
    struct wall deadline = {0};
    json_t *f = json_pack("{s:s, s:b}", "name", o->arguments[0], "answered", (int)answered);
    if (f == NULL || out->zone == NULL)
        return f;
    struct keeper_zone_view v = order_view(o, out->zone->slot->number);
    json_object_set_new(f, "zone", json_string(v.name));
    json_object_set_new(f, "role", json_string(roles[v.role]));
    if (!v.has_serial)
        return f;
    json_object_set_new(f, "serial", json_integer(v.serial));
    json_object_set_new(f, "changing",
                        json_boolean(!ledger_settled(keeper_ledger(o->keeper, v.number), v.serial,
                                                     now_read(), &deadline)));
    if (v.role != ROLE_CACHE)
        json_object_set_new(f, "match", json_string(match_words(&out->found)));
    return f;
}

static bool question(struct order *o, struct name *name, uint16_t *type)
{
    if (!name_from(o->arguments[0], name)) {
        finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no domain name", o->arguments[0]);
        return false;
    }
    if (o->argument_count == 2 && !rrtype_parse(o->arguments[1], strlen(o->arguments[1]), type)) {
        finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no record type", o->arguments[1]);
        return false;
    }
    return true;
}

static void say_source(struct order *o, const struct answer_out *out, const struct name *name)
{
    char text[NAME_TEXT], matched[NAME_TEXT + 8];
    name_print(name->octets, text);
    if (out->zone == NULL) {
        say(o, NULL, "%s: no zone of this server has it", text);
        return;
    }
    struct keeper_zone_view v = order_view(o, out->zone->slot->number);
    if (v.role == ROLE_CACHE) {
        say(o, NULL, "%s: cache zone %s%s", text, v.name, v.follows ? "" : " (plain forwarding)");
        if (v.has_serial)
            say(o, NULL, "  coherent with serial %u", v.serial);
        return;
    }
    say(o, NULL, "%s: %s zone %s", text, v.role == ROLE_PRIMARY ? "primary" : "secondary", v.name);
    if (v.has_serial)
        say(o, NULL, "  serial %u: %s%s", v.serial, match_words(&out->found),
            matched_name(&out->found, name, matched));
    else
        say(o, NULL, "  nothing to serve: %s", v.error[0] != 0 ? v.error : "still loading");
}

static const char *match_words(const struct zone_found *f)
{
    switch (f->match) {
    case ZONE_OUTSIDE:
        return "outside the zone";
    case ZONE_EXACT:
        return zone_node_empty(f->node)
                   ? "the name has no records but names below it (empty non-terminal)"
                   : "the name is there";
    case ZONE_WILDCARD:
        return "made from a wildcard";
    case ZONE_NONE:
        return "no such name, and no wildcard for it";
    case ZONE_CUT:
        return "at or below a delegation";
    case ZONE_DNAME:
        return "below a DNAME";
    }
    return "";
}

/* Where the matched name is another than the one asked: " (*.example.com)"; else "". */
static const char *matched_name(const struct zone_found *f, const struct name *name,
                                char out[NAME_TEXT + 8])
{
    char text[NAME_TEXT];
    if (f->match != ZONE_WILDCARD && f->match != ZONE_CUT && f->match != ZONE_DNAME)
        return "";
    const uint8_t *suffix =
        name_suffix(name->octets, f->match == ZONE_WILDCARD ? f->encloser_labels : f->node_labels);
    name_print(suffix, text);
    snprintf(out, NAME_TEXT + 8, " (%s%s)", f->match == ZONE_WILDCARD ? "*." : "", text);
    return out;
}

static void say_answer(struct order *o, uint8_t *msg, size_t len)
{
    static const char *const sections[] = {"answer", "authority", "additional"};
    struct response r;
    struct record rr;
    if (!response_read(msg, len, &r))
        return;
    say(o, json_pack("{s:s, s:s}", "list", "answers", "rcode", rcode_name(r.rcode)), "  %s%s",
        rcode_name(r.rcode), (r.flags & MSG_AA) != 0 ? ", authoritative" : "");
    for (int s = 0; s < 3; s++)
        for (unsigned i = 0; i < r.counts[s]; i++) {
            struct buf space = {0}, text = {0};
            if (record_read(&r.records, &space, &rr) && rr.type != TYPE_OPT) {
                record_print(&rr, &text);
                text.len -= text.len > 0; /* its newline */
                say(o,
                    json_pack("{s:s, s:s, s:s}", "list", "answers", "section", sections[s],
                              "record", buf_text(&text)),
                    "  %-10s %.*s", sections[s], (int)text.len, buf_text(&text));
            }
            buf_free(&space);
            buf_free(&text);
        }
}

static void say_changing(struct order *o, const struct world_zone *zone)
{
    struct keeper_zone_view v = order_view(o, zone->slot->number);
    struct wall deadline = {0};
    char span[32];
    struct now now = now_read();
    if (!v.has_serial ||
        ledger_settled(keeper_ledger(o->keeper, v.number), v.serial, now, &deadline))
        return;
    if (deadline.ms == 0)
        say(o, NULL, "  the zone is changing: serial %u is not everywhere yet", v.serial);
    else
        say(o, NULL, "  the zone is changing: serial %u settles in %s", v.serial,
            span_text(deadline.ms - now.wall.ms, span));
}
