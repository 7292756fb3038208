/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions of a study, its runs, its tables and plots. */
#include <sim/plot.h>
#include <sim/study.h>
#include <sim/study_program.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ROUNDS   40u
#define MOST_OPS 65536u

struct study {
    const struct study_config *config;
    FILE *text; /* study.md */
    uint64_t *took;
    char *error;
    size_t size;
    bool failed;
};

/* One run: a program, a machine, a load. */
struct setting {
    struct study_shape shape;
    struct timing timing;
    struct sim_load load;
};

/* What is asked of it. */
struct answer {
    double flush50, flush99; /* cycles of a flush */
    double flush_a_page;     /* of its median, by page */
    double io50;
    double dma50, dma99; /* of the load */
    double hits;         /* of the load, percent */
};

static bool fail(struct study *study, const char *what)
{
    if ( !study->failed )
        snprintf(study->error, study->size, "%s", what);
    study->failed = true;
    return false;
}

/* ---- a run ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of the sums of the spans, the nearest rank. */
static double percentile_of(const struct study *study,
                            const struct study_span *spans, unsigned int count,
                            unsigned int percent)
{
    double sum[STUDY_MAX_ROUNDS] = { 0 };
    unsigned int rank = (count * percent + 99) / 100;

    for ( unsigned int i = 0; i < count; i++ )
        for ( size_t op = spans[i].first; op < spans[i].end; op++ )
            sum[i] += (double)study->took[op];
    qsort(sum, count, sizeof(sum[0]), by_value);
    return sum[rank ? rank - 1 : 0];
}

static void take(struct study *study, const struct study_program *made,
                 const struct setting *s, const struct platform_stats *stats,
                 struct answer *answer)
{
    *answer = (struct answer) {
        .flush50 = percentile_of(study, made->flush, made->rounds, 50),
        .flush99 = percentile_of(study, made->flush, made->rounds, 99),
        .io50 = percentile_of(study, made->io, made->rounds, 50),
        .dma50 = (double)stats->latency[PLATFORM_DMA].p50,
        .dma99 = (double)stats->latency[PLATFORM_DMA].p99,
        .hits = stats->transactions ?
                    100.0 * (double)stats->hits / (double)stats->transactions :
                    0,
    };
    answer->flush_a_page = answer->flush50 / s->shape.batch;
}

static bool run(struct study *study, const struct setting *s,
                struct answer *answer)
{
    const struct sim_config config = {
        .timing = s->timing,
        .style = PLATFORM_APPROXIMATE,
        .load = s->load,
        .took = study->took,
        .world = { .through = s->shape.through,
                   .shape = P2M_MIXED,
                   .seed = study->config->seed },
        .rtl = study->config->rtl,
    };
    struct sim_result *result = calloc(1, sizeof(*result));
    struct study_program made;
    char why[512];
    bool ok;

    if ( !result )
        abort();
    if ( study->failed ||
         !study_program_make(&made, &s->shape, why, sizeof(why)) )
    {
        free(result);
        return fail(study, why);
    }
    ok = made.program->ops <= MOST_OPS;
    ok = ok && sim_run(made.program, &config, result);
    if ( !ok )
        fail(study, result->why);
    else if ( result->findings )
        ok = fail(study, result->finding[0].message);
    else if ( result->rtl.disagreements )
        ok = fail(study, result->rtl.disagreement);
    else
        take(study, &made, s, &result->stats, answer);
    program_free(made.program);
    free(result);
    if ( study->config->progress )
        study->config->progress(study->config->context);
    return ok;
}

/* ---- output ---- */

static bool draw(struct study *study, const char *name,
                 const struct plot *plot)
{
    char path[512];
    FILE *stream;

    if ( study->failed )
        return false;
    snprintf(path, sizeof(path), "%s/%s.svg", study->config->directory, name);
    stream = fopen(path, "w");
    if ( !stream )
        return fail(study, path);
    plot_lines(stream, plot);
    if ( fclose(stream) )
        return fail(study, path);
    fprintf(study->text, "\n![%s](%s.svg)\n", plot->title, name);
    return true;
}

/* The plot as a table: a line a point. */
static void tabulate(struct study *study, const struct plot *plot)
{
    FILE *s = study->text;

    fprintf(s, "\n%s; %s:\n\n| %s |", plot->title, plot->y_label,
            plot->x_label);
    for ( size_t i = 0; i < plot->count; i++ )
        fprintf(s, " %s |", plot->series[i].name);
    fprintf(s, "\n|---|");
    for ( size_t i = 0; i < plot->count; i++ )
        fprintf(s, "---|");
    for ( size_t j = 0; j < plot->points; j++ )
    {
        fprintf(s, "\n| %g |", plot->x[j]);
        for ( size_t i = 0; i < plot->count; i++ )
            fprintf(s, " %.5g |", plot->series[i].y[j]);
    }
    fprintf(s, "\n");
}

