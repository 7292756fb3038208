/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra sim: one program in simulated time. */

#include <cli/sim_report.h>

#include <cli/progress.h>
#include <sim/beside.h>
#include <sim/study.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUANTUM 1000u /* cycles */

enum style_option { STYLE_UNSAID, STYLE_LOOSE, STYLE_APPROXIMATE };

struct sim_options {
    struct common_options common;
    struct sim_config config;
    const char *file, *one, *timing;
    const char *study;    /* a directory */
    unsigned int through; /* mask; 0: not said */
    enum style_option style;
    char wave[400];
};

/* Of VCD SystemC adds the extension itself. */
static void set_wave(struct sim_options *options, const char *path)
{
    size_t length = strlen(path);

    if ( length > 4 && !strcmp(path + length - 4, ".fst") )
    {
        options->config.rtl_wave = path;
        return;
    }
    if ( length > 4 && !strcmp(path + length - 4, ".vcd") )
        length -= 4;
    snprintf(options->wave, sizeof(options->wave), "%.*s", (int)length, path);
    options->config.wave = options->wave;
}

enum {
    KEY_TIMING = 256,
    KEY_STYLE,
    KEY_QUANTUM,
    KEY_LOAD,
    KEY_GAP,
    KEY_CHANNELS,
    KEY_TRACE,
    KEY_WAVE,
    KEY_CASE,
    KEY_STUDY,
    KEY_RTL,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    static const char *const styles[] = { "lt", "at", NULL };
    struct sim_options *options = state->input;
    struct sim_load *load = &options->config.load;

    switch ( key )
    {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 't':
        options->through = 1u << name_option(state, arg, through_names,
                                             "way (model, stack)");
        return 0;
    case KEY_TIMING:
        options->timing = arg;
        return 0;
    case KEY_STYLE:
        options->style = name_option(state, arg, styles, "style (lt, at)") +
                         STYLE_LOOSE;
        return 0;
    case KEY_QUANTUM:
        options->config.quantum = number_option(state, arg, 0, 1000000000);
        return 0;
    case KEY_LOAD:
        load->pattern = (enum sim_pattern)name_option(
            state, arg, sim_pattern_names,
            "load (none, stream, random, burst)");
        return 0;
    case KEY_GAP:
        load->gap = number_option(state, arg, 0, 1000000);
        return 0;
    case KEY_CHANNELS:
        load->channels = (unsigned int)number_option(state, arg, 1, 64);
        return 0;
    case KEY_TRACE:
        options->config.trace = arg;
        return 0;
    case KEY_WAVE:
        set_wave(options, arg);
        return 0;
    case KEY_CASE:
        options->one = arg;
        return 0;
    case KEY_RTL:
        options->config.rtl = true;
        return 0;
    case KEY_STUDY:
        options->study = arg;
        return 0;
    case ARGP_KEY_ARG:
        if ( options->file )
            argp_error(state, "one file at a time");
        options->file = arg;
        return 0;
    case ARGP_KEY_END:
        if ( !options->file == !options->study )
            argp_error(state, "which file?  (Or --study, without one.)");
        if ( options->config.rtl_wave && !options->config.rtl )
            argp_error(state, "waves in FST are of what is inside the RTL: "
                              "with --rtl; without it, FILE.vcd");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option list[] = {
    { "through", 't', "WAY", 0,
      "model or stack (default: the stack, if it "
      "runs so)",
      0 },
    { "case", KEY_CASE, "TEXT", 0,
      "of a matrix the first case with this in its name", 0 },
    { "timing", KEY_TIMING, "FILE", 0,
      "a file, or small-soc, server, mmu600-like, vtd-like (default: the "
      "first)",
      1 },
    { "style", KEY_STYLE, "lt|at", 0,
      "loosely or approximately timed (default: lt; at with a load, and for "
      "litmus tests)",
      1 },
    { "quantum", KEY_QUANTUM, "CYCLES", 0,
      "how far a thread may be ahead, loosely timed (default 1000)", 1 },
    { "rtl", KEY_RTL, NULL, 0,
      "the Verilated RTL looks up and walks, and its clock counts "
      "(docs/rtl.md)",
      1 },
    { "load", KEY_LOAD, "PATTERN", 0,
      "devices read meanwhile: stream, random, burst (default: none)", 2 },
    { "gap", KEY_GAP, "CYCLES", 0,
      "between requests of a loading device "
      "(default 0)",
      2 },
    { "channels", KEY_CHANNELS, "N", 0,
      "requests of a loading device at once (default: as timed)", 2 },
    { "trace", KEY_TRACE, "FILE", 0, "a timeline for Perfetto (JSON)", 3 },
    { "wave", KEY_WAVE, "FILE", 0,
      "waves: FILE.vcd, of the units, and with --rtl the RTL's pins and clock; "
      "FILE.fst, with --rtl, of all inside the RTL; may be given twice",
      3 },
    { "study", KEY_STUDY, "DIR", 0,
      "what invalidations cost: tables and plots into DIR, a minute or two; "
      "also with --rtl",
      4 },
    { 0 },
};
static const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
                                              { 0 } };
static const struct argp argp = {
    list,
    parse,
    "FILE\n--study DIR",
    "Run a scenario, a litmus test or a recorded session in simulated time: "
    "how long DMA, "
    "invalidations and drains take.\v"
    "Example: umbra sim scenarios/vtd/sessions/vtd-cm.trace.gz --load stream "
    "--timing server --trace out.json\n"
    "Example: umbra sim scenarios/litmus/vtd/unmap-free.litmus --rtl --wave "
    "rtl.fst\n\n"
    "Figures are cycles of one clock (docs/timing.md).  The results are "
    "compared with those of an untimed run: 1 if they differ, or if the "
    "oracle objects.",
    children,
    NULL,
    NULL
};

/* The lowest bit of the first mask that has one in common with @allowed. */
static unsigned int first_of(uint32_t allowed, uint32_t preferred)
{
    uint32_t mask = allowed & preferred ? allowed & preferred : allowed;
    unsigned int i = 0;

    while ( i < 31 && !(mask >> i & 1) )
        i++;
    return i;
}

/* False: it does not run that way. */
static bool choose_way(const struct program *program,
                       struct sim_options *options)
{
    struct world_config *world = &options->config.world;
    uint32_t through = program->through;

