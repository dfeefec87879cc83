/* main.c - plays stories: those named, or every *.story of a directory given as the only argument.
 *
 *   stories [-v] [-s SEED] FILE... | DIRECTORY */
#include "story.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool play(const char *path, uint64_t seed, bool verbose);
static int is_story(const struct dirent *e);

int main(int argc, char **argv)
{
    uint64_t seed = 1;
    bool verbose = false;
    unsigned passed = 0, failed = 0;
    int c;
    while ((c = getopt(argc, argv, "vs:")) != -1) {
        if (c == 'v')
            verbose = true;
        else if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else
            return 2;
    }
    const char *source = getenv("srcdir");
    char stories[4096];
    snprintf(stories, sizeof stories, "%s/tests/story", source == NULL ? "." : source);
    for (int i = optind; i < argc || (optind == argc && i == argc); i++) {
        const char *path = i < argc ? argv[i] : stories;
        struct dirent **names = NULL;
        int count = scandir(path, &names, is_story, alphasort);
        if (count < 0)
            play(path, seed, verbose) ? passed++ : failed++;
        for (int j = 0; j < count; j++) {
            char file[8192];
            snprintf(file, sizeof file, "%s/%s", path, names[j]->d_name);
            play(file, seed, verbose) ? passed++ : failed++;
            free(names[j]);
        }
        free(names);
    }
    printf("stories: %u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}

static bool play(const char *path, uint64_t seed, bool verbose)
{
    FILE *f = fopen(path, "r");
    struct buf text = {0};
    char chunk[4096];
    size_t n;
    if (f == NULL) {
        perror(path);
        return false;
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&text, chunk, n);
    fclose(f);
    bool ok = story_play(path, buf_text(&text), seed, verbose);
    buf_free(&text);
    return ok;
}

static int is_story(const struct dirent *e)
{
    size_t len = strlen(e->d_name);
    return len > 6 && strcmp(e->d_name + len - 6, ".story") == 0;
}
