/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra diff: a second opinion, of QEMU's IOMMUs. */

#include <cli/cli.h>

#include <cli/diff_report.h>
#include <cli/progress.h>
#include <qemu/shard.h>
#include <scenario/arch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct diff_options {
    struct common_options common;
    const char *arch, *qemu;
    uint64_t cases;
    bool strict, stop, alone;
    char *file[MAX_PATTERNS];
    unsigned int files;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct diff_options *options = state->input;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'n':
        options->cases = number_option(state, arg, 1, UINT32_MAX);
        return 0;
    case 'a':
        if ( !diff_arch_by_name(arg) )
            argp_error(state, "there is no architecture '%s' in diff", arg);
        options->arch = arg;
        return 0;
    case 'o':
        if ( strcmp(arg, "qemu") )
            argp_error(state, "the only oracle is qemu");
        return 0;
    case 't':
        options->stop = true;
        return 0;
    case 'l':
        options->alone = true;
        return 0;
    case 's':
        options->strict = true;
        return 0;
    case 'p':
        options->qemu = arg;
        return 0;
    case ARGP_KEY_ARG:
        if ( options->files == MAX_PATTERNS )
            argp_error(state, "more than %d files", MAX_PATTERNS);
        options->file[options->files++] = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "cases", 'n', "N", 0, "random programs (default 2000)", 0 },
    { "arch", 'a', "NAME", 0, "vtd or smmuv3 (default: both)", 0 },
    { "qemu", 'p', "PATH", 0, "another QEMU than the one in PATH", 0 },
    { "strict", 's', NULL, 0,
      "take known deviations of QEMU for disagreements, too", 0 },
    { "stop", 't', NULL, 0, "end at the first disagreement", 0 },
    { "alone", 'l', NULL, 0,
      "by QEMU alone: what our own oracle objects to does not count", 0 },
    { "oracle", 'o', "NAME", 0, "whose opinion: qemu", 0 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "[FILE...]",
    "Run random programs, or those in FILEs, on QEMU's IOMMU, on our model "
    "and through our vIOMMU, and compare what can be seen.\v"
    "Example: umbra diff --cases 500 --arch vtd\n\n"
    "The program of case N is that of --seed N --cases 1.  What does not "
    "agree is shrunk and saved below build/findings.",
    children,
    NULL,
    NULL
};

/* ---- telling people ---- */

struct shown {
    struct progress progress;
    uint64_t done, failed;
};

static void show_progress(void *context, uint64_t done, uint64_t failed)
{
    struct shown *shown = context;

    for ( ; shown->done < done; shown->done++ )
    {
        bool ok = shown->failed >= failed;

        shown->failed += !ok;
        progress_step(&shown->progress, ok);
    }
    progress_show(&shown->progress, "");
}

/* What is no case: gaps in what they exercised. */
static void print_gaps(const struct report *report, size_t first)
{
    for ( size_t i = first; i < report->finding_count; i++ )
        if ( !report->findings[i].test_case )
            printf("\nFINDING\n  %s\n", report->findings[i].message);
}

static void print_finding_of(const struct diff_finding *f)
{
    static const char *const what[] = { [VERDICT_DISAGREES] = "DISAGREEMENT",
                                        [VERDICT_CRASH] = "ORACLE CRASH",
                                        [VERDICT_DIED] = "DEATH" };

    printf("\n%s in case %llu\n  %s\n", what[f->result.verdict],
           (unsigned long long)f->seed, f->result.message);
    if ( f->result.file[0] )
        printf("  %zu operations; see it again: ./umbra diff %s\n",
               f->result.operations, f->result.file);
}

/* ---- the verb ---- */

/* The program that is looked for in PATH, or NULL. */
static char *find_in_path(const char *program)
{
    char *path = strdup(getenv("PATH") ? getenv("PATH") : ""), *rest = path;
    char *directory, *found = NULL;

    while ( !found && (directory = strsep(&rest, ":")) != NULL )
    {
        char candidate[512];

        snprintf(candidate, sizeof(candidate), "%s/%s", directory, program);
        if ( *directory && !access(candidate, X_OK) )
            found = strdup(candidate);
    }
    free(path);
    return found;
}

