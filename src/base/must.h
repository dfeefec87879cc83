/* must.h - stop when we are wrong, and the attributes every header uses.
 * must() is always compiled in: a broken invariant ends the program before it can spoil an answer.
 */
#ifndef SETTLED_BASE_MUST_H
#define SETTLED_BASE_MUST_H

#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define must(cond) ((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))

/* Prints what was violated to stderr and aborts. Never returns. Any thread. */
_Noreturn void must_failed(const char *cond, const char *file, int line);

#endif
