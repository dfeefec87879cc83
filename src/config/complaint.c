/* complaint.c - what libyaml says about its own state, turned into what a person can do about it.
 * A table of its sentences; one that is not in it is shown as it is. Any thread. */
#include "config/complaint.h"
#include <stdio.h>
#include <string.h>

struct sentence {
    const char *problem, *words;
    bool at_start; /* tell it where the thing began */
};

static const struct sentence *find(const char *problem);
static void print_stop(char at, char *out, size_t room);
static bool has_ipv6(const char *line, size_t len);
static size_t skip_quoted(const char *line, size_t len, size_t i);

#define COLON "a ':' that does not fit here"
#define COLON_HELP                                                                                 \
    ": look at the indentation of this line and the one above, and quote text that holds ': '"

/* "%u" becomes the line where the list or map began. */
static const struct sentence sentences[] = {
    {"mapping values are not allowed in this context", COLON, false},
    {"found unexpected ':'", COLON, false},
    {"mapping keys are not allowed in this context",
     "a '?' that does not fit here: quote text that begins with it", false},
    {"block sequence entries are not allowed in this context",
     "a '- ' cannot stand here: begin the list on a line of its own, or quote the text", false},
    {"did not find expected key",
     "this does not fit here: the next option of its map was expected, indented like the others",
     false},
    {"did not find expected '-' indicator",
     "this does not fit here: the next '- ' of the list that began in line %u was expected", false},
    {"did not find expected ',' or ']'", "the list that began in line %u lacks a ',' or its ']'",
     false},
    {"did not find expected ',' or '}'", "the map that began in line %u lacks a ',' or its '}'",
     false},
    {"did not find expected node content", "a value is missing here", false},
    {"found unexpected end of stream", "this quote is never closed", true},
    {"found unexpected document indicator", "this quote is not closed before '---' or '...'", true},
    {"could not find expected ':'", "a ':' is missing behind this", true},
    {"found unknown escape character",
     "an escape that is not known in double quotes: write '\\\\' for a backslash, or use single "
     "quotes",
     false},
    {"found a tab character where an indentation space is expected",
     "a tab cannot indent: use spaces", false},
    {"found a tab character that violates indentation", "a tab cannot indent: use spaces", false},
    {"did not find expected <document start>", "nothing more can stand here: quote the whole text",
     false},
    {"found incompatible YAML document", "this version of YAML is not known: leave the line out",
     false},
};

void complaint_print(const struct complaint *c, char out[COMPLAINT_MOST])
{
    const struct sentence *s = find(c->problem);
    bool ipv6 = has_ipv6(c->line, c->line_len);
    bool cannot_start = strcmp(c->problem, "found character that cannot start any token") == 0;
    if (cannot_start) {
        print_stop(c->at, out, COMPLAINT_MOST);
    } else if (s == NULL) {
        snprintf(out, COMPLAINT_MOST, "cannot be read as YAML: %.200s", c->problem);
    } else if (strstr(s->words, "%u") != NULL) {
        const char *number = strstr(s->words, "%u");
        snprintf(out, COMPLAINT_MOST, "%.*s%u%s", (int)(number - s->words), s->words,
                 c->opened_line, number + 2);
    } else {
        snprintf(out, COMPLAINT_MOST, "%s%s", s->words,
                 strcmp(s->words, COLON) == 0 && !ipv6 ? COLON_HELP : "");
    }
    if ((cannot_start && c->at == '@') || ipv6) {
        size_t len = strlen(out);
        snprintf(out + len, COMPLAINT_MOST - len, "; " QUOTE_IPV6);
    }
}

bool complaint_at_start(const char *problem)
{
    const struct sentence *s = find(problem);
    return s != NULL && s->at_start;
}

static const struct sentence *find(const char *problem)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (strcmp(sentences[i].problem, problem) == 0) {
            return &sentences[i];
        }
    }
    return NULL;
}

static void print_stop(char at, char *out, size_t room)
{
    if (at == '\t') {
        snprintf(out, room, "a tab cannot indent: use spaces");
        return;
    }
    if (at == '@') {
        snprintf(out, room, "text cannot begin with '@', and an address is missing before it");
        return;
    }
    snprintf(out, room, "text cannot begin with '%c': quote it", at);
}

/* Is there, outside of quotes, something with two colons made of what IPv6 addresses are made
 * of? */
static bool has_ipv6(const char *line, size_t len)
{
    unsigned colons = 0;
    for (size_t i = 0; i < len && line[i] != '#'; i++) {
        if (line[i] == '"' || line[i] == '\'') {
            i = skip_quoted(line, len, i);
        }
        bool part =
            i < len && line[i] != '\0' && strchr("0123456789abcdefABCDEF.:", line[i]) != NULL;
        colons = part ? colons + (line[i] == ':') : 0;
        if (colons >= 2) {
            return true;
        }
    }
    return false;
}

/* The place of the quote that closes the one at i, or len. */
static size_t skip_quoted(const char *line, size_t len, size_t i)
{
    const char *close = memchr(line + i + 1, line[i], len - i - 1);
    return close == NULL ? len : (size_t)(close - line);
}