/* The programs of a file; false: @error. */
static bool append_file(const char *path, struct program_list *all,
                        struct program_error *error)
{
    struct program_list file = { 0 };
    bool ok = program_read(path, NULL, &file, error);

    all->program = realloc(all->program, (all->count + file.count + 1) *
                                             sizeof(*all->program));
    if ( !all->program )
        abort();
    for ( size_t i = 0; i < file.count; i++ )
        all->program[all->count++] = file.program[i];
    free(file.program);
    return ok;
}

/* Those of all files; false: told why. */
static bool load_files(const struct diff_options *options,
                       struct program_list *all)
{
    struct program_error error = { 0 };

    *all = (struct program_list) { 0 };
    for ( unsigned int i = 0; i < options->files; i++ )
        if ( !append_file(options->file[i], all, &error) )
        {
            fprintf(stderr, "umbra diff: %s\n", error.text);
            program_list_free(all);
            return false;
        }
    return true;
}

static bool wanted(const struct diff_options *options,
                   const struct diff_arch *arch,
                   const struct program_list *files)
{
    if ( files->count )
        return files->program[0]->machine.arch == arch->arch;
    if ( options->arch )
        return !strcmp(options->arch, arch->qemu->name);
    /* One QEMU is one of one architecture, by its name. */
    return !options->qemu || strstr(options->qemu, arch->qemu->program);
}

/* One architecture, by one QEMU. */
struct opinion {
    const struct diff_arch *arch;
    char *program;
    char version[64];
};

static void ask(const struct diff_options *options,
                const struct opinion *opinion,
                const struct program_list *files, struct diff_outcome *outcome)
{
    struct shown shown = { 0 };
    char findings_dir[512];
    uint64_t cases = files->count ? files->count : options->cases;
    struct progress_config config = {
        .stream = stderr,
        .what = "diff",
        .total = options->common.quiet ? 0 : cases,
    };

    snprintf(findings_dir, sizeof(findings_dir), "%s/findings", build_root());
    config.terminal = progress_on_terminal(stderr, &config.columns);
    progress_begin(&shown.progress, &config);
    diff_run(&(struct diff_job) { .arch = opinion->arch,
                                  .program = opinion->program,
                                  .version = opinion->version,
                                  .cases = cases,
                                  .seed = options->common.seed,
                                  .strict = options->strict,
                                  .stop = options->stop,
                                  .alone = options->alone,
                                  .files = files->count ? files : NULL,
                                  .jobs = options->common.jobs,
                                  .findings_dir = findings_dir,
                                  .progress = show_progress,
                                  .context = &shown },
             outcome);
    progress_end(&shown.progress);
}

/* False: there is no such QEMU, and that was said. */
static bool find_qemu(const struct diff_options *options,
                      struct opinion *opinion)
{
    const char *name = opinion->arch->qemu->program;

    opinion->program = options->qemu ? strdup(options->qemu) :
                                       find_in_path(name);
    if ( opinion->program && qemu_version(opinion->program, opinion->version,
                                          sizeof(opinion->version)) )
        return true;
    fprintf(stderr,
            "umbra diff: %s is no QEMU that runs; ./umbra diff installs "
            "Debian's, --qemu names another\n",
            opinion->program ? opinion->program : name);
    return false;
}

/*
 * Each row of the table of deviations has a scenario that shows it: is it
 * still so?  What is not goes into the report.
 */
