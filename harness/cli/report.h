/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verb has to tell, collected once and written by several reporters:
 * JSON for machines (docs/json.md), JUnit XML for CI, HTML for people.
 *
 * Ownership: the report_add_*() functions copy what they are given, strings
 * and arrays included; the report owns its copies until report_free().  The
 * caller may build its structures on the stack.  Strings are cleaned when they
 * are copied: what is not UTF-8, and control characters, become '?'.
 *
 * Memory: if it runs out the report is marked incomplete, later additions are
 * dropped, and the writers refuse with -ENOMEM.  So nobody has to look at
 * every single addition.
 */
#ifndef HARNESS_CLI_REPORT_H
#define HARNESS_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A property that was broken. */
struct report_finding {
    const char *property;  /* "P2" */
    const char *message;   /* a sentence with the figures */
    const char *file;      /* replays it; NULL: there is none */
    const char *operation; /* where in the program it showed; NULL: unknown */
    const char *test_case; /* name of the case; NULL: of none */
};

/* One way in which a recorded session was replayed. */
struct report_run {
    const char *through;      /* "model" or "stack" */
    const char *p2m;          /* "scattered", ... */
    const char *retention;    /* "normal", ... */
    uint64_t expected, equal; /* translations */
    uint64_t faults_expected, faults_equal;
    uint64_t interrupts_expected, interrupts_equal;
    uint64_t statuses_expected, statuses_equal; /* of waits */
    uint64_t not_modelled; /* lines about what is not built yet */
    uint64_t physical_register_writes;
    uint64_t shadow_entries;
    uint64_t iotlb_hits, iotlb_misses;
    uint64_t events; /* lines of the session that were replayed */
    double seconds;  /* spent on them */
};

enum report_kind { REPORT_SCENARIO, REPORT_LITMUS, REPORT_SESSION };

/* Something that was run. */
struct report_case {
    const char *name; /* path below the suite's directory; never NULL */
    enum report_kind kind;
    const char *arch;    /* "vtd" */
    const char *skipped; /* why it was not run; NULL: it was */
    bool ok;             /* false is a failure unless it was skipped */
    bool exhaustive;     /* every schedule within the bound was run */
    double seconds;
    uint64_t dma, invalidations, schedules;
    uint64_t suspended; /* DMA on undefined ground: not judged by P2-P4 */
    const char *order;  /* litmus: one that comes to what was looked for, as
                           lines with a lane for each activity; NULL: none */
    const struct report_run *runs; /* sessions only */
    size_t run_count;
};

/* One figure of a benchmark. */
struct report_result {
    const char *name; /* "iotlb hit 4K" */
    const char *unit; /* "translations/s" */
    double value;     /* the median of the repetitions */
    unsigned int repeat;
    double spread; /* (largest - smallest) / value */
    double aim;    /* what is asked for; 0: nothing */
};

/* What the verb fuzz adds, over all targets. */
struct report_fuzz {
    uint64_t executions, operations, edges, crashes, dma, suspended;
    double seconds; /* of all processes together */
};

/*
 * A key of the JSON object that only one verb has: a text, a truth, or else a
 * figure.  Those of a group stand in an object of that name, "latency/dma" in
 * the object dma in latency.
 */
struct report_figure {
    const char *group; /* NULL: none */
    const char *name;
    uint64_t value;
    const char *text; /* NULL: a figure */
    bool truth;       /* the value is one: zero is false */
    bool decimal;     /* not the value, but: */
    double real;
};

/* What the verb explore adds. */
struct report_exploration {
    bool exhaustive;
    bool bounded;
    uint32_t bound;             /* preemptions */
    const char *counterexample; /* file, or NULL */
};

struct report {
    const char *verb, *version;
    uint64_t seed; /* below 2^63, which is what JSON readers can take */
    double seconds;
    bool ok;         /* nothing was found and nothing failed */
    bool incomplete; /* memory ran out */
    struct report_finding *findings;
    size_t finding_count, finding_room;
    struct report_case *cases;
    size_t case_count, case_room;
    struct report_result *results;
    size_t result_count, result_room;
    const struct report_exploration *exploration; /* NULL: another verb */
    const struct report_fuzz *fuzz;  /* NULL: another verb; not copied */
    const struct evidence *evidence; /* evidence.h; the caller's, or NULL */
    const struct history *history;   /* history.h; likewise */
    struct report_figure *figures;
    size_t figure_count, figure_room;
};

/* Empty, and ok until a finding or a failed case is added. */
void report_init(struct report *report, const char *verb, const char *version,
                 uint64_t seed);
void report_free(struct report *report);

void report_add_finding(struct report *report,
                        const struct report_finding *finding);
void report_add_case(struct report *report, const struct report_case *one);
void report_add_result(struct report *report,
                       const struct report_result *result);

void report_add_figure(struct report *report,
                       const struct report_figure *figure);

struct report_totals {
    size_t passed, failed, skipped;
    uint64_t dma, invalidations;
    struct report_run runs; /* sums over all runs; its strings are NULL */
};
void report_totals(const struct report *report, struct report_totals *totals);

const char *report_kind_name(enum report_kind kind);

/* Events per second of one run or of a sum of runs; 0: no time was taken. */
double report_event_rate(const struct report_run *run);

/* All of what was expected: translations, faults, interrupts, statuses. */
bool report_run_is_equal(const struct report_run *run);

/* ---- writers --------------------------------------------------------------
 *
 * @path "-" is standard output; directories that are missing on the way are
 * made.  0 or a negative errno.
 */
int report_json(const struct report *report, const char *path);
int report_junit(const struct report *report, const char *path);
int report_html(const struct report *report, const char *path);
int report_markdown(const struct report *report, const char *path);
int report_sarif(const struct report *report, const char *path);

/*
 * Fill @report (to be freed) with what report_json() wrote.  0, or a negative
 * errno and nothing to free.  @verb and @version must outlive it.
 */
int report_load(struct report *report, const char *path, const char *verb,
                const char *version);

/* ---- for the writers ---- */

/* NULL and errno: it can't be opened. */
FILE *report_open(const char *path);

/* 0 or a negative errno, also for what failed while writing. */
int report_close(FILE *stream);

/* JSON, which it takes, as jansson's @flags say.  0 or a negative errno. */
struct json_t;
int report_dump(struct json_t *top, const char *path, size_t flags);

/* The part of the page about litmus tests, if there are any. */
void report_litmus_html(FILE *stream, const struct report *report);

/* The charts of the page.  0 or -ENOMEM. */
int report_charts_html(FILE *stream, const struct report *report);

/* @value as the page shows a figure that nobody needs exactly: 12.3k. */
void report_short(FILE *stream, double value);

/* Style sheet and script of the page. */
extern const char report_style[], report_script[];

/* '?' for each byte of @text that is no UTF-8, or that XML has no room for. */
void report_clean(char *text);

/* For XML and HTML, in text and between quotes alike. */
void report_escape(FILE *stream, const char *text);

#endif /* HARNESS_CLI_REPORT_H */
