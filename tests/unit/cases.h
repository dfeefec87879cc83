/* cases.h - every file of unit tests gives one libcheck case; cases.def lists them. */
#ifndef SETTLED_TESTS_UNIT_CASES_H
#define SETTLED_TESTS_UNIT_CASES_H

#include <check.h>
#include <stdlib.h>

#define CASE(name) TCase *case_##name(void);
#include "cases.def"
#undef CASE

#endif
