/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program on one side, and what is seen of it after each operation. */

#include <qemu/diff.h>
#include <qemu/fields.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the devices' buffers are copied to, beyond what programs use. */
#define SCRATCH_OFFSET UINT64_C(0x4700000)

#define PAGE UINT64_C(0x1000)

const char *const side_names[SIDE_COUNT] = { "QEMU", "model", "stack" };

struct side {
    struct diff_case *c;
    enum diff_side side;
    struct diff_run *run;
    struct world_domain *wd; /* ours */
    struct qemu_machine *qemu;
    /* QEMU's registers as they were last seen; one that is fresh nothing can
     * have changed since. */
    uint64_t raw[DIFF_MAX_REGISTERS];
    bool fresh[DIFF_MAX_REGISTERS];
    bool touched; /* it was asked for more than reads since */
    bool looked;  /* at all of them */
    size_t read_at[QEMU_MAX_DEVICES][EDU_SLOTS]; /* operation of each slot */
};

/* What a DMA write of an operation leaves: no other one does. */
static uint16_t token_of(size_t operation)
{
    return (uint16_t)(operation + 1);
}

void diff_marks_collect(const struct program *program,
                        struct diff_marks *marks)
{
    marks->count = 0;
    for ( size_t i = 0; i < program->ops; i++ )
    {
        uint64_t address = program->op[i].arg[0];
        unsigned int m = 0;

        if ( program->op[i].code != OP_STORE )
            continue;
        while ( m < marks->count && marks->address[m] != address )
            m++;
        if ( m == marks->count && m < DIFF_MAX_MARKS )
            marks->address[marks->count++] = address;
    }
}

/* ---- QEMU's machine in place of ours ---- */

static void foreign_store64(void *context, uint64_t gpa, uint64_t value)
{
    struct side *s = context;

    qemu_store(s->qemu, gpa, 8, value);
}

static uint64_t foreign_load64(void *context, uint64_t gpa)
{
    struct side *s = context;

    return qemu_load(s->qemu, gpa, 8);
}

static void touch(struct side *s)
{
    memset(s->fresh, 0, sizeof(s->fresh));
    s->touched = true;
}

static void foreign_write(void *context, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    struct side *s = context;

    touch(s);
    qemu_unit_write(s->qemu, offset, size, value);
}

/* What was just looked at saves a turn, once: who polls asks QEMU. */
static uint64_t foreign_read(void *context, uint32_t offset, unsigned int size)
{
    struct side *s = context;
    const struct diff_register *reg = s->c->target->arch->reg;

    for ( unsigned int r = 0; reg[r].name; r++ )
        if ( s->fresh[r] && reg[r].offset == offset && reg[r].size == size )
        {
            s->fresh[r] = false;
            return s->raw[r];
        }
    return qemu_unit_read(s->qemu, offset, size);
}

static void foreign_dma(void *context, size_t operation, unsigned int device,
                        const struct dma_transfer *transfer)
{
    struct side *s = context;
    unsigned int slot;

    if ( device >= s->qemu->arch->devices )
        return;
    touch(s);
    if ( transfer->access == REQUEST_WRITE )
    {
        edu_write(s->qemu, device, transfer->address, token_of(operation));
        return;
    }
    slot = edu_read(s->qemu, device, transfer->address);
    if ( slot < EDU_SLOTS )
        s->read_at[device][slot] = operation;
}

/* ---- looking ---- */

/* Those that can have changed, the others being what they were.  Into s->raw.
 */
static void read_registers(struct side *s, unsigned int reach)
{
    const struct diff_register *reg = s->c->target->arch->reg;
    uint64_t base = s->qemu->arch->unit_base;
    bool all = !s->looked || reach == REACHES_ALL;

    if ( !all && !s->touched )
        return;
    for ( unsigned int r = 0; reg[r].name; r++ )
        if ( reg[r].size && (all || (reg[r].changes & reach)) )
        {
            client_read(&s->qemu->client, qemu_width(reg[r].size),
                        base + reg[r].offset, &s->raw[r]);
            s->fresh[r] = true;
        }
    client_sync(&s->qemu->client);
    s->looked = true;
    s->touched = false;
}

