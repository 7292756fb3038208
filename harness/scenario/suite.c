/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files -> cases; the ways in which a case runs; findings as files. */

#include <scenario/litmus.h>
#include <scenario/suite.h>

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- ways ---- */

/* The n-th (modulo) value of a mask. */
static unsigned int pick(uint32_t mask, unsigned int n)
{
    unsigned int count = (unsigned int)__builtin_popcount(mask);

    n %= count;
    for ( unsigned int i = 0;; i++ )
        if ( mask >> i & 1 && !n-- )
            return i;
}

static void add_way(struct case_ways *ways, enum through through,
                    unsigned int shape, unsigned int retention, uint64_t seed)
{
    if ( ways->ways < CASE_MAX_RUNS )
        ways->way[ways->ways++] = (struct world_config) {
            .through = through,
            .shape = (enum p2m_shape)shape,
            .retention = (enum cache_retention)retention,
            .seed = seed
        };
}

/* A bare-metal guest has no p2m: the shape has no meaning there. */
static uint32_t shapes_of(const struct program *program, enum through through)
{
    return through == THROUGH_MODEL ? 1u : program->shapes;
}

void case_ways(const struct program *program, unsigned int number, bool all,
               uint32_t through, uint64_t seed, struct case_ways *ways)
{
    ways->ways = 0;
    for ( unsigned int t = 0; t < THROUGH_COUNT; t++ )
    {
        uint32_t shapes = shapes_of(program, (enum through)t);

        if ( !(program->through & through & 1u << t) )
            continue;
        if ( !all )
        {
            /* 3 shapes x 4 policies: consecutive numbers meet every pair. */
            add_way(ways, (enum through)t, pick(shapes, number),
                    pick(program->retention, number + number / 3), seed);
            continue;
        }
        for ( unsigned int s = 0; s < SHAPE_COUNT; s++ )
            for ( unsigned int r = 0; r < RETENTION_COUNT; r++ )
                if ( shapes >> s & 1 && program->retention >> r & 1 )
                    add_way(ways, (enum through)t, s, r, seed);
    }
}

/* ---- cases ---- */

/* A litmus test of the suite is small enough for fewer. */
#define SUITE_SCHEDULES 40000

static void file_name(const struct program *program, const char *directory,
                      const char *ending, char *path, size_t size)
{
    char name[160];

    snprintf(name, sizeof(name), "%s", program->name);
    for ( char *c = name; *c; c++ )
        if ( *c == '/' )
            *c = '-';
    snprintf(path, size, "%s/%s%s", directory, name, ending);
}

/* It is to run in this way only. */
static void pin(struct program *program, const struct world_config *config)
{
    program->through = 1u << config->through;
    program->retention = 1u << config->retention;
    if ( config->through != THROUGH_MODEL )
        program->shapes = 1u << config->shape;
}

/* A finding of a litmus test: the whole program, and the order. */
bool order_save(const struct program *program, const struct world_config *way,
                const char *schedule, const char *directory, char *path,
                size_t size)
{
    struct program *copy = program_copy(program, program->ops);
    bool ok;

    free(copy->litmus.schedule);
    copy->litmus.schedule = schedule ? strdup(schedule) : NULL;
    file_name(program, directory, ".litmus", path, size);
    pin(copy, way);
    ok = make_directories(directory) && program_write(copy, path);
    program_free(copy);
    return ok;
}

static struct run_result litmus_run(const struct world_config *way,
                                    const struct litmus_result *litmus)
{
    return (struct run_result) {
        .through = way->through,
        .shape = way->shape,
        .retention = way->retention,
        .dma = litmus->dma,
        .invalidations = litmus->invalidations,
        .suspended = litmus->unjudged,
        .schedules = litmus->explored.schedules,
        .exhaustive = litmus->exhaustive,
        .seconds = litmus->seconds,
    };
}

/* What was looked for, in an order that people can read. */
static void keep_schedule(const struct program *program,
                          const struct world_config *way,
                          const struct litmus_result *litmus,
                          struct case_result *result)
{
    char *schedule;

