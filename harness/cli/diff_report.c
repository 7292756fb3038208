/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of umbra diff. */

#include <cli/diff_report.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <scenario/arch.h>

static void put(struct report *report, const struct diff_arch *arch,
                const char *what, const char *name, uint64_t value)
{
    char group[64];

    snprintf(group, sizeof(group), "%s.%s", arch->qemu->name, what);
    report_add_figure(report, &(struct report_figure) { .group = group,
                                                        .name = name,
                                                        .value = value });
}

static void put_dma(struct report *report, const struct diff_arch *arch,
                    const struct diff_figures *f)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        { "all", f->dma },
        { "exact", f->exact },
        { "stale", f->stale },
        { "stale_old_in_qemu", f->stale_old },
        { "stale_and_different", f->differ },
        { "undefined", f->open },
        { "reached", f->reached },
        { "cache_hits", f->hits },
        { "interrupts", f->events },
    };

    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        put(report, arch, "dma", rows[i].name, rows[i].value);
}

/* "4K", "2M", "1G" ... of log2 of the bytes. */
static void page_name(unsigned int bits, char *name, size_t size)
{
    static const char unit[] = "BKMGTPE";

    snprintf(name, size, "%u%c", 1u << bits % 10, unit[bits / 10]);
}

static void put_histograms(struct report *report, const struct diff_arch *arch,
                           const struct diff_figures *f)
{
    char name[64];

    for ( unsigned int i = 0; i < 64; i++ )
        if ( f->page[i] )
        {
            page_name(i, name, sizeof(name));
            put(report, arch, "pages", name, f->page[i]);
        }
    for ( unsigned int i = 0; i < 256; i++ )
        if ( f->reason[i] )
        {
            snprintf(name, sizeof(name), i ? "%#x" : "none", i);
            put(report, arch, "faults", name, f->reason[i]);
        }
    for ( unsigned int i = 0; i < 64; i++ )
        if ( f->undefined[i] )
        {
            snprintf(name, sizeof(name), "U%u", i);
            put(report, arch, "undefined", name, f->undefined[i]);
        }
    for ( unsigned int i = 0; i < 256; i++ )
        if ( f->operation[i] )
            put(report, arch, "operations", op_spec_of(arch->arch, i)->keyword,
                f->operation[i]);
    for ( unsigned int i = 0; arch->deviation[i].id; i++ )
        put(report, arch, "deviations", arch->deviation[i].id,
            f->deviation[i]);
}

static void put_findings(struct report *report, const struct diff_outcome *o)
{
    for ( unsigned int i = 0; i < o->findings; i++ )
    {
        const struct diff_finding *f = &o->finding[i];
        char name[32];

        /* That QEMU dies of it is no failure of ours. */
        if ( f->result.verdict == VERDICT_CRASH )
            continue;
        snprintf(name, sizeof(name), "%" PRIu64, f->seed);
        report_add_finding(
            report,
            &(struct report_finding) {
                .property = f->result.verdict == VERDICT_DIED ? "P7" : NULL,
                .message = f->result.message,
                .file = f->result.file[0] ? f->result.file : NULL,
                .test_case = name });
    }
}

void diff_report_arch(struct report *report, const struct diff_arch *arch,
                      const struct diff_outcome *outcome)
{
    const struct diff_figures *f = &outcome->figures;

    put_findings(report, outcome);
    put(report, arch, "cases", "all", f->cases);
    put(report, arch, "cases", "disagreements", f->disagreements);
    put(report, arch, "cases", "explained", f->explained);
    put(report, arch, "cases", "oracle_crashes", f->oracle_crashes);
    put(report, arch, "cases", "skipped", f->skipped);
    put_dma(report, arch, f);
    put_histograms(report, arch, f);
}

static void finding(struct report *report, const struct diff_arch *arch,
                    const char *what, const char *name)
{
    char message[160];

    snprintf(message, sizeof(message), "%s: %s%s", arch->qemu->name, what,
             name);
    report_add_finding(report,
                       &(struct report_finding) { .message = message });
}

void diff_report_worth(struct report *report, const struct diff_arch *arch,
                       const struct diff_outcome *outcome)
{
    const struct diff_figures *f = &outcome->figures;
    struct diff_gaps gaps;

    diff_find_gaps(arch, &outcome->machine, f, &gaps);
    for ( unsigned int i = 0; i < gaps.count; i++ )
        finding(report, arch, "no case has exercised ", gaps.name[i]);
    if ( f->skipped )
        finding(report, arch, "programs were drawn that can't be run", "");
    if ( f->explained * 100 > f->cases * DIFF_MOST_EXPLAINED )
        finding(report, arch, "too many cases are explained by deviations",
                "");
    if ( f->open * 100 > f->dma * DIFF_MOST_UNDEFINED )
        finding(report, arch, "too many DMA are on undefined ground", "");
}

void diff_report_rows(struct report *report, const struct diff_arch *arch,
                      const char *version, const struct diff_outcome *outcome)
{
    for ( unsigned int i = 0; arch->deviation[i].id; i++ )
        if ( !outcome->figures.deviation[i] &&
             deviation_concerns(&arch->deviation[i], version) )
            put(report, arch, "rows_without_effect", arch->deviation[i].id, 1);
}

void diff_report_sums(struct report *report, const struct diff_figures *sums,
                      const char *oracle)
{
    const struct report_figure rows[] = {
        { .name = "cases", .value = sums->cases },
        { .name = "dma", .value = sums->dma },
        { .name = "disagreements", .value = sums->disagreements },
        { .name = "explained", .value = sums->explained },
        { .name = "oracle", .text = oracle },
        { .name = "oracle_crashes", .value = sums->oracle_crashes },
    };

    for ( unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
        report_add_figure(report, &rows[i]);
}

void diff_report_print(const struct report *report)
{
    const char *group = "";

    for ( size_t i = 0; i < report->figure_count; i++ )
    {
        const struct report_figure *f = &report->figures[i];

        if ( !f->group )
            continue;
        if ( strcmp(f->group, group) )
            printf("%s\n", f->group);
        group = f->group;
        printf("  %-28s %12" PRIu64 "\n", f->name, f->value);
    }
}
