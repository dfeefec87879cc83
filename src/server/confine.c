/* confine.c - from root to nobody in particular: user, groups, capabilities. The system calls
 * are the unit's business (SystemCallFilter in settled.service). */
#include "server/confine.h"
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool drop_own(struct oops *o);
static const struct passwd *find_user(const char *user, struct oops *o);

bool confine_directory(const char *path, const char *user, bool shared, struct oops *o)
{
    if (mkdir(path, shared ? 0755 : 0700) != 0) {
        if (errno == EEXIST)
            return true; /* somebody set it up: his choice of owner */
        return oops(o, "cannot make the directory %s: %s", path, strerror(errno));
    }
    if (user == NULL || geteuid() != 0)
        return true;
    const struct passwd *p = find_user(user, o);
    if (p == NULL)
        return false;
    return chown(path, p->pw_uid, p->pw_gid) == 0 ||
           oops(o, "cannot give %s to %s: %s", path, user, strerror(errno));
}

bool confine_drop(const char *user, struct oops *o)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return oops(o, "cannot forbid new privileges: %s", strerror(errno));
    const struct passwd *p = user == NULL ? NULL : find_user(user, o);
    if (user != NULL && p == NULL)
        return false;
    if (geteuid() != 0)
        return p != NULL && p->pw_uid != geteuid()
                   ? oops(o, "cannot become %s: not started as root", user)
                   : drop_own(o);
    if (user == NULL)
        return true;
    if (initgroups(user, p->pw_gid) != 0)
        return oops(o, "cannot take the groups of %s: %s", user, strerror(errno));
    capng_clear(CAPNG_SELECT_BOTH);
    int rc = capng_change_id((int)p->pw_uid, (int)p->pw_gid, CAPNG_NO_FLAG);
    return rc == 0 || oops(o, "cannot become %s: capng_change_id gave %d", user, rc);
}

/* What a service manager lent for binding, say. Where nothing is held capset is not even tried:
 * the unit's filter forbids it. */
static bool drop_own(struct oops *o)
{
    if (capng_get_caps_process() == 0 && capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE)
        return true;
    capng_clear(CAPNG_SELECT_CAPS);
    int rc = capng_apply(CAPNG_SELECT_CAPS);
    return rc == 0 || oops(o, "cannot drop capabilities: capng_apply gave %d", rc);
}

static const struct passwd *find_user(const char *user, struct oops *o)
{
    errno = 0;
    const struct passwd *p = getpwnam(user);
    if (p == NULL)
        oops(o, "there is no user %s (option server: user)", user);
    return p;
}
