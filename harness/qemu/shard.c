/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worker processes: the next case from a shared counter, results in shared
 * memory. */

#include <qemu/shard.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at the workers, microseconds. */
#define LOOK 50000

struct shared {
    atomic_uint_fast64_t next, done, failed;
    atomic_uint findings;
    struct diff_finding finding[DIFF_MAX_FINDINGS];
    struct diff_figures figures[DIFF_MAX_JOBS];
    struct program_machine machine[DIFF_MAX_JOBS];
    char why[DIFF_MAX_JOBS][300];
};

static void keep(struct shared *shared, uint64_t seed,
                 const struct diff_result *result)
{
    unsigned int n = atomic_fetch_add(&shared->findings, 1);

    if ( n < DIFF_MAX_FINDINGS )
        shared->finding[n] = (struct diff_finding) { seed, *result };
}

static void run_one(const struct diff_job *job,
                    const struct diff_target *target, uint64_t index,
                    struct shared *shared, struct diff_figures *figures)
{
    uint64_t seed = job->seed + index;
    struct program *program = job->files ? job->files->program[index] :
                                           diff_generate(target, seed);
    struct diff_result result;

    diff_case_run(target, program, seed, job->findings_dir, figures, &result);
    if ( result.verdict == VERDICT_DISAGREES ||
         result.verdict == VERDICT_CRASH )
    {
        keep(shared, seed, &result);
        atomic_fetch_add(&shared->failed, 1);
    }
    if ( !job->files )
        program_free(program);
    atomic_fetch_add(&shared->done, 1);
}

/* What both sides have; false: @why. */
static bool make_target(const struct diff_job *job, struct qemu_machine *m,
                        struct diff_target *target, char *why, size_t size)
{
    const char *reason;

    *target = (struct diff_target) { .arch = job->arch,
                                     .qemu = m,
                                     .version = job->version,
                                     .strict = job->strict,
                                     .alone = job->alone };
    if ( !qemu_start(m, job->arch->qemu, job->program) )
    {
        snprintf(why, size, "%s does not start (%s) %.200s", job->program,
                 strerror(errno), m->client.diagnosis);
        return false;
    }
    reason = job->arch->machine(m, &target->machine);
    if ( reason )
        snprintf(why, size, "%s: %s", job->program, reason);
    return !reason;
}

static void work(const struct diff_job *job, struct shared *shared,
                 unsigned int number)
{
    struct qemu_machine *m = calloc(1, sizeof(*m));
    struct diff_target target;

    if ( !m )
        abort();
    if ( make_target(job, m, &target, shared->why[number],
                     sizeof(shared->why[number])) )
    {
        shared->machine[number] = target.machine;
        for ( ;; )
        {
            uint64_t index = atomic_fetch_add(&shared->next, 1);

            if ( index >= job->cases || (job->stop && shared->failed) )
                break;
            run_one(job, &target, index, shared, &shared->figures[number]);
        }
    }
    qemu_stop(m);
    free(m);
}

/* False: it could not be started. */
static bool start_worker(const struct diff_job *job, struct shared *shared,
                         unsigned int number)
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if ( child )
        return child > 0;
    work(job, shared, number);
    exit(0);
}

/* A worker that ends otherwise than by itself died of our own code. */
static void await(const struct diff_job *job, struct shared *shared,
                  unsigned int workers, char *why, size_t size)
{
    while ( workers )
    {
        int status;
        pid_t dead = waitpid(-1, &status, WNOHANG);

        if ( dead > 0 )
        {
            workers--;
            if ( status )
                snprintf(why, size,
                         "a worker ended with status %#x near the case of "
                         "seed %llu",
                         status,
                         (unsigned long long)(job->seed + shared->next - 1));
            continue;
        }
        if ( job->progress )
            job->progress(job->context, shared->done, shared->failed);
        usleep(LOOK);
    }
}

void diff_run(const struct diff_job *job, struct diff_outcome *outcome)
{
    struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned int workers = 0;

    memset(outcome, 0, sizeof(*outcome));
    if ( shared == MAP_FAILED )
    {
        snprintf(outcome->why, sizeof(outcome->why), "no shared memory");
        return;
    }
    while ( workers < job->jobs && workers < DIFF_MAX_JOBS &&
            workers < job->cases && start_worker(job, shared, workers) )
        workers++;
    await(job, shared, workers, outcome->died, sizeof(outcome->died));
    if ( job->progress )
        job->progress(job->context, shared->done, shared->failed);
    for ( unsigned int i = 0; i < workers; i++ )
    {
        diff_figures_add(&outcome->figures, &shared->figures[i]);
        if ( !outcome->why[0] )
            snprintf(outcome->why, sizeof(outcome->why), "%s", shared->why[i]);
    }
    outcome->findings = shared->findings < DIFF_MAX_FINDINGS ?
                            shared->findings :
                            DIFF_MAX_FINDINGS;
    outcome->machine = shared->machine[0];
    memcpy(outcome->finding, shared->finding, sizeof(outcome->finding));
    munmap(shared, sizeof(*shared));
}
