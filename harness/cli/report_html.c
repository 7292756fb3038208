/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for people: one page without any outside resource, so that it can
 * be mailed, archived by CI and read on a phone.  Findings come first.
 */
#include <cli/evidence.h>
#include <cli/history.h>
#include <cli/report.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fafafa;--fg:#1c1c1e;--dim:#6b6b70;"
    "--card:#fff;--line:#d9d9de;--good:#1a7f45;--bad:#c62828;--skip:#8a6d1a;"
    "--bar:#3b6fb6;--bar2:#c9cdd6}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#141416;--fg:#e8e8ea;"
    "--dim:#9a9aa2;--card:#1e1e22;--line:#36363c;--good:#4cc27d;--bad:#ff6b63;"
    "--skip:#d9b54a;--bar:#6ea3ea;--bar2:#3d4048}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);"
    "color:var(--fg);font:16px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:.2rem 0}"
    "h2{font-size:1.15rem;margin:2rem 0 .6rem}"
    "p{margin:.3rem 0}.dim{color:var(--dim)}.good{color:var(--good)}"
    ".bad{color:var(--bad)}.skip{color:var(--skip)}\n"
    ".tiles{display:grid;gap:.6rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}\n"
    ".tile,.finding,details{background:var(--card);"
    "border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}\n"
    ".tile b{display:block;font-size:1.35rem;line-height:1.2}\n"
    ".finding{border-left:.35rem solid var(--bad);margin:.6rem 0}\n"
    "code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}"
    "pre{font:.8em/1.35 ui-monospace,monospace;margin:.4rem 0}"
    ".finding code{display:block;margin-top:.3rem;padding:.35rem .5rem;"
    "background:var(--bg);border-radius:.3rem}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
    "var(--line);white-space:nowrap}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}th{color:var(--dim);font-weight:600}\n"
    "#cases td:first-child{white-space:normal;overflow-wrap:anywhere;"
    "min-width:16rem}\n"
    "input{width:100%;font:inherit;padding:.5rem .7rem;margin:.4rem 0;"
    "color:inherit;background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem}\n"
    "details{margin:.5rem 0}summary{cursor:pointer}\n"
    "svg{display:block}svg.inline{display:inline-block;"
    "vertical-align:middle}svg text{fill:currentColor;font:12px system-ui,"
    "sans-serif}.f1{fill:var(--bar)}.f2{fill:var(--bar2)}.fg{fill:var(--good)}"
    ".fb{fill:var(--bad)}.line{fill:none;stroke:var(--bar);stroke-width:2}"
    ".history{font:.8em ui-monospace,monospace}\n"
    ".charts{display:grid;gap:0 2rem;"
    "grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}"
    ".charts svg{max-width:100%;height:auto}\n";

/* Rows whose text has every word of the box stay. */
static const char script[] =
    "const box=document.getElementById('filter');\n"
    "if(box)box.addEventListener('input',()=>{\n"
    "  const words=box.value.toLowerCase().split(/\\s+/);\n"
    "  for(const row of document.querySelectorAll('#cases tbody tr')){\n"
    "    const text=row.textContent.toLowerCase();\n"
    "    row.hidden=!words.every(word=>text.includes(word));\n"
    "  }\n"
    "});\n";
/* clang-format on */

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
            report->ok ? "passed" : "failed", style);
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

/* ---- charts ---- */

#define CHART_BARS  15
#define CHART_WIDTH 480
#define CHART_BAR   370 /* the longest; its figure stands beside it */
#define CHART_ROW   38

struct bar {
    const char *name;
    double value;
    uint64_t part, rest; /* a bar of two parts if not both are 0 */
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct bar *)a)->value;
    double y = ((const struct bar *)b)->value;

    return (x < y) - (x > y);
}

/* The end of a long name says more than its beginning. */
static void put_bar_name(FILE *stream, const char *name)
{
    size_t length = strlen(name), most = 64;

    if ( length > most )
    {
        name += length - most;
        while ( ((unsigned char)*name & 0xc0) == 0x80 )
            name++;
        fputs("&#8230;", stream);
    }
    report_escape(stream, name);
}

