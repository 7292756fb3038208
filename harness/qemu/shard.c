/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker processes: the next case from a shared counter, results in shared
 * memory.  A worker that crashes, or whose program never ends, is a finding,
 * and another takes its place.
 */

#include <qemu/shard.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at the workers, microseconds. */
#define LOOK 50000

/* A program that runs for so many seconds, the patience with QEMU included,
 * never ends. */
#define ENDLESS 60

/* What one is at. */
struct worker {
    pid_t pid; /* 0: none */
    atomic_uint_fast64_t index, runs;
    atomic_bool busy;
    /* For the one who waits: how many runs it had begun, and when that was. */
    uint64_t seen;
    double since;
};

struct shared {
    atomic_uint_fast64_t next, done, failed;
    atomic_uint findings;
    struct diff_finding finding[DIFF_MAX_FINDINGS];
    struct diff_figures figures[DIFF_MAX_JOBS];
    struct program_machine machine[DIFF_MAX_JOBS];
    struct worker worker[DIFF_MAX_JOBS];
    char why[DIFF_MAX_JOBS][300];
};

static void keep(struct shared *shared, uint64_t seed,
                 const struct diff_result *result)
{
    unsigned int n = atomic_fetch_add(&shared->findings, 1);

    if ( n < DIFF_MAX_FINDINGS )
        shared->finding[n] = (struct diff_finding) { seed, *result };
}

static struct program *program_of(const struct diff_job *job,
                                  const struct diff_target *target,
                                  uint64_t index)
{
    return job->files ? job->files->program[index] :
                        diff_generate(target, job->seed + index);
}

static void run_one(const struct diff_job *job,
                    const struct diff_target *target, uint64_t index,
                    struct shared *shared, struct diff_figures *figures)
{
    uint64_t seed = job->seed + index;
    struct program *program = program_of(job, target, index);
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

static void begins(void *context)
{
    struct worker *worker = context;

    atomic_fetch_add(&worker->runs, 1);
}

static void run_cases(const struct diff_job *job, struct diff_target *target,
                      struct shared *shared, unsigned int number)
{
    struct worker *worker = &shared->worker[number];

    shared->machine[number] = target->machine;
    target->begins = begins;
    target->context = worker;
    for ( ;; )
    {
        uint64_t index = atomic_fetch_add(&shared->next, 1);

        if ( index >= job->cases || (job->stop && shared->failed) )
            return;
        worker->index = index;
        worker->busy = true;
        run_one(job, target, index, shared, &shared->figures[number]);
        worker->busy = false;
    }
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
        run_cases(job, &target, shared, number);
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
    shared->worker[number].since = wall_seconds();
    if ( child )
    {
        shared->worker[number].pid = child > 0 ? child : 0;
        return child > 0;
    }
    work(job, shared, number);
    exit(0);
}

/* It has ended in the middle of a case, which is our own code's doing. */
static void bury(const struct diff_job *job, struct shared *shared,
                 unsigned int number, const char *how)
{
    struct worker *worker = &shared->worker[number];
    struct diff_target target = { .arch = job->arch,
                                  .version = job->version,
                                  .machine = shared->machine[number] };
    struct program *program = program_of(job, &target, worker->index);
    struct diff_result result = { .verdict = VERDICT_DIED,
                                  .operations = program->ops };

    snprintf(result.message, sizeof(result.message), "%s", how);
    if ( !job->findings_dir ||
         !diff_save_program(program, how, job->findings_dir, result.file,
                            sizeof(result.file)) )
        result.file[0] = '\0';
    keep(shared, job->seed + worker->index, &result);
    shared->figures[number].disagreements++;
    atomic_fetch_add(&shared->failed, 1);
    atomic_fetch_add(&shared->done, 1);
    worker->busy = false;
    if ( !job->files )
        program_free(program);
}

/* False: it goes on. */
static bool has_ended(const struct diff_job *job, struct shared *shared,
                      unsigned int number)
{
    struct worker *worker = &shared->worker[number];
    unsigned int endless = job->endless ? job->endless : ENDLESS;
    bool killed = worker->busy && worker->seen == worker->runs &&
                  wall_seconds() - worker->since > endless;
    char how[100];
    int status;

    if ( worker->seen != worker->runs )
    {
        worker->seen = worker->runs;
        worker->since = wall_seconds();
    }
    if ( killed )
        kill(worker->pid, SIGKILL);
    if ( waitpid(worker->pid, &status, killed ? 0 : WNOHANG) <= 0 )
        return false;
    worker->pid = 0;
    if ( !worker->busy )
        return true;
    if ( killed )
        snprintf(how, sizeof(how), "the program does not end within %u s",
                 endless);
    else
        snprintf(how, sizeof(how), "our own code died of it (status %#x)",
                 status);
    bury(job, shared, number, how);
    return !start_worker(job, shared, number);
}

static void await(const struct diff_job *job, struct shared *shared,
                  unsigned int workers)
{
    unsigned int running = workers;

    while ( running )
    {
        for ( unsigned int i = 0; i < workers; i++ )
            if ( shared->worker[i].pid && has_ended(job, shared, i) )
                running--;
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
    await(job, shared, workers);
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
