/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What machines read: one JSON object, its keys in a fixed order and stable
 * once published.  docs/json.md is the contract.
 */
#include <cli/report.h>

#include <errno.h>
#include <jansson.h>
#include <string.h>

/*
 * jansson's json_*_new functions take NULL values and then fail, so an error
 * anywhere inside ends up as NULL at the top: checked once, there.
 */
static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *text(const char *string)
{
    return string ? json_string(string) : json_null();
}

struct pair {
    const char *key;
    json_t *value; /* taken */
};

static bool put(json_t *object, const struct pair *pairs, size_t count)
{
    bool ok = object;

    /* To the end in any case: the values are taken. */
    for ( size_t i = 0; i < count; i++ )
        ok = !json_object_set_new(object, pairs[i].key, pairs[i].value) && ok;
    return ok;
}

#define PUT(object, ...)                                                      \
    put(object, (const struct pair[]) { __VA_ARGS__ },                        \
        sizeof((const struct pair[]) { __VA_ARGS__ }) / sizeof(struct pair))

/* Equal figures of one run or of a sum of runs, as a run and replay show. */
static bool put_comparison(json_t *object, const struct report_run *run)
{
    return PUT(object, { "expected", number(run->expected) },
               { "equal", number(run->equal) },
               { "faults_expected", number(run->faults_expected) },
               { "faults_equal", number(run->faults_equal) },
               { "interrupts_expected", number(run->interrupts_expected) },
               { "interrupts_equal", number(run->interrupts_equal) },
               { "statuses_expected", number(run->statuses_expected) },
               { "statuses_equal", number(run->statuses_equal) },
               { "not_modelled", number(run->not_modelled) },
               { "events_per_second", json_real(report_event_rate(run)) });
}

static json_t *run_object(const struct report_run *run)
{
    json_t *object = json_object();
    bool ok = PUT(object, { "through", text(run->through) },
                  { "p2m", text(run->p2m) },
                  { "retention", text(run->retention) });

    ok = put_comparison(object, run) && ok;
    ok = PUT(object,
             { "physical_register_writes",
               number(run->physical_register_writes) },
             { "shadow_entries", number(run->shadow_entries) },
             { "iotlb_hits", number(run->iotlb_hits) },
             { "iotlb_misses", number(run->iotlb_misses) }) &&
         ok;
    if ( ok )
        return object;
    json_decref(object);
    return NULL;
}

static json_t *finding_object(const struct report_finding *finding)
{
    json_t *object = json_object();

    if ( PUT(object, { "property", text(finding->property) },
             { "message", text(finding->message) },
             { "file", text(finding->file) },
             { "operation", text(finding->operation) },
             { "case", text(finding->test_case) }) )
        return object;
    json_decref(object);
    return NULL;
}

/* Append and take @element; false also if that is NULL. */
static bool append(json_t *array, json_t *element)
{
    return !json_array_append_new(array, element);
}

static bool append_runs(json_t *array, const struct report_case *one)
{
    bool ok = array;

    for ( size_t i = 0; i < one->run_count; i++ )
        ok = append(array, run_object(&one->runs[i])) && ok;
    return ok;
}

/* What a session adds to its case. */
static bool put_session(json_t *object, const struct report_case *one)
{
    json_t *runs = json_array();
    bool ok = append_runs(runs, one);

    return PUT(object, { "runs", runs }) && ok;
}

static json_t *case_object(const struct report_case *one)
{
    json_t *object = json_object();
    bool ok = PUT(object, { "name", text(one->name) },
                  { "kind", text(report_kind_name(one->kind)) },
                  { "arch", text(one->arch) },
                  { "ok", json_boolean(one->ok || one->skipped) },
                  { "skipped", text(one->skipped) },
                  { "seconds", json_real(one->seconds) },
                  { "dma", number(one->dma) },
                  { "invalidations", number(one->invalidations) },
                  { "suspended", number(one->suspended) },
                  { "schedules", number(one->schedules) },
                  { "exhaustive", json_boolean(one->exhaustive) });

    if ( one->kind == REPORT_SESSION )
        ok = put_session(object, one) && ok;
    if ( one->kind == REPORT_LITMUS )
        ok = PUT(object, { "order", text(one->order) }) && ok;
    if ( ok )
        return object;
    json_decref(object);
    return NULL;
}

static json_t *result_object(const struct report_result *result)
{
    json_t *object = json_object();

    if ( PUT(object, { "name", text(result->name) },
             { "unit", text(result->unit) },
             { "value", json_real(result->value) },
             { "repeat", json_integer(result->repeat) },
             { "spread", json_real(result->spread) },
             { "aim", json_real(result->aim) }) )
        return object;
    json_decref(object);
    return NULL;
}

static bool put_findings(json_t *top, const struct report *report)
{
    json_t *findings = json_array();
    bool ok = findings;

    for ( size_t i = 0; i < report->finding_count; i++ )
        ok = append(findings, finding_object(&report->findings[i])) && ok;
    return PUT(top, { "findings", findings }) && ok;
}

