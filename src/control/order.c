/* order.c - what every order uses: lines, zones, times in words. */
#include "control/order.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *with_text(json_t *fields, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

void say(struct order *o, json_t *fields, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    o->send(o, with_text(fields, format, ap));
    va_end(ap);
}

void finish(struct order *o, enum control_exit code, json_t *fields, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    json_t *line = with_text(fields, format, ap);
    va_end(ap);
    json_object_set_new(line, "exit", json_integer(code));
    o->finished = true;
    o->again = NULL;
    o->more = NULL;
    o->send(o, line);
}

bool order_zone(struct order *o, unsigned argument, size_t *number)
{
    struct name name;
    const char *text = o->arguments[argument];
    if (!name_from(text, &name))
        finish(o, CONTROL_WRONG_USE, NULL, "'%s' is no domain name", text);
    else if (!keeper_find(o->keeper, name.octets, number))
        finish(o, CONTROL_FAILED, NULL, "zone %s is not configured here", text);
    else
        return true;
    return false;
}

struct keeper_zone_view order_view(struct order *o, size_t number)
{
    struct keeper_zone_view v = {0};
    must(keeper_zone(o->keeper, number, now_read(), &v));
    return v;
}

const char *wall_text(struct wall t, char out[21])
{
    if (t.ms == 0)
        return "-";
    wall_print(t, out);
    return out;
}

const char *span_text(int64_t ms, char out[32])
{
    static const struct {
        int64_t ms;
        const char *large, *small;
        int64_t small_ms;
    } units[] = {
        {86400000, "d", "h", 3600000}, {3600000, "h", "min", 60000}, {60000, "min", "s", 1000}};
    ms = ms < 0 ? 0 : ms;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ms >= units[i].ms) {
            snprintf(out, 32, "%lld %s %lld %s", (long long)(ms / units[i].ms), units[i].large,
                     (long long)(ms % units[i].ms / units[i].small_ms), units[i].small);
            return out;
        }
    if (ms >= 1000)
        snprintf(out, 32, "%lld s", (long long)ms / 1000);
    else
        snprintf(out, 32, "%lld ms", (long long)ms);
    return out;
}

static json_t *with_text(json_t *fields, const char *format, va_list ap)
{
    char *text = NULL;
    if (fields == NULL)
        fields = json_object();
    if (vasprintf(&text, format, ap) >= 0) {
        json_t *value = json_string(text);
        /* what came from the wire or a file may not be UTF-8 */
        json_object_set_new(fields, "text", value != NULL ? value : json_string("(not printable)"));
        free(text);
    }
    return fields;
}
