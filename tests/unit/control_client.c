/* control_client.c - settlectl's end: words to a request, lines to text or one document, and an
 * exit code that tells the truth. */
#include "cases.h"
#include "control/client.h"
#include "journal_dir.h"
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

START_TEST(durations)
{
    static const struct {
        const char *text;
        long long ms; /* -1: no time */
    } times[] = {{"90", 90000},     {"90s", 90000},
                 {"15m", 900000},   {"1h30m", 5400000},
                 {"500ms", 500},    {"1d", 86400000},
                 {"1w", 604800000}, {"0", 0},
                 {"", -1},          {"x", -1},
                 {"1x", -1},        {"-1", -1},
                 {"1h m", -1},      {"99999999999999999999", -1},
                 {"1.5s", -1}};
    for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
        long long ms = -1;
        bool ok = client_duration(times[i].text, &ms);
        ck_assert_msg(ok == (times[i].ms >= 0) && (!ok || ms == times[i].ms), "%s: %lld",
                      times[i].text, ms);
    }
}
END_TEST

/* The request of these words as text, or what is wrong with them. */
static const char *request(const char *command)
{
    static char text[512];
    char words[256], *argv[16];
    int argc = 0;
    struct oops o = {{0}};
    snprintf(words, sizeof words, "%s", command);
    for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " ")) {
        argv[argc++] = w;
    }
    argv[argc] = NULL;
    json_t *r = client_request(client_command(argv[0]), argc, argv, &o);
    if (r == NULL) {
        snprintf(text, sizeof text, "%s", o.text);
        return text;
    }
    char *dumped = json_dumps(r, JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(text, sizeof text, "%s", dumped);
    free(dumped);
    json_decref(r);
    return text;
}

START_TEST(words_to_a_request)
{
    static const char *const cases[][2] = {
        {"status", "{\"arguments\":[],\"command\":\"status\"}"},
        {"wait example 7 --for settled --timeout 2s",
         "{\"arguments\":[\"example\",\"7\"],\"command\":\"wait\",\"for\":\"settled\","
         "\"timeout_ms\":2000}"},
        {"wait --timeout=1m example",
         "{\"arguments\":[\"example\"],\"command\":\"wait\",\"timeout_ms\":60000}"},
        {"reload example --force",
         "{\"arguments\":[\"example\"],\"command\":\"reload\",\"force\":true}"},
        {"flush example --below",
         "{\"arguments\":[\"example\"],\"below\":true,\"command\":\"flush\"}"},
        {"wait", "usage: settlectl wait ZONE [SERIAL] [--for served|settled] [--timeout TIME]"},
        {"status a b", "usage: settlectl status [ZONE]"},
        {"status --force", "usage: settlectl status [ZONE]"},
        {"wait example --for ever", "--for takes served or settled, not 'ever'"},
        {"wait example --timeout soon", "'soon' is no time: 500ms, 10s, 15m, 1h30m"},
        {"wait example --timeout 0", "'0' is no time: 500ms, 10s, 15m, 1h30m"},
        {"wait example --nonsense",
         "wait takes no such option, or the option lacks its value: --nonsense"},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_str_eq(request(cases[i][0]), cases[i][1]);
    }
    ck_assert_str_eq(request("diff example /x"),
                     "{\"arguments\":[\"example\",\"/x\"],\"command\":\"diff\"}");
    ck_assert_ptr_nonnull(strstr(request("diff example x"), "/x\"],\"command\":\"diff\"}"));
    ck_assert_ptr_null(strstr(request("diff example x"), "\"x\""));
    ck_assert_ptr_null(client_command("nonsense"));
    ck_assert_ptr_null(client_command(""));
}
END_TEST

/* ---- against a socket that says what the test wants ---- */

static char dir[DIR_PATH], path[DIR_PATH + 16];

static int listener;

static void listen_there(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    dir_make(dir);
    snprintf(path, sizeof path, "%s/s", dir);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.100s", path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&sa, sizeof sa), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
}

static void *serve(void *answer)
{
    char got[4096];
    int client = accept(listener, NULL, NULL);
    ssize_t n = recv(client, got, sizeof got, 0);
    if (n > 0 && send(client, answer, strlen(answer), MSG_NOSIGNAL) < 0) {
        perror("send");
    }
    close(client);
    close(listener);
    return NULL;
}

