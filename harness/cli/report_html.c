/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for people: one page without any outside resource, so that it can
 * be mailed, archived by CI and read on a phone.  Findings come first.
 */
#include <cli/evidence.h>
#include <cli/history.h>
#include <cli/report.h>

#include <errno.h>
#include <string.h>

/* ---- pieces ---- */

/* Thousands apart by a narrow no-break space. */
static void put_count(FILE *stream, uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu",
                          (unsigned long long)value);

    for ( int i = 0; i < length; i++ )
    {
        if ( i && (length - i) % 3 == 0 )
            fputs("&#8239;", stream);
        putc(digits[i], stream);
    }
}

static void put_seconds(FILE *stream, double seconds)
{
    fprintf(stream, seconds < 10 ? "%.3f s" : "%.1f s", seconds);
}

static void put_count_cell(FILE *stream, uint64_t value)
{
    fputs("<td class=\"n\">", stream);
    put_count(stream, value);
    fputs("</td>", stream);
}

static void put_text_cell(FILE *stream, const char *text)
{
    fputs("<td>", stream);
    report_escape(stream, text ? text : "");
    fputs("</td>", stream);
}

/* A bar of @part of @whole; all of it in the good colour, less in the bad. */
static void put_share(FILE *stream, uint64_t part, uint64_t whole,
                      const char *full, const char *less, const char *label)
{
    double share = whole ? (double)part / (double)whole : 1;

    fprintf(stream,
            "<svg class=\"inline\" width=\"120\" height=\"12\" role=\"img\" "
            "aria-label=\"%s\"><title>%s</title>"
            "<rect class=\"f2\" width=\"120\" height=\"12\" rx=\"3\"/>"
            "<rect class=\"%s\" width=\"%.1f\" height=\"12\" rx=\"3\"/></svg>",
            label, label, part == whole ? full : less, 120 * share);
}

static void put_equal(FILE *stream, uint64_t equal, uint64_t expected,
                      const char *what)
{
    char label[120];

    if ( !expected && !equal )
    {
        fputs("<span class=\"dim\">none</span>", stream);
        return;
    }
    snprintf(label, sizeof(label), "%s: %llu of %llu as expected", what,
             (unsigned long long)equal, (unsigned long long)expected);
    put_share(stream, equal, expected, "fg", "fb", label);
    putc(' ', stream);
    put_count(stream, equal);
    fputs(" / ", stream);
    put_count(stream, expected);
}

static void put_hits(FILE *stream, const struct report_run *run)
{
    uint64_t lookups = run->iotlb_hits + run->iotlb_misses;
    char label[120];

    if ( !lookups )
        return;
    snprintf(label, sizeof(label), "IOTLB: %llu hits, %llu misses",
             (unsigned long long)run->iotlb_hits,
             (unsigned long long)run->iotlb_misses);
    put_share(stream, run->iotlb_hits, lookups, "f1", "f1", label);
    fprintf(stream, " %.1f&#8239;%%",
            100 * (double)run->iotlb_hits / (double)lookups);
}

/* ---- the top ---- */

static void put_head(FILE *stream, const struct report *report)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,"
          "initial-scale=1\">\n<title>Umbra ",
          stream);
    report_escape(stream, report->verb);
    fprintf(stream, ": %s</title>\n<style>\n%s</style>\n</head>\n<body>\n",
            report->ok ? "passed" : "failed", report_style);
    fprintf(stream, "<h1>Umbra <span class=\"%s\">%s</span></h1>\n",
            report->ok ? "good" : "bad",
            report->ok ? "no finding" : "something was found");
    fputs("<p class=\"dim\">", stream);
    report_escape(stream, report->verb);
    fputs(", version ", stream);
    report_escape(stream, report->version);
    fprintf(stream, ", seed %llu, ", (unsigned long long)report->seed);
    put_seconds(stream, report->seconds);
    fputs("</p>\n", stream);
}

static void put_tile(FILE *stream, const char *title, const char *class,
                     uint64_t value)
{
    fprintf(stream, "<div class=\"tile %s\"><b>", class);
    put_count(stream, value);
    fprintf(stream, "</b>%s</div>\n", title);
}

