/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One case: draw it, run it on all sides, judge it, shrink it. */

#include <qemu/diff.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs and seconds that shrinking may cost. */
#define MAX_SHRINK_RUNS    250
#define MAX_SHRINK_SECONDS 60

const struct diff_arch *const diff_arch_table[] = { &diff_vtd, &diff_smmuv3,
                                                    NULL };

const struct diff_arch *diff_arch_by_name(const char *name)
{
    const struct diff_arch *const *a = diff_arch_table;

    while ( *a && strcmp((*a)->qemu->name, name) )
        a++;
    return *a;
}

/* ---- drawing ---- */

struct program *diff_generate(const struct diff_target *target, uint64_t seed)
{
    struct rng rng = { seed };
    char name[64];
    struct program *program;

    snprintf(name, sizeof(name), "diff-%s-%" PRIu64, target->arch->qemu->name,
             seed);
    program = program_new(PROGRAM_SCENARIO, name);
    program_set_arch(program, target->arch->arch);
    program->file = strdup("generated");
    program->title = strdup("A program of ./umbra diff");
    program->machine = target->machine;
    target->arch->generate(target, &rng, program);
    return program;
}

/* ---- running ---- */

static void free_runs(struct diff_case *c)
{
    for ( unsigned int side = 0; side < SIDE_COUNT; side++ )
        free(c->run[side].seen);
    free(c->dma);
    memset(c->run, 0, sizeof(c->run));
    c->dma = NULL;
}

/* QEMU is started anew when it has died. */
static bool revive(const struct diff_target *target)
{
    struct qemu_machine *m = target->qemu;

    if ( qemu_alive(m) )
        return true;
    qemu_stop(m);
    return qemu_start(m, m->arch, m->program);
}

static void run_all(struct diff_case *c)
{
    size_t ops = c->program->ops + 1;

    free_runs(c);
    diff_marks_collect(c->program, &c->marks);
    c->dma = calloc(ops, sizeof(*c->dma));
    for ( unsigned int side = 0; side < c->sides; side++ )
    {
        c->run[side].seen = calloc(ops, sizeof(*c->run[side].seen));
        if ( !c->dma || !c->run[side].seen )
            abort();
        diff_run_side(c, (enum diff_side)side);
        if ( !c->run[side].ran || !qemu_alive(c->target->qemu) )
            break;
    }
}

/* All sides have run: do they agree? */
static enum diff_verdict verdict_of(struct diff_case *c, struct difference *d)
{
    for ( unsigned int side = 0; side < c->sides; side++ )
        if ( !c->run[side].ran )
        {
            d->kind = DIFFERENCE_REFUSED;
            d->side = (enum diff_side)side;
            return VERDICT_DISAGREES;
        }
    diff_compare(c, d);
    return d->kind == DIFFERENCE_NONE ? VERDICT_AGREES :
           d->deviation               ? VERDICT_EXPLAINED :
                                        VERDICT_DISAGREES;
}

/* Run it, and say what came of it. */
static enum diff_verdict judge(struct diff_case *c, struct difference *d)
{
    *d = (struct difference) { 0 };
    if ( c->target->begins )
        c->target->begins(c->target->context);
    if ( !revive(c->target) )
        return VERDICT_CRASH;
    run_all(c);
    if ( !qemu_alive(c->target->qemu) )
        return VERDICT_CRASH;
    return verdict_of(c, d);
}

/* ---- shrinking ---- */

static bool same(const struct difference *a, const struct difference *b)
{
    return a->kind == b->kind && a->side == b->side &&
           (a->kind != DIFFERENCE_REGISTER || a->reg == b->reg);
}

/* Without the operations [at, at + count). */
static struct program *without(const struct program *program, size_t at,
                               size_t count)
{
    struct program *less = program_copy(program, program->ops);

    memmove(&less->op[at], &less->op[at + count],
            (less->ops - at - count) * sizeof(*less->op));
    less->ops -= count;
    return less;
}

/* Is what is wrong with @c still wrong with @program in its place? */
static bool still(struct diff_case *c, struct program *program,
                  enum diff_verdict verdict, const struct difference *d)
{
    struct difference now;

