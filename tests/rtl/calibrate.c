/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fits the costs of models/common/cost.h to cycles of the RTL, and judges the
 * law on configurations that the fit has not seen:
 *
 *   cycles = tlb_lookup * lookups + walk_start * walks
 *            + (walk_step + L) * reads
 *
 * The counts are the C model's own, L is the latency of memory.  The RTL has
 * neither configuration nor walk caches: what the C model spends on them is
 * no part of the comparison.
 */
#include "calibrate.h"
#include "plot.h"

#include <common/port.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 0.05

/* clang-format off */
static const struct cal_config configs[] = {
    /* fitted */
    { "VT-d 4 levels, few pages, L 1",   CAL_VTD, true, 4, 0, 32, 1, 1 },
    { "VT-d 4 levels, many pages, L 1",  CAL_VTD, true, 4, 0, 4096, 1, 1 },
    { "VT-d 4 levels, many pages, L 20", CAL_VTD, true, 4, 0, 4096, 20, 20 },
    { "VT-d 4 levels, 128 pages, L 100", CAL_VTD, true, 4, 0, 128, 100, 100 },
    { "stage 1, 4 levels, L 1",      CAL_STAGE1, true, 0, 0, 1024, 1, 1 },
    { "stage 1, 4 levels, L 100",    CAL_STAGE1, true, 0, 0, 1024, 100, 100 },
    { "stage 1, 2 MiB blocks, L 20", CAL_STAGE1, true, 0, 1, 1024, 20, 20 },
    /* judged */
    { "VT-d 3 levels, many pages, L 5",  CAL_VTD, false, 3, 0, 4096, 5, 5 },
    { "VT-d 3 levels, 80 pages, L 50",   CAL_VTD, false, 3, 0, 80, 50, 50 },
    { "VT-d 2 MiB pages, L 10",          CAL_VTD, false, 4, 1, 256, 10, 10 },
    { "VT-d 1 GiB pages, L 200",         CAL_VTD, false, 4, 2, 100, 200, 200 },
    { "VT-d 96 pages, L 1 to 59",        CAL_VTD, false, 4, 0, 96, 1, 59 },
    { "VT-d few pages, L 200",           CAL_VTD, false, 4, 0, 16, 200, 200 },
    { "stage 1, 3 levels, L 7",      CAL_STAGE1, false, 1, 0, 512, 7, 7 },
    { "stage 1, 1 GiB blocks, L 30", CAL_STAGE1, false, 0, 2, 90, 30, 30 },
    { "stage 2, 4 levels, L 1",      CAL_STAGE2, false, 0, 0, 1024, 1, 1 },
    { "stage 2, 3 levels, L 50",     CAL_STAGE2, false, 1, 0, 128, 50, 50 },
    { "stage 2, 2 MiB blocks, L 9",  CAL_STAGE2, false, 1, 1, 200, 9, 9 },
    { "nested 4 and 4 levels, L 1",  CAL_NESTED, false, 0, 0, 1024, 1, 1 },
    { "nested 3 and 3 levels, L 20", CAL_NESTED, false, 1, 0, 1024, 20, 20 },
    { "nested 4 and 4 levels, L 100", CAL_NESTED, false, 0, 0, 96, 100, 100 },
    { "nested, few pages, L 5",      CAL_NESTED, false, 0, 0, 20, 5, 5 },
};
/* clang-format on */
#define CONFIGS (sizeof(configs) / sizeof(*configs))

/* What is fitted. */
static const enum cost unknown[] = { COST_TLB_LOOKUP, COST_WALK_START,
                                     COST_WALK_STEP };
#define UNKNOWNS (sizeof(unknown) / sizeof(*unknown))

struct law {
    double cost[UNKNOWNS];
};

/* ---- memory and the C model's port ---- */

uint64_t *cal_word(const struct cal_world *world, uint64_t address)
{
    return (uint64_t *)(void *)(world->memory + address);
}

uint64_t cal_page(struct cal_world *world)
{
    uint64_t page = world->next;

    world->next += 0x1000;
    if ( world->next > CAL_MEMORY )
        abort();
    return page;
}

unsigned int cal_next(const struct cal_config *config, uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (unsigned int)((*random >> 32) % config->pages);
}

