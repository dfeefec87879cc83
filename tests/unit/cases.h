/* cases.h - every file of unit tests gives one libcheck case; cases.def lists them. */
#ifndef SETTLED_TESTS_UNIT_CASES_H
#define SETTLED_TESTS_UNIT_CASES_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

/* libcheck writes a line to a file for each assertion that holds, so that it can say which was the
 * last before a crash: a third of the time of all tests. It does so only when they run once more. */
extern bool cases_marked;
#define _mark_point(file, line) (cases_marked ? _mark_point(file, line) : (void)0)

/* The next malloc, calloc or realloc of so many octets finds no memory. True: that has happened
 * since the last call. */
bool no_memory_for(size_t size);

#define CASE(name) TCase *case_##name(void);
#include "cases.def"
#undef CASE

#endif