static void put_tiles(FILE *stream, const struct report *report)
{
    struct report_totals totals;

    report_totals(report, &totals);
    fputs("<div class=\"tiles\">\n", stream);
    put_tile(stream, "findings", report->finding_count ? "bad" : "good",
             report->finding_count);
    if ( report->case_count )
    {
        put_tile(stream, "passed", "good", totals.passed);
        put_tile(stream, "failed", totals.failed ? "bad" : "", totals.failed);
        put_tile(stream, "skipped", totals.skipped ? "skip" : "",
                 totals.skipped);
        put_tile(stream, "DMA checked", "", totals.dma);
        put_tile(stream, "invalidations", "", totals.invalidations);
    }
    if ( totals.runs.expected )
    {
        put_tile(stream, "session translations expected", "",
                 totals.runs.expected);
        put_tile(stream, "of these equal",
                 totals.runs.equal == totals.runs.expected ? "good" : "bad",
                 totals.runs.equal);
    }
    fputs("</div>\n", stream);
}

static void put_finding(FILE *stream, const struct report_finding *finding)
{
    fputs("<div class=\"finding\"><b class=\"bad\">", stream);
    report_escape(stream, finding->property ? finding->property : "finding");
    fputs("</b> ", stream);
    report_escape(stream, finding->message ? finding->message : "");
    if ( finding->test_case || finding->operation )
    {
        fputs("<p class=\"dim\">", stream);
        report_escape(stream, finding->test_case ? finding->test_case : "");
        fputs(finding->test_case && finding->operation ? ", " : "", stream);
        report_escape(stream, finding->operation ? finding->operation : "");
        fputs("</p>", stream);
    }
    if ( finding->file )
    {
        fputs("<code>./umbra replay ", stream);
        report_escape(stream, finding->file);
        fputs("</code>", stream);
    }
    fputs("</div>\n", stream);
}

static void put_findings(FILE *stream, const struct report *report)
{
    if ( !report->finding_count )
        return;
    fputs("<h2>Findings</h2>\n", stream);
    for ( size_t i = 0; i < report->finding_count; i++ )
        put_finding(stream, &report->findings[i]);
}

/* ---- sessions ---- */

static void put_run_row(FILE *stream, const struct report_run *run)
{
    fputs("<tr>", stream);
    put_text_cell(stream, run->through);
    put_text_cell(stream, run->p2m);
    put_text_cell(stream, run->retention);
    fputs("<td>", stream);
    put_equal(stream, run->equal, run->expected, "translations");
    fputs("</td><td>", stream);
    put_equal(stream, run->faults_equal, run->faults_expected, "faults");
    fputs("</td><td>", stream);
    put_equal(stream, run->interrupts_equal, run->interrupts_expected,
              "interrupts");
    fputs("</td><td>", stream);
    put_hits(stream, run);
    fputs("</td>", stream);
    put_count_cell(stream, run->shadow_entries);
    put_count_cell(stream, run->physical_register_writes);
    put_count_cell(stream, (uint64_t)report_event_rate(run));
    fputs("</tr>\n", stream);
}

static void put_session(FILE *stream, const struct report_case *one)
{
    size_t equal = 0;

    for ( size_t i = 0; i < one->run_count; i++ )
        equal += report_run_is_equal(&one->runs[i]);
    fprintf(stream, "<details%s><summary>",
            equal == one->run_count ? "" : " open");
    put_equal(stream, equal, one->run_count, "ways");
    fputs(" <b>", stream);
    report_escape(stream, one->name);
    fputs("</b></summary>\n<div class=\"scroll\"><table><thead><tr>"
          "<th>through</th><th>p2m</th><th>retention</th>"
          "<th>translations</th><th>faults</th><th>interrupts</th>"
          "<th>IOTLB hits</th><th class=\"n\">shadow entries</th>"
          "<th class=\"n\">register writes</th>"
          "<th class=\"n\">events/s</th></tr></thead><tbody>\n",
          stream);
    for ( size_t i = 0; i < one->run_count; i++ )
        put_run_row(stream, &one->runs[i]);
    fputs("</tbody></table></div></details>\n", stream);
}

static void put_sessions(FILE *stream, const struct report *report)
{
    bool titled = false;

    for ( size_t i = 0; i < report->case_count; i++ )
    {
        if ( !report->cases[i].run_count )
            continue;
        if ( !titled )
            fputs("<h2>Recorded sessions</h2>\n<p class=\"dim\">In how many "
                  "of the ways that a session went, everything was as "
                  "recorded.</p>\n",
                  stream);
        titled = true;
        put_session(stream, &report->cases[i]);
    }
}