static bool rtl_read(void *context, uint64_t address, uint64_t *value)
{
    const struct cal_world *world = context;

    if ( address > CAL_MEMORY - 8 )
        return false;
    *value = *cal_word(world, address);
    return true;
}

struct rtl_memory cal_memory(const struct cal_config *config,
                             struct cal_world *world)
{
    return (struct rtl_memory) {
        .read = rtl_read,
        .world = world,
        .latency_min = config->latency_min,
        .latency_max = config->latency_max,
        .seed = 1,
    };
}

static bool c_read(void *context, uint64_t address, void *buffer,
                   unsigned int len, unsigned int atom)
{
    struct cal_world *world = context;

    (void)atom;
    if ( address > CAL_MEMORY - len )
        return false;
    memcpy(buffer, world->memory + address, len);
    world->sample->reads += world->counting;
    return true;
}

static bool c_write(void *context, uint64_t address, const void *buffer,
                    unsigned int len, unsigned int atom)
{
    (void)context;
    (void)address;
    (void)buffer;
    (void)len;
    (void)atom;
    return false;
}

static void c_msi(void *context, uint64_t address, uint32_t data)
{
    (void)context;
    (void)address;
    (void)data;
}

static void c_wire(void *context, unsigned int line, bool level)
{
    (void)context;
    (void)line;
    (void)level;
}

static void c_spend(void *context, unsigned int cycles, enum cost what)
{
    struct cal_world *world = context;

    (void)cycles;
    world->sample->count[what] += world->counting;
}

static void c_relax(void *context)
{
    (void)context;
}

const struct port_ops cal_port = {
    .read = c_read,
    .write = c_write,
    .msi = c_msi,
    .wire = c_wire,
    .spend = c_spend,
    .relax = c_relax,
};

/* ---- measuring ---- */

static void measure(const struct cal_config *config, struct cal_sample *sample)
{
    struct cal_world world = {
        .memory = calloc(1, CAL_MEMORY),
        .next = 0x100000,
        .sample = sample,
    };

    *sample = (struct cal_sample) { 0 };
    if ( !world.memory )
        abort();
    if ( config->unit == CAL_VTD )
        cal_vtd(config, &world);
    else
        cal_smmuv3(config, &world);
    free(world.memory);
}

static double latency(const struct cal_config *config)
{
    return (config->latency_min + config->latency_max) / 2.0;
}

/* ---- the law ---- */

static double predict(const struct law *law, const struct cal_config *config,
                      const struct cal_sample *sample)
{
    double cycles = latency(config) * (double)sample->reads;

    for ( size_t i = 0; i < UNKNOWNS; i++ )
        cycles += law->cost[i] * (double)sample->count[unknown[i]];
    return cycles;
}

/* Gauss, with the largest pivot; @a is UNKNOWNS rows of UNKNOWNS + 1. */
static bool solve(double a[UNKNOWNS][UNKNOWNS + 1], double *x)
{
    for ( size_t i = 0; i < UNKNOWNS; i++ )
    {
        size_t best = i;

        for ( size_t j = i; j < UNKNOWNS; j++ )
            if ( fabs(a[j][i]) > fabs(a[best][i]) )
                best = j;
        if ( fabs(a[best][i]) < 1e-9 )
            return false;
        for ( size_t k = 0; k <= UNKNOWNS; k++ )
        {
            double swap = a[i][k];

            a[i][k] = a[best][k];
            a[best][k] = swap;
        }
        for ( size_t j = 0; j < UNKNOWNS; j++ )
        {
            double factor = a[j][i] / a[i][i];

            for ( size_t k = i; j != i && k <= UNKNOWNS; k++ )
                a[j][k] -= factor * a[i][k];
        }
    }
    for ( size_t i = 0; i < UNKNOWNS; i++ )
        x[i] = a[i][UNKNOWNS] / a[i][i];
    return true;
}

