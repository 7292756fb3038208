/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functional coverage: COVER() says that something happened that a line of
 * coverage/X.points asks for (docs/coverage.md).  It takes the point's name
 * as printf() does, so that one call serves a whole table:
 *
 *     COVER("vtd.fault.%s.recorded", condition_name(fault));
 *
 * Only builds with UMBRA_COVERAGE count; in all others nothing is left of it,
 * and its arguments are not evaluated: they may have no side effects.
 *
 * For models/ and harness/.  hypervisor/ stays free of it: it is meant for
 * Xen.
 */
#ifndef COVERAGE_COVER_H
#define COVERAGE_COVER_H

#ifdef UMBRA_COVERAGE
#define COVER_COUNTS 1
#else
#define COVER_COUNTS 0
#endif

/* Cut where it is longer than COVER_NAME - 1 characters. */
#define COVER_NAME 96

void cover_hit(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cover_hit_name(const char *prefix, const char *name);

#define COVER(...)                                                            \
    do                                                                        \
    {                                                                         \
        if ( COVER_COUNTS )                                                   \
            cover_hit(__VA_ARGS__);                                           \
    } while ( 0 )

/* COVER("PREFIX%s", NAME) where that is too slow: both must be literals. */
#define COVER_NAMED(prefix, name)                                             \
    do                                                                        \
    {                                                                         \
        if ( COVER_COUNTS )                                                   \
            cover_hit_name(prefix, name);                                     \
    } while ( 0 )

#endif /* COVERAGE_COVER_H */
