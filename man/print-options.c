/* print-options.c - writes the option section of settled.conf(5) to standard output. Run by make
 * when the manual is built; not installed. */
#include "base/buf.h"
#include "config/config.h"
#include <stdio.h>

int main(void)
{
    struct buf out = {.len = 0};
    config_print_manual(&out);
    bool good = !out.failed && fwrite(out.data, 1, out.len, stdout) == out.len;
    buf_free(&out);
    return good && fflush(stdout) == 0 ? 0 : 1;
}
