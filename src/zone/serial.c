/* serial.c - which serial an edited zone file gets (INTERFACE.md, Zone files; RFC 1982).
 * Pure, any thread. No policy ever gives an older serial than the one served. */
#include "zone/serial.h"
#include "wire/rdata.h"

#define HALF UINT32_C(0x80000000)

static bool keep_serial(const struct serial_case *c, uint32_t *serial, struct oops *o);
static uint32_t clock_serial(const struct serial_case *c);
static uint32_t date_serial(struct wall now);
static uint32_t newest(uint32_t a, uint32_t b);

bool serial_choose(const struct serial_case *c, uint32_t *serial, struct oops *o)
{
    if (c->has_served && !c->changed) { /* an older serial in the file changes nothing */
        *serial = newest(c->served, c->in_file);
        return true;
    }
    if (c->fixed || c->policy == SERIAL_KEEP) {
        return keep_serial(c, serial, o);
    }
    if (c->policy != SERIAL_AUTO) {
        *serial = clock_serial(c);
        return true;
    }
    *serial = !c->has_served || serial_older(c->served, c->in_file) ? c->in_file : c->served + 1;
    return true;
}

/* The file's, which must be newer. */
static bool keep_serial(const struct serial_case *c, uint32_t *serial, struct oops *o)
{
    const char *because = c->fixed ? "this zone is signed, so its serial cannot be raised here"
                                   : "the serial is kept as it is (serial: keep)";
    if (!c->has_served || serial_older(c->served, c->in_file)) {
        *serial = c->in_file;
        return true;
    }
    if (c->in_file == c->served) {
        return oops(o,
                    "the content changed, but the serial is still %u, and %s: raise it in the file",
                    c->served, because);
    }
    if (c->in_file - c->served == HALF) {
        return oops(o,
                    "serial %u is exactly 2^31 away from %u, which is served: neither is newer "
                    "(RFC 1982 3.2); choose another",
                    c->in_file, c->served);
    }
    return oops(o,
                "serial %u is older than %u, which is served (RFC 1982), and %s: give a newer one",
                c->in_file, c->served, because);
}

/* By the clock, or what the file says, whichever is newer; but only what is newer than what is
 * served. */
static uint32_t clock_serial(const struct serial_case *c)
{
    uint32_t clock = c->policy == SERIAL_DATE ? date_serial(c->now) : (uint32_t)(c->now.ms / 1000);
    if (!c->has_served) {
        return newest(clock, c->in_file);
    }
    uint32_t serial = c->served + 1;
    serial = serial_older(c->served, clock) ? newest(serial, clock) : serial;
    return serial_older(c->served, c->in_file) ? newest(serial, c->in_file) : serial;
}

/* YYYYMMDD00 of the day in UTC. */
static uint32_t date_serial(struct wall now)
{
    char text[21]; /* YYYY-MM-DDT... */
    uint32_t serial = 0;
    wall_print(now, text);
    for (int i = 0; i < 10; i++) {
        if (text[i] != '-') {
            serial = serial * 10 + (uint32_t)(text[i] - '0');
        }
    }
    return serial * 100;
}

/* The newer of two; the first when neither is. */
static uint32_t newest(uint32_t a, uint32_t b)
{
    return serial_older(a, b) ? b : a;
}