/* The exit code; `shown`: out, then err. */
static int run(const char *answer, bool json, char shown[1024])
{
    pthread_t thread;
    char *out = NULL, *err = NULL, text[1024];
    size_t out_len, err_len;
    listen_there();
    snprintf(text, sizeof text, "%s", answer);
    ck_assert(pthread_create(&thread, NULL, serve, text) == 0);
    FILE *o = open_memstream(&out, &out_len), *e = open_memstream(&err, &err_len);
    int code = client_run(path, json_pack("{s:s}", "command", "status"), json, o, e);
    fclose(o);
    fclose(e);
    pthread_join(thread, NULL);
    snprintf(shown, 1024, "%s|%s", out, err);
    free(out);
    free(err);
    dir_remove(dir);
    return code;
}

START_TEST(lines_are_shown_and_the_exit_code_is_the_daemons)
{
    char shown[1024];
    ck_assert_int_eq(run("{\"text\":\"one\"}\n{\"text\":\"two\\n\",\"exit\":0}\n", false, shown),
                     0);
    ck_assert_str_eq(shown, "one\ntwo\n|");
    ck_assert_int_eq(run("{\"text\":\"one\"}\n{\"text\":\"late\",\"exit\":3}\n", false, shown), 3);
    ck_assert_str_eq(shown, "one\n|late\n"); /* why not, to stderr */
    ck_assert_int_eq(run("{\"text\":\"\",\"exit\":0}\n", false, shown), 0);
    ck_assert_str_eq(shown, "|");
}
END_TEST

START_TEST(one_document)
{
    char shown[1024];
    const char *lines = "{\"list\":\"zones\",\"zone\":\"a\",\"text\":\"x\"}\n"
                        "{\"text\":\"only for people\"}\n"
                        "{\"list\":\"zones\",\"zone\":\"b\"}\n"
                        "{\"count\":2,\"exit\":1}\n";
    ck_assert_int_eq(run(lines, true, shown), 1);
    *strchr(shown, '|') = '\0';
    json_t *d = json_loads(shown, 0, NULL);
    ck_assert_ptr_nonnull(d);
    json_t *zones = json_object_get(d, "zones");
    ck_assert_uint_eq(json_array_size(zones), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(zones, 1), "zone")), "b");
    ck_assert_ptr_null(json_object_get(json_array_get(zones, 0), "list"));
    ck_assert_int_eq(json_integer_value(json_object_get(d, "count")), 2);
    json_decref(d);
}
END_TEST

START_TEST(a_daemon_that_goes_away)
{
    char shown[1024];
    ck_assert_int_eq(run("{\"text\":\"one\"}\n", false, shown), CONTROL_NO_DAEMON);
    ck_assert_str_eq(shown, "one\n|settlectl: the daemon went away\n");
    ck_assert_int_eq(run("not JSON\n", false, shown), CONTROL_NO_DAEMON);
}
END_TEST

START_TEST(no_daemon_there)
{
    char *err = NULL, where[300];
    size_t len;
    FILE *e = open_memstream(&err, &len);
    int code = client_run("/nonexistent/socket", json_object(), false, stdout, e);
    memset(where, 'x', sizeof where - 1);
    where[sizeof where - 1] = '\0';
    int too_long = client_run(where, json_object(), false, stdout, e);
    fclose(e);
    ck_assert_int_eq(code, CONTROL_NO_DAEMON);
    ck_assert_int_eq(too_long, CONTROL_NO_DAEMON);
    ck_assert_ptr_nonnull(
        strstr(err, "settlectl: no daemon at /nonexistent/socket: No such file or directory\n"));
    free(err);
}
END_TEST

TCase *case_control_client(void)
{
    TCase *c = tcase_create("control_client");
    tcase_add_test(c, durations);
    tcase_add_test(c, words_to_a_request);
    tcase_add_test(c, lines_are_shown_and_the_exit_code_is_the_daemons);
    tcase_add_test(c, one_document);
    tcase_add_test(c, a_daemon_that_goes_away);
    tcase_add_test(c, no_daemon_there);
    return c;
}
