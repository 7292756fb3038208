/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The collected result of a verb: growing arrays that own their strings. */
#include <cli/report.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- copies ---- */

/* Replace *@text by a cleaned copy; NULL stays NULL. */
static bool copy_text(const char **text)
{
    char *copy;

    if ( !*text )
        return true;
    copy = strdup(*text);
    if ( copy )
        report_clean(copy);
    *text = copy;
    return copy;
}

static bool copy_texts(const char **const text[], size_t count)
{
    bool ok = true;

    /* To the end, so that afterwards every one is a copy or NULL. */
    for ( size_t i = 0; i < count; i++ )
        ok = copy_text(text[i]) && ok;
    return ok;
}

static void free_texts(const char *const text[], size_t count)
{
    for ( size_t i = 0; i < count; i++ )
        free((char *)text[i]);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void free_finding(const struct report_finding *f)
{
    free_texts((const char *[]) { f->property, f->message, f->file,
                                  f->operation, f->test_case },
               5);
}

static void free_runs(const struct report_run *runs, size_t count)
{
    for ( size_t i = 0; i < count; i++ )
        free_texts((const char *[]) { runs[i].through, runs[i].p2m,
                                      runs[i].retention },
                   3);
    free((struct report_run *)runs);
}

static void free_case(const struct report_case *one)
{
    free_texts(
        (const char *[]) { one->name, one->arch, one->skipped, one->order },
        4);
    free_runs(one->runs, one->run_count);
}

static void free_result(const struct report_result *result)
{
    free_texts((const char *[]) { result->name, result->unit }, 2);
}

static void free_figure(const struct report_figure *figure)
{
    free_texts((const char *[]) { figure->group, figure->name, figure->text },
               3);
}

/*
 * Room for one more element of @size bytes in the array *@array, of which
 * @count are used; NULL: none.
 */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
    size_t more = *room ? *room * 2 : 16;
    void *grown;

    if ( count < *room )
        return array;
    grown = reallocarray(array, more, size);
    if ( grown )
        *room = more;
    return grown;
}

/* ---- the report ---- */

void report_init(struct report *report, const char *verb, const char *version,
                 uint64_t seed)
{
    *report = (struct report) {
        .verb = verb,
        .version = version,
        .seed = seed,
        .ok = true,
    };
    if ( !copy_texts((const char **[]) { &report->verb, &report->version },
                     2) )
        report->incomplete = true;
}

void report_free(struct report *report)
{
    for ( size_t i = 0; i < report->finding_count; i++ )
        free_finding(&report->findings[i]);
    for ( size_t i = 0; i < report->case_count; i++ )
        free_case(&report->cases[i]);
    for ( size_t i = 0; i < report->result_count; i++ )
        free_result(&report->results[i]);
    for ( size_t i = 0; i < report->figure_count; i++ )
        free_figure(&report->figures[i]);
    free(report->findings);
    free(report->cases);
    free(report->results);
    free(report->figures);
    free_texts((const char *[]) { report->verb, report->version }, 2);
    *report = (struct report) { 0 };
}

void report_add_finding(struct report *report,
                        const struct report_finding *finding)
{
    struct report_finding copy = *finding;
    const char **text[] = { &copy.property, &copy.message, &copy.file,
                            &copy.operation, &copy.test_case };
    bool copied = copy_texts(text, COUNT(text));
    void *grown = grow(report->findings, report->finding_count,
                       &report->finding_room, sizeof(copy));

    report->ok = false;
    if ( grown )
        report->findings = grown;
    if ( !grown || !copied )
    {
        free_finding(&copy);
        report->incomplete = true;
        return;
    }
    report->findings[report->finding_count++] = copy;
}

/* A copy of @count runs; false: no memory, and *@runs holds what was made. */
static bool copy_runs(const struct report_run **runs, size_t *count)
{
    struct report_run *copy;
    size_t wanted = *count;

    *count = 0;
    if ( !wanted )
    {
        *runs = NULL;
        return true;
    }
    copy = calloc(wanted, sizeof(*copy));
    if ( copy )
        memcpy(copy, *runs, wanted * sizeof(*copy));
    *runs = copy;
    if ( !copy )
        return false;

    while ( *count < wanted )
    {
        struct report_run *run = &copy[(*count)++];

        if ( !copy_texts((const char **[]) { &run->through, &run->p2m,
                                             &run->retention },
                         3) )
            return false;
    }
    return true;
}

