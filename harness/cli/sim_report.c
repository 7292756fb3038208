/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a run in simulated time, for machines and for people. */
#include <cli/sim_report.h>

#include <stdio.h>

/* In the order of enum platform_measure. */
static const struct {
    const char *key, *text;
} measures[PLATFORM_MEASURES] = {
    [PLATFORM_DMA] = { "dma", "DMA" },
    [PLATFORM_DMA_HIT] = { "dma_hit", "  that hits" },
    [PLATFORM_DMA_MISS] = { "dma_miss", "  that walks" },
    [PLATFORM_INVALIDATION] = { "invalidation", "invalidation" },
    [PLATFORM_HARDWARE] = { "invalidation_unit", "  in the unit" },
    [PLATFORM_DRAIN] = { "drain", "    drain" },
};

static void add(struct report *report, const char *group, const char *name,
                uint64_t value)
{
    report_add_figure(report, &(struct report_figure) { .group = group,
                                                        .name = name,
                                                        .value = value });
}

static void add_real(struct report *report, const char *name, double value)
{
    report_add_figure(report, &(struct report_figure) { .name = name,
                                                        .decimal = true,
                                                        .real = value });
}

static void add_latencies(struct report *report,
                          const struct platform_stats *stats)
{
    char group[48];

    for ( unsigned int i = 0; i < PLATFORM_MEASURES; i++ )
    {
        const struct platform_latency *l = &stats->latency[i];

        snprintf(group, sizeof(group), "latency/%s", measures[i].key);
        add(report, group, "count", l->count);
        add(report, group, "p50", l->p50);
        add(report, group, "p90", l->p90);
        add(report, group, "p99", l->p99);
        add(report, group, "max", l->max);
    }
}

static double rate(uint64_t count, double of)
{
    return of > 0 ? (double)count / of : 0;
}

static void add_findings(struct report *report, const struct program *program,
                         const struct sim_result *result)
{
    char operation[32];

    for ( unsigned int i = 0; i < result->findings; i++ )
    {
        const struct finding *f = &result->finding[i];
        uint32_t line = f->operation < program->ops ?
                            program->op[f->operation].line :
                            0;

        snprintf(operation, sizeof(operation), "line %u", line);
        report_add_finding(report, &(struct report_finding) {
                                       .property = f->property,
                                       .message = f->message,
                                       .file = program->file,
                                       .operation = line ? operation : NULL,
                                       .test_case = program->name });
    }
}

static void add_rtl(struct report *report, const struct program *program,
                    const struct sim_rtl *rtl)
{
    if ( rtl->disagreements )
        report_add_finding(
            report, &(struct report_finding) { .message = rtl->disagreement,
                                               .file = program->file,
                                               .test_case = program->name });
    add(report, NULL, "rtl_requests", rtl->requests);
    add(report, NULL, "rtl_left_to_c", rtl->left_to_c);
    add(report, NULL, "rtl_reads", rtl->reads);
    add(report, NULL, "rtl_invalidations", rtl->invalidations);
    add(report, NULL, "rtl_cycles", rtl->cycles);
    add(report, NULL, "rtl_not_compared", rtl->apart);
    add(report, NULL, "rtl_disagreements", rtl->disagreements);
}

static void add_litmus(struct report *report, const struct sim_litmus *litmus)
{
    report_add_figure(report,
                      &(struct report_figure) { .group = "litmus",
                                                .name = "outcome",
                                                .text = litmus->outcome });
    add(report, "litmus", "reached", litmus->reached);
    add(report, "litmus", "orders", litmus->explored);
    report_add_figure(report,
                      &(struct report_figure) { .group = "litmus",
                                                .name = "exhaustive",
                                                .truth = true,
                                                .value = litmus->exhaustive });
    report_add_figure(report,
                      &(struct report_figure) { .group = "litmus",
                                                .name = "known",
                                                .truth = true,
                                                .value = litmus->known });
}

void sim_report(struct report *report, const struct program *program,
                const struct sim_config *config,
                const struct sim_result *result)
{
    const struct platform_stats *s = &result->stats;

    add_findings(report, program, result);
    /* What a load leaves in the caches may be another legal value. */
    if ( !result->same && config->load.pattern == SIM_NONE )
        report_add_finding(
            report,
            &(struct report_finding) {
                .message = program->kind == PROGRAM_LITMUS ?
                               "what came of it in simulated time comes of "
                               "none of its orders" :
                               "the results in simulated time are not those "
                               "of the untimed run",
                .file = program->file,
                .test_case = program->name });
    if ( config->rtl )
        add_rtl(report, program, &result->rtl);
    report_add_figure(report, &(struct report_figure) {
                                  .name = "case", .text = program->name });
    add(report, NULL, "cycles", s->cycles);
    add(report, NULL, "period_ps", config->timing.period);
    add(report, NULL, "transactions", s->transactions);
    add_real(report, "transactions_per_second",
             rate(s->transactions, result->seconds));
    add(report, NULL, "aborted", s->aborted);
    add(report, NULL, "hits", s->hits);
    add(report, NULL, "bytes", s->bytes);
    add(report, NULL, "invalidations", s->invalidations);
    add_real(report, "bytes_per_cycle", rate(s->bytes, (double)s->cycles));
    add_real(report, "hit_rate", rate(s->hits, (double)s->transactions));
    add_real(report, "occupancy", s->occupancy);
    add(report, NULL, "most_inside", s->most_inside);
    add_real(report, "walkers_busy", s->walkers_busy);
    add_real(report, "memory_busy", s->memory_busy);
    add_real(report, "bus_busy", s->bus_busy);
    add(report, NULL, "load_requests", result->load_requests);
    add(report, NULL, "load_aborted", result->load_aborted);
    report_add_figure(report,
                      &(struct report_figure) { .name = "same_as_untimed",
                                                .truth = true,
                                                .value = result->same });
    add_latencies(report, s);
    if ( program->kind == PROGRAM_LITMUS )
        add_litmus(report, &result->litmus);
}

