/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sample.h"

#include <stdlib.h>
#include <unistd.h>

static const struct report_run sample_runs[] = {
    { .through = "model",
      .p2m = "bare",
      .retention = "normal",
      .expected = 1200,
      .equal = 1200,
      .faults_expected = 3,
      .faults_equal = 3,
      .interrupts_expected = 2,
      .interrupts_equal = 2,
      .iotlb_hits = 900,
      .iotlb_misses = 300,
      .events = 5000,
      .seconds = 0.25 },
    { .through = "stack",
      .p2m = "mixed",
      .retention = "never-evict",
      .expected = 1200,
      .equal = 1199,
      .physical_register_writes = 77,
      .shadow_entries = 400,
      .iotlb_hits = 100,
      .iotlb_misses = 100,
      .events = 5000,
      .seconds = 0.75 },
};

static const struct report_case sample_cases[] = {
    { .name = "vtd/am.scn",
      .arch = "vtd",
      .ok = true,
      .seconds = 0.125,
      .dma = 10,
      .invalidations = 4 },
    { .name = "vtd/a&b<c>.scn",
      .arch = "vtd",
      .seconds = 0.5,
      .dma = 20,
      .invalidations = 5 },
    { .name = "litmus/drain.litmus",
      .kind = REPORT_LITMUS,
      .arch = "vtd",
      .ok = true,
      .exhaustive = true,
      .schedules = 1234,
      .order = "cpu | nic\nsync |\n    | dma <nic>\n",
      .seconds = 2 },
    { .name = "vtd/sessions/scalable.trace.gz",
      .kind = REPORT_SESSION,
      .arch = "vtd",
      .skipped = "needs scalable mode" },
    { .name = "vtd/sessions/cm.trace.gz",
      .kind = REPORT_SESSION,
      .arch = "vtd",
      .ok = true,
      .seconds = 1,
      .dma = 2400,
      .invalidations = 7,
      .runs = sample_runs,
      .run_count = 2 },
};

static const struct report_finding sample_findings[] = {
    { .property = "P2",
      .message = "a < b & \"c\" isn't > d",
      .file = "build/report/1.scn",
      .operation = "line 7: dma <read>",
      .test_case = "vtd/a&b<c>.scn" },
    { .property = "P9", .message = "a page reference was not given back" },
};

void sample_report(struct report *report, const char *verb)
{
    report_init(report, verb, "0.1.0", 42);
    for ( size_t i = 0; i < sizeof(sample_cases) / sizeof(sample_cases[0]);
          i++ )
        report_add_case(report, &sample_cases[i]);
    for ( size_t i = 0;
          i < sizeof(sample_findings) / sizeof(sample_findings[0]); i++ )
        report_add_finding(report, &sample_findings[i]);
    report_add_result(report, &(struct report_result) {
                                  .name = "iotlb hit <4K>",
                                  .unit = "translations/s",
                                  .value = 31.5e6,
                                  .repeat = 5,
                                  .spread = 0.02,
                              });
    report->seconds = 3.5;
}

char *written(report_writer *writer, const struct report *report)
{
    char path[] = "written-XXXXXX";
    int fd = mkstemp(path);
    FILE *stream;
    char *text = NULL;
    size_t room = 0;

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(writer(report, path), 0);
    stream = fopen(path, "r");
    assert_non_null(stream);
    assert_true(getdelim(&text, &room, '\0', stream) > 0);
    fclose(stream);
    unlink(path);
    return text;
}