void report_add_case(struct report *report, const struct report_case *one)
{
    struct report_case copy = *one;
    const char **text[] = { &copy.name, &copy.arch, &copy.skipped,
                            &copy.order };
    bool copied = copy_texts(text, COUNT(text));
    void *grown = grow(report->cases, report->case_count, &report->case_room,
                       sizeof(copy));

    copied = copy_runs(&copy.runs, &copy.run_count) && copied;
    if ( !one->skipped && !one->ok )
        report->ok = false;
    if ( grown )
        report->cases = grown;
    if ( !grown || !copied )
    {
        free_case(&copy);
        report->incomplete = true;
        return;
    }
    report->cases[report->case_count++] = copy;
}

void report_add_result(struct report *report,
                       const struct report_result *result)
{
    struct report_result copy = *result;
    bool copied = copy_texts((const char **[]) { &copy.name, &copy.unit }, 2);
    void *grown = grow(report->results, report->result_count,
                       &report->result_room, sizeof(copy));

    if ( grown )
        report->results = grown;
    if ( !grown || !copied )
    {
        free_result(&copy);
        report->incomplete = true;
        return;
    }
    report->results[report->result_count++] = copy;
}

void report_add_figure(struct report *report,
                       const struct report_figure *figure)
{
    struct report_figure copy = *figure;
    const char **text[] = { &copy.group, &copy.name, &copy.text };
    bool copied = copy_texts(text, COUNT(text));
    void *grown = grow(report->figures, report->figure_count,
                       &report->figure_room, sizeof(copy));

    if ( grown )
        report->figures = grown;
    if ( !grown || !copied )
    {
        free_figure(&copy);
        report->incomplete = true;
        return;
    }
    report->figures[report->figure_count++] = copy;
}

/* ---- sums ---- */

static void add_run(struct report_run *sum, const struct report_run *run)
{
    sum->expected += run->expected;
    sum->equal += run->equal;
    sum->faults_expected += run->faults_expected;
    sum->faults_equal += run->faults_equal;
    sum->interrupts_expected += run->interrupts_expected;
    sum->interrupts_equal += run->interrupts_equal;
    sum->statuses_expected += run->statuses_expected;
    sum->statuses_equal += run->statuses_equal;
    sum->not_modelled += run->not_modelled;
    sum->physical_register_writes += run->physical_register_writes;
    sum->shadow_entries += run->shadow_entries;
    sum->iotlb_hits += run->iotlb_hits;
    sum->iotlb_misses += run->iotlb_misses;
    sum->events += run->events;
    sum->seconds += run->seconds;
}

void report_totals(const struct report *report, struct report_totals *totals)
{
    *totals = (struct report_totals) { 0 };
    for ( size_t i = 0; i < report->case_count; i++ )
    {
        const struct report_case *one = &report->cases[i];

        if ( one->skipped )
            totals->skipped++;
        else if ( one->ok )
            totals->passed++;
        else
            totals->failed++;
        totals->dma += one->dma;
        totals->invalidations += one->invalidations;
        for ( size_t k = 0; k < one->run_count; k++ )
            add_run(&totals->runs, &one->runs[k]);
    }
}

const char *report_kind_name(enum report_kind kind)
{
    static const char *const name[] = {
        [REPORT_SCENARIO] = "scenario",
        [REPORT_LITMUS] = "litmus",
        [REPORT_SESSION] = "session",
    };

    return name[kind];
}

double report_event_rate(const struct report_run *run)
{
    return run->seconds > 0 ? (double)run->events / run->seconds : 0;
}

bool report_run_is_equal(const struct report_run *run)
{
    return run->equal == run->expected &&
           run->faults_equal == run->faults_expected &&
           run->interrupts_equal == run->interrupts_expected &&
           run->statuses_equal == run->statuses_expected;
}

/* ---- files ---- */

static bool make_directories_above(const char *path)
{
    char *copy = strdup(path);
    bool ok = copy;

    for ( char *slash = copy ? strchr(copy + 1, '/') : NULL; ok && slash;
          slash = strchr(slash + 1, '/') )
    {
        *slash = '\0';
        ok = !mkdir(copy, 0777) || errno == EEXIST;
        *slash = '/';
    }
    free(copy);
    return ok;
}

FILE *report_open(const char *path)
{
    if ( !strcmp(path, "-") )
        return stdout;
    if ( !*path )
    {
        errno = ENOENT;
        return NULL;
    }
    return make_directories_above(path) ? fopen(path, "w") : NULL;
}

int report_close(FILE *stream)
{
    int status = 0;

    errno = 0;
    if ( fflush(stream) || ferror(stream) )
        status = errno ? -errno : -EIO;
    if ( stream != stdout && fclose(stream) && !status )
        status = -errno;
    return status;
}
