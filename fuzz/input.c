/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes -> programs. */

#include <fuzz/target.h>

#include <limits.h>
#include <string.h>

/* ---- the machine ---- */

struct header {
    uint8_t byte[INPUT_HEADER];
};

/* Two domains, two units, a shadow limit, a budget: the last two of four, of
 * which the first two are none. */
static uint8_t machine_bits(uint8_t byte)
{
    return (uint8_t)((byte & 3) | (byte & 0x08 ? byte & 0x0c : 0) |
                     (byte & 0x20 ? byte & 0x30 : 0));
}

/* None, in six of eight, or one of two. */
static uint8_t lag_of(uint8_t byte)
{
    return (uint8_t)((byte & 7) > 5 ? (byte & 7) - 5 : 0);
}

/* Bytes that mean the same become equal: the key of a machine. */
static struct header header_of(const struct input_rules *rules,
                               const uint8_t *data, size_t size)
{
    struct header h = { { 0 } };
    uint8_t *b = h.byte;

    memcpy(b, data, size < INPUT_HEADER ? size : INPUT_HEADER);
    b[INPUT_WAY] = (uint8_t)((b[INPUT_WAY] & 0x13) |
                             (b[INPUT_WAY] >> 2 & 3) % SHAPE_COUNT << 2);
    b[INPUT_ID] = (uint8_t)(b[INPUT_ID] % (rules->arch->changes + 1));
    b[INPUT_MACHINE] = machine_bits(b[INPUT_MACHINE]);
    b[INPUT_TABLES] %= 4;
    b[INPUT_PROLOGUE] = (b[INPUT_PROLOGUE] & 3) == 3;
    /* What is not defined need not end alike. */
    b[INPUT_GROUND] = (b[INPUT_GROUND] & 7) == 7 &&
                      rules->target->kind != TARGET_EQUIVALENCE;
    b[INPUT_LAG] = lag_of(b[INPUT_LAG]);
    memset(b + INPUT_LAG + 1, 0, INPUT_HEADER - INPUT_LAG - 1);
    return h;
}

uint64_t input_key(const struct input_rules *rules, const uint8_t *data,
                   size_t size)
{
    struct header h = header_of(rules, data, size);
    uint64_t key;

    h.byte[INPUT_GROUND] = 0; /* no part of the machine */
    memcpy(&key, h.byte, sizeof(key));
    return key;
}

/* Those of the second domain go when there is but one. */
static void one_domain(struct program_machine *m)
{
    unsigned int kept = 0;

    for ( unsigned int i = 0; i < m->devices; i++ )
        if ( !m->device[i].domain )
            m->device[kept++] = m->device[i];
    m->devices = kept;
    m->domains = 1;
}

static void make_machine(const struct input_rules *rules,
                         const struct header *h, struct world_config *config,
                         struct program *program)
{
    static const uint32_t limits[] = { 0, 0, 16, 64 };
    static const uint32_t budgets[] = { 0, 0, 64, 512 };
    static const uint32_t lags[] = { 0, 60, 250 };
    struct program_machine *m = &program->machine;
    uint8_t way = h->byte[INPUT_WAY], machine = h->byte[INPUT_MACHINE];
    uint32_t through = rules->target->through;

    *config = (struct world_config) {
        .through = through == 3 ?
                       (way & 0x10 ? THROUGH_MODEL : THROUGH_STACK) :
                   through & 1 ? THROUGH_MODEL :
                                 THROUGH_STACK,
        .shape = (enum p2m_shape)(way >> 2 & 3),
        .retention = (enum cache_retention)(way & 3),
        .seed = 1,
        .span_pages = INPUT_SPAN,
        .alone = true,
        .hardware = &rules->hardware,
    };
    if ( h->byte[INPUT_ID] )
        fuzz_vary(rules->arch, h->byte[INPUT_ID], m);
    if ( rules->target->always )
        fuzz_vary(rules->arch, rules->target->always, m);
    if ( rules->arch->avoid_machine )
        rules->arch->avoid_machine(m);
    rules->arch->vary_tables(m, h->byte[INPUT_TABLES]);
    m->shadow_limit = limits[machine >> 2 & 3];
    m->budget = budgets[machine >> 4 & 3];
    m->lag = config->through == THROUGH_STACK ? lags[h->byte[INPUT_LAG]] : 0;
    if ( !(machine & 1) || config->through == THROUGH_MODEL )
        one_domain(m);
    if ( !(machine & 2) || config->through == THROUGH_MODEL )
        for ( unsigned int i = 0; i < m->devices; i++ )
            m->device[i].unit = 0;
    program->through = 1u << config->through;
    program->retention = 1u << config->retention;
    program->shapes = config->through == THROUGH_STACK ? 1u << config->shape :
                                                         1u;
}

