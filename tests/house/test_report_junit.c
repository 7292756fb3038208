/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit XML: compared as a whole, since CI systems are picky. */
#include "sample.h"

#include <stdlib.h>

/* clang-format off */
static const char expected[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<testsuites name=\"umbra\" tests=\"5\" failures=\"1\" errors=\"0\""
    " skipped=\"1\" time=\"3.625\">\n"
    "  <testsuite name=\"vtd\" tests=\"2\" failures=\"1\" errors=\"0\""
    " skipped=\"0\" time=\"0.625\">\n"
    "    <testcase classname=\"vtd\" name=\"am.scn\" time=\"0.125\"/>\n"
    "    <testcase classname=\"vtd\" name=\"a&amp;b&lt;c&gt;.scn\""
    " time=\"0.500\">\n"
    "      <failure type=\"P2\" message=\"a &lt; b &amp; &quot;c&quot; isn&#39;t"
    " &gt; d\">at line 7: dma &lt;read&gt;\n"
    "replay: ./umbra replay build/report/1.scn\n"
    "</failure>\n"
    "    </testcase>\n"
    "  </testsuite>\n"
    "  <testsuite name=\"litmus\" tests=\"1\" failures=\"0\" errors=\"0\""
    " skipped=\"0\" time=\"2.000\">\n"
    "    <testcase classname=\"litmus\" name=\"drain.litmus\""
    " time=\"2.000\"/>\n"
    "  </testsuite>\n"
    "  <testsuite name=\"vtd/sessions\" tests=\"2\" failures=\"0\""
    " errors=\"0\" skipped=\"1\" time=\"1.000\">\n"
    "    <testcase classname=\"vtd/sessions\" name=\"scalable.trace.gz\""
    " time=\"0.000\">\n"
    "      <skipped message=\"needs scalable mode\"/>\n"
    "    </testcase>\n"
    "    <testcase classname=\"vtd/sessions\" name=\"cm.trace.gz\""
    " time=\"1.000\"/>\n"
    "  </testsuite>\n"
    "  <testsuite name=\"umbra\" tests=\"1\" failures=\"1\" errors=\"0\""
    " skipped=\"0\" time=\"0\">\n"
    "    <testcase classname=\"umbra\" name=\"findings\">\n"
    "      <failure type=\"P9\" message=\"a page reference was not given"
    " back\"></failure>\n"
    "    </testcase>\n"
    "  </testsuite>\n"
    "</testsuites>\n";
/* clang-format on */

static void a_suite_per_directory_a_failure_per_finding(void **state)
{
    struct report report;
    char *text;

    (void)state;
    sample_report(&report, "run");
    text = written(report_junit, &report);
    assert_string_equal(text, expected);
    free(text);
    report_free(&report);
}

static void a_failure_without_a_finding_is_still_one(void **state)
{
    struct report report;
    char *text;

    (void)state;
    report_init(&report, "run", "1", 0);
    report_add_case(&report, &(struct report_case) { .name = "top.scn" });
    text = written(report_junit, &report);
    assert_string_equal(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"umbra\" tests=\"1\" failures=\"1\" errors=\"0\""
        " skipped=\"0\" time=\"0.000\">\n"
        "  <testsuite name=\".\" tests=\"1\" failures=\"1\" errors=\"0\""
        " skipped=\"0\" time=\"0.000\">\n"
        "    <testcase classname=\".\" name=\"top.scn\" time=\"0.000\">\n"
        "      <failure type=\"\" message=\"failed without a finding\">"
        "</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
    free(text);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_per_directory_a_failure_per_finding),
        cmocka_unit_test(a_failure_without_a_finding_is_still_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
