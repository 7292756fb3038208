/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JUnit XML, as CI systems read it: a test suite per directory of the suite, a
 * test case per case, a failure element per finding.
 */
#include <cli/report.h>

#include <errno.h>
#include <string.h>

/* The directory part of a case's name; "." if it has none. */
struct directory {
    const char *name;
    size_t length;
};

static struct directory directory_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? (struct directory) { name, (size_t)(slash - name) } :
                   (struct directory) { ".", 1 };
}

static bool same_directory(struct directory a, struct directory b)
{
    return a.length == b.length && !memcmp(a.name, b.name, a.length);
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

static void put_attribute(FILE *stream, const char *key, const char *value)
{
    fprintf(stream, " %s=\"", key);
    report_escape(stream, value ? value : "");
    putc('"', stream);
}

/* As an attribute, where escaping goes by characters. */
static void put_directory(FILE *stream, const char *key,
                          struct directory directory)
{
    fprintf(stream, " %s=\"", key);
    for ( size_t i = 0; i < directory.length; i++ )
        report_escape(stream, (const char[]) { directory.name[i], '\0' });
    putc('"', stream);
}

static bool is_of_case(const struct report_finding *finding,
                       const struct report_case *one)
{
    return finding->test_case && !strcmp(finding->test_case, one->name);
}

static void put_failure(FILE *stream, const struct report_finding *finding)
{
    fputs("      <failure", stream);
    put_attribute(stream, "type", finding->property);
    put_attribute(stream, "message", finding->message);
    putc('>', stream);
    if ( finding->operation )
    {
        fputs("at ", stream);
        report_escape(stream, finding->operation);
        putc('\n', stream);
    }
    if ( finding->file )
    {
        fputs("replay: ./umbra replay ", stream);
        report_escape(stream, finding->file);
        putc('\n', stream);
    }
    fputs("</failure>\n", stream);
}

static void put_failures(FILE *stream, const struct report *report,
                         const struct report_case *one)
{
    bool named = false;

    for ( size_t i = 0; i < report->finding_count; i++ )
    {
        if ( !is_of_case(&report->findings[i], one) )
            continue;
        put_failure(stream, &report->findings[i]);
        named = true;
    }
    if ( !named )
        put_failure(stream, &(struct report_finding) {
                                .message = "failed without a finding" });
}

static void put_case(FILE *stream, const struct report *report,
                     const struct report_case *one)
{
    fputs("    <testcase", stream);
    put_directory(stream, "classname", directory_of(one->name));
    put_attribute(stream, "name", base_of(one->name));
    fprintf(stream, " time=\"%.3f\"", one->seconds);
    if ( one->ok && !one->skipped )
    {
        fputs("/>\n", stream);
        return;
    }
    fputs(">\n", stream);
    if ( one->skipped )
    {
        fputs("      <skipped", stream);
        put_attribute(stream, "message", one->skipped);
        fputs("/>\n", stream);
    }
    else
        put_failures(stream, report, one);
    fputs("    </testcase>\n", stream);
}

struct tally {
    size_t tests, failures, skipped;
    double seconds;
};

static void count_case(struct tally *tally, const struct report_case *one)
{
    tally->tests++;
    tally->failures += !one->skipped && !one->ok;
    tally->skipped += one->skipped != NULL;
    tally->seconds += one->seconds;
}

static void put_tally(FILE *stream, const struct tally *tally)
{
    fprintf(stream,
            " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\""
            " time=\"%.3f\"",
            tally->tests, tally->failures, tally->skipped, tally->seconds);
}

static bool is_first_of_its_directory(const struct report *report,
                                      size_t index)
{
    struct directory directory = directory_of(report->cases[index].name);

    for ( size_t i = 0; i < index; i++ )
    {
        if ( same_directory(directory, directory_of(report->cases[i].name)) )
            return false;
    }
    return true;
}

/* The suite of the directory whose first case is @first. */
static void put_suite(FILE *stream, const struct report *report, size_t first)
{
    struct directory directory = directory_of(report->cases[first].name);
    struct tally tally = { 0 };

    for ( size_t i = first; i < report->case_count; i++ )
    {
        if ( same_directory(directory, directory_of(report->cases[i].name)) )
            count_case(&tally, &report->cases[i]);
    }
    fputs("  <testsuite", stream);
    put_directory(stream, "name", directory);
    put_tally(stream, &tally);
    fputs(">\n", stream);
    for ( size_t i = first; i < report->case_count; i++ )
    {
        if ( same_directory(directory, directory_of(report->cases[i].name)) )
            put_case(stream, report, &report->cases[i]);
    }
    fputs("  </testsuite>\n", stream);
}

static bool is_of_no_case(const struct report *report,
                          const struct report_finding *finding)
{
    for ( size_t i = 0; i < report->case_count; i++ )
    {
        if ( is_of_case(finding, &report->cases[i]) )
            return false;
    }
    return true;
}

/* Findings that no case stands for must not get lost: a suite of their own. */
static void put_strays(FILE *stream, const struct report *report)
{
    size_t strays = 0;

    for ( size_t i = 0; i < report->finding_count; i++ )
    {
        if ( !is_of_no_case(report, &report->findings[i]) )
            continue;
        if ( !strays++ )
            fputs("  <testsuite name=\"umbra\" tests=\"1\" failures=\"1\""
                  " errors=\"0\" skipped=\"0\" time=\"0\">\n"
                  "    <testcase classname=\"umbra\" name=\"findings\">\n",
                  stream);
        put_failure(stream, &report->findings[i]);
    }
    if ( strays )
        fputs("    </testcase>\n  </testsuite>\n", stream);
}

int report_junit(const struct report *report, const char *path)
{
    struct tally all = { 0 };
    FILE *stream;

    if ( report->incomplete )
        return -ENOMEM;
    stream = report_open(path);
    if ( !stream )
        return -errno;

    for ( size_t i = 0; i < report->case_count; i++ )
        count_case(&all, &report->cases[i]);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", stream);
    put_attribute(stream, "name", "umbra");
    put_tally(stream, &all);
    fputs(">\n", stream);
    for ( size_t i = 0; i < report->case_count; i++ )
    {
        if ( is_first_of_its_directory(report, i) )
            put_suite(stream, report, i);
    }
    put_strays(stream, report);
    fputs("</testsuites>\n", stream);
    return report_close(stream);
}