/* ---- operations ---- */

/* At a call of host.h, or at an access of a unit; without a hypervisor at
 * those alone. */
static void set_inside(const struct fuzz_target *target, uint32_t through,
                       struct operation *op, unsigned int byte)
{
    byte &= 0x7f;
    op->at_access = target->inside == INSIDE_ACCESSES &&
                    (byte >= 96 || through == 1u << THROUGH_MODEL);
    if ( op->at_access )
        op->inside = (uint16_t)(byte % 32 + 1);
    else
        op->inside = (uint16_t)(byte < 64 ? byte + 1 : (byte - 63) * 24);
}

/* Operations on a device are its owner's. */
static void set_domain(const struct program_machine *m,
                       const struct op_plan *plan, struct operation *op,
                       unsigned int wanted)
{
    op->domain = (uint8_t)(wanted % m->domains);
    if ( plan->named )
        op->domain = m->device[op_field_get(op, plan->named)].domain;
}

/* One that is as its row says. */
static struct operation *append_blank(const struct input_rules *rules,
                                      struct program *program, uint8_t code)
{
    struct operation *op = program_append(program, code, 0);

    memcpy(op->arg, rules->plan[code].initial, sizeof(op->arg));
    return op;
}

/* Does an operation before the last one start the same domain's unit? */
static bool has_start(const struct input_rules *rules,
                      const struct program *program)
{
    const struct operation *last = &program->op[program->ops - 1];

    for ( size_t i = 0; i + 1 < program->ops; i++ )
        if ( program->op[i].domain == last->domain &&
             rules->plan[program->op[i].code].start )
            return true;
    return false;
}

static bool fails_without_trace(uint64_t failure)
{
    return failure == FAIL_UNIT || failure == FAIL_GUEST_READ ||
           failure == FAIL_GUEST_WRITE;
}

static void decode_operation(const struct input_rules *rules,
                             const uint8_t *record, bool ground,
                             struct said *said, struct program *program)
{
    const struct program_machine *m = &program->machine;
    struct operation *op = append_blank(rules, program,
                                        rules->code[record[0]]);
    const struct op_spec *spec = op_spec(op);
    const struct op_plan *plan = &rules->plan[op->code];
    struct choices c = { record + 4, INPUT_RECORD - 4, said };
    bool wild = !ground && (record[1] & INPUT_WILD) == INPUT_WILD;
    unsigned int optional = record[2] | (unsigned int)(record[3] & 0xfe) << 7;
    uint64_t value;

    if ( rules->target->inside && record[1] & INPUT_INSIDE &&
         spec->through & OP_INSIDE )
        set_inside(rules->target, program->through, op, record[1]);
    for ( unsigned int i = 0; spec->field[i].kind != FIELD_END; i++ )
    {
        const struct op_field *f = &spec->field[i];
        bool given = f->required;

        /* A read's value does not matter, nor what came of it. */
        if ( plan->outcome >> i & 1 )
            continue;
        if ( !f->required )
        {
            given = optional & 1;
            optional >>= 1;
        }
        if ( !given )
            continue;
        value = pool_value(rules, m, op->code, i, &c);
        pool_said(rules, op->code, i, value, said);
        op_field_set(op, f, value);
    }
    set_domain(m, plan, op, record[3] & 1);
    /* Dead units complete nothing: no property would be left to judge.  And
     * nobody could tell a queue that can't be fetched, or a status that can't
     * be stored, for no reason. */
    if ( op->code == OP_FAIL && fails_without_trace(op_arg(op, 0)) )
        op_field_set(op, &spec->field[0], FAIL_ALLOC);
    fuzz_keep_protocol(m, op);
    if ( rules->arch->avoid )
        rules->arch->avoid(program, op);
    if ( !wild )
        fuzz_keep_tables(op);
    if ( rules->arch->tame && !wild )
        rules->arch->tame(program, program->ops - 1, op);
    /* Programming it twice leaves the defined ground, and so does a queue that
     * its driver does not know. */
    if ( !wild &&
         (plan->start ||
          (rules->arch->driver_first && rules->arch->driver_first(op))) &&
         plan->start == has_start(rules, program) )
        program->ops--;
    else if ( op->code >= OP_ARCH && m->arch->check_operation &&
              m->arch->check_operation(op) )
        program->ops--;
}