/* ---- for people ---- */

static void print_latencies(const struct platform_stats *stats)
{
    printf("  latency in cycles     count      p50      p90      p99"
           "      max\n");
    for ( unsigned int i = 0; i < PLATFORM_MEASURES; i++ )
    {
        const struct platform_latency *l = &stats->latency[i];

        if ( l->count )
            printf("    %-15s %9llu %8llu %8llu %8llu %8llu\n",
                   measures[i].text, (unsigned long long)l->count,
                   (unsigned long long)l->p50, (unsigned long long)l->p90,
                   (unsigned long long)l->p99, (unsigned long long)l->max);
    }
}

static void print_load(const struct sim_config *config,
                       const struct sim_result *result)
{
    if ( config->load.pattern == SIM_NONE )
        return;
    printf("  load (%s): %llu requests at %u pages",
           sim_pattern_names[config->load.pattern],
           (unsigned long long)result->load_requests, result->load_pages);
    if ( result->load_aborted )
        printf(", %llu aborted (the program may see their faults)",
               (unsigned long long)result->load_aborted);
    printf("%s\n", result->load_pages ?
                       "" :
                       ": no DMA of the program arrives where a load may "
                       "read");
}

static void print_rtl(const struct sim_rtl *rtl)
{
    printf("  RTL: rtl_requests %llu, rtl_left_to_c %llu, %llu reads, %llu "
           "invalidations, %llu cycles of its clock\n",
           (unsigned long long)rtl->requests,
           (unsigned long long)rtl->left_to_c, (unsigned long long)rtl->reads,
           (unsigned long long)rtl->invalidations,
           (unsigned long long)rtl->cycles);
    if ( rtl->apart )
        printf("  RTL: %llu answers were not compared (docs/rtl.md)\n",
               (unsigned long long)rtl->apart);
    if ( rtl->disagreements )
        printf("RTL and C model disagree %llu times, first: %s\n",
               (unsigned long long)rtl->disagreements, rtl->disagreement);
}

/* What the program says of this order. */
static void put_verdict(const struct program *program,
                        const struct sim_litmus *litmus, char *text,
                        size_t size)
{
    const struct program_litmus *p = &program->litmus;
    unsigned int allowed = 0, reached = 0;

    for ( unsigned int i = 0; i < p->verdicts; i++ )
        if ( p->verdict[i].allow )
        {
            allowed++;
            reached += litmus->reached >> i & 1;
        }
    if ( *p->twin )
        snprintf(text, size, "the defect of twin '%s' %s%s", p->twin,
                 litmus->found ? "shows: " : "does not show in this order",
                 litmus->found ? litmus->finding.message : "");
    else if ( litmus->found )
        snprintf(text, size, "this order is forbidden");
    else if ( allowed )
        snprintf(text, size,
                 "it comes to %u of the %u that are allowed; umbra explore "
                 "looks for all",
                 reached, allowed);
    else
        snprintf(text, size, "nothing that is forbidden");
}

void sim_litmus_text(const struct program *program,
                     const struct sim_litmus *litmus, char *text, size_t size)
{
    char verdict[500];

    put_verdict(program, litmus, verdict, sizeof(verdict));
    snprintf(text, size,
             "in this order: %s\nDMA became: %s; %s of %llu "
             "orders untimed, %s\n",
             verdict, *litmus->outcome ? litmus->outcome : "(none)",
             litmus->known ? "so it does in some" : "in none",
             (unsigned long long)litmus->explored,
             litmus->exhaustive ? "which are all" : "which are not all");
}

void sim_print(const struct program *program, const struct sim_config *config,
               const char *timing_name, const struct sim_result *result)
{
    const struct platform_stats *s = &result->stats;
    char text[SIM_LITMUS_TEXT];

    printf("%s through %s, %s, ", program->name,
           through_names[config->world.through], timing_name);
    if ( config->style == PLATFORM_APPROXIMATE )
        printf("approximately timed\n");
    else
        printf("loosely timed (quantum %llu cycles)\n",
               (unsigned long long)config->quantum);
    printf("  %llu cycles (%.1f us): %llu requests, %llu hits, %llu aborts, "
           "%llu invalidations\n",
           (unsigned long long)s->cycles,
           (double)s->cycles * config->timing.period * 1e-6,
           (unsigned long long)s->transactions, (unsigned long long)s->hits,
           (unsigned long long)s->aborted,
           (unsigned long long)s->invalidations);
    print_load(config, result);
    if ( config->rtl )
        print_rtl(&result->rtl);
    print_latencies(s);
    printf("  %.2f requests in flight (at most %u of %u), %.3f bytes a "
           "cycle\n  busy: walkers %.1f %%, memory %.1f %%, interconnect "
           "%.1f %%\n",
           s->occupancy, s->most_inside, config->timing.slots,
           rate(s->bytes, (double)s->cycles), 100 * s->walkers_busy,
           100 * s->memory_busy, 100 * s->bus_busy);
    if ( program->kind == PROGRAM_LITMUS )
    {
        sim_litmus_text(program, &result->litmus, text, sizeof(text));
        printf("%s", text);
    }
    else
        printf("  %s results as untimed; %.0f requests/s simulated\n",
               result->same ? "the same" : "NOT the same",
               rate(s->transactions, result->seconds));
}
