/* model.h - a small zone as plain numbers: what its file says after each save, and what has to be
 * answered to each question then. */
#ifndef SETTLED_SIM_MODEL_H
#define SETTLED_SIM_MODEL_H

#include "base/buf.h"
#include "base/rand.h"
#include "wire/name.h"
#include "wire/response.h"

#define MODEL_APEX  "example.test"
#define MODEL_NAMES 6
#define MODEL_ASKED 9 /* the owners, and names that only a wildcard or nothing stands for */

struct model_set { /* one RRset of one record, which says in which save it got its value */
    bool is;
    uint32_t save, ttl;
};
struct model {
    unsigned save; /* which save of the file this is; stands in the zone as TXT of "save" */
    uint32_t serial;
    uint32_t refresh, retry, expire, minimum;
    struct model_set a[MODEL_NAMES], txt[MODEL_NAMES];
};
enum model_kind { MODEL_DATA, MODEL_NODATA, MODEL_NXDOMAIN, MODEL_ERROR };
struct model_answer {
    enum model_kind kind;
    uint32_t save; /* DATA: the value's */
    uint32_t ttl;
};
struct model_question {
    unsigned asked; /* index of the name */
    uint16_t type;
};

/* The first zone; its timers are those of the whole run but for edits that change them. */
void model_first(struct model *m, struct rand *r);
/* The next save: one to three things are different. */
void model_edit(struct model *m, struct rand *r);
void model_print(const struct model *m, struct buf *text);
void model_name(unsigned asked, struct name *out);
const char *model_name_text(unsigned asked);
struct model_answer model_answer(const struct model *m, const struct model_question *q);
/* What a reply says. False: it is none that this zone could ever give. */
bool model_read(struct response *r, const struct model_question *q, struct model_answer *out);
/* Do both say the same, TTLs aside? */
bool model_same(const struct model_answer *a, const struct model_answer *b);
struct zone_version;
/* Which save a version of the zone is of; false: it does not say. */
bool model_save_of(const struct zone_version *v, unsigned *save);

#endif
