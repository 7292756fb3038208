/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings as SARIF 2.1.0, which code hosts show beside a change.  A finding
 * is at the line of a scenario where there is one, else at the project.
 */
#include <cli/report.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The line of "line 7: dma ...", or of "FILE:7: ...". */
static int line_of(const char *operation)
{
    const char *digits = operation ? strpbrk(operation, "0123456789") : NULL;
    int line = digits ? atoi(digits) : 0;

    return line > 0 ? line : 1;
}

static json_t *location(const struct report_finding *finding)
{
    const char *file = finding->file ? finding->file : "README.md";

    return json_pack("{s:{s:{s:s},s:{s:i}}}", "physicalLocation",
                     "artifactLocation", "uri", file, "region", "startLine",
                     line_of(finding->operation));
}

static json_t *result(const struct report_finding *finding)
{
    return json_pack("{s:s,s:s,s:{s:s},s:[o]}", "ruleId",
                     finding->property ? finding->property : "finding",
                     "level", "error", "message", "text",
                     finding->message ? finding->message : "", "locations",
                     location(finding));
}

static json_t *document(const struct report *report)
{
    json_t *results = json_array();

    for ( size_t i = 0; i < report->finding_count; i++ )
        json_array_append_new(results, result(&report->findings[i]));
    return json_pack("{s:s,s:s,s:[{s:{s:{s:s,s:s}},s:o}]}", "$schema",
                     "https://json.schemastore.org/sarif-2.1.0.json",
                     "version", "2.1.0", "runs", "tool", "driver", "name",
                     "Umbra", "version", report->version, "results", results);
}

int report_sarif(const struct report *report, const char *path)
{
    json_t *top = report->incomplete ? NULL : document(report);

    return top ? report_dump(top, path, JSON_INDENT(2)) : -ENOMEM;
}