static void show(struct study *study, const char *name,
                 const struct plot *plot)
{
    tabulate(study, plot);
    draw(study, name, plot);
}

static void heading(struct study *study, const char *text)
{
    fprintf(study->text, "\n## %s\n", text);
}

/* ---- the questions ---- */

static struct setting setting_of(struct study *study, bool smmuv3,
                                 enum through through)
{
    struct setting s = { .shape = { .smmuv3 = smmuv3,
                                    .through = through,
                                    .rounds = ROUNDS,
                                    .batch = 1,
                                    .drain = true } };
    char error[TIMING_ERROR];

    if ( !timing_read(&s.timing, smmuv3 ? "mmu600-like" : "vtd-like", error) )
        fail(study, error);
    return s;
}

static void set_load(struct setting *s, unsigned int channels)
{
    s->load.pattern = channels ? SIM_RANDOM : SIM_NONE;
    s->load.channels = channels;
}

/* Invalidation of a page under load. */
static void under_load(struct study *study, bool smmuv3)
{
    static const unsigned int channels[] = { 0, 1, 2, 4, 8, 16, 32 };
    struct plot plot = {
        .title = smmuv3 ? "SMMUv3: TLBI_NH_VA and CMD_SYNC" :
                          "VT-d: page-selective invalidation with a drain",
        .x_label = "requests of the load at once",
        .y_label = "cycles",
        .points = sizeof(channels) / sizeof(channels[0]),
        .series = { { "model, p50", { 0 } },
                    { "model, p99", { 0 } },
                    { "stack, p50", { 0 } },
                    { "stack, p99", { 0 } },
                    { "DMA, p50", { 0 } },
                    { "DMA, p99", { 0 } } },
        .count = 6,
        .log_y = true,
    };

    for ( size_t i = 0; i < plot.points; i++ )
    {
        struct answer model = { 0 }, stack = { 0 };
        struct setting s = setting_of(study, smmuv3, THROUGH_MODEL);

        set_load(&s, channels[i]);
        run(study, &s, &model);
        s.shape.through = THROUGH_STACK;
        run(study, &s, &stack);
        plot.x[i] = channels[i];
        plot.series[0].y[i] = model.flush50;
        plot.series[1].y[i] = model.flush99;
        plot.series[2].y[i] = stack.flush50;
        plot.series[3].y[i] = stack.flush99;
        plot.series[4].y[i] = model.dma50;
        plot.series[5].y[i] = model.dma99;
    }
    show(study, smmuv3 ? "load-smmuv3" : "load-vtd", &plot);
}

/* What a drain waits for: the same invalidation with DR and DW, and without,
 * while memory becomes slower. */
static void drains(struct study *study)
{
    static const uint32_t latencies[] = { 25, 50, 100, 200, 400, 800 };
    struct plot plot = {
        .title = "VT-d: how long a drain is",
        .x_label = "latency of memory, cycles",
        .y_label = "cycles",
        .points = sizeof(latencies) / sizeof(latencies[0]),
        .series = { { "DR, DW, p50", { 0 } },
                    { "DR, DW, p99", { 0 } },
                    { "without, p50", { 0 } },
                    { "DMA, p50", { 0 } } },
        .count = 4,
        .log_x = true,
    };

    for ( size_t i = 0; i < plot.points; i++ )
    {
        struct answer with = { 0 }, without = { 0 };
        struct setting s = setting_of(study, false, THROUGH_MODEL);

        set_load(&s, 16);
        s.timing.memory_latency = latencies[i];
        run(study, &s, &with);
        s.shape.drain = false;
        run(study, &s, &without);
        plot.x[i] = latencies[i];
        plot.series[0].y[i] = with.flush50;
        plot.series[1].y[i] = with.flush99;
        plot.series[2].y[i] = without.flush50;
        plot.series[3].y[i] = with.dma50;
    }
    show(study, "drain", &plot);
}