    c->program = program;
    return judge(c, &now) == verdict &&
           (verdict == VERDICT_CRASH || same(&now, d));
}

static void shrink(struct diff_case *c, enum diff_verdict verdict,
                   const struct difference *d)
{
    struct program *best = c->program;
    double end = wall_seconds() + MAX_SHRINK_SECONDS;
    unsigned int runs = 0;

    for ( size_t step = best->ops / 2; step && runs < MAX_SHRINK_RUNS;
          step /= 2 )
        for ( size_t at = best->ops; at && runs < MAX_SHRINK_RUNS; )
        {
            size_t begin = at > step ? at - step : 0;
            struct program *less = without(best, begin, at - begin);

            at = begin;
            runs = wall_seconds() < end ? runs + 1 : MAX_SHRINK_RUNS;
            if ( still(c, less, verdict, d) )
            {
                program_free(best);
                best = less;
                at = at < best->ops ? at : best->ops;
            }
            else
                program_free(less);
        }
    c->program = best;
}

/* ---- the case ---- */

static void describe(const struct diff_case *c, enum diff_verdict verdict,
                     const struct difference *d, char *buffer, size_t size)
{
    if ( verdict == VERDICT_CRASH )
        snprintf(buffer, size, "QEMU died: %.300s",
                 c->target->qemu->client.diagnosis);
    else if ( !c->run[d->side].ran )
        snprintf(buffer, size, "the %s can't run it: %s", side_names[d->side],
                 c->run[d->side].why);
    else
        difference_text(c, d, buffer, size);
}

/* Make it small, and write it down. */
static void report(struct diff_case *c, const char *findings_dir,
                   struct diff_result *result)
{
    struct difference d;
    enum diff_verdict verdict = result->verdict;

    shrink(c, verdict, &result->difference);
    if ( judge(c, &d) == verdict )
        result->difference = d;
    result->operations = c->program->ops;
    describe(c, verdict, &result->difference, result->message,
             sizeof(result->message));
    if ( !revive(c->target) ||
         !diff_save(c, &result->difference, result->message, findings_dir,
                    result->file, sizeof(result->file)) )
        result->file[0] = '\0';
}

void diff_case_run(const struct diff_target *target,
                   const struct program *program, uint64_t seed,
                   const char *findings_dir, struct diff_figures *figures,
                   struct diff_result *result)
{
    struct diff_case c = { .program = program_copy(program, program->ops),
                           .target = target,
                           .seed = seed };
    const struct deviation *table = target->arch->deviation;

    *result = (struct diff_result) { 0 };
    figures->cases++;
    if ( diff_impossible(target, program) )
    {
        result->verdict = VERDICT_SKIPPED;
        figures->skipped++;
        program_free(c.program);
        return;
    }
    diff_adapt(target, c.program);
    c.sides = target->arch->physical(&c.program->machine) ? SIDE_STACK :
                                                            SIDE_COUNT;
    result->verdict = judge(&c, &result->difference);
    /* Of a file: it needs memory elsewhere than QEMU's machine has it. */
    if ( result->difference.kind == DIFFERENCE_REFUSED )
        result->verdict = VERDICT_SKIPPED;
    figures->skipped += result->verdict == VERDICT_SKIPPED;
    figures->disagreements += result->verdict == VERDICT_DISAGREES;
    figures->explained += result->verdict == VERDICT_EXPLAINED;
    figures->oracle_crashes += result->verdict == VERDICT_CRASH;
    if ( result->verdict == VERDICT_EXPLAINED )
        figures->deviation[result->difference.deviation - table]++;
    if ( result->verdict != VERDICT_CRASH && c.dma )
        diff_figures_count(&c, figures);
    describe(&c, result->verdict, &result->difference, result->message,
             sizeof(result->message));
    if ( findings_dir && (result->verdict == VERDICT_DISAGREES ||
                          result->verdict == VERDICT_CRASH) )
        report(&c, findings_dir, result);
    free_runs(&c);
    program_free(c.program);
}
