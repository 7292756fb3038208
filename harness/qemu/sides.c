/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program on one side, and what is seen of it after each operation. */

#include <qemu/diff.h>
#include <qemu/fields.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the devices' buffers are copied to, beyond what programs use. */
#define SCRATCH_OFFSET UINT64_C(0x4700000)

/* Pages of QEMU's memory that a case has made dirty. */
#define MAX_DIRTY 4096

#define PAGE UINT64_C(0x1000)

const char *const side_names[SIDE_COUNT] = { "QEMU", "model", "stack" };

struct side {
    struct diff_case *c;
    enum diff_side side;
    struct diff_run *run;
    struct world_domain *wd; /* ours */
    struct qemu_machine *qemu;
    bool looked; /* at QEMU's registers: */
    uint64_t raw[DIFF_MAX_REGISTERS];
    uint64_t dirty[MAX_DIRTY];
    unsigned int dirties;
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
    uint64_t page = gpa & ~(PAGE - 1);
    unsigned int i = s->dirties;

    client_write(&s->qemu->client, WIDTH_8, gpa, value);
    /* The newest are the likeliest. */
    while ( i && s->dirty[i - 1] != page )
        i--;
    if ( !i && s->dirties < MAX_DIRTY )
        s->dirty[s->dirties++] = page;
}

static uint64_t foreign_load64(void *context, uint64_t gpa)
{
    struct side *s = context;

    return qemu_load(s->qemu, gpa, 8);
}

static void foreign_write(void *context, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    struct side *s = context;

    qemu_unit_write(s->qemu, offset, size, value);
}

static uint64_t foreign_read(void *context, uint32_t offset, unsigned int size)
{
    struct side *s = context;

    return qemu_unit_read(s->qemu, offset, size);
}

static void foreign_dma(void *context, size_t operation, unsigned int device,
                        const struct dma_transfer *transfer)
{
    struct side *s = context;
    unsigned int slot;

    if ( device >= s->qemu->arch->devices )
        return;
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

/* All registers; of a DMA only those that it can change, the others being what
 * they were.  Into s->raw. */
static void read_registers(struct side *s, const struct operation *op)
{
    const struct diff_register *reg = s->c->target->arch->reg;
    uint64_t base = s->qemu->arch->unit_base;

    for ( unsigned int r = 0; reg[r].name; r++ )
        if ( reg[r].size &&
             (op->code != OP_DMA || reg[r].fault_log || !s->looked) )
            client_read(&s->qemu->client, qemu_width(reg[r].size),
                        base + reg[r].offset, &s->raw[r]);
    s->looked = true;
}

/* Registers, and the marks at which a write may have landed, in one go. */
static void look_at_qemu(struct side *s, const struct operation *op,
                         struct diff_seen *seen)
{
    const struct diff_marks *marks = &s->c->marks;
    uint64_t word[DIFF_MAX_MARKS];
    bool write = op->code == OP_DMA && op_arg(op, 1) == REQUEST_WRITE;
    uint64_t iova = op_arg(op, 2);

    read_registers(s, op);
    for ( unsigned int m = 0; write && m < marks->count; m++ )
        if ( !((marks->address[m] ^ iova) & (PAGE - 1)) )
            client_read(&s->qemu->client, WIDTH_4, marks->address[m],
                        &word[m]);
    client_sync(&s->qemu->client);
    memcpy(seen->reg, s->raw, sizeof(seen->reg));
    for ( unsigned int m = 0; write && m < marks->count; m++ )
        if ( !((marks->address[m] ^ iova) & (PAGE - 1)) &&
             word[m] == token_of((size_t)(op - s->c->program->op)) )
            seen->data = marks->address[m];
    while ( seen->events < DIFF_MAX_EVENTS &&
            qemu_event_take(s->qemu, &seen->event[seen->events]) )
        seen->events++;
}

static uint32_t load32(struct world_domain *wd, uint64_t gpa)
{
    uint64_t word = 0;

    domain_read64(wd->domain, gpa & ~UINT64_C(7), &word);
    return (uint32_t)(word >> (gpa & 4) * 8);
}

static void look_at_ours(struct side *s, const struct operation *op,
                         struct diff_seen *seen)
{
    const struct diff_register *reg = s->c->target->arch->reg;
    const struct diff_marks *marks = &s->c->marks;
    bool write = op->code == OP_DMA && op_arg(op, 1) == REQUEST_WRITE;
    struct world_event event;

    for ( unsigned int r = 0; reg[r].name; r++ )
        if ( reg[r].size )
            seen->reg[r] = world_read(s->wd, reg[r].offset, reg[r].size);
    for ( unsigned int m = 0; write && m < marks->count; m++ )
        if ( !((marks->address[m] ^ op_arg(op, 2)) & (PAGE - 1)) &&
             load32(s->wd, marks->address[m]) ==
                 token_of((size_t)(op - s->c->program->op)) )
            seen->data = marks->address[m];
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

    if ( s->side == SIDE_QEMU )
        client_remark(&s->qemu->client, op_spec(op)->keyword, operation + 1);
    s->wd = &world->domain[op->domain];
    s->run->done = operation + 1;
    seen->looked = s->c->target->arch->reaches(op);
    if ( seen->looked && s->side == SIDE_QEMU )
        look_at_qemu(s, op, seen);
    else if ( seen->looked )
        look_at_ours(s, op, seen);
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

static void unit_stored(void *context, uint64_t gpa, size_t length)
{
    struct side *s = context;
    struct diff_marks *stores = &s->c->stores;

    (void)length;
    if ( s->side == SIDE_MODEL && stores->count < DIFF_MAX_MARKS )
        stores->address[stores->count++] = gpa & ~UINT64_C(7);
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

/* The reads are seen only now, and memory is what it was when it started. */
static void finish_qemu(struct side *s)
{
    uint32_t value[EDU_SLOTS];
    unsigned int slots[QEMU_MAX_DEVICES];
    unsigned int devices = s->qemu->arch->devices;
    uint64_t scratch = s->qemu->arch->ram_base + SCRATCH_OFFSET;

    for ( unsigned int d = 0; d < devices; d++ )
        slots[d] = s->qemu->device[d].slots;
    qemu_reset(s->qemu);
    for ( unsigned int d = 0; d < devices; d++ )
    {
        s->qemu->device[d].slots = slots[d];
        edu_take_reads(s->qemu, d, scratch, value);
        for ( unsigned int i = 0; i < slots[d]; i++ )
            s->run->seen[s->read_at[d][i]].data = value[i];
    }
    for ( unsigned int m = 0; m < s->c->marks.count; m++ )
        client_read(&s->qemu->client, WIDTH_8, s->c->marks.address[m],
                    &s->run->mark[m]);
    for ( unsigned int i = 0; i < s->dirties; i++ )
        client_fill(&s->qemu->client, s->dirty[i], PAGE, 0);
    client_fill(&s->qemu->client, scratch, PAGE, 0);
    client_sync(&s->qemu->client);
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
                                       .unit_stored = unit_stored,
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