    if ( !litmus->found )
        return;
    schedule = litmus_fewest_switches(program, way, litmus);
    if ( strlen(schedule) < sizeof(result->schedule) )
        strcpy(result->schedule, schedule);
    free(schedule);
}

/* @why: what is not as the program says. */
static void add_litmus_finding(const struct program *program,
                               const struct litmus_result *litmus,
                               const char *why, struct case_result *result)
{
    result->findings = 1;
    if ( litmus->found && !*program->litmus.twin )
    {
        result->finding[0] = litmus->finding;
        return;
    }
    snprintf(result->finding[0].property, 8, "litmus");
    snprintf(result->finding[0].message, sizeof(result->finding[0].message),
             "%s", why);
}

static void run_litmus(const struct program *program,
                       const struct case_ways *ways, const char *findings_dir,
                       struct case_result *result)
{
    const struct litmus_config config = {
        .strategy = program->litmus.schedule ? EXPLORE_REPLAY :
                                               EXPLORE_EXHAUSTIVE,
        .allow_counts = program->litmus.schedule,
        .preemptions = EXPLORE_NO_LIMIT,
        .runs = SUITE_SCHEDULES
    };

    result->ok = true;
    for ( unsigned int i = 0; i < ways->ways && result->ok; i++ )
    {
        const struct world_config *way = &ways->way[i];
        struct litmus_result litmus;
        const char *why = NULL;

        result->config = *way;
        result->ok = litmus_explore(program, way, &config, &litmus);
        result->run[result->runs++] = litmus_run(way, &litmus);
        result->seconds += litmus.seconds;
        if ( !result->ok )
            snprintf(result->reason, sizeof(result->reason), "%s", litmus.why);
        else
            why = litmus_disagrees(program, &litmus, result->reason,
                                   sizeof(result->reason));
        result->ok &= !why;
        keep_schedule(program, way, &litmus, result);
        if ( why )
            add_litmus_finding(program, &litmus, why, result);
        if ( why && findings_dir &&
             !order_save(program, way, litmus.schedule, findings_dir,
                         result->file, sizeof(result->file)) )
            result->file[0] = 0;
        litmus_result_free(&litmus);
    }
}

void case_run(const struct program *program, const struct case_ways *ways,
              const char *findings_dir, struct case_result *result)
{
    struct finding findings[WORLD_MAX_FINDINGS];

    memset(result, 0, sizeof(*result));
    if ( program->needs )
    {
        result->skipped = true;
        snprintf(result->reason, sizeof(result->reason), "%s", program->needs);
        return;
    }
    if ( program->kind == PROGRAM_LITMUS )
    {
        run_litmus(program, ways, findings_dir, result);
        return;
    }
    result->ok = true;
    for ( unsigned int i = 0; i < ways->ways && result->ok; i++ )
    {
        struct run_result *run = &result->run[result->runs];
        unsigned int count = 0;

        result->config = ways->way[i]; /* in case that it crashes */
        if ( !program_run(program, &ways->way[i], run, findings, &count) )
        {
            result->ok = false;
            snprintf(result->reason, sizeof(result->reason), "%s", run->why);
            return;
        }
        run->schedules = 1;
        result->runs++;
        result->seconds += run->seconds;
        if ( !count )
            continue;
        result->ok = false;
        result->findings = count < 2 ? count : 2;
        memcpy(result->finding, findings, sizeof(result->finding));
        if ( findings_dir &&
             !finding_save(program, &ways->way[i], findings[0].operation,
                           findings_dir, result->file, sizeof(result->file)) )
            result->file[0] = 0;
    }
}

/* Text above this many operations is for nobody: the binary form it is. */
#define TEXT_OPERATIONS 5000

bool make_directories(const char *path)
{
    char partial[512];

    snprintf(partial, sizeof(partial), "%s", path);
    for ( char *c = partial + 1; *c; c++ )
        if ( *c == '/' )
        {
            *c = 0;
            mkdir(partial, 0777);
            *c = '/';
        }
    return !mkdir(partial, 0777) || errno == EEXIST;
}

