/* settled.c - the daemon's main: options, configuration, start in order, wait, stop in reverse
 * order (settled(8)). */
#include "control/check.h"
#include "control/control.h"
#include "server/diskfiles.h"
#include "server/logger.h"
#include "server/server.h"
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

static const char usage[] =
    "usage: settled [-c FILE] [--check]\n"
    "       settled --version | --help\n"
    "\n"
    "  -c, --config FILE  configuration (" SETTLED_CONF ")\n"
    "      --check        read configuration and zones, say what is wrong, leave\n"
    "  -V, --version      print the version, leave\n"
    "  -h, --help         print this, leave\n";

static int serve(const char *path);
static struct config *read_config(const char *path);
static void raise_limits(void);

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, 'k'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *path = SETTLED_CONF;
    bool check = false;
    int c;
    while ((c = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'V':
            puts("settled " SETTLED_VERSION);
            return EXIT_DONE;
        case 'h':
            fputs(usage, stdout);
            return EXIT_DONE;
        default:
            fputs(usage, stderr);
            return EXIT_WRONG_USE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "settled: what is '%s'?\n%s", argv[optind], usage);
        return EXIT_WRONG_USE;
    }
    return check ? check_all(path, &disk_files, stderr) ? EXIT_DONE : EXIT_FAILED : serve(path);
}

static int serve(const char *path)
{
    struct oops o = {{0}};
    struct config *config = read_config(path);
    if (config == NULL)
        return EXIT_FAILED;
    struct logger logger = {.format = config->log_format, .journal = logger_is_journal()};
    struct log log = logger_log(&logger, config->log_level);
    char *socket = strdup(config->control_socket);
    raise_limits();
    signal(SIGPIPE, SIG_IGN);
    struct server_options options = {.config_path = path, .config = config, .log = &log};
    struct server *server = server_new(&options, &o);
    struct control *control =
        server == NULL || socket == NULL ? NULL : control_start(server, socket, &o);
    bool ok = control != NULL && server_run(server, &o);
    if (!ok)
        log_error(&log, "%s", o.text);
    control_stop(control);
    server_free(server);
    free(socket);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

/* All errors at once, as the operator's editor can read them. */
static struct config *read_config(const char *path)
{
    struct report report = {0};
    struct config *config = config_read(path, &disk_files, &report);
    fputs(report_text(&report), stderr);
    if (config == NULL)
        fprintf(stderr, "%u error%s\n", report.errors, report.errors == 1 ? "" : "s");
    report_free(&report);
    /* What reading took is given back before the journal and the workers ask for buffers that they
     * hardly ever fill: 3 MB of ten thousand zones. */
    (void)malloc_trim(0);
    return config;
}

/* Connections, upstream sockets and watched files all cost descriptors: as many as the system
 * allows us. */
static void raise_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}
