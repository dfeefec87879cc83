/* fetch.c - taking a zone from a primary over TCP: the keeper's end of transfer/in. One at a
 * time for a zone, FETCHES at once. The bytes become a job; the job's version goes through
 * adopt(). Whatever goes wrong is a reason, and the next target. */
#include "keeper/kept.h"
#include <stdio.h>

#define FETCHES       128  /* transfers at once */
#define FETCH_WAIT_MS 50   /* until a place is free */
#define CONNECT_MS    5000 /* longest for a connection to stand */

static bool open_stream(struct turn *t, struct kept *z);
static struct kept *kept_of_conn(struct keeper *k, uint32_t conn);
static void received(struct turn *t, struct kept *z, const struct keeper_event *e);
static void status(struct turn *t, struct kept *z, enum transfer_in_status s, const char *why);
static void fail(struct turn *t, struct kept *z, const char *why);
static void build(struct turn *t, struct kept *z);

void fetch_start(struct turn *t, struct kept *z)
{
    z->pull->refresh.step = REFRESH_FETCHING;
    if (t->k->fetches >= FETCHES || z->job || z->adoption != NULL) {
        kept_set_due(t, &z->pull->fetch.due, mono_plus_ms(t->now.mono, FETCH_WAIT_MS));
        return;
    }
    if (!open_stream(t, z))
        fail(t, z, "out of memory");
}

void fetch_event(struct turn *t, const struct keeper_event *e)
{
    struct kept *z = kept_of_conn(t->k, e->conn);
    struct oops o = {{0}};
    if (z == NULL)
        return; /* closed by us a moment ago */
    if (e->kind == KEEPER_CONNECTED) {
        size_t len;
        const uint8_t *question = transfer_in_question(z->pull->fetch.in, &len);
        struct keeper_action *a = act(t, ACTION_WRITE);
        if (a == NULL)
            return; /* it will be late */
        z->pull->fetch.connected = true;
        a->conn = e->conn;
        buf_add(&a->data, question, len);
        kept_set_due(t, &z->pull->fetch.due, transfer_in_due(z->pull->fetch.in));
    } else if (e->kind == KEEPER_RECEIVED) {
        received(t, z, e);
    } else if (!z->pull->fetch.connected) {
        fail(t, z, e->text != NULL && e->text[0] != 0 ? e->text : "no connection");
    } else {
        transfer_in_closed(z->pull->fetch.in, &o);
        if (e->text != NULL && e->text[0] != 0)
            oops_in(&o, "%s", e->text);
        fail(t, z, o.text);
    }
}

void fetch_due(struct turn *t, struct kept *z)
{
    struct oops o = {{0}};
    if (!z->pull->fetch.active) {
        if (z->pull->refresh.step == REFRESH_FETCHING)
            fetch_start(t, z);
        return;
    }
    if (!z->pull->fetch.connected)
        fail(t, z, "timeout while connecting");
    else
        status(t, z, transfer_in_late(z->pull->fetch.in, t->now.mono, &o), o.text);
}

void fetch_stop(struct turn *t, struct kept *z)
{
    due_clear(&t->k->due, &z->pull->fetch.due);
    if (!z->pull->fetch.active)
        return;
    struct keeper_action *a = act(t, ACTION_CLOSE);
    if (a != NULL)
        a->conn = z->pull->fetch.conn;
    transfer_in_free(z->pull->fetch.in);
    z->pull->fetch.in = NULL;
    z->pull->fetch.active = false;
    t->k->fetches--;
}

void fetch_built(struct turn *t, struct kept *z, struct keeper_job *job)
{
    struct candidate c = {
        .built = &job->built,
        .source = SOURCE_TRANSFER,
        .text = job->text,
        .began = job->began,
        .touched = &job->touched,
        .force = z->pull->refresh.whole,
        .image = &job->zone.records,
    };
    if (!job->built.ok)
        fail(t, z, report_first(&job->built.report));
    else if (job->built.same)
        refresh_adopted(t, z, true);
    else if (!adopt(t, z, &c))
        refresh_adopted(t, z, false);
}

