/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program untimed, then in simulated time, and whether both did the same. */
#include <sim/beside.h>
#include <sim/timed.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const sim_pattern_names[] = { "none", "stream", "random", "burst",
                                          NULL };

/* ---- untimed ---- */

static void reference_dma_ended(void *context, struct world *world,
                                unsigned int device,
                                const struct dma_transfer *transfer,
                                const struct dma_result *result)
{
    load_saw(context, world, device, transfer, result);
}

static void reference_operation_done(void *context, struct world *world,
                                     size_t operation)
{
    load_check(context, world, operation);
}

static bool run_untimed(const struct program *program,
                        const struct sim_config *config,
                        struct load_pages *pages, struct sim_result *result)
{
    const struct world_watch watch = {
        .dma_ended = reference_dma_ended,
        .operation_done = reference_operation_done,
        .context = pages,
    };
    const struct world_hardware hardware = timed_hardware(&config->timing);
    struct world_config world = config->world;
    bool ran;

    world.hardware = &hardware;
    if ( config->load.pattern != SIM_NONE )
        world.watch = &watch;
    ran = program_run(program, &world, &result->untimed, result->finding,
                      &result->findings);
    load_finish(pages, program->ops);
    if ( !ran )
        snprintf(result->why, sizeof(result->why), "%s", result->untimed.why);
    return ran;
}

/* A litmus test, in many orders: where it is small enough, in all. */
#define MOST_ORDERS 6000

static bool explore_untimed(const struct program *program,
                            const struct sim_config *config,
                            struct sim_result *result,
                            struct litmus_result *litmus)
{
    const struct litmus_config all = { .strategy = EXPLORE_EXHAUSTIVE,
                                       .preemptions = EXPLORE_NO_LIMIT,
                                       .runs = MOST_ORDERS,
                                       .all = true };
    bool ran = litmus_explore(program, &config->world, &all, litmus);

    result->litmus.explored = litmus->explored.schedules;
    result->litmus.exhaustive = litmus->exhaustive &&
                                litmus->bound == EXPLORE_NO_LIMIT &&
                                litmus->outcomes < LITMUS_MAX_OUTCOMES;
    if ( !ran )
        snprintf(result->why, sizeof(result->why), "%s", litmus->why);
    return ran;
}

static bool is_known(const struct litmus_result *explored,
                     const struct sim_result *result)
{
    unsigned int i = 0;

    while ( i < explored->outcomes &&
            strcmp(explored->outcome[i].text, result->litmus.outcome) )
        i++;
    return i < explored->outcomes;
}

/* ---- timed ---- */

/* SystemC has one simulation a process: each run has one of its own. */
static void run_in_child(struct timed *t)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if ( !child )
    {
        timed_run(t);
        fflush(NULL);
#ifdef __SANITIZE_ADDRESS__
        _exit(0); /* LeakSanitizer dies on the stacks of SC_THREADs */
#else
        exit(0);
#endif
    }
    if ( child < 0 || waitpid(child, &status, 0) < 0 || status )
        snprintf(t->result->why, sizeof(t->result->why),
                 "the simulation ended with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static bool same_results(const struct run_result *a,
                         const struct run_result *b)
{
    return a->outcomes == b->outcomes && a->operations == b->operations &&
           a->dma == b->dma && a->expected == b->expected &&
           a->equal == b->equal && a->faults_equal == b->faults_equal &&
           a->interrupts_equal == b->interrupts_equal &&
           a->statuses_equal == b->statuses_equal &&
           a->invalidations == b->invalidations;
}

static void run_both(struct timed *t)
{
    struct sim_result *result = t->result;

    if ( !run_untimed(t->program, t->config, t->pages, result) )
        return;
    result->load_pages = t->pages->count;
    run_in_child(t);
    result->same = same_results(&result->untimed, &result->timed);
}

static void run_litmus(struct timed *t)
{
    struct sim_result *result = t->result;
    struct litmus_result explored;
    bool ran = explore_untimed(t->program, t->config, result, &explored);

    if ( ran )
        run_in_child(t);
    result->litmus.known = ran && is_known(&explored, result);
    result->same = result->litmus.known || !result->litmus.exhaustive;
    litmus_result_free(&explored);
}

bool sim_run(const struct program *program, const struct sim_config *asked,
             struct sim_result *result)
{
    struct sim_config changed = *asked;
    struct sim_result *shared = mmap(NULL, sizeof(*shared),
                                     PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct load_pages *pages = calloc(1, sizeof(*pages));
    struct timed *t = calloc(1, sizeof(*t));

    if ( shared == MAP_FAILED || !pages || !t )
        abort();
    if ( asked->rtl )
        beside_begin(&changed.timing);
    *t = (struct timed) { .config = &changed,
                          .program = program,
                          .pages = pages,
                          .result = shared };
    if ( program->kind == PROGRAM_LITMUS )
        run_litmus(t);
    else
        run_both(t);
    beside_end();
    *result = *shared;
    free(t);
    free(pages);
    munmap(shared, sizeof(*shared));
    return !*result->why;
}
