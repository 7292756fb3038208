/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Executions of a fuzzer of races: programs put together from its corpus,
 * restored, run and judged as the fuzzers do, without an engine around.
 * docs/fuzzing.md.
 */

#include <bench.h>

#include <fuzz/judge.h>

#include <scenario/suite.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS     48
#define OPERATIONS 36
#define RECORDS    4096 /* of a corpus, at most */
#define INPUT_SIZE (INPUT_HEADER + OPERATIONS * INPUT_RECORD)

struct inputs {
    struct judge judge;
    uint8_t data[INPUTS][INPUT_SIZE];
};

/* What the inputs of a corpus are made of. */
struct parts {
    uint8_t header[INPUTS][INPUT_HEADER];
    uint8_t record[RECORDS][INPUT_RECORD];
    unsigned int headers, records;
};

static void take_apart(FILE *file, struct parts *parts)
{
    if ( parts->headers < INPUTS &&
         fread(parts->header[parts->headers], INPUT_HEADER, 1, file) )
        parts->headers++;
    while ( parts->records < RECORDS &&
            fread(parts->record[parts->records], INPUT_RECORD, 1, file) )
        parts->records++;
}

/* In the order of their names.  False: there is none, which was said. */
static bool read_corpus(const char *target, struct parts *parts)
{
    const char *root = getenv("UMBRA_SCENARIOS");
    struct dirent **entry;
    char path[1024];
    int count;

    snprintf(path, sizeof(path), "%s/../fuzz/corpora/%s",
             root ? root : "scenarios", target);
    count = scandir(path, &entry, NULL, alphasort);
    for ( int i = 0; i < count; i++ )
    {
        char name[1300];
        FILE *file;

        snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);
        file = entry[i]->d_type == DT_DIR ? NULL : fopen(name, "rb");
        if ( file )
        {
            take_apart(file, parts);
            fclose(file);
        }
        free(entry[i]);
    }
    if ( count >= 0 )
        free(entry);
    if ( parts->headers && parts->records )
        return true;
    fprintf(stderr, "%s: no inputs\n", path);
    return false;
}

/* Each has a machine of the corpus, and the operations that stand after one
 * another there. */
static void put_together(const struct parts *parts, struct inputs *inputs)
{
    for ( unsigned int i = 0; i < INPUTS; i++ )
    {
        uint8_t *to = inputs->data[i];

        memcpy(to, parts->header[i % parts->headers], INPUT_HEADER);
        for ( unsigned int n = 0; n < OPERATIONS; n++ )
            memcpy(to + INPUT_HEADER + n * INPUT_RECORD,
                   parts->record[(i * OPERATIONS + n) % parts->records],
                   INPUT_RECORD);
    }
}

static void close_inputs(struct inputs *inputs)
{
    if ( inputs )
        judge_free(&inputs->judge);
    free(inputs);
}

/* Each once.  False: something was found, or could not run. */
static bool run_all(struct inputs *inputs)
{
    for ( unsigned int i = 0; i < INPUTS; i++ )
    {
        struct verdict verdict;

        judge_input(&inputs->judge, inputs->data[i], INPUT_SIZE, &verdict);
        program_free(verdict.program);
    }
    return !inputs->judge.total.findings && !inputs->judge.total.refused;
}

/* With their worlds, which are made before any clock runs. */
static struct inputs *open_inputs(const char *target)
{
    struct inputs *inputs = calloc(1, sizeof(*inputs));
    struct parts *parts = calloc(1, sizeof(*parts));
    bool ok;

    if ( !inputs || !parts )
        abort();
    ok = read_corpus(target, parts);
    if ( ok )
        put_together(parts, inputs);
    free(parts);
    if ( ok && judge_init(&inputs->judge, fuzz_target_by_name(target)) &&
         run_all(inputs) )
        return inputs;
    close_inputs(inputs);
    return NULL;
}

static double rate(struct inputs *inputs, double seconds)
{
    double start = cpu_seconds(), spent = 0;
    uint64_t executions = 0;
    bool ok = true;

    for ( ; ok && spent < seconds; spent = cpu_seconds() - start )
    {
        ok = run_all(inputs);
        executions += INPUTS;
    }
    return ok ? (double)executions / spent : -1;
}

double bench_fuzz(const struct bench *bench, double seconds)
{
    struct inputs *inputs = open_inputs(bench->file);
    double executions = inputs ? rate(inputs, seconds) : -1;

    close_inputs(inputs);
    return executions;
}

/* Slices of both by turns, so that a machine that is slower for a while is so
 * for both. */
#define SLICES 4

double bench_fuzz_cost(const struct bench *bench, double seconds)
{
    const struct bench miss = { .measure = bench_vtd, .order = 0 };
    struct inputs *inputs = open_inputs(bench->file);
    double misses = 0, executions = 0, slice = inputs ? 0 : -1;

    for ( unsigned int i = 0; i < SLICES && slice >= 0; i++ )
    {
        slice = rate(inputs, seconds / (2 * SLICES));
        executions += slice;
        misses += bench_vtd(&miss, seconds / (2 * SLICES));
    }
    close_inputs(inputs);
    return slice < 0 ? -1 : misses / executions;
}