static void check_rows(const struct diff_options *options,
                       const struct opinion *opinion, struct report *report)
{
    const struct diff_arch *arch = opinion->arch;
    struct program_list rows = { 0 };
    struct diff_outcome *outcome = malloc(sizeof(*outcome));

    if ( !outcome )
        abort();
    for ( unsigned int i = 0; arch->deviation[i].id; i++ )
    {
        struct program_error error = { 0 };
        char path[512];

        snprintf(path, sizeof(path), "%s/%s/qemu-%s.scn", scenario_root(),
                 arch->qemu->name, arch->deviation[i].id);
        if ( !append_file(path, &rows, &error) )
            fprintf(stderr, "umbra diff: %s\n", error.text);
    }
    diff_run(&(struct diff_job) { .arch = arch,
                                  .program = opinion->program,
                                  .version = opinion->version,
                                  .cases = rows.count,
                                  .files = &rows,
                                  .jobs = options->common.jobs },
             outcome);
    diff_report_rows(report, arch, opinion->version, outcome);
    program_list_free(&rows);
    free(outcome);
}

static bool diff_one(const struct diff_options *options,
                     struct opinion *opinion, const struct program_list *files,
                     struct report *report, struct diff_figures *sums)
{
    struct diff_outcome *outcome = malloc(sizeof(*outcome));
    size_t first = report->finding_count;
    bool ok;

    if ( !outcome )
        abort();
    if ( !files->count )
        check_rows(options, opinion, report);
    ask(options, opinion, files, outcome);
    diff_report_arch(report, opinion->arch, outcome);
    if ( !files->count && outcome->figures.cases >= DIFF_FULL_CASES )
        diff_report_worth(report, opinion->arch, outcome);
    diff_figures_add(sums, &outcome->figures);
    ok = !outcome->why[0];
    if ( !ok )
        fprintf(stderr, "umbra diff: %s\n", outcome->why);
    if ( !json_to_output(&options->common) )
    {
        for ( unsigned int i = 0; i < outcome->findings; i++ )
            print_finding_of(&outcome->finding[i]);
        print_gaps(report, first);
    }
    free(outcome);
    return ok;
}

static int finish(const struct diff_options *options, struct report *report,
                  const struct diff_figures *sums, const char *oracle,
                  bool ran)
{
    diff_report_sums(report, sums, oracle);
    if ( ran && !json_to_output(&options->common) && !options->common.quiet )
    {
        diff_report_print(report);
        printf("\nagainst %s: %llu cases, %llu DMA: %llu disagree, %llu "
               "explained, %llu oracle crashes, %.1f s\n",
               oracle, (unsigned long long)sums->cases,
               (unsigned long long)sums->dma,
               (unsigned long long)sums->disagreements,
               (unsigned long long)sums->explained,
               (unsigned long long)sums->oracle_crashes, report->seconds);
    }
    if ( !json_written(report, &options->common) || !ran )
        return STATUS_USAGE;
    return report->ok ? STATUS_OK : STATUS_FOUND;
}

int verb_diff(int argc, char **argv)
{
    struct diff_options options = { .cases = 2000 };
    struct diff_figures sums = { 0 };
    struct program_list files;
    struct report report;
    char oracle[80] = "QEMU";
    double start = wall_seconds();
    bool ran = true, any = false;
    int status;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    if ( !load_files(&options, &files) )
        return STATUS_USAGE;
    report_init(&report, "diff", UMBRA_VERSION, options.common.seed);
    for ( unsigned int i = 0; ran && diff_arch_table[i]; i++ )
    {
        struct opinion opinion = { .arch = diff_arch_table[i] };

        if ( !wanted(&options, opinion.arch, &files) )
            continue;
        any = true;
        ran = find_qemu(&options, &opinion) &&
              diff_one(&options, &opinion, &files, &report, &sums);
        snprintf(oracle, sizeof(oracle), "QEMU %s", opinion.version);
        free(opinion.program);
    }
    if ( !any )
        fprintf(stderr, "umbra diff: say by --arch what this QEMU is\n");
    report.seconds = wall_seconds() - start;
    status = finish(&options, &report, &sums, oracle, ran && any);
    report_free(&report);
    program_list_free(&files);
    return status;
}
