/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See beside.h: the port, the RTL's clock, and who has the RTL. */
#include <sim/beside_unit.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD 8u

/* The wrapped functions are given nothing but their model: as there is one
 * simulation a process, there is one set of units. */
static struct {
    bool active;
    uint64_t period; /* ps */
    struct beside_unit unit[PLATFORM_MAX_UNITS];
    struct sim_rtl result;
} all;

bool beside_built(void)
{
    return true;
}

void beside_begin(struct timing *timing)
{
    memset(&all, 0, sizeof(all));
    all.active = true;
    all.period = timing->period;
    timing->tlb = (struct timing_cache) { rtl_entries(RTL_2048X4),
                                          rtl_ways(RTL_2048X4) };
}

void beside_end(void)
{
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].rtl )
            rtl_sc_destroy(all.unit[i].rtl);
    memset(&all, 0, sizeof(all));
}

void beside_result(struct sim_rtl *result)
{
    *result = all.result;
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].rtl )
            result->cycles += rtl_sc_cycles(all.unit[i].rtl);
}

bool beside_waves(const char *file)
{
    const char *dot = strrchr(file, '.');
    int stem = dot ? (int)(dot - file) : (int)strlen(file);
    char name[512];
    bool ok = true;

    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
    {
        if ( !all.unit[i].rtl )
            continue;
        if ( i )
            snprintf(name, sizeof(name), "%.*s-%u%s", stem, file, i,
                     file + stem);
        else
            snprintf(name, sizeof(name), "%s", file);
        ok &= rtl_sc_trace(all.unit[i].rtl, name);
    }
    return ok;
}

bool beside_active(void)
{
    return all.active;
}

struct sim_rtl *beside_counts(void)
{
    return &all.result;
}

struct beside_unit *beside_of(const void *model)
{
    for ( unsigned int i = 0; model && i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].model == model && all.unit[i].rtl )
            return &all.unit[i];
    return NULL;
}

struct beside_unit *beside_at(const struct port *port)
{
    for ( unsigned int i = 0; i < PLATFORM_MAX_UNITS; i++ )
        if ( all.unit[i].behind && all.unit[i].port.ops == port->ops &&
             all.unit[i].port.world == port->world )
            return &all.unit[i];
    return NULL;
}

void beside_disagree(const char *format, ...)
{
    va_list arguments;

    all.result.disagreements++;
    if ( *all.result.disagreement )
        return;
    va_start(arguments, format);
    vsnprintf(all.result.disagreement, sizeof(all.result.disagreement), format,
              arguments);
    va_end(arguments);
}

void beside_made(struct beside_unit *unit, const void *model,
                 struct rtl_sc *rtl)
{
    void *waves = platform_wave(unit->platform);

    unit->model = model;
    unit->rtl = rtl;
    if ( waves )
        rtl_sc_trace_pins(rtl, waves);
}

struct rtl_sc_config beside_config(struct beside_unit *unit)
{
    snprintf(unit->name, sizeof(unit->name), "rtl%u", unit->number);
    return (struct rtl_sc_config) { unit->name, all.period };
}

/* ---- a translation ---- */

/* Until the RTL wants a word. */
struct step {
    struct beside_unit *unit;
    struct beside_call *call;
    const union rtl_sc_request *request;
    const struct rtl_sc_wish *wish;
    bool given; /* the last one was read */
    bool wants;
    uint64_t address;
};

static void go_on(void *argument)
{
    struct step *step = argument;
    struct beside_call *call = step->call;
    const struct beside_word *last;

    if ( !call->rtl )
        call->rtl = rtl_sc_begin(step->unit->rtl, step->request, step->wish);
    if ( step->given )
    {
        last = &call->word[call->words - 1];
        rtl_sc_give(call->rtl, last->value, last->ok);
    }
    step->wants = rtl_sc_wants(call->rtl, &step->address);
    step->given = true;
}

static void read_word(struct beside_unit *unit, struct beside_call *call,
                      uint64_t address)
{
    struct beside_word *word = &call->word[call->words];

    /* The last place is for what loops. */
    if ( call->words < BESIDE_WORDS - 1 )
        call->words++;
    *word = (struct beside_word) { .address = address };
    word->ok = unit->behind->ops->read(unit->behind->world, address,
                                       &word->value, WORD, WORD);
    all.result.reads++;
}

void beside_run(struct beside_unit *unit, struct beside_call *call,
                const union rtl_sc_request *request,
                const struct rtl_sc_wish *wish)
{
    struct step step = { unit, call, request, wish, false, false, 0 };
    struct rtl_sc_outcome outcome;

    unit->call = NULL; /* of others, meanwhile */
    for ( ;; )
    {
        if ( !platform_unit_outside(unit->platform, unit->number, go_on,
                                    &step) )
        {
            unit->call = call; /* a prefetch in no time */
            return;
        }
        if ( !step.wants )
            break;
        read_word(unit, call, step.address);
    }
    outcome = rtl_sc_end(call->rtl, &call->answer);
    call->started = outcome.served;
    call->shared = outcome.shared;
    call->late = outcome.late;
    /* The C model fills nothing now; the RTL may have. */
    if ( outcome.served && outcome.late && !wish->wanted(wish->what) )
        unit->apart = true;
    unit->call = call;
}

/* Lookups of the C model that were its own. */
static void pay(struct beside_unit *unit, struct beside_call *call)
{
    struct beside_call *now = unit->call;
    unsigned int owed = call->owed;

    call->owed = 0;
    unit->call = NULL;
    if ( owed )
        unit->behind->ops->spend(unit->behind->world, owed, COST_TLB_LOOKUP);
    unit->call = now;
}