/* Least squares over cycles per request, of the configurations to fit. */
static bool fit(const struct cal_sample *samples, struct law *law)
{
    double a[UNKNOWNS][UNKNOWNS + 1] = { 0 };

    for ( size_t s = 0; s < CONFIGS; s++ )
    {
        double row[UNKNOWNS + 1];
        double n = samples[s].requests;

        if ( !configs[s].fit )
            continue;
        for ( size_t i = 0; i < UNKNOWNS; i++ )
            row[i] = (double)samples[s].count[unknown[i]] / n;
        row[UNKNOWNS] = ((double)samples[s].cycles -
                         latency(&configs[s]) * (double)samples[s].reads) /
                        n;
        for ( size_t i = 0; i < UNKNOWNS; i++ )
            for ( size_t k = 0; k <= UNKNOWNS; k++ )
                a[i][k] += row[i] * row[k];
    }
    return solve(a, law->cost);
}

/* A cost is a whole number of cycles. */
static struct law whole(const struct law *law)
{
    struct law rounded;

    for ( size_t i = 0; i < UNKNOWNS; i++ )
        rounded.cost[i] = round(law->cost[i]);
    return rounded;
}

/* ---- the verdict ---- */

static bool judge(const struct law *law, const struct cal_sample *samples,
                  struct plot_point *points)
{
    bool ok = true;

    printf("%-34s %6s %6s %9s %9s %7s\n", "configuration", "", "hits",
           "measured", "law", "error");
    for ( size_t i = 0; i < CONFIGS; i++ )
    {
        const struct cal_sample *sample = &samples[i];
        double n = sample->requests;
        double measured = (double)sample->cycles / n;
        double predicted = predict(law, &configs[i], sample) / n;
        double error = predicted / measured - 1;

        printf("%-34s %6s %5.1f%% %9.2f %9.2f %+6.2f%%\n", configs[i].name,
               configs[i].fit ? "fitted" : "", 100 * sample->hits / n,
               measured, predicted, 100 * error);
        points[i] = (struct plot_point) { configs[i].name, measured, predicted,
                                          configs[i].fit };
        if ( sample->broken )
            printf("%s: %s\n", configs[i].name, sample->broken);
        ok &= !sample->broken && (configs[i].fit || fabs(error) < TOLERANCE);
    }
    return ok;
}

/* An invalidation sweeps the sets: fitted to two sizes, judged by the third.
 */
static bool judge_invalidations(void)
{
    double sets[RTL_SIZES], cycles[RTL_SIZES], slope, rest, predicted;

    for ( unsigned int i = 0; i < RTL_SIZES; i++ )
    {
        sets[i] = rtl_entries(i) / rtl_ways(i);
        cycles[i] = (double)cal_vtd_invalidation(i);
    }
    slope = (cycles[1] - cycles[0]) / (sets[1] - sets[0]);
    rest = cycles[0] - slope * sets[0];
    predicted = rest + slope * sets[2];
    printf("invalidation: %.0f + %.0f per set; %.0f sets: measured %.0f, law "
           "%.0f\n",
           rest, slope, sets[2], cycles[2], predicted);
    return fabs(predicted / cycles[2] - 1) < TOLERANCE;
}

int main(int argc, char **argv)
{
    struct cal_sample samples[CONFIGS];
    struct plot_point points[CONFIGS];
    struct law exact, law;
    bool ok;

    if ( argc > 2 || (argc == 2 && argv[1][0] == '-') )
    {
        fprintf(stderr, "usage: rtl_calibrate [PLOT.svg]\n");
        return 2;
    }
    for ( size_t i = 0; i < CONFIGS; i++ )
        measure(&configs[i], &samples[i]);
    if ( !fit(samples, &exact) )
    {
        fprintf(stderr, "rtl_calibrate: the samples do not decide the law\n");
        return 1;
    }
    law = whole(&exact);
    for ( size_t i = 0; i < UNKNOWNS; i++ )
        printf("%s: %.3f, rounded %.0f; default %u (%s)\n",
               cost_name(unknown[i]), exact.cost[i], law.cost[i],
               cost_defaults.cycles[unknown[i]], cost_source(unknown[i]));
    ok = judge(&law, samples, points);
    ok &= judge_invalidations();
    if ( argc == 2 && !plot_write(argv[1], points, CONFIGS) )
    {
        fprintf(stderr, "rtl_calibrate: %s can't be written\n", argv[1]);
        return 2;
    }
    return !ok;
}