    if ( options->through && !(through & options->through) )
    {
        fprintf(stderr,
                "umbra sim: %s does not run that way; its file says how it "
                "does\n",
                program->name);
        return false;
    }
    if ( options->through )
        through = options->through;
    world->through = (enum through)first_of(through, 1u << THROUGH_STACK);
    world->shape = (enum p2m_shape)first_of(program->shapes, 1u << P2M_MIXED);
    world->retention = (enum cache_retention)first_of(program->retention,
                                                      1u << CACHE_NORMAL);
    world->seed = options->common.seed;
    return true;
}

/* Where several things happen at once, they are to wait for each other. */
static void choose_style(const struct program *program,
                         struct sim_options *options)
{
    struct sim_config *config = &options->config;
    bool several = config->load.pattern != SIM_NONE ||
                   program->kind == PROGRAM_LITMUS;

    config->style = options->style == STYLE_APPROXIMATE ||
                            (options->style == STYLE_UNSAID && several) ?
                        PLATFORM_APPROXIMATE :
                        PLATFORM_LOOSE;
}

static const struct program *choose_case(const struct program_list *programs,
                                         const struct sim_options *options)
{
    for ( size_t i = 0; i < programs->count; i++ )
        if ( !options->one ||
             strstr(programs->program[i]->name, options->one) )
        {
            if ( programs->count > 1 && !options->one )
                fprintf(stderr,
                        "umbra sim: the first of %zu cases; --case says "
                        "another\n",
                        programs->count);
            return programs->program[i];
        }
    fprintf(stderr, "umbra sim: no case of %s has '%s' in its name\n",
            options->file, options->one);
    return NULL;
}

static void print_findings(const struct program *program,
                           const struct sim_result *result)
{
    for ( unsigned int i = 0; i < result->findings; i++ )
        printf("FINDING %s in %s (line %u)\n  %s\n",
               result->finding[i].property, program->name,
               program->op[result->finding[i].operation].line,
               result->finding[i].message);
}

/* build/report/sim.html; false: it could not be written, and that was said. */
static bool write_page(const struct program *program,
                       const struct sim_options *options,
                       const struct sim_result *result)
{
    char path[600];
    int rc;

    snprintf(path, sizeof(path), "%s/report/sim.html", build_root());
    rc = sim_html(path, program, &options->config, options->timing, result);
    if ( rc )
        fprintf(stderr, "umbra sim: %s: %s\n", path, strerror(-rc));
    else if ( !json_to_output(&options->common) && !options->common.quiet )
        printf("  with distributions: %s\n", path);
    return !rc;
}

static int simulate(const struct program *program, struct sim_options *options,
                    struct report *report)
{
    struct sim_result *result = calloc(1, sizeof(*result));
    bool quiet = json_to_output(&options->common);
    int status = STATUS_USAGE;

