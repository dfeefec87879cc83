/* zone_building.h - zones built from files in memory, for the tests of whole zones. */
#ifndef SETTLED_TESTS_UNIT_ZONE_BUILDING_H
#define SETTLED_TESTS_UNIT_ZONE_BUILDING_H

#include "zone_memory.h"

/* A zone "example" that changes as its file does. */
struct building {
    struct name apex;
    struct zone_line *line;
    struct zone_version *base; /* what is served; NULL: nothing yet */
    struct zone_disk disk;
    struct files files;
    struct zone_job job; /* to be changed before building_build */
    struct zone_built built;
};

static inline void building_start(struct building *b)
{
    *b = (struct building){.base = NULL};
    ck_assert(name_from("example", &b->apex));
    b->line = zone_line_new(b->apex.octets, 7);
    ck_assert_ptr_nonnull(b->line);
    b->files = (struct files){.read = zone_disk_read, .ctx = &b->disk};
    b->job =
        (struct zone_job){.apex = b->apex.octets, .line = b->line, .path = "z", .files = &b->files};
}

/* The last part first: nothing may depend on their order. */
static inline void building_backwards(void *ctx, unsigned parts,
                                      void (*part)(void *arg, unsigned index), void *arg)
{
    (void)ctx;
    while (parts > 0) {
        part(arg, --parts);
    }
}

/* What several threads make of a large zone is what one makes of it, in every word. */
static inline void building_in_parts(struct building *b)
{
    const struct hands hands = {.count = 3, .run = building_backwards, .least = 1};
    struct zone_job job = b->job;
    struct zone_built parted;
    job.hands = &hands;
    job.base = NULL;
    job.line = zone_line_new(b->apex.octets, 7);
    ck_assert_ptr_nonnull(job.line);
    zone_build(&job, &parted);
    ck_assert_str_eq(buf_text(&b->built.report.text), buf_text(&parted.report.text));
    ck_assert(b->built.ok == parted.ok);
    if (parted.ok) {
        ck_assert_uint_eq(zone_content_hash(b->built.next), zone_content_hash(parted.next));
        ck_assert_uint_eq(zone_bytes(b->built.next), zone_bytes(parted.next));
        (void)zone_release(parted.next);
    }
    zone_built_free(&parted);
    zone_line_free(job.line);
}

/* Builds from that text; building_served or building_refused comes next. */
static inline void building_build(struct building *b, const char *text)
{
    if (text != NULL) {
        b->disk.files[0] = (struct zone_file){.path = "z", .text = text};
    }
    b->job.base = b->base;
    zone_build(&b->job, &b->built);
    if (b->base == NULL && b->job.kind == ZONE_JOB_FILE) {
        building_in_parts(b);
    }
}

/* What was built is served now, as adopt() would do; `text`: its records. */
static inline void building_serve(struct building *b)
{
    ck_assert_msg(b->built.ok, "%s", buf_text(&b->built.report.text));
    if (b->built.next != NULL) {
        if (b->base != NULL) {
            (void)zone_release(b->base);
            (void)zone_line_reclaim(b->line, UINT32_MAX);
        }
        b->base = b->built.next;
    }
    zone_built_free(&b->built);
}

/* The findings without lines and carets, which are indented. */
static inline void building_said(struct building *b, const char *said)
{
    struct buf text = {.len = 0};
    for (const char *at = buf_text(&b->built.report.text); *at != '\0';) {
        size_t len = strcspn(at, "\n") + 1;
        if (*at != ' ') {
            buf_add(&text, at, len);
        }
        at += len;
    }
    ck_assert_str_eq(buf_text(&text), said);
    buf_free(&text);
}

/* Nothing was built; that is what was said. */
static inline void building_refused(struct building *b, const char *said)
{
    building_said(b, said);
    ck_assert(!b->built.ok && b->built.next == NULL && !b->built.same);
    ck_assert(b->built.report.errors > 0);
    zone_built_free(&b->built);
}

static inline void building_stop(struct building *b)
{
    if (b->base != NULL) {
        (void)zone_release(b->base);
    }
    zone_line_free(b->line);
}

/* All records of a version as text. */
static inline void building_print(const struct zone_version *v, struct buf *out)
{
    struct zone_walk w;
    struct name owner;
    struct zone_node node;
    struct rrset set;
    for (zone_walk_start(&w, v); zone_walk_next(&w, &owner, &node);) {
        for (unsigned at = 0; zone_rrset_next(node, &at, &set);) {
            struct record rr = {.owner = owner.octets, .type = set.type, .ttl = set.ttl};
            for (size_t i = 0; (rr.rdata = rrset_next(&set, &i, &rr.rdlen)) != NULL;) {
                record_print(&rr, out);
            }
        }
    }
}

#endif
