/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The summary for a cover letter, in Markdown that reads well as plain text.
 */
#include <cli/evidence.h>
#include <cli/report.h>

#include <errno.h>

static void put_findings(FILE *stream, const struct report *report)
{
    for ( size_t i = 0; i < report->finding_count; i++ )
    {
        const struct report_finding *finding = &report->findings[i];

        fprintf(stream, "\n%s%s%s: %s\n",
                finding->property ? finding->property : "Finding",
                finding->test_case ? " in " : "",
                finding->test_case ? finding->test_case : "",
                finding->message ? finding->message : "");
        if ( finding->file )
            fprintf(stream, "\n    ./umbra replay %s\n", finding->file);
    }
}

int report_markdown(const struct report *report, const char *path)
{
    struct report_totals totals;
    FILE *stream;

    if ( report->incomplete )
        return -ENOMEM;
    stream = report_open(path);
    if ( !stream )
        return -errno;
    report_totals(report, &totals);
    fprintf(stream, "## Umbra %s: %s\n\n", report->version,
            report->ok ? "no finding" : "something was found");
    fprintf(stream,
            "* Suite: %zu passed, %zu failed, %zu skipped; %llu DMA checked, "
            "seed %llu\n",
            totals.passed, totals.failed, totals.skipped,
            (unsigned long long)totals.dma, (unsigned long long)report->seed);
    if ( totals.runs.expected )
        fprintf(stream,
                "* Recorded sessions: %llu of %llu translations as recorded\n",
                (unsigned long long)totals.runs.equal,
                (unsigned long long)totals.runs.expected);
    if ( report->evidence )
        evidence_markdown(stream, report->evidence);
    put_findings(stream, report);
    return report_close(stream);
}