/* The mark at which a DMA write of @operation has landed, or 0. */
static uint64_t find_write(const struct side *s, size_t operation,
                           uint32_t (*load)(const struct side *s, uint64_t at))
{
    const struct diff_marks *marks = &s->c->marks;
    const struct operation *op = &s->c->program->op[operation];
    uint64_t found = 0;

    if ( op->code != OP_DMA || op_arg(op, 1) != REQUEST_WRITE )
        return 0;
    for ( unsigned int m = 0; m < marks->count; m++ )
        if ( !((marks->address[m] ^ op_arg(op, 2)) & (PAGE - 1)) &&
             load(s, marks->address[m]) == token_of(operation) )
            found = marks->address[m];
    return found;
}

static uint32_t load_of_qemu(const struct side *s, uint64_t at)
{
    return (uint32_t)qemu_load(s->qemu, at, 4);
}

static void look_at_qemu(struct side *s, size_t operation, unsigned int reach,
                         struct diff_seen *seen)
{
    uint64_t landed;

    read_registers(s, reach);
    memcpy(seen->reg, s->raw, sizeof(seen->reg));
    landed = find_write(s, operation, load_of_qemu);
    if ( landed )
        seen->data = landed;
    while ( seen->events < DIFF_MAX_EVENTS &&
            qemu_event_take(s->qemu, &seen->event[seen->events]) )
        seen->events++;
}

static uint32_t load32(const struct world_domain *wd, uint64_t gpa)
{
    uint64_t word = 0;

    domain_read64(wd->domain, gpa & ~UINT64_C(7), &word);
    return (uint32_t)(word >> (gpa & 4) * 8);
}

static uint32_t load_of_ours(const struct side *s, uint64_t at)
{
    return load32(s->wd, at);
}

static void look_at_ours(struct side *s, size_t operation,
                         struct diff_seen *seen)
{
    const struct diff_register *reg = s->c->target->arch->reg;
    struct world_event event;
    uint64_t landed;

    for ( unsigned int r = 0; reg[r].name; r++ )
        if ( reg[r].size )
            seen->reg[r] = world_read(s->wd, reg[r].offset, reg[r].size);
    landed = find_write(s, operation, load_of_ours);
    if ( landed )
        seen->data = landed;
    while ( seen->events < DIFF_MAX_EVENTS &&
            world_events_take(&s->wd->interrupts, &event) )
        seen->event[seen->events++] = (struct qemu_event) { event.address,
                                                            event.data };
}

static uint64_t load_here(void *context, uint64_t gpa)
{
    struct side *s = context;
    uint64_t value = 0;

    if ( s->side == SIDE_QEMU )
        return foreign_load64(s, gpa);
    domain_read64(s->wd->domain, gpa, &value);
    return value;
}

static void operation_done(void *context, struct world *world,
                           size_t operation)
{
    struct side *s = context;
    const struct operation *op = &s->c->program->op[operation];
    const struct diff_register *reg = s->c->target->arch->reg;
    struct diff_seen *seen = &s->run->seen[operation];
    unsigned int reach;

    if ( s->side == SIDE_QEMU )
        client_remark(&s->qemu->client, op_spec(op)->keyword, operation + 1);
    s->wd = &world->domain[op->domain];
    s->run->done = operation + 1;
    reach = s->c->target->arch->reaches(op);
    if ( operation + 1 == s->c->program->ops )
        reach = REACHES_ALL;
    seen->looked = reach != REACHES_NOT;
    if ( seen->looked && s->side == SIDE_QEMU )
        look_at_qemu(s, operation, reach, seen);
    else if ( seen->looked )
        look_at_ours(s, operation, seen);
    for ( unsigned int r = 0; reg[r].name; r++ )
        seen->reg[r] &= reg[r].mask;
    if ( seen->looked && s->c->target->arch->records )
        s->c->target->arch->records(op, seen, load_here, s);
    s->c->target->arch->settle(s->c->target, seen);
    if ( s->side == SIDE_QEMU ||
         (operation + 1 < s->c->program->ops && !world->findings) )
        return;
    if ( s->side == SIDE_MODEL )
        s->c->undefined = oracle_undefined(s->wd->oracle);
    for ( unsigned int m = 0; m < s->c->marks.count; m++ )
        domain_read64(s->wd->domain, s->c->marks.address[m], &s->run->mark[m]);
}

/* ---- DMA of ours ---- */

