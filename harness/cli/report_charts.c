/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bar charts of the report: what took the time, what the IOTLBs did. */
#include <cli/report.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
void report_short(FILE *stream, double value)
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
    report_short(stream, bar->value);
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

int report_charts_html(FILE *stream, const struct report *report)
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
