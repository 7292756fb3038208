/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run in simulated time as one page, without outside resources. */
#include <cli/sim_report.h>

#include <sim/plot.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    enum platform_measure measure;
    const char *title;
} shown[] = {
    { PLATFORM_DMA, "DMA: from the unit's door until the data has moved" },
    { PLATFORM_DMA_MISS, "DMA that had to walk" },
    { PLATFORM_INVALIDATION, "Invalidation: from the register write until it "
                             "has completed" },
    { PLATFORM_HARDWARE, "Invalidation: as the unit works on it" },
    { PLATFORM_DRAIN, "Drain: of it, the wait for requests in flight" },
};

static void put_distribution(FILE *s, const struct platform_stats *stats,
                             unsigned int index)
{
    const struct platform_latency *l = &stats->latency[shown[index].measure];
    const struct plot_mark marks[] = { { "p50", l->p50 },
                                       { "p99", l->p99 },
                                       { "max", l->max } };

    if ( !l->count )
        return;
    plot_distribution(s, &(struct plot_distribution) {
                             .title = shown[index].title,
                             .x_label = "cycles",
                             .bin = stats->bins[shown[index].measure],
                             .bins = PLATFORM_BINS,
                             .start = platform_bin_start,
                             .mark = marks,
                             .marks = sizeof(marks) / sizeof(marks[0]) });
}

static void row(FILE *s, const char *name, double value, const char *unit)
{
    fprintf(s, "<tr><th>%s</th><td>%.6g</td><td>%s</td></tr>\n", name, value,
            unit);
}

static const char *compared(const struct program *program,
                            const struct sim_config *config,
                            const struct sim_result *result)
{
    if ( program->kind == PROGRAM_LITMUS )
        return "";
    if ( result->same )
        return "The program's results are those of the untimed run.";
    return config->load.pattern == SIM_NONE ?
               "<b>The program's results are NOT those of the untimed "
               "run.</b>" :
               "Under this load the program's results are not those of the "
               "untimed run; the oracle has judged them by themselves.";
}

static void put_figures(FILE *s, const struct program *program,
                        const struct sim_config *config,
                        const struct sim_result *result)
{
    const struct platform_stats *stats = &result->stats;
    double cycles = stats->cycles ? (double)stats->cycles : 1;

    fprintf(s, "<table>\n");
    row(s, "simulated time", (double)stats->cycles, "cycles");
    row(s, "", (double)stats->cycles * config->timing.period * 1e-6,
        "\xc2\xb5s");
    row(s, "requests of devices", (double)stats->transactions, "");
    row(s, "&nbsp; of which the load's", (double)result->load_requests, "");
    row(s, "hits", (double)stats->hits, "");
    row(s, "aborts", (double)stats->aborted, "");
    row(s, "throughput", (double)stats->bytes / cycles, "bytes a cycle");
    row(s, "requests in flight", stats->occupancy, "mean");
    row(s, "", stats->most_inside, "at most");
    row(s, "walkers busy", 100 * stats->walkers_busy, "%");
    row(s, "memory busy", 100 * stats->memory_busy, "%");
    row(s, "interconnect busy", 100 * stats->bus_busy, "%");
    row(s, "commands and descriptors", (double)stats->fetches, "");
    row(s, "invalidations", (double)stats->invalidations, "");
    fprintf(s, "</table>\n<p>%s</p>\n", compared(program, config, result));
}

static void put_litmus(FILE *s, const struct program *program,
                       const struct sim_result *result)
{
    char text[SIM_LITMUS_TEXT];

    if ( program->kind != PROGRAM_LITMUS )
        return;
    sim_litmus_text(program, &result->litmus, text, sizeof(text));
    fprintf(s, "<pre>");
    report_escape(s, text);
    fprintf(s, "</pre>\n");
}

static void put_findings(FILE *s, const struct sim_result *result)
{
    for ( unsigned int i = 0; i < result->findings; i++ )
    {
        fprintf(s, "<p class=\"bad\">%s: ", result->finding[i].property);
        report_escape(s, result->finding[i].message);
        fprintf(s, "</p>\n");
    }
}

int sim_html(const char *path, const struct program *program,
             const struct sim_config *config, const char *timing_name,
             const struct sim_result *result)
{
    FILE *s = report_open(path);

    if ( !s )
        return -errno;
    fprintf(s, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
               "charset=\"utf-8\"><title>umbra sim</title>\n<style>"
               "body{font-family:sans-serif;margin:2em;max-width:70em}"
               "th{text-align:left;font-weight:normal;padding-right:2em}"
               "td{text-align:right;padding-right:.5em}"
               ".bad{color:#b00}svg{margin:.5em 0;display:block}"
               "</style></head><body>\n<h1>");
    report_escape(s, program->name);
    fprintf(s, "</h1>\n<p>Through %s, %s timed, figures of ",
            config->world.through == THROUGH_MODEL ? "the model" : "the stack",
            config->style == PLATFORM_LOOSE ? "loosely" : "approximately");
    report_escape(s, timing_name);
    fprintf(s, ", load: %s.</p>\n", sim_pattern_names[config->load.pattern]);
    put_findings(s, result);
    put_litmus(s, program, result);
    put_figures(s, program, config, result);
    for ( unsigned int i = 0; i < sizeof(shown) / sizeof(shown[0]); i++ )
        put_distribution(s, &result->stats, i);
    fprintf(s, "</body></html>\n");
    return report_close(s);
}
