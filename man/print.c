/* print.c - writes the parts of the manual that come from tables: options, commands, counters.
 * Run by make when a page is built; not installed. */
#include "base/buf.h"
#include "config/config.h"
#include "control/protocol.h"
#include "count/counters.h"
#include <stdio.h>
#include <string.h>

#define LINE_MOST 78

static void print_commands(struct buf *out);
static void print_usage(struct buf *out, const char *usage);
static void print_word(struct buf *out, const char *word, size_t len);
static void print_counters(struct buf *out);
static void print_sentence(struct buf *out, const char *text);

static const struct {
    const char *word;
    void (*print)(struct buf *out);
} parts[] = {
    {"options", config_print_manual},
    {"commands", print_commands},
    {"counters", print_counters},
};

int main(int argc, char **argv)
{
    struct buf out = {.len = 0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (argc == 2 && strcmp(argv[1], parts[i].word) == 0)
            parts[i].print(&out);
    if (out.len == 0 && !out.failed)
        fputs("usage: print options | commands | counters\n", stderr);
    bool good = !out.failed && out.len > 0 && fwrite(out.data, 1, out.len, stdout) == out.len;
    buf_free(&out);
    return good && fflush(stdout) == 0 ? 0 : 1;
}

static void print_commands(struct buf *out)
{
    for (const struct command_row *row = command_rows; row->word != NULL; row++) {
        print_usage(out, row->usage);
        print_sentence(out, row->text);
    }
}

/* "wait ZONE [--for served|settled]": a command, then arguments, options and words in mdoc's macros. */
static void print_usage(struct buf *out, const char *usage)
{
    size_t len = strcspn(usage, " ");
    buf_print(out, ".It Ic %.*s", (int)len, usage);
    for (usage += len; *usage != '\0'; usage += len) {
        len = 1;
        if (*usage == '[')
            buf_print(out, " Oo");
        else if (*usage == ']')
            buf_print(out, " Oc");
        else if (*usage == '|')
            buf_print(out, " |");
        else if (*usage != ' ')
            print_word(out, usage, len = strcspn(usage, "[] |"));
    }
    buf_print(out, "\n");
}

static void print_word(struct buf *out, const char *word, size_t len)
{
    if (len > 2 && word[0] == '-' && word[1] == '-') {
        buf_print(out, " Fl \\-%.*s", (int)len - 2, word + 2);
        return;
    }
    bool argument = word[0] >= 'A' && word[0] <= 'Z';
    buf_print(out, " %s %.*s", argument ? "Ar" : "Cm", (int)len, word);
}

static void print_counters(struct buf *out)
{
    for (int i = 0; i < COUNTERS; i++) {
        buf_print(out, ".It Cm %s\n", counter_name((enum counter)i));
        print_sentence(out, counter_text((enum counter)i));
    }
}

/* The tables have parts of sentences; a manual has whole ones, in lines that fit a terminal. */
static void print_sentence(struct buf *out, const char *text)
{
    size_t column = 0;
    for (size_t len; *text != '\0'; text += len) {
        text += strspn(text, " ");
        len = strcspn(text, " ");
        bool wrap = column + 1 + len > LINE_MOST;
        bool small = column == 0 && text[0] >= 'a' && text[0] <= 'z';
        buf_print(out, "%s%c%.*s",
                  wrap         ? "\n"
                  : column > 0 ? " "
                               : "",
                  small ? text[0] - 0x20 : text[0], (int)len - 1, text + 1);
        column = wrap ? len : column + 1 + len;
    }
    buf_print(out, ".\n");
}