static void dma_begins(void *context, struct world *world, unsigned int device,
                       const struct dma_transfer *transfer)
{
    struct side *s = context;
    struct diff_dma *dma = &s->c->dma[world->operation];
    struct world_device *d = &world->device[device];
    uint16_t token = token_of(world->operation);
    const struct oracle_dma request = {
        .source = d->source,
        .pasid = transfer->pasid,
        .iova = transfer->address,
        .size = transfer->size,
        .write = transfer->access == REQUEST_WRITE,
        .read = transfer->access == REQUEST_READ,
    };

    memset(transfer->data, 0, transfer->size);
    if ( transfer->access == REQUEST_WRITE )
        memcpy(transfer->data, &token, sizeof(token));
    if ( s->side != SIDE_MODEL )
        return;
    dma->made = true;
    oracle_legal(d->owner->oracle, &request, &dma->legal);
    for ( unsigned int i = 0; i < dma->legal.count; i++ )
        if ( dma->legal.result[i].ok )
            dma->value[i] = load32(d->owner, dma->legal.result[i].gpa);
}

static void dma_ended(void *context, struct world *world, unsigned int device,
                      const struct dma_transfer *transfer,
                      const struct dma_result *result)
{
    struct side *s = context;
    struct diff_dma *dma = &s->c->dma[world->operation];
    const struct response *response = &result->piece[0].response;
    uint32_t value;

    (void)device;
    memcpy(&value, transfer->data, sizeof(value));
    if ( transfer->access == REQUEST_READ && response_reached(response) )
        s->run->seen[world->operation].data = value;
    if ( s->side != SIDE_MODEL )
        return;
    dma->reached = response_reached(response);
    dma->hit = response->hit;
    dma->reason = response->reason;
    dma->condition = response->condition;
    dma->mask = response->mask;
}

/* ---- a run ---- */

/* The reads are seen only when the IOMMU is off; then memory is made what it
 * was at the start. */
static void finish_qemu(struct side *s)
{
    uint32_t value[EDU_SLOTS];
    unsigned int slots[QEMU_MAX_DEVICES];
    struct qemu_machine *m = s->qemu;
    uint64_t scratch = m->arch->ram_base + SCRATCH_OFFSET;

    for ( unsigned int i = 0; i < s->c->marks.count; i++ )
        s->run->mark[i] = qemu_load(m, s->c->marks.address[i], 8);
    for ( unsigned int d = 0; d < m->arch->devices; d++ )
        slots[d] = m->device[d].slots;
    qemu_reset(m);
    for ( unsigned int d = 0; d < m->arch->devices; d++ )
    {
        m->device[d].slots = slots[d];
        edu_take_reads(m, d, scratch, value);
        for ( unsigned int i = 0; i < slots[d]; i++ )
            s->run->seen[s->read_at[d][i]].data = value[i];
    }
    if ( !m->client.record )
        qemu_clear(m, m->arch->ram_base, m->arch->ram_size);
}

static struct world_config config_of(const struct diff_case *c,
                                     enum diff_side side)
{
    struct rng rng = { c->seed ^ 0x5eed };

    return (struct world_config) {
        .through = side == SIDE_STACK ? THROUGH_STACK : THROUGH_MODEL,
        .shape = (enum p2m_shape)rng_below(&rng, SHAPE_COUNT),
        .retention = (enum cache_retention)rng_below(&rng, RETENTION_COUNT),
        .seed = c->seed,
        .unjudged = c->target->alone,
    };
}

void diff_run_side(struct diff_case *c, enum diff_side side)
{
    static const struct world_foreign foreign = {
        .store64 = foreign_store64,
        .load64 = foreign_load64,
        .write_register = foreign_write,
        .read_register = foreign_read,
        .dma = foreign_dma,
    };
    struct diff_run *run = &c->run[side];
    struct side *s = calloc(1, sizeof(*s));
    struct world_config config = config_of(c, side);
    const struct world_watch watch = { .dma_begins = dma_begins,
                                       .dma_ended = dma_ended,
                                       .operation_done = operation_done,
                                       .context = s };
    struct finding findings[WORLD_MAX_FINDINGS];
    struct run_result result;
    unsigned int count;

    if ( !s )
        abort();
    *s = (struct side) {
        .c = c, .side = side, .run = run, .qemu = c->target->qemu
    };
    config.watch = &watch;
    if ( side == SIDE_QEMU )
    {
        config.foreign = &foreign;
        config.foreign_context = s;
    }
    run->ran = program_run(c->program, &config, &result, findings, &count);
    snprintf(run->why, sizeof(run->why), "%s", result.why);
    run->found = run->ran && count;
    if ( run->found )
        run->finding = findings[0];
    if ( side == SIDE_QEMU )
        finish_qemu(s);
    free(s);
}