void beside_alone(struct beside_unit *unit, struct beside_call *call)
{
    all.result.left_to_c++;
    pay(unit, call);
}

static bool all_used(const struct beside_call *call)
{
    unsigned int i = 0;

    while ( i < call->words && call->word[i].used )
        i++;
    return i == call->words;
}

bool beside_ended(struct beside_unit *unit, struct beside_call *call, bool hit,
                  bool rtl_hit)
{
    bool rightly = unit->apart || call->shared || call->late;
    bool same;

    if ( !call->started )
    {
        unit->apart = true;
        return false;
    }
    same = hit == rtl_hit && !call->strayed && all_used(call);
    if ( rtl_sc_broken(unit->rtl) )
        beside_disagree("an assertion of the RTL has failed");
    else if ( !same && !rightly )
        beside_disagree("the C model hit %d, the RTL %d%s", hit, rtl_hit,
                        hit == rtl_hit ? ", and they read other words" : "");
    all.result.apart += !same && rightly;
    return same;
}

static void finish(void *rtl)
{
    rtl_sc_finish(rtl);
}

static void nothing(void *argument)
{
    (void)argument;
}

void beside_catch_up(struct beside_unit *unit)
{
    struct beside_call *call = unit->call;

    unit->call = NULL;
    platform_unit_outside(unit->platform, unit->number, nothing, NULL);
    unit->call = call;
}

void beside_invalidated(struct beside_unit *unit)
{
    struct beside_call *call = unit->call;

    all.result.invalidations++;
    unit->call = NULL;
    platform_unit_outside(unit->platform, unit->number, finish, unit->rtl);
    unit->call = call;
}

/* ---- the port ---- */

/* What the RTL has read, in the same order. */
static bool read_again(struct beside_call *call, uint64_t address,
                       uint64_t *value, bool *ok)
{
    unsigned int i = 0;

    while ( i < call->words && call->word[i].used )
        i++;
    if ( i == call->words || call->word[i].address != address )
        return false;
    call->word[i].used = true;
    *value = call->word[i].value;
    *ok = call->word[i].ok;
    return true;
}

static bool own_read(void *world, uint64_t address, void *buffer,
                     unsigned int len, unsigned int atom)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    bool walks = call && call->started && len == WORD;
    bool ok;

    if ( walks && read_again(call, address, buffer, &ok) )
        return ok;
    if ( walks )
        call->strayed = true;
    unit->call = NULL;
    ok = unit->behind->ops->read(unit->behind->world, address, buffer, len,
                                 atom);
    unit->call = call;
    return ok;
}

static bool own_write(void *world, uint64_t address, const void *buffer,
                      unsigned int len, unsigned int atom)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    bool ok;

    unit->call = NULL;
    ok = unit->behind->ops->write(unit->behind->world, address, buffer, len,
                                  atom);
    unit->call = call;
    return ok;
}

static bool own_cmpxchg(void *world, uint64_t address, void *expected,
                        const void *desired, unsigned int len, bool *swapped)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;
    bool ok;

    unit->call = NULL;
    ok = unit->behind->ops->cmpxchg(unit->behind->world, address, expected,
                                    desired, len, swapped);
    unit->call = call;
    return ok;
}

static void own_msi(void *world, uint64_t address, uint32_t data)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->msi(unit->behind->world, address, data);
    unit->call = call;
}

static void own_wire(void *world, unsigned int line, bool level)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->wire(unit->behind->world, line, level);
    unit->call = call;
}

/* Lookup and walk are the RTL's, and so is what they cost. */
static bool is_translation(enum cost what)
{
    return what == COST_TLB_LOOKUP || what == COST_WALK_LOOKUP ||
           what == COST_WALK_START || what == COST_WALK_STEP;
}

static void own_spend(void *world, unsigned int cycles, enum cost what)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    if ( call && call->started && is_translation(what) )
        return;
    /* The RTL may be asked yet, and looks up by itself. */
    if ( call && what == COST_TLB_LOOKUP )
    {
        call->owed += cycles;
        return;
    }
    /* A CD is fetched through stage 2: the C model's TLB is filled with what
     * the RTL, which is given the CD, has never seen. */
    if ( call && what == COST_WALK_STEP )
        unit->apart = true;
    if ( call )
        pay(unit, call);
    unit->call = NULL;
    unit->behind->ops->spend(unit->behind->world, cycles, what);
    unit->call = call;
    /* What comes next is told to the RTL at its time. */
    if ( what == COST_INVALIDATE )
        beside_catch_up(unit);
}

static void own_relax(void *world)
{
    struct beside_unit *unit = world;
    struct beside_call *call = unit->call;

    unit->call = NULL;
    unit->behind->ops->relax(unit->behind->world);
    unit->call = call;
}

static const struct port_ops own_ops = {
    .read = own_read,
    .write = own_write,
    .cmpxchg = own_cmpxchg,
    .msi = own_msi,
    .wire = own_wire,
    .spend = own_spend,
    .relax = own_relax,
};

const struct port *beside_port(struct platform *platform, unsigned int number,
                               const struct port *port)
{
    struct beside_unit *unit = &all.unit[number];

    *unit = (struct beside_unit) { .platform = platform,
                                   .number = number,
                                   .behind = port,
                                   .port = { &own_ops, unit } };
    return &unit->port;
}
