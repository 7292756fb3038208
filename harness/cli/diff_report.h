/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What umbra diff has to tell, for people and for machines. */
#ifndef HARNESS_CLI_DIFF_REPORT_H
#define HARNESS_CLI_DIFF_REPORT_H

#include <cli/report.h>
#include <qemu/shard.h>

/* The run of one architecture into the report: findings, and histograms in
 * groups "ARCH.faults", "ARCH.pages" and the like. */
void diff_report_arch(struct report *report, const struct diff_arch *arch,
                      const struct diff_outcome *outcome);

/* Of many drawn cases: what they have not exercised is a finding, and so are
 * too many that prove nothing. */
void diff_report_worth(struct report *report, const struct diff_arch *arch,
                       const struct diff_outcome *outcome);

/* The rows of its table of deviations whose scenarios, run as @outcome, did
 * not trigger them: group "ARCH.rows_without_effect". */
void diff_report_rows(struct report *report, const struct diff_arch *arch,
                      const char *version, const struct diff_outcome *outcome);

/* The sums over all architectures; @oracle: name and version. */
void diff_report_sums(struct report *report, const struct diff_figures *sums,
                      const char *oracle);

/* What diff_report_arch() has collected, as text. */
void diff_report_print(const struct report *report);

#endif /* HARNESS_CLI_DIFF_REPORT_H */
