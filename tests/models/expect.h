/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka with what it wants to be included before. */
#ifndef TESTS_MODELS_EXPECT_H
#define TESTS_MODELS_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* With the row of a table that failed. */
#define expect_equal(row, got, want)                                          \
    do                                                                        \
    {                                                                         \
        uint64_t got_ = (got), want_ = (want);                                \
        if ( got_ != want_ )                                                  \
            fail_msg("%s: got 0x%llx, expected 0x%llx", (row),                \
                     (unsigned long long)got_, (unsigned long long)want_);    \
    } while ( 0 )

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif /* TESTS_MODELS_EXPECT_H */
