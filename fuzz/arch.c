/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both architectures do by their tables. */

#include <fuzz/input.h>

#include <string.h>

void fuzz_vary(const struct fuzz_arch *arch, unsigned int n,
               struct program_machine *machine)
{
    const struct fuzz_change *c = &arch->change[n - 1];
    uint64_t mask = ((UINT64_C(1) << c->bits) - 1) << c->shift;
    uint64_t *word = c->host ? &machine->host_id[c->word] :
                               &machine->id[c->word];

    *word = (*word & ~mask) | (uint64_t)c->value << c->shift;
}

void fuzz_set(struct operation *op, const char *key, uint64_t value)
{
    for ( const struct op_field *f = op_spec(op)->field; f->kind != FIELD_END;
          f++ )
        if ( f->key && *f->key == *key && !strcmp(f->key, key) )
            op_field_set(op, f, value);
}

void fuzz_set_nth(struct operation *op, unsigned int n, uint64_t value)
{
    op_field_set(op, &op_spec(op)->field[n], value);
}

void fuzz_clear_nth(struct operation *op, unsigned int n, uint64_t bits)
{
    fuzz_set_nth(op, n, op_arg(op, n) & ~bits);
}

uint64_t fuzz_dma_room(const struct operation *dma)
{
    return DMA_PIECE - op_arg(dma, DMA_IOVA) % DMA_PIECE;
}

bool fuzz_has_models(const struct program_machine *machine)
{
    for ( unsigned int i = 0; i < machine->devices; i++ )
        if ( machine->device[i].model )
            return true;
    return false;
}

void fuzz_keep_protocol(const struct program_machine *machine,
                        struct operation *op)
{
    unsigned int options;

    if ( op->code == OP_ANSWER )
        fuzz_set(op, "early", 0);
    if ( op->code != OP_TRANSLATE )
        return;
    options = machine->device[op_arg(op, 0)].options;
    if ( !(options & VDEVICE_ATS) )
        fuzz_set(op, "ats", 0);
    else if ( !(options & VDEVICE_DRAIN) )
        fuzz_set(op, "ats", 1);
}

/* Of the memory map of arch_*.c: where drivers allocate, and what is as far
 * from where data is. */
#define DRIVER_FIRST UINT64_C(0x2000000)
#define DRIVER_LAST  UINT64_C(0x2ffffff)
#define DRIVER_DATA  UINT64_C(0x1e00000)

void fuzz_keep_tables(struct operation *op)
{
    uint64_t gpa = op_arg(op, 0);

    if ( (op->code == OP_P2M_REMOVE || op->code == OP_P2M_POPULATE) &&
         gpa >= DRIVER_FIRST && gpa <= DRIVER_LAST )
        fuzz_set_nth(op, 0, gpa - DRIVER_DATA);
}
