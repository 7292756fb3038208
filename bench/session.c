/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events per second of a recorded session through the whole stack, the oracle
 * watching, 2 MiB p2m, normal retention. */

#include <bench.h>

#include <scenario/suite.h>

#include <stdio.h>
#include <stdlib.h>

bool bench_read(const struct bench *bench, struct program_list *list)
{
    const char *root = getenv("UMBRA_SCENARIOS");
    struct program_error error;
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", root ? root : "scenarios",
             bench->file);
    return program_read(path, NULL, list, &error);
}

double bench_session(const struct bench *bench, double seconds)
{
    const struct world_config config = { .through = THROUGH_STACK,
                                         .shape = P2M_CONTIGUOUS,
                                         .seed = 1 };
    struct finding findings[WORLD_MAX_FINDINGS];
    struct program_list list;
    struct run_result result;
    uint64_t events = 0;
    unsigned int count = 0;
    double start, spent = -1;
    bool ok = bench_read(bench, &list);

    start = cpu_seconds();
    while ( ok && (spent = cpu_seconds() - start) < seconds )
    {
        ok = program_run(list.program[0], &config, &result, findings,
                         &count) &&
             !count;
        events += result.operations;
    }
    program_list_free(&list);
    return ok ? (double)events / spent : -1;
}