static bool put_cases(json_t *top, const struct report *report)
{
    struct report_totals totals;
    json_t *cases = json_array();
    bool ok = cases;

    report_totals(report, &totals);
    for ( size_t i = 0; i < report->case_count; i++ )
        ok = append(cases, case_object(&report->cases[i])) && ok;
    return PUT(top, { "passed", number(totals.passed) },
               { "failed", number(totals.failed) },
               { "skipped", number(totals.skipped) }, { "cases", cases }) &&
           ok;
}

/* The sums over all runs, and the runs one by one. */
static bool put_runs(json_t *top, const struct report *report)
{
    struct report_totals totals;
    json_t *runs = json_array();
    bool ok = runs;

    report_totals(report, &totals);
    ok = put_comparison(top, &totals.runs) && ok;
    for ( size_t i = 0; i < report->case_count; i++ )
        ok = append_runs(runs, &report->cases[i]) && ok;
    return PUT(top, { "runs", runs }) && ok;
}

static bool put_results(json_t *top, const struct report *report)
{
    json_t *results = json_array();
    bool ok = results;

    for ( size_t i = 0; i < report->result_count; i++ )
        ok = append(results, result_object(&report->results[i])) && ok;
    return PUT(top, { "results", results }) && ok;
}

static double rate(uint64_t count, double seconds)
{
    return seconds > 0 ? (double)count / seconds : 0;
}

static bool put_fuzz(json_t *top, const struct report *report)
{
    const struct report_fuzz *f = report->fuzz;
    double per = f->executions ?
                     (double)f->operations / (double)f->executions :
                     0;

    return PUT(top, { "executions", number(f->executions) },
               { "executions_per_second",
                 json_real(rate(f->executions, f->seconds)) },
               { "operations_per_execution", json_real(per) },
               { "edges", number(f->edges) },
               { "crashes", number(f->crashes) }, { "dma", number(f->dma) },
               { "suspended", number(f->suspended) });
}

static bool put_exploration(json_t *top, const struct report *report)
{
    const struct report_exploration *e = report->exploration;

    return PUT(top, { "exhaustive", json_boolean(e->exhaustive) },
               { "bound", e->bounded ? number(e->bound) : json_null() },
               { "counterexample",
                 e->counterexample ? text(e->counterexample) : json_null() });
}

/* The object of a group, made when it is first needed. */
static json_t *group_of(json_t *top, const char *group)
{
    json_t *object = top;
    char name[64];

    while ( group && *group && object )
    {
        size_t length = strcspn(group, "/");
        json_t *outer = object;

        snprintf(name, sizeof(name), "%.*s", (int)length, group);
        group += length + (group[length] == '/');
        object = json_object_get(outer, name);
        if ( !object && !json_object_set_new(outer, name, json_object()) )
            object = json_object_get(outer, name);
    }
    return object;
}

static json_t *figure_value(const struct report_figure *f)
{
    if ( f->text )
        return text(f->text);
    if ( f->truth )
        return json_boolean(f->value != 0);
    return f->decimal ? json_real(f->real) : number(f->value);
}

static bool put_figures(json_t *top, const struct report *report)
{
    bool ok = true;

    for ( size_t i = 0; i < report->figure_count; i++ )
    {
        const struct report_figure *f = &report->figures[i];

        ok = PUT(group_of(top, f->group), { f->name, figure_value(f) }) && ok;
    }
    return ok;
}

/* Which lists a verb has; the rest is common to all. */
static bool verb_is(const struct report *report, const char *verb)
{
    return report->verb && !strcmp(report->verb, verb);
}

static bool put_all(json_t *top, const struct report *report)
{
    bool run = verb_is(report, "run"), replay = verb_is(report, "replay");

    return PUT(top, { "verb", text(report->verb) },
               { "version", text(report->version) },
               { "seed", number(report->seed) },
               { "seconds", json_real(report->seconds) },
               { "ok", json_boolean(report->ok) }) &&
           put_findings(top, report) &&
           (!(run || replay) || put_cases(top, report)) &&
           (!replay || put_runs(top, report)) &&
           (!report->fuzz || put_fuzz(top, report)) &&
           (!report->exploration || put_exploration(top, report)) &&
           (!verb_is(report, "bench") || put_results(top, report)) &&
           put_figures(top, report);
}

int report_dump(json_t *top, const char *path, size_t flags)
{
    FILE *stream = report_open(path);
    int status = stream ? 0 : -errno, closed;

    if ( stream &&
         (json_dumpf(top, stream, flags) || putc('\n', stream) == EOF) )
        status = -EIO;
    json_decref(top);
    closed = stream ? report_close(stream) : 0;
    return status ? status : closed;
}

int report_json(const struct report *report, const char *path)
{
    json_t *top;

    if ( report->incomplete )
        return -ENOMEM;
    top = json_object();
    /* No memory, or a figure that JSON has no notation for (NaN). */
    if ( !put_all(top, report) )
    {
        json_decref(top);
        return -EINVAL;
    }
    return report_dump(top, path, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
}
