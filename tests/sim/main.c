/* main.c - plays stories (each is deterministic), then random fleets, each known by its seed.
 *
 *   stories [-v]                              all stories of the source tree, and some seeds
 *   stories [-v] [-s SEED] FILE... | DIRECTORY
 *   stories [-v] --seeds N [--first S]        only random fleets: seeds S to S + N - 1 */
#include "fleet.h"
#include "story.h"
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS       40 /* without being asked for more */
#define TWICE_EVERY 10 /* so many seeds are played twice: the same trace */

struct options {
    bool verbose;
    uint64_t seed; /* of stories */
    bool seeds_only;
    uint64_t seeds, first;
};

static bool read_options(int argc, char **argv, struct options *o);
static void play_all(const char *path, const struct options *o, unsigned *passed, unsigned *failed);
static void play_seeds(const struct options *o, unsigned *passed, unsigned *failed);
static bool play_seed(uint64_t seed, const struct options *o);
static int is_story(const struct dirent *e);

int main(int argc, char **argv)
{
    struct options o = {.seed = 1, .first = 1, .seeds = SEEDS};
    unsigned passed = 0, failed = 0;
    char stories[4096];
    const char *source = getenv("srcdir");
    if (!read_options(argc, argv, &o))
        return 2;
    snprintf(stories, sizeof stories, "%s/tests/story", source == NULL ? "." : source);
    if (!o.seeds_only && optind == argc)
        play_all(stories, &o, &passed, &failed);
    for (int i = optind; i < argc; i++)
        play_all(argv[i], &o, &passed, &failed);
    printf("stories: %u passed, %u failed\n", passed, failed);
    bool ok = failed == 0 && (passed > 0 || o.seeds_only);
    if (optind < argc)
        return ok ? 0 : 1;
    passed = failed = 0;
    play_seeds(&o, &passed, &failed);
    printf("seeds %llu to %llu: %u passed, %u failed\n", (unsigned long long)o.first,
           (unsigned long long)(o.first + o.seeds - 1), passed, failed);
    return ok && failed == 0 && passed > 0 ? 0 : 1;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {{"verbose", no_argument, NULL, 'v'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"seeds", required_argument, NULL, 'n'},
                                          {"first", required_argument, NULL, 'f'},
                                          {0}};
    int c;
    while ((c = getopt_long(argc, argv, "vs:", names, NULL)) != -1) {
        switch (c) {
        case 'v':
            o->verbose = true;
            break;
        case 's':
            o->seed = strtoull(optarg, NULL, 10);
            break;
        case 'n':
            o->seeds = strtoull(optarg, NULL, 10);
            o->seeds_only = true;
            break;
        case 'f':
            o->first = strtoull(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    return true;
}

/* A story, or all *.story of a directory in the order of their names. */
static void play_all(const char *path, const struct options *o, unsigned *passed, unsigned *failed)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, is_story, alphasort);
    if (count < 0)
        story_play(path, o->seed, o->verbose) ? (*passed)++ : (*failed)++;
    for (int i = 0; i < count; i++) {
        char file[8192];
        snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
        story_play(file, o->seed, o->verbose) ? (*passed)++ : (*failed)++;
        free(names[i]);
    }
    free(names);
}

static void play_seeds(const struct options *o, unsigned *passed, unsigned *failed)
{
    for (uint64_t i = 0; i < o->seeds; i++)
        play_seed(o->first + i, o) ? (*passed)++ : (*failed)++;
}

static bool play_seed(uint64_t seed, const struct options *o)
{
    struct fleet_result r = fleet_play(seed, o->verbose), again;
    if (o->verbose)
        printf("seed %llu: trace %016llx, %lu events, %lu answers\n", (unsigned long long)seed,
               (unsigned long long)r.trace, r.events, r.answers);
    if (!r.ok || seed % TWICE_EVERY != 0)
        return r.ok;
    again = fleet_play(seed, false);
    if (again.trace == r.trace)
        return true;
    fprintf(stderr, "seed %llu: another trace the second time\n", (unsigned long long)seed);
    return false;
}

static int is_story(const struct dirent *e)
{
    size_t len = strlen(e->d_name);
    return len > 6 && strcmp(e->d_name + len - 6, ".story") == 0;
}