/* ---- the lists ---- */

/* A tick or a cross for each of the last runs. */
static void put_history(FILE *stream, const struct history *history,
                        const char *name)
{
    const char *ends = history ? history_of(history, name) : NULL;

    fputs("<td class=\"history\">", stream);
    for ( ; ends && *ends; ends++ )
        fputs(*ends == '+' ? "<span class=\"good\">&#10003;</span>" :
              *ends == '-' ? "<span class=\"bad\">&#10007;</span>" :
                             "<span class=\"skip\">&#183;</span>",
              stream);
    fputs("</td>", stream);
}

static void put_case_row(FILE *stream, const struct report_case *one,
                         const struct history *history)
{
    fputs("<tr>", stream);
    put_text_cell(stream, one->name);
    if ( one->skipped )
    {
        fputs("<td class=\"skip\">skipped: ", stream);
        report_escape(stream, one->skipped);
        fputs("</td>", stream);
    }
    else
        fputs(one->ok ? "<td class=\"good\">passed</td>" :
                        "<td class=\"bad\">failed</td>",
              stream);
    put_text_cell(stream, report_kind_name(one->kind));
    put_text_cell(stream, one->arch);
    fprintf(stream, "<td class=\"n\">%.3f</td>", one->seconds);
    put_count_cell(stream, one->dma);
    put_count_cell(stream, one->invalidations);
    put_count_cell(stream, one->schedules);
    put_text_cell(stream, one->exhaustive ? "exhaustive" : "");
    put_history(stream, history, one->name);
    fputs("</tr>\n", stream);
}

static void put_cases(FILE *stream, const struct report *report)
{
    if ( !report->case_count )
        return;
    fputs("<h2>Cases</h2>\n<input id=\"filter\" type=\"search\" "
          "placeholder=\"filter: failed, litmus, iotlb ...\" "
          "aria-label=\"filter\">\n<div class=\"scroll\">"
          "<table id=\"cases\"><thead><tr><th>case</th><th>result</th>"
          "<th>kind</th><th>arch</th><th class=\"n\">seconds</th>"
          "<th class=\"n\">DMA</th><th class=\"n\">invalidations</th>"
          "<th class=\"n\">schedules</th><th></th><th>last runs</th></tr>"
          "</thead><tbody>\n",
          stream);
    for ( size_t i = 0; i < report->case_count; i++ )
        put_case_row(stream, &report->cases[i], report->history);
    fputs("</tbody></table></div>\n", stream);
}

static void put_results(FILE *stream, const struct report *report)
{
    if ( !report->result_count )
        return;
    fputs("<h2>Benchmarks</h2>\n<div class=\"scroll\"><table><thead><tr>"
          "<th>name</th><th class=\"n\">value</th><th>unit</th>"
          "<th class=\"n\">repeated</th><th class=\"n\">spread</th></tr>"
          "</thead><tbody>\n",
          stream);
    for ( size_t i = 0; i < report->result_count; i++ )
    {
        const struct report_result *result = &report->results[i];

        fputs("<tr>", stream);
        put_text_cell(stream, result->name);
        fputs("<td class=\"n\">", stream);
        report_short(stream, result->value);
        fputs("</td>", stream);
        put_text_cell(stream, result->unit);
        put_count_cell(stream, result->repeat);
        fprintf(stream, "<td class=\"n\">%.1f&#8239;%%</td></tr>\n",
                100 * result->spread);
    }
    fputs("</tbody></table></div>\n", stream);
}

int report_html(const struct report *report, const char *path)
{
    FILE *stream;
    int status, closed;

    if ( report->incomplete )
        return -ENOMEM;
    stream = report_open(path);
    if ( !stream )
        return -errno;
    put_head(stream, report);
    put_tiles(stream, report);
    put_findings(stream, report);
    put_sessions(stream, report);
    report_litmus_html(stream, report);
    status = report_charts_html(stream, report);
    put_results(stream, report);
    if ( report->evidence )
        evidence_html(stream, report->evidence);
    if ( report->history )
        history_html(stream, report->history);
    put_cases(stream, report);
    fprintf(stream, "<script>\n%s</script>\n</body>\n</html>\n",
            report_script);
    closed = report_close(stream);
    return status ? status : closed;
}
