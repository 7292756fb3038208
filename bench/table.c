/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured. */

#include <bench.h>

#include <stddef.h>
#include <time.h>

/* clang-format off */
const struct bench bench_table[] = {
    { "vtd hit 4K",  "translations/s", bench_model, 0,  true,  NULL },
    { "vtd hit 2M",  "translations/s", bench_model, 9,  true,  NULL },
    { "vtd hit 1G",  "translations/s", bench_model, 18, true,  NULL },
    { "vtd miss 4K", "translations/s", bench_model, 0,  false, NULL },
    { "vtd miss 2M", "translations/s", bench_model, 9,  false, NULL },
    { "vtd miss 1G", "translations/s", bench_model, 18, false, NULL },
    { "session vtd-cm-long through stack", "events/s", bench_session, 0, false,
      "vtd/sessions/vtd-cm-long.trace.gz" },
    { "session vtd-cm-huge through stack", "events/s", bench_session, 0, false,
      "vtd/sessions/vtd-cm-huge.trace.gz" },
    { NULL, NULL, NULL, 0, false, NULL },
};
/* clang-format on */

double bench_cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