/* So that what is cached must not matter. */
static void append_flush(const struct input_rules *rules,
                         struct program *program)
{
    for ( unsigned int i = 0; i < rules->flushes; i++ )
    {
        struct operation *op = append_blank(rules, program, rules->flush[i]);

        if ( rules->arch->tame )
            rules->arch->tame(program, program->ops - 1, op);
    }
}

/* Of a program of an equivalence target, as far as one has read it. */
struct reading {
    bool flushed;      /* nothing is cached but what the tables say, ... */
    bool shared;       /* ... perhaps for other tags than those of a table, */
    unsigned int user; /* because of DMAs of this device; NOBODY */
};
#define NOBODY UINT_MAX

/* Is it the last of what is flushed? */
static bool ends_flush(const struct input_rules *rules,
                       const struct program *program, size_t at)
{
    unsigned int n = rules->flushes;

    for ( unsigned int f = 0; f < n; f++ )
        if ( at + 1 < n ||
             program->op[at + 1 - n + f].code != rules->flush[f] )
            return false;
    return true;
}

/* Must caches not matter for this DMA? */
static bool is_calm(const struct reading *r, const struct operation *dma)
{
    return r->flushed && (!r->shared || r->user == NOBODY ||
                          r->user == op_arg(dma, DMA_DEVICE));
}

static void read_on(struct reading *r, const struct input_rules *rules,
                    const struct program *program, size_t at)
{
    const struct operation *op = &program->op[at];

    r->shared |= rules->arch->shares && rules->arch->shares(op);
    if ( op->code == OP_DMA )
    {
        r->user = (unsigned int)op_arg(op, DMA_DEVICE);
        r->flushed &= op_arg(op, DMA_ACCESS) == REQUEST_READ;
    }
    else if ( rules->plan[op->code].stores )
        r->flushed = false;
    else if ( ends_flush(rules, program, at) )
    {
        r->flushed = true;
        r->user = NOBODY;
    }
}

bool input_flushed(const struct input_rules *rules,
                   const struct program *program)
{
    struct reading r = { .user = NOBODY };

    for ( size_t i = 0; i < program->ops; i++ )
    {
        if ( program->op[i].code == OP_DMA && !is_calm(&r, &program->op[i]) )
            return false;
        read_on(&r, rules, program, i);
    }
    return true;
}

/* Behind a DMA that has just been decoded, into the place before it. */
static void flush_before(const struct input_rules *rules,
                         struct program *program)
{
    struct operation dma = program->op[--program->ops];

    append_flush(rules, program);
    *program_append(program, 0, 0) = dma;
}

/* A piece of a DMA could meet what the one before it has put into a table: who
 * has several reads. */
static void keep_one_store(struct operation *dma)
{
    if ( op_arg(dma, DMA_ACCESS) != REQUEST_READ &&
         op_arg(dma, DMA_SIZE) > fuzz_dma_room(dma) )
        fuzz_set_nth(dma, DMA_ACCESS, REQUEST_READ);
}

/* The operations from @first on are new. */
static void keep_flushed(struct reading *r, const struct input_rules *rules,
                         struct program *program, size_t first)
{
    if ( first < program->ops && program->op[first].code == OP_DMA )
    {
        keep_one_store(&program->op[first]);
        if ( !is_calm(r, &program->op[first]) )
            flush_before(rules, program);
    }
    for ( ; first < program->ops; first++ )
        read_on(r, rules, program, first);
}

static void append_prologue(const struct input_rules *rules,
                            struct program *program)
{
    for ( size_t i = 0; i < rules->base->ops; i++ )
        if ( rules->base->op[i].domain < program->machine.domains )
            *program_append(program, 0, 0) = rules->base->op[i];
}

struct program *input_decode(const struct input_rules *rules,
                             const uint8_t *data, size_t size,
                             struct world_config *config, size_t *prologue)
{
    struct header h = header_of(rules, data, size);
    struct program *program = program_copy(rules->base, 0);
    unsigned int count = 0;
    struct reading reading = { .user = NOBODY };
    struct said said = { .count = 0 };

    program->oracle_only = true;
    make_machine(rules, &h, config, program);
    if ( !h.byte[INPUT_PROLOGUE] )
    {
        append_prologue(rules, program);
        said = rules->said;
    }
    *prologue = program->ops;
    for ( size_t at = INPUT_HEADER;
          at + INPUT_RECORD <= size && count < INPUT_MOST;
          at += INPUT_RECORD, count++ )
    {
        size_t first = program->ops;

        decode_operation(rules, data + at, !h.byte[INPUT_GROUND], &said,
                         program);
        if ( rules->target->kind == TARGET_EQUIVALENCE )
            keep_flushed(&reading, rules, program, first);
    }
    return program;
}