/* Three or four digits are enough for the eye. */
static void put_short(FILE *stream, double value)
{
    if ( value >= 1e6 )
        fprintf(stream, "%.3gM", value / 1e6);
    else if ( value >= 1e4 )
        fprintf(stream, "%.3gk", value / 1e3);
    else
        fprintf(stream, "%.4g", value);
}

/* The name, and the bar with its figure below it: fits a phone. */
static void put_bar(FILE *stream, const struct bar *bar, double longest,
                    unsigned int row, const char *unit)
{
    double all = bar->value * CHART_BAR / longest, first = all;
    unsigned int y = row * CHART_ROW;

    fprintf(stream, "<text x=\"0\" y=\"%u\">", y + 13);
    put_bar_name(stream, bar->name);
    fputs("</text>", stream);
    if ( bar->part + bar->rest )
    {
        first = all * (double)bar->part / (double)(bar->part + bar->rest);
        fprintf(stream,
                "<rect class=\"f2\" y=\"%u\" width=\"%.1f\" "
                "height=\"12\"/>",
                y + 18, all);
    }
    fprintf(stream,
            "<rect class=\"f1\" y=\"%u\" width=\"%.1f\" height=\"12\"/>"
            "<text x=\"%.1f\" y=\"%u\">",
            y + 18, first, all + 6, y + 29);
    put_short(stream, bar->value);
    fprintf(stream, " %s</text>\n", unit);
}

/* The longest of @count bars; @bars is sorted by it. */
static void put_chart(FILE *stream, struct bar *bars, size_t count,
                      const char *title, const char *unit)
{
    size_t shown = count < CHART_BARS ? count : CHART_BARS;

    if ( !count )
        return;
    qsort(bars, count, sizeof(*bars), by_value);
    if ( bars[0].value <= 0 )
        return;
    fprintf(stream,
            "<div><h2>%s</h2>\n<svg viewBox=\"0 0 %d %zu\" "
            "width=\"%d\" role=\"img\" aria-label=\"%s\">\n",
            title, CHART_WIDTH, shown * CHART_ROW + 4, CHART_WIDTH, title);
    for ( size_t i = 0; i < shown; i++ )
        put_bar(stream, &bars[i], bars[0].value, (unsigned int)i, unit);
    fputs("</svg></div>\n", stream);
}

static void put_seconds_chart(FILE *stream, const struct report *report,
                              struct bar *bars)
{
    size_t count = 0;

    for ( size_t i = 0; i < report->case_count; i++ )
    {
        if ( report->cases[i].seconds > 0 )
            bars[count++] = (struct bar) {
                .name = report->cases[i].name,
                .value = report->cases[i].seconds,
            };
    }
    put_chart(stream, bars, count, "Where the time went", "s");
}

static void put_lookups_chart(FILE *stream, const struct report *report,
                              struct bar *bars)
{
    size_t count = 0;

    for ( size_t i = 0; i < report->case_count; i++ )
    {
        const struct report_case *one = &report->cases[i];
        struct bar bar = { .name = one->name };

        for ( size_t k = 0; k < one->run_count; k++ )
        {
            bar.part += one->runs[k].iotlb_hits;
            bar.rest += one->runs[k].iotlb_misses;
        }
        bar.value = (double)(bar.part + bar.rest);
        if ( bar.value > 0 )
            bars[count++] = bar;
    }
    put_chart(stream, bars, count,
              "IOTLB look-ups of the sessions: hits (coloured) and misses",
              "look-ups");
}

static int put_charts(FILE *stream, const struct report *report)
{
    struct bar *bars;

    if ( !report->case_count )
        return 0;
    bars = calloc(report->case_count, sizeof(*bars));
    if ( !bars )
        return -ENOMEM;
    fputs("<div class=\"charts\">\n", stream);
    put_lookups_chart(stream, report, bars);
    put_seconds_chart(stream, report, bars);
    fputs("</div>\n", stream);
    free(bars);
    return 0;
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
        put_short(stream, result->value);
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
    status = put_charts(stream, report);
    put_results(stream, report);
    if ( report->evidence )
        evidence_html(stream, report->evidence);
    if ( report->history )
        history_html(stream, report->history);
    put_cases(stream, report);
    fprintf(stream, "<script>\n%s</script>\n</body>\n</html>\n", script);
    closed = report_close(stream);
    return status ? status : closed;
}
