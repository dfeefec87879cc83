/* server_confine.c - directories, and giving up what root could do; in a process of its own, for
 * nobody gets it back. */
#include "cases.h"
#include "journal_dir.h"
#include "server/confine.h"
#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[DIR_PATH], path[DIR_PATH + 16];

static void start(void)
{
    dir_make(dir);
    snprintf(path, sizeof path, "%s/state", dir);
}

static void stop(void)
{
    dir_remove(dir);
}

/* 0 when fn held in a child. */
static int in_child(int (*fn)(void))
{
    int status = -1;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        _exit(fn());
    }
    ck_assert(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static mode_t mode_of(const char *name)
{
    struct stat st;
    ck_assert(stat(name, &st) == 0);
    return st.st_mode & 07777;
}

START_TEST(a_directory_is_made_once)
{
    struct oops o = {{0}};
    umask(022);
    ck_assert(confine_directory(path, NULL, false, &o));
    ck_assert_uint_eq(mode_of(path), 0700);
    ck_assert(chmod(path, 0750) == 0); /* its owner's choice stays */
    ck_assert(confine_directory(path, NULL, false, &o));
    ck_assert_uint_eq(mode_of(path), 0750);
    snprintf(path, sizeof path, "%s/run", dir);
    ck_assert(confine_directory(path, NULL, true, &o));
    ck_assert_uint_eq(mode_of(path), 0755);
}
END_TEST

START_TEST(why_not)
{
    struct oops o = {{0}};
    snprintf(path, sizeof path, "%s/a/b", dir);
    ck_assert(!confine_directory(path, NULL, false, &o));
    ck_assert_ptr_nonnull(strstr(o.text, "cannot make the directory "));
    ck_assert_ptr_nonnull(strstr(o.text, "No such file or directory"));
}
END_TEST

START_TEST(as_root_it_belongs_to_the_user)
{
    struct oops o = {{0}};
    struct stat st;
    const struct passwd *nobody = getpwnam("nobody");
    ck_assert_ptr_nonnull(nobody);
    ck_assert_msg(confine_directory(path, "nobody", false, &o), "%s", o.text);
    ck_assert(stat(path, &st) == 0);
    ck_assert_uint_eq(st.st_uid, geteuid() == 0 ? nobody->pw_uid : geteuid());
}
END_TEST

static int drops_to_nobody(void)
{
    struct oops o = {{0}};
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0) {
        const char *other = geteuid() == nobody->pw_uid ? "daemon" : "nobody";
        return confine_drop(other, &o) || strstr(o.text, "not started as root") == NULL;
    }
    if (!confine_drop("nobody", &o)) {
        return 1;
    }
    if (geteuid() != nobody->pw_uid || getuid() != nobody->pw_uid || getegid() != nobody->pw_gid) {
        return 2;
    }
    capng_get_caps_process();
    if (capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE) {
        return 3;
    }
    return setuid(0) == 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

START_TEST(as_root_it_becomes_the_user_for_good)
{
    ck_assert_int_eq(in_child(drops_to_nobody), 0);
}
END_TEST

/* A plain user with a capability of a service manager's; as far as this process can play one. */
static int drops_what_was_lent(void)
{
    struct oops o = {{0}};
    if (geteuid() == 0) {
        capng_clear(CAPNG_SELECT_BOTH);
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_BIND_SERVICE);
        if (capng_change_id((int)getpwnam("nobody")->pw_uid, -1, CAPNG_NO_FLAG) != 0) {
            return 1;
        }
    }
    if (!confine_drop(NULL, &o)) {
        return 2;
    }
    capng_get_caps_process();
    return capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE ||
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

START_TEST(a_plain_user_keeps_nothing_that_was_lent)
{
    ck_assert_int_eq(in_child(drops_what_was_lent), 0);
}
END_TEST

static int no_such_user(void)
{
    struct oops o = {{0}};
    return confine_drop("no-such-user-here", &o) ||
           strcmp(o.text, "there is no user no-such-user-here (option server: user)") != 0;
}

START_TEST(a_user_that_does_not_exist)
{
    ck_assert_int_eq(in_child(no_such_user), 0);
}
END_TEST

TCase *case_server_confine(void)
{
    TCase *c = tcase_create("server_confine");
    tcase_add_checked_fixture(c, start, stop);
    tcase_add_test(c, a_directory_is_made_once);
    tcase_add_test(c, why_not);
    tcase_add_test(c, as_root_it_belongs_to_the_user);
    tcase_add_test(c, as_root_it_becomes_the_user_for_good);
    tcase_add_test(c, a_plain_user_keeps_nothing_that_was_lent);
    tcase_add_test(c, a_user_that_does_not_exist);
    return c;
}
