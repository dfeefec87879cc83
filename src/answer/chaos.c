/* chaos.c - which server is this, and which version: TXT records in class CH, where the
 * configuration has something to say (RFC 4892 2, BIND's names of them). Everything else in that
 * class is refused. Worker's thread. */
#include "answer/chaos.h"
#include "answer/compose.h"
#include "answer/ration.h"
#include "base/build.h"
#include "wire/msg.h"
#include "wire/record.h"
#include "wire/rrtype.h"
#include <string.h>

#define TEXT_MOST 255 /* one character-string; options.def sees to it */

static const char *text_for(const struct job *j);

enum verdict chaos_answer(struct job *j)
{
    const char *text = text_for(j);
    bool fits = j->query.qtype == TYPE_TXT || j->query.qtype == TYPE_ANY;
    if (text == NULL || !fits) {
        return compose_code(j, RCODE_REFUSED, EDE_NOT_SUPPORTED);
    }
    enum verdict instead;
    struct rrl_answer a = {.kind = RRL_ANSWER, .name = j->query.qname, .type = CLASS_CH};
    if (ration(j, &a, &instead)) {
        return instead;
    }
    uint8_t rdata[1 + TEXT_MOST];
    size_t len = strlen(text);
    must(len <= TEXT_MOST);
    rdata[0] = (uint8_t)len;
    memcpy(rdata + 1, text, len);
    struct record txt = {.owner = j->query.qname,
                         .type = TYPE_TXT,
                         .class = CLASS_CH,
                         .rdlen = (uint16_t)(1 + len),
                         .rdata = rdata};
    struct composing w;
    compose_start(&w);
    compose_open(j, &w, EDE_NONE, NULL);
    w.reply.flags |= MSG_AA;
    if (!reply_record(&w.reply, SECTION_ANSWER, &txt)) {
        w.reply.flags |= MSG_TC;
    }
    return compose_close(j, &w);
}

static const char *text_for(const struct job *j)
{
    const struct config_server *server = &j->worker->world->config->server;
    const uint8_t *name = j->query.qname;
    if (name_same(name, (const uint8_t *)"\2id\6server") ||
        name_same(name, (const uint8_t *)"\10hostname\4bind")) {
        return server->identity;
    }
    if (name_same(name, (const uint8_t *)"\7version\6server") ||
        name_same(name, (const uint8_t *)"\7version\4bind")) {
        bool own = server->version != NULL && strcmp(server->version, "auto") == 0;
        return own ? "settled " SETTLED_VERSION : server->version;
    }
    return NULL;
}
