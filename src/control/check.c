/* check.c - a configuration or a zone file checked without a daemon. */
#include "control/check.h"
#include "config/config.h"
#include "server/hands.h"
#include "server/now.h"
#include "zone/build.h"
#include <string.h>
#include <uv.h>

static bool check_file(const struct config_zone *zone, const struct files *files, FILE *to);
static void count(FILE *to, const struct report *r);

bool check_config(const char *path, const struct files *files, FILE *to)
{
    struct report report = {0};
    struct config *c = config_read(path, files, &report);
    fputs(report_text(&report), to);
    if (c != NULL)
        fprintf(to, "%s: %u zone%s, %u peer%s, ", path, c->zone_count,
                c->zone_count == 1 ? "" : "s", c->peer_count, c->peer_count == 1 ? "" : "s");
    count(to, &report);
    bool ok = c != NULL;
    config_free(c);
    report_free(&report);
    return ok;
}

bool check_zone(const char *zone, const char *path, const struct files *files, FILE *to)
{
    struct name name;
    const struct config_rules rules = {.serial = SERIAL_AUTO, .zonemd_verify = true};
    const struct config_zone z = {.rules = &rules, .text = zone, .name = name.octets, .file = path};
    if (name_from(zone, &name))
        return check_file(&z, files, to);
    fprintf(to, "'%s' is no domain name\n", zone);
    return false;
}

bool check_all(const char *path, const struct files *files, FILE *to)
{
    struct report report = {0};
    bool ok = check_config(path, files, to);
    struct config *c = ok ? config_read(path, files, &report) : NULL;
    for (unsigned i = 0; c != NULL && i < c->zone_count; i++)
        if (c->zones[i].role == ROLE_PRIMARY)
            ok = check_file(&c->zones[i], files, to) && ok;
    if (c != NULL)
        config_free(c);
    report_free(&report);
    return ok;
}

static bool check_file(const struct config_zone *zone, const struct files *files, FILE *to)
{
    struct zone_built built = {0};
    struct zone_line *line = zone_line_new(zone->name, 1);
    must(line != NULL);
    const struct hands hands = hands_of_threads(uv_available_parallelism());
    const struct config_rules *rules = zone->rules;
    struct zone_job job = {
        .kind = ZONE_JOB_FILE,
        .apex = zone->name,
        .line = line,
        .path = zone->file,
        .files = files,
        .limits = {.bytes = rules->limits.zone_bytes, .records = rules->limits.zone_records},
        .policy = rules->serial,
        .now = now_read().wall,
        .zonemd_verify = rules->zonemd_verify,
        .hands = &hands,
        .check_only = true,
    };
    zone_build(&job, &built);
    bool ok = built.ok;
    fputs(report_text(&built.report), to);
    fprintf(to, "zone %s: ", zone->text);
    if (ok && built.next != NULL)
        fprintf(to, "serial %u, %llu records, ", zone_serial(built.next),
                (unsigned long long)zone_records(built.next));
    count(to, &built.report);
    if (built.next != NULL)
        (void)zone_release(built.next);
    zone_built_free(&built);
    zone_line_free(line);
    return ok;
}

static void count(FILE *to, const struct report *r)
{
    fprintf(to, "%u error%s, %u warning%s\n", r->errors, r->errors == 1 ? "" : "s", r->warnings,
            r->warnings == 1 ? "" : "s");
}