/* Strict and lazy, page and domain: a flush for so many unmapped pages. */
static void batches(struct study *study, bool smmuv3, enum through through)
{
    static const unsigned int sizes[] = { 1, 2, 4, 8, 16, 32, 64 };
    char title[96], name[64];
    struct plot cost = {
        .title = title,
        .x_label = "pages unmapped for a flush",
        .y_label = "cycles a page",
        .points = sizeof(sizes) / sizeof(sizes[0]),
        .series = { { "page by page", { 0 } }, { "all at once", { 0 } } },
        .count = 2,
        .log_x = true,
        .log_y = true,
    };
    struct plot hits = cost;

    hits.y_label = "hits of the load, percent";
    hits.log_y = false;
    for ( size_t i = 0; i < cost.points; i++ )
        for ( unsigned int whole = 0; whole < 2; whole++ )
        {
            struct setting s = setting_of(study, smmuv3, through);
            struct answer answer = { 0 };

            s.shape.batch = sizes[i];
            s.shape.whole = whole;
            s.shape.rounds = ROUNDS / 2;
            set_load(&s, 8);
            run(study, &s, &answer);
            cost.x[i] = hits.x[i] = sizes[i];
            cost.series[whole].y[i] = answer.flush_a_page;
            hits.series[whole].y[i] = answer.hits;
        }
    snprintf(title, sizeof(title), "%s through the %s: cost of a flush",
             smmuv3 ? "SMMUv3" : "VT-d", through_names[through]);
    snprintf(name, sizeof(name), "batch-%s-%s", smmuv3 ? "smmuv3" : "vtd",
             through_names[through]);
    show(study, name, &cost);
    snprintf(title, sizeof(title), "%s through the %s: what it costs the load",
             smmuv3 ? "SMMUv3" : "VT-d", through_names[through]);
    snprintf(name, sizeof(name), "hits-%s-%s", smmuv3 ? "smmuv3" : "vtd",
             through_names[through]);
    show(study, name, &hits);
}

/* A virtual device, and how its device model is kept from stale translations.
 */
static void protocols(struct study *study)
{
    static const uint32_t delays[] = { 1000, 2000, 5000, 10000, 20000, 50000 };
    struct plot flush = {
        .title = "VT-d: invalidation of what a device model uses",
        .x_label = "cycles until the device model looks at its messages",
        .y_label = "cycles",
        .points = sizeof(delays) / sizeof(delays[0]),
        .count = STUDY_PROTOCOLS,
        .log_x = true,
        .log_y = true,
    };
    struct plot io = flush;

    io.title = "VT-d: 512 bytes moved by a device model";
    for ( size_t i = 0; i < flush.points; i++ )
        for ( unsigned int p = 0; p < STUDY_PROTOCOLS; p++ )
        {
            struct setting s = setting_of(study, false, THROUGH_STACK);
            struct answer answer = { 0 };

            s.shape.emulated = true;
            s.shape.protocol = (enum study_protocol)p;
            s.timing.dm_message = delays[i];
            run(study, &s, &answer);
            flush.series[p].name = io.series[p].name = study_protocol_names[p];
            flush.x[i] = io.x[i] = delays[i];
            flush.series[p].y[i] = answer.flush50;
            io.series[p].y[i] = answer.io50;
        }
    show(study, "protocols", &flush);
    io.points = 1; /* nobody waits for a message */
    tabulate(study, &io);
}

static void ask_all(struct study *study)
{
    fprintf(study->text,
            "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n"
            "# A study in simulated time\n\nWritten by `./umbra sim --study "
            "DIR`; docs/timing.md says what it means. Cycles of 1 GHz, "
            "approximately timed, figures\nof `vtd-like` and `mmu600-like`; "
            "medians over %u rounds unless something else is said.%s\n",
            ROUNDS,
            study->config->rtl ? " The RTL looked up and walked: four "
                                 "requests at a time, no walk caches." :
                                 "");
    heading(study, "Invalidation under load");
    under_load(study, false);
    under_load(study, true);
    heading(study, "The drain");
    drains(study);
    heading(study, "Strict and lazy, page and domain");
    batches(study, false, THROUGH_MODEL);
    batches(study, false, THROUGH_STACK);
    batches(study, true, THROUGH_MODEL);
    batches(study, true, THROUGH_STACK);
    heading(study, "Four protocols of device models");
    protocols(study);
}

bool study_run(const struct study_config *config, char *error, size_t size)
{
    struct study study = { .config = config, .error = error, .size = size };
    char path[512];
    bool written;

    snprintf(path, sizeof(path), "%s/study.md", config->directory);
    if ( !make_directories(config->directory) ||
         !(study.text = fopen(path, "w")) )
    {
        snprintf(error, size, "%s: %s", path, strerror(errno));
        return false;
    }
    study.took = mmap(NULL, MOST_OPS * sizeof(*study.took),
                      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                      0);
    if ( study.took == MAP_FAILED )
        abort();
    ask_all(&study);
    munmap(study.took, MOST_OPS * sizeof(*study.took));
    written = !ferror(study.text);
    if ( (fclose(study.text) || !written) && !study.failed )
        fail(&study, path);
    return !study.failed;
}
