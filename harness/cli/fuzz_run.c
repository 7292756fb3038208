/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of fuzz targets. */

#include <cli/fuzz_run.h>
#include <cli/progress.h>

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_LENGTH 512

struct files {
    char program[PATH_LENGTH], corpus[PATH_LENGTH], seeds[PATH_LENGTH];
    char status[PATH_LENGTH], log[PATH_LENGTH], findings[PATH_LENGTH];
    char dictionary[PATH_LENGTH];
};

/* A target that runs. */
struct job {
    struct fuzz_run *run;
    struct files files;
    pid_t process;
    double start;
};

static void name_files(struct files *f, const char *target,
                       const struct fuzz_limits *limits)
{
    const char *build = build_root(), *root = fuzz_root();

    snprintf(f->program, PATH_LENGTH, "%s/%s/fuzz/%s", build, limits->preset,
             target);
    snprintf(f->corpus, PATH_LENGTH, "%s/corpora/%s", build, target);
    snprintf(f->status, PATH_LENGTH, "%s/corpora/%s.status", build, target);
    snprintf(f->log, PATH_LENGTH, "%s/corpora/%s.log", build, target);
    snprintf(f->findings, PATH_LENGTH, "%s/findings", build);
    snprintf(f->seeds, PATH_LENGTH, "%s/corpora/%s", root, target);
    snprintf(f->dictionary, PATH_LENGTH, "%s/dictionaries/%s.dict", root,
             target);
}

/* ---- starting ---- */

#define MAX_ARGUMENTS 64

struct arguments {
    char text[MAX_ARGUMENTS][PATH_LENGTH];
    char *vector[MAX_ARGUMENTS + 1];
    unsigned int count;
};