    if ( !result )
        abort();
    if ( program->needs )
        fprintf(stderr, "umbra sim: %s needs %s, which is not built\n",
                program->name, program->needs);
    else if ( program->kind == PROGRAM_LITMUS &&
              options->config.load.pattern != SIM_NONE )
        fprintf(stderr,
                "umbra sim: %s: a litmus test runs without --load: which "
                "pages may be read depends on the order\n",
                program->name);
    else if ( !choose_way(program, options) )
        ;
    else if ( !sim_run(program, &options->config, result) )
        fprintf(stderr, "umbra sim: %s: %s\n", program->name, result->why);
    else
    {
        sim_report(report, program, &options->config, result);
        if ( !quiet && !options->common.quiet )
            sim_print(program, &options->config, options->timing, result);
        if ( !quiet )
            print_findings(program, result);
        status = !write_page(program, options, result) ? STATUS_USAGE :
                 report->ok                            ? STATUS_OK :
                                                         STATUS_FOUND;
    }
    free(result);
    return status;
}

static void study_progress(void *context)
{
    progress_step(context, true);
}

static int study(const struct sim_options *options)
{
    struct progress progress;
    const struct study_config config = {
        .directory = options->study,
        .seed = options->common.seed,
        .rtl = options->config.rtl,
        .progress = options->common.quiet ? NULL : study_progress,
        .context = &progress,
    };
    struct progress_config shown = { .what = "study", .total = STUDY_RUNS };
    char error[512];
    bool ok;

    shown.terminal = progress_on_terminal(stderr, &shown.columns);
    progress_begin(&progress, &shown);
    ok = study_run(&config, error, sizeof(error));
    if ( !options->common.quiet )
        progress_end(&progress);
    if ( !ok )
        fprintf(stderr, "umbra sim: study: %s\n", error);
    else if ( !options->common.quiet )
        printf("%s/study.md\n", options->study);
    return ok ? STATUS_OK : STATUS_USAGE;
}

int verb_sim(int argc, char **argv)
{
    struct sim_options options = { .timing = "small-soc",
                                   .config.quantum = QUANTUM };
    struct program_list programs = { 0 };
    struct program_error error;
    const struct program *program = NULL;
    char text[TIMING_ERROR];
    double start = wall_seconds();
    struct report report;
    int status = STATUS_USAGE;

    common_defaults(&options.common);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    report_init(&report, "sim", UMBRA_VERSION, options.common.seed);
    if ( options.config.rtl && !beside_built() )
        fprintf(stderr, "umbra sim: --rtl: this build has no RTL; configure "
                        "with -DUMBRA_RTL=ON (Verilator; the release preset "
                        "has it) and build again\n");
    else if ( options.study )
        status = study(&options);
    else if ( !timing_read(&options.config.timing, options.timing, text) )
        fprintf(stderr, "umbra sim: %s\n", text);
    else if ( !program_read(options.file, NULL, &programs, &error) )
        fprintf(stderr, "umbra sim: %s\n", error.text);
    else
        program = choose_case(&programs, &options);
    if ( program )
        choose_style(program, &options);
    if ( program )
        status = simulate(program, &options, &report);
    report.seconds = wall_seconds() - start;
    if ( !options.study && status != STATUS_USAGE &&
         !json_written(&report, &options.common) )
        status = STATUS_USAGE;
    report_free(&report);
    program_list_free(&programs);
    return status;
}