bool finding_save(const struct program *program,
                  const struct world_config *config, size_t operation,
                  const char *directory, char *path, size_t size)
{
    struct program *cut = program_copy(program, operation + 1);
    bool ok;

    file_name(program, directory, cut->ops > TEXT_OPERATIONS ? ".bin" : ".scn",
              path, size);
    pin(cut, config);
    ok = make_directories(directory) && program_write(cut, path);
    program_free(cut);
    return ok;
}

/* ---- files ---- */

static bool is_program_file(const char *path)
{
    static const char *const endings[] = { ".scn", ".litmus", ".bin", ".trace",
                                           ".trace.gz" };
    size_t length = strlen(path);

    for ( unsigned int i = 0; i < sizeof(endings) / sizeof(endings[0]); i++ )
    {
        size_t ending = strlen(endings[i]);

        if ( length > ending && !strcmp(path + length - ending, endings[i]) )
            return true;
    }
    return false;
}

/* "vtd/psi" of "scenarios/vtd/psi.scn"; sessions/ is left out. */
static void case_base(const char *root, const char *path, char *name,
                      size_t size)
{
    const char *relative = path + strlen(root);
    char *middle;

    while ( *relative == '/' )
        relative++;
    snprintf(name, size, "%s", relative);
    middle = strrchr(name, '/');
    *strchr(middle ? middle : name, '.') = 0;
    middle = strstr(name, "/sessions/");
    if ( middle )
        memmove(middle, middle + strlen("/sessions"),
                strlen(middle + strlen("/sessions")) + 1);
}

static bool matches(const char *name, char *const *patterns,
                    unsigned int count)
{
    for ( unsigned int i = 0; i < count; i++ )
        if ( !fnmatch(patterns[i], name, 0) ||
             !strncmp(patterns[i], name, strlen(patterns[i])) )
            return true;
    return !count;
}

/* Could a case of this file match?  Saves reading long sessions. */
static bool may_match(const char *base, char *const *patterns,
                      unsigned int count)
{
    for ( unsigned int i = 0; i < count; i++ )
    {
        size_t literal = strcspn(patterns[i], "*?[");
        size_t length = strlen(base);

        if ( !strncmp(patterns[i], base, literal < length ? literal : length) )
            return true;
    }
    return !count;
}

static bool add_file(const char *root, const char *path, char *const *patterns,
                     unsigned int count, struct program_list *list,
                     struct program_error *error)
{
    struct program_list file;
    char base[256];

    case_base(root, path, base, sizeof(base));
    if ( !may_match(base, patterns, count) )
        return true;
    if ( !program_read(path, base, &file, error) )
    {
        program_list_free(&file);
        return false;
    }
    list->program = realloc(list->program, (list->count + file.count) *
                                               sizeof(*list->program));
    if ( !list->program )
        abort();
    for ( size_t i = 0; i < file.count; i++ )
        if ( matches(file.program[i]->name, patterns, count) )
            list->program[list->count++] = file.program[i];
        else
            program_free(file.program[i]);
    free(file.program);
    return true;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

bool suite_load(const char *root, char *const *patterns,
                unsigned int pattern_count, struct program_list *list,
                struct program_error *error)
{
    char *roots[] = { (char *)root, NULL };
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    bool ok = tree != NULL;

    *list = (struct program_list) { 0 };
    for ( FTSENT *f; ok && (f = fts_read(tree)) != NULL; )
    {
        if ( f->fts_info == FTS_NS || f->fts_info == FTS_DNR )
        {
            snprintf(error->text, sizeof(error->text), "%s: %s", f->fts_path,
                     strerror(f->fts_errno));
            ok = false;
        }
        else if ( f->fts_info == FTS_F && is_program_file(f->fts_path) )
            ok = add_file(root, f->fts_path, patterns, pattern_count, list,
                          error);
    }
    if ( tree )
        fts_close(tree);
    return ok;
}