static void argument(struct arguments *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void argument(struct arguments *a, const char *format, ...)
{
    va_list list;

    if ( a->count == MAX_ARGUMENTS )
        return;
    va_start(list, format);
    vsnprintf(a->text[a->count], PATH_LENGTH, format, list);
    va_end(list);
    a->vector[a->count] = a->text[a->count];
    a->vector[++a->count] = NULL;
}

static void make_arguments(struct arguments *a, const struct files *f,
                           const struct fuzz_limits *limits, double seconds)
{
    struct stat s;

    a->count = 0;
    argument(a, "%s", f->program);
    argument(a, "-max_total_time=%u", seconds < 1 ? 1 : (unsigned int)seconds);
    argument(a, "-seed=%u", (unsigned int)(limits->seed ? limits->seed : 1));
    argument(a, "-max_len=2056");
    argument(a, "-timeout=60");
    argument(a, "-print_final_stats=1");
    /* Its bookkeeping takes longer than our executions. */
    argument(a, "-entropic=0");
    argument(a, "-artifact_prefix=%s.", f->corpus);
    if ( limits->executions )
        argument(a, "-runs=%" PRIu64, limits->executions);
    if ( !stat(f->dictionary, &s) )
        argument(a, "-dict=%s", f->dictionary);
    for ( unsigned int i = 0; i < limits->engine_options; i++ )
        argument(a, "%s", limits->engine_option[i]);
    argument(a, "%s", f->corpus);
    if ( !stat(f->seeds, &s) )
        argument(a, "%s", f->seeds);
}

static void in_child(const struct files *f, struct arguments *a)
{
    setenv("UMBRA_FINDINGS", f->findings, 1);
    setenv("UMBRA_STATUS", f->status, 1);
    /* Little is freed, and what is big is never used again. */
    setenv("ASAN_OPTIONS",
           "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=8",
           0);
    setenv("UBSAN_OPTIONS", "print_stacktrace=1", 0);
    if ( !freopen(f->log, "w", stderr) || !freopen("/dev/null", "w", stdout) )
        _exit(127);
    execv(f->program, a->vector);
    _exit(127);
}

static bool start(struct job *job, const struct fuzz_limits *limits,
                  double seconds)
{
    struct arguments *a = calloc(1, sizeof(*a));
    const struct files *f = &job->files;

    if ( !a )
        abort();
    if ( access(f->program, X_OK) )
    {
        snprintf(job->run->failed, sizeof(job->run->failed),
                 "%.120s is not there: './umbra fuzz' builds it", f->program);
        free(a);
        return false;
    }
    make_directories(f->corpus);
    make_directories(f->findings);
    unlink(f->status);
    make_arguments(a, f, limits, seconds);
    fflush(NULL);
    job->start = wall_seconds();
    job->process = fork();
    if ( !job->process )
        in_child(f, a);
    free(a);
    if ( job->process > 0 )
        return true;
    snprintf(job->run->failed, sizeof(job->run->failed), "fork: %s",
             strerror(errno));
    return false;
}

/* ---- watching ---- */

static void read_status(struct fuzz_run *run, const char *path)
{
    struct fuzz_figures *f = &run->figures;
    const struct {
        const char *key;
        uint64_t *value;
    } keys[] = {
        { "executions", &f->executions },
        { "operations", &f->operations },
        { "dma", &f->dma },
        { "suspended", &f->suspended },
        { "refused", &f->refused },
        { "findings", &f->findings },
    };
    FILE *file = fopen(path, "r");
    char line[256], key[32];
    uint64_t value;

    while ( file && fgets(line, sizeof(line), file) )
        for ( unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++ )
            if ( sscanf(line, "%31s %" SCNu64, key, &value) == 2 &&
                 !strcmp(key, keys[i].key) )
                *keys[i].value = value;
    if ( file )
        fclose(file);
}

/* "FINDING P2: message", then "  N operations: file". */
static void read_finding(struct fuzz_run *run, const char *line, FILE *file)
{
    struct fuzz_finding *f = &run->finding[run->findings];
    char next[600];

    if ( run->findings == FUZZ_MAX_FINDINGS ||
         sscanf(line, "FINDING %7[^:]: %399[^\n]", f->property, f->message) !=
             2 )
        return;
    run->findings++;
    if ( fgets(next, sizeof(next), file) )
        sscanf(next, "%*u operations: %299[^\n]", f->file);
}

/* Edges, and with @findings all that was found and how it ended. */
static void read_log(struct fuzz_run *run, const char *path, bool findings)
{
    FILE *file = fopen(path, "r");
    char line[1024];
    const char *at;

    while ( file && fgets(line, sizeof(line), file) )
    {
        if ( line[0] == '#' && (at = strstr(line, "cov: ")) )
            run->figures.edges = strtoull(at + 5, NULL, 10);
        if ( findings && !strncmp(line, "FINDING ", 8) )
            read_finding(run, line, file);
        if ( findings &&
             (strstr(line, "ERROR: ") || strstr(line, "runtime error: ")) )
        {
            line[strcspn(line, "\n")] = 0;
            snprintf(run->failed, sizeof(run->failed), "%.199s", line);
        }
    }
    if ( file )
        fclose(file);
}

static void watch(struct job *job, bool ended)
{
    read_status(job->run, job->files.status);
    read_log(job->run, job->files.log, ended);
    job->run->seconds = wall_seconds() - job->start;
}

static void show(const struct job *jobs, unsigned int count, bool terminal)
{
    for ( unsigned int i = 0; i < count; i++ )
    {
        const struct fuzz_run *run = jobs[i].run;

        if ( jobs[i].process <= 0 || !run->figures.executions )
            continue;
        fprintf(
            stderr,
            "%s%-20s %9" PRIu64 " exec %7.0f/s %6" PRIu64 " edges %3" PRIu64
            " findings %4.0f s%s",
            terminal ? "\r\033[K" : "", run->target, run->figures.executions,
            (double)run->figures.executions / run->seconds, run->figures.edges,
            run->figures.findings, run->seconds, terminal ? "" : "\n");
    }
    fflush(stderr);
}

/* ---- the end ---- */

/* The input that ended the process, as a scenario. */
static void shrink_crash(struct fuzz_run *run, const struct files *f)
{
    struct fuzz_finding *finding = &run->finding[run->findings];
    char pattern[PATH_LENGTH], command[3 * PATH_LENGTH];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%.500s.*-*", f->corpus);
    if ( run->findings == FUZZ_MAX_FINDINGS || glob(pattern, 0, NULL, &found) )
        return;
    snprintf(finding->message, sizeof(finding->message), "%s", run->failed);
    snprintf(finding->property, sizeof(finding->property), "P7");
    snprintf(finding->file, sizeof(finding->file), "%.240s/%.40s-crash.scn",
             f->findings, run->target);
    snprintf(command, sizeof(command),
             "'%.500s' --shrink-crash '%.500s' '%.299s' >/dev/null 2>&1",
             f->program, found.gl_pathv[found.gl_pathc - 1], finding->file);
    if ( system(command) )
        snprintf(finding->file, sizeof(finding->file), "%.299s",
                 found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    run->findings++;
    run->crashes++;
    run->failed[0] = 0;
}

static void finish(struct job *job, int status)
{
    struct fuzz_run *run = job->run;

    watch(job, true);
    job->process = 0;
    if ( WIFEXITED(status) && !WEXITSTATUS(status) )
    {
        run->failed[0] = 0;
        return;
    }
    if ( !run->failed[0] )
        snprintf(run->failed, sizeof(run->failed),
                 "it ended with status %d: see %.150s", status,
                 job->files.log);
    shrink_crash(run, &job->files);
}

/* ---- all of them ---- */

static unsigned int start_some(struct job *jobs, unsigned int *next,
                               unsigned int count, unsigned int running,
                               const struct fuzz_limits *limits)
{
    /* Each gets its share of the time in a row of @jobs of them. */
    unsigned int rows = (count + limits->jobs - 1) / limits->jobs;
    double seconds = (double)limits->seconds / rows;

    while ( running < limits->jobs && *next < count )
        running += start(&jobs[(*next)++], limits, seconds);
    return running;
}

static struct job *job_of(struct job *jobs, unsigned int count, pid_t process)
{
    for ( unsigned int i = 0; i < count; i++ )
        if ( jobs[i].process == process )
            return &jobs[i];
    return NULL;
}

static void run_jobs(struct job *jobs, unsigned int count,
                     const struct fuzz_limits *limits)
{
    unsigned int next = 0, running = 0, columns;
    bool terminal = progress_on_terminal(stderr, &columns);
    double shown = wall_seconds();

    while ( (running = start_some(jobs, &next, count, running, limits)) )
    {
        int status;
        pid_t dead = waitpid(-1, &status, WNOHANG);
        struct job *job = dead > 0 ? job_of(jobs, count, dead) : NULL;

        if ( job )
        {
            finish(job, status);
            running--;
            continue;
        }
        usleep(100000);
        if ( limits->quiet || wall_seconds() - shown < (terminal ? 1 : 10) )
            continue;
        shown = wall_seconds();
        for ( unsigned int i = 0; i < count; i++ )
            if ( jobs[i].process > 0 )
                watch(&jobs[i], false);
        show(jobs, count, terminal);
    }
    if ( terminal && !limits->quiet )
        fprintf(stderr, "\r\033[K");
}

struct fuzz_run *fuzz_run_all(const char *const *targets, unsigned int count,
                              const struct fuzz_limits *limits)
{
    struct fuzz_run *runs = calloc(count, sizeof(*runs));
    struct job *jobs = calloc(count, sizeof(*jobs));

    if ( !runs || !jobs )
        abort();
    for ( unsigned int i = 0; i < count; i++ )
    {
        runs[i].target = targets[i];
        jobs[i].run = &runs[i];
        name_files(&jobs[i].files, targets[i], limits);
    }
    run_jobs(jobs, count, limits);
    free(jobs);
    return runs;
}

void fuzz_table(const struct fuzz_run *runs, unsigned int count)
{
    printf("%-20s %10s %8s %7s %7s %10s %9s %9s\n", "target", "executions",
           "exec/s", "ops/ex.", "edges", "DMA", "suspended", "findings");
    for ( unsigned int i = 0; i < count; i++ )
    {
        const struct fuzz_figures *f = &runs[i].figures;
        double n = f->executions ? (double)f->executions : 1;

        printf("%-20s %10" PRIu64 " %8.0f %7.1f %7" PRIu64 " %10" PRIu64
               " %7.2f %% %9u\n",
               runs[i].target, f->executions,
               runs[i].seconds > 0 ? n / runs[i].seconds : 0,
               (double)f->operations / n, f->edges, f->dma,
               f->dma ? 100.0 * (double)f->suspended / (double)f->dma : 0.0,
               runs[i].findings);
    }
}