static bool open_stream(struct turn *t, struct kept *z)
{
    const struct target *target = &z->pull->targets[z->pull->refresh.target];
    const struct config_limits *limits = &z->config->rules->limits;
    struct transfer_in_start start = {
        .kind = TRANSFER_AXFR,
        .apex = z->slot->name,
        .id = entropy_u16(t->k->o.entropy),
        .most_bytes = limits->zone_bytes,
        .most_records = limits->zone_records,
        .most_s = limits->transfer_time_s,
        .least_per_minute = limits->transfer_rate,
        .now = t->now.mono,
    };
    struct keeper_action *a = act(t, ACTION_CONNECT);
    z->pull->fetch.in = a == NULL ? NULL : transfer_in_new(&start);
    if (z->pull->fetch.in == NULL)
        return false;
    z->pull->fetch.conn = t->k->next_conn++;
    z->pull->fetch.active = true;
    z->pull->fetch.connected = false;
    t->k->fetches++;
    a->conn = z->pull->fetch.conn;
    a->to = target->to;
    a->via = target->via;
    kept_set_due(t, &z->pull->fetch.due, mono_plus_ms(t->now.mono, CONNECT_MS));
    return true;
}

static struct kept *kept_of_conn(struct keeper *k, uint32_t conn)
{
    for (size_t i = 0; i < k->zone_count; i++) {
        const struct pull *p = k->zones[i]->pull;
        if (p != NULL && p->fetch.active && p->fetch.conn == conn)
            return k->zones[i];
    }
    return NULL;
}

static void received(struct turn *t, struct kept *z, const struct keeper_event *e)
{
    struct oops o = {{0}};
    enum transfer_in_status s =
        transfer_in_feed(z->pull->fetch.in, e->data, e->len, t->now.mono, &o);
    status(t, z, s, o.text);
}

static void status(struct turn *t, struct kept *z, enum transfer_in_status s, const char *why)
{
    switch (s) {
    case TRANSFER_IN_MORE:
        kept_set_due(t, &z->pull->fetch.due, transfer_in_due(z->pull->fetch.in));
        break;
    case TRANSFER_IN_ZONE:
        z->pull->refresh.heard = t->now;
        build(t, z);
        break;
    case TRANSFER_IN_CURRENT:
        z->pull->refresh.heard = t->now;
        fetch_stop(t, z);
        refresh_confirmed(t, z);
        break;
    case TRANSFER_IN_CHANGES:
    case TRANSFER_IN_WHOLE:
    case TRANSFER_IN_FAILED:
        fail(t, z, why);
        break;
    }
}

static void fail(struct turn *t, struct kept *z, const char *why)
{
    char where[ADDR_TEXT];
    const struct target *target = &z->pull->targets[z->pull->refresh.target];
    struct kept_texts *texts = kept_texts(t, z);
    snprintf(texts->transfer, sizeof texts->transfer, "transfer: %.400s", why);
    log_warning(t->k->o.log, "zone %s: transfer from %s failed: %s", z->name,
                addr_print(&target->to, where), why);
    fetch_stop(t, z);
    refresh_next(t, z, texts->transfer);
}

static void build(struct turn *t, struct kept *z)
{
    const struct target *target = &z->pull->targets[z->pull->refresh.target];
    struct keeper_job *job = job_new(t, z);
    if (job == NULL) {
        fail(t, z, "out of memory");
        return;
    }
    job->what = JOB_TRANSFER;
    job->zone.kind = ZONE_JOB_RECORDS;
    addr_print(&target->to, job->text);
    transfer_in_take_records(z->pull->fetch.in, &job->zone.records);
    uint64_t size = job->zone.records.len;
    fetch_stop(t, z);
    z->pull->refresh.step = REFRESH_TAKING;
    if (!job_start(t, z, job, size))
        refresh_next(t, z, "out of memory");
}
