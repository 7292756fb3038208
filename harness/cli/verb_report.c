/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra report: the evidence of the last runs, without running anything. */

#include <cli/cli.h>
#include <cli/evidence.h>
#include <cli/history.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_options {
    struct common_options common;
    const char *markdown, *sarif;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct report_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'm':
        options->markdown = arg;
        return 0;
    case 's':
        options->sarif = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "markdown", 'm', "FILE", 0,
      "a summary for a cover letter (- is standard output)", 0 },
    { "sarif", 's', "FILE", 0, "the findings as SARIF 2.1.0", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    NULL,
    "Put together what umbra run, cover and mutants have found last:\n"
    "build/report/index.html.\v"
    "Example: umbra report --markdown -",
    children,
    NULL,
    NULL
};

typedef int writer(const struct report *report, const char *path);

/* False: it could not be written, and that was said. */
static bool write_one(writer *write, const struct report *report,
                      const char *path)
{
    int rc = path ? write(report, path) : 0;

    if ( rc )
        fprintf(stderr, "umbra report: %s: %s\n", path, strerror(-rc));
    return !rc;
}

static int write_all(const struct report_options *options,
                     struct report *report)
{
    char page[512];
    bool ok;

    snprintf(page, sizeof(page), "%s/report/index.html", build_root());
    ok = write_one(report_html, report, page);
    ok = write_one(report_markdown, report, options->markdown) && ok;
    ok = write_one(report_sarif, report, options->sarif) && ok;
    ok = json_written(report, &options->common) && ok;
    if ( !ok )
        return STATUS_USAGE;
    return report->ok ? STATUS_OK : STATUS_FOUND;
}

int verb_report(int argc, char **argv)
{
    struct report_options options = { 0 };
    struct evidence *evidence;
    struct history *history;
    char path[512];
    struct report report;
    int status;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    snprintf(path, sizeof(path), "%s/report/run.json", build_root());
    if ( report_load(&report, path, "run", UMBRA_VERSION) )
    {
        fprintf(stderr,
                "umbra report: there is no %s; ./umbra run makes "
                "it\n",
                path);
        return STATUS_USAGE;
    }
    snprintf(path, sizeof(path), "%s/report", build_root());
    evidence = evidence_load(path);
    report.evidence = evidence;
    history = history_load(path);
    report.history = history;
    status = write_all(&options, &report);
    evidence_free(evidence);
    history_free(history);
    report_free(&report);
    return status;
}
