/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured. */

#include <bench.h>

#include <stddef.h>

#define TRANSLATIONS "translations/s"
#define EVENTS       "events/s"
#define EXECUTIONS   "executions/s"
#define COST         "4K misses/execution"
#define FUZZ_AIM     100000 /* without sanitizers, docs/fuzzing.md */
#define DRAIN        "litmus/translate-drain.litmus"

/* clang-format off */
const struct bench bench_table[] = {
    { "vtd hit 4K", TRANSLATIONS, bench_vtd, .order = 0, .hit = true },
    { "vtd hit 2M", TRANSLATIONS, bench_vtd, .order = 9, .hit = true },
    { "vtd hit 1G", TRANSLATIONS, bench_vtd, .order = 18, .hit = true },
    { "vtd miss 4K", TRANSLATIONS, bench_vtd, .order = 0 },
    { "vtd miss 2M", TRANSLATIONS, bench_vtd, .order = 9 },
    { "vtd miss 1G", TRANSLATIONS, bench_vtd, .order = 18 },
    { "smmuv3 hit 4K", TRANSLATIONS, bench_smmuv3, .order = 0, .hit = true },
    { "smmuv3 hit 64K", TRANSLATIONS, bench_smmuv3, .order = 4, .hit = true },
    { "smmuv3 hit nested 4K", TRANSLATIONS, bench_smmuv3, .order = 0,
      .hit = true, .nested = true },
    { "smmuv3 miss 4K", TRANSLATIONS, bench_smmuv3, .order = 0 },
    { "smmuv3 miss 64K", TRANSLATIONS, bench_smmuv3, .order = 4 },
    { "smmuv3 miss nested 4K", TRANSLATIONS, bench_smmuv3, .order = 0,
      .nested = true },
    { "smmuv3 TLBI_NH_VA", "commands/s", bench_smmuv3_tlbi, .order = 0 },
#ifdef UMBRA_SIM
    { "sim vtd hit 4K loosely timed", "requests/s", bench_sim, .hit = true },
    { "sim vtd hit 4K approximately timed", "requests/s", bench_sim,
      .hit = true, .at = true },
    { "sim vtd miss 4K approximately timed", "requests/s", bench_sim,
      .at = true },
#endif
    { "session vtd-cm-long through stack", EVENTS, bench_session,
      .file = "vtd/sessions/vtd-cm-long.trace.gz" },
    { "session vtd-cm-huge through stack", EVENTS, bench_session,
      .file = "vtd/sessions/vtd-cm-huge.trace.gz" },
    { "session smmu-strict-long through stack", EVENTS, bench_session,
      .file = "smmuv3/sessions/smmu-strict-long.trace.gz" },
    { "explore translate-drain", "schedules/s", bench_explore,
      .file = DRAIN },
    { "explore translate-drain states", "states", bench_explore_states,
      .file = DRAIN },
    { "explore translate-drain reduction", "orders/class, at least",
      bench_explore_reduction, .file = DRAIN, .capped = true },
    { "explore srtp reduction", "orders/class", bench_explore_reduction,
      .file = "litmus/vtd/srtp.litmus" },
    { "explore unmap-read reduction", "orders/class", bench_explore_reduction,
      .file = "litmus/vtd/unmap-read.litmus" },
    { "fuzz vtd_races", EXECUTIONS, bench_fuzz, .aim = FUZZ_AIM,
      .file = "vtd_races" },
    { "fuzz smmuv3_races", EXECUTIONS, bench_fuzz, .aim = FUZZ_AIM,
      .file = "smmuv3_races" },
    { "fuzz vtd_races cost", COST, bench_fuzz_cost, .file = "vtd_races" },
    { "fuzz smmuv3_races cost", COST, bench_fuzz_cost,
      .file = "smmuv3_races" },
#ifdef UMBRA_RTL
    { "rtl lockstep hit 4K", "lookups/s", bench_rtl, .hit = true },
#endif
    { .name = NULL },
};
/* clang-format on */
