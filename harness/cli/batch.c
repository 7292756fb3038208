/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many cases in worker processes: results in shared memory, the next case from
 * a shared counter.  A worker that dies takes only its present case with it.
 */

#include <cli/cli.h>
#include <cli/progress.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum slot_state { SLOT_WAITING, SLOT_RUNNING, SLOT_DONE, SLOT_SHOWN };

struct shared {
    atomic_size_t next; /* in the order in which they are run */
    size_t count, stride;
    struct {
        atomic_int state;
        pid_t worker;
    } slot[];
};

static void *share(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if ( p == MAP_FAILED )
    {
        perror("umbra: no memory for the results");
        exit(STATUS_USAGE);
    }
    return p;
}

static size_t shared_size(size_t count)
{
    return sizeof(struct shared) +
           count * sizeof(((struct shared *)0)->slot[0]);
}

static size_t divisor(size_t a, size_t b)
{
    while ( b )
    {
        size_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Every case once, for any stride that has no divisor in common with their
 * number; near the golden section, so that any few are spread over all. */
static size_t far_stride(size_t count)
{
    size_t stride = count * 618 / 1000 + 1;

    while ( divisor(stride, count) != 1 )
        stride++;
    return stride;
}

static size_t case_of_turn(const struct shared *shared, size_t turn)
{
    return turn * shared->stride % shared->count;
}

/* What takes longer ends the worker: hypervisor or model has lost its way. */
static void limit_time(unsigned int seconds)
{
    struct itimerval limit = { .it_value = { .tv_sec = seconds } };

    setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static void work(const struct batch *batch, struct shared *shared,
                 struct case_result *results)
{
    for ( ;; )
    {
        size_t turn = atomic_fetch_add(&shared->next, 1), i;

        if ( turn >= shared->count )
            exit(0);
        i = case_of_turn(shared, turn);
        limit_time(batch->limit);
        shared->slot[i].worker = getpid();
        atomic_store(&shared->slot[i].state, SLOT_RUNNING);
        case_run(batch->programs->program[i], &batch->ways[i],
                 batch->findings_dir, &results[i]);
        limit_time(0);
        if ( batch->first && results[i].findings )
            atomic_store(&shared->next, shared->count);
        atomic_store(&shared->slot[i].state, SLOT_DONE);
    }
}

static bool start_worker(const struct batch *batch, struct shared *shared,
                         struct case_result *results)
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if ( child < 0 )
    {
        perror("umbra: fork");
        return false;
    }
    if ( !child )
        work(batch, shared, results);
    return true;
}

/* The case on which a worker died; or the last that it did, if it died at its
 * end: a leak, perhaps.  The count: it did none. */
static size_t last_case(const struct shared *shared, pid_t worker)
{
    size_t last = shared->count;

    for ( size_t turn = 0; turn < shared->count; turn++ )
        if ( shared->slot[case_of_turn(shared, turn)].worker == worker )
            last = case_of_turn(shared, turn);
    return last;
}

static void mark_crash(const struct batch *batch, struct shared *shared,
                       struct case_result *results, pid_t worker, int status)
{
    size_t i = last_case(shared, worker);
    const struct program *program;
    struct case_result *result;
    struct finding *finding;

    if ( !status || i == shared->count )
        return;
    program = batch->programs->program[i];
    result = &results[i];
    finding = &result->finding[0];
    result->ok = false;
    result->findings = 1;
    finding->operation = program->ops - 1;
    snprintf(finding->property, sizeof(finding->property), "P7");
    if ( WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM )
        snprintf(finding->message, sizeof(finding->message),
                 "no end after %u s of processor time", batch->limit);
    else if ( WIFSIGNALED(status) )
        snprintf(finding->message, sizeof(finding->message),
                 "the process was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(finding->message, sizeof(finding->message),
                 "the process ended with status %d in it or after it",
                 WEXITSTATUS(status));
    finding_save(program, &result->config, finding->operation,
                 batch->findings_dir, result->file, sizeof(result->file));
    if ( batch->first )
        atomic_store(&shared->next, shared->count);
    atomic_store(&shared->slot[i].state, SLOT_DONE);
}

/* What --first has left out. */
static void mark_left_out(const struct shared *shared,
                          struct case_result *results)
{
    for ( size_t i = 0; i < shared->count; i++ )
        if ( atomic_load(&shared->slot[i].state) == SLOT_WAITING )
        {
            results[i].skipped = true;
            snprintf(results[i].reason, sizeof(results[i].reason),
                     "not run after the first finding");
        }
}

/* Cases that have ended since the last look; what failed is told at once. */
static void show_progress(const struct batch *batch, struct shared *shared,
                          const struct case_result *results,
                          struct progress *progress)
{
    size_t next = atomic_load(&shared->next);

    for ( size_t i = 0; i < shared->count; i++ )
        if ( atomic_load(&shared->slot[i].state) == SLOT_DONE )
        {
            atomic_store(&shared->slot[i].state, SLOT_SHOWN);
            progress_step(progress, results[i].ok || results[i].skipped);
        }
    if ( next && next <= shared->count )
        progress_show(
            progress,
            batch->programs->program[case_of_turn(shared, next - 1)]->name);
}

static void begin_progress(const struct batch *batch,
                           struct progress *progress)
{
    struct progress_config config = { .stream = stderr,
                                      .what = batch->label,
                                      .total = batch->label ?
                                                   batch->programs->count :
                                                   0 };

    config.terminal = progress_on_terminal(stderr, &config.columns);
    progress_begin(progress, &config);
}

struct case_result *batch_run(const struct batch *batch)
{
    size_t count = batch->programs->count;
    struct case_result *results = share((count ? count : 1) *
                                        sizeof(*results));
    struct shared *shared = share(shared_size(count));
    unsigned int workers = 0;
    struct progress progress;

    shared->count = count;
    shared->stride = batch->first && count ? far_stride(count) : 1;
    begin_progress(batch, &progress);
    while ( workers < batch->jobs && workers < count &&
            start_worker(batch, shared, results) )
        workers++;
    while ( workers )
    {
        int status;
        pid_t dead = waitpid(-1, &status, WNOHANG);

        if ( dead > 0 )
        {
            workers--;
            mark_crash(batch, shared, results, dead, status);
            if ( status && atomic_load(&shared->next) < count &&
                 start_worker(batch, shared, results) )
                workers++;
            continue;
        }
        show_progress(batch, shared, results, &progress);
        usleep(20000);
    }
    show_progress(batch, shared, results, &progress);
    progress_end(&progress);
    if ( batch->first )
        mark_left_out(shared, results);
    munmap(shared, shared_size(count));
    return results;
}

void batch_free(struct case_result *results, size_t count)
{
    munmap(results, (count ? count : 1) * sizeof(*results));
}
