/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation tables of VMSAv8-64: range, geometry, descriptors, rights.
 */
#include "internal.h"

/* ---- the half of the address space (3.4.1) ---- */

static bool is_upper(const struct context *context, uint64_t va)
{
    return (va >> 55 & 1) && context->ste.world != WORLD_EL2;
}

/* TBI leaves out 63:56. */
uint64_t context_untagged(const struct context *context, uint64_t va)
{
    return context->cd.tbi[is_upper(context, va)] ? va_canonical(va) : va;
}

/* The bits above the range are all like VA[55]. */
bool context_reaches(const struct context *context, uint64_t va,
                     unsigned int *half)
{
    uint64_t above;

    *half = is_upper(context, va);
    if ( !context->cd.enabled[*half] )
        return false;
    above = va >> context->cd.half[*half].bits;
    return *half ? above == UINT64_MAX >> context->cd.half[1].bits : !above;
}

bool tables_half(const struct context *context, uint64_t va,
                 unsigned int *half)
{
    return context_reaches(context, context_untagged(context, va), half);
}

/* ---- geometry and descriptors ---- */

static unsigned int index_bits(const struct table *t, unsigned int level)
{
    return level == t->start ? t->bits - table_shift(t, level) : t->shift - 3;
}

unsigned int table_entries(const struct table *t, unsigned int level)
{
    return 1u << index_bits(t, level);
}

/* Address bits below the size of the (concatenated) table count as 0. */
uint64_t table_first(const struct table *t)
{
    return t->base & ~(8 * (uint64_t)table_entries(t, t->start) - 1);
}

uint64_t table_entry_at(const struct table *t, uint64_t table,
                        unsigned int level, uint64_t address)
{
    uint64_t index = address >> table_shift(t, level);

    return table + 8 * (index & (table_entries(t, level) - 1));
}

static bool block_level(const struct table *t, unsigned int level)
{
    return level == 2 || (level == 1 && t->shift == 12);
}

void table_decode(const struct table *t, unsigned int level, uint64_t raw,
                  struct entry *entry)
{
    uint64_t mask = level == LEVEL_LAST || (raw & DESC_TYPE) ?
                        BIT64(t->shift) - 1 :
                        table_mask(t, level);

    *entry = (struct entry) { .kind = ENTRY_INVALID, .raw = raw };
    if ( !(raw & DESC_VALID) )
        return;
    if ( level == LEVEL_LAST )
        entry->kind = raw & DESC_TYPE ? ENTRY_LEAF : ENTRY_INVALID;
    else if ( raw & DESC_TYPE )
        entry->kind = ENTRY_TABLE;
    else if ( block_level(t, level) )
        entry->kind = ENTRY_LEAF;
    entry->address = raw & MASK64(47, 0) & ~mask;
    /* Address bits 51:48 where 52 bits are built, else nothing. */
    entry->disputed = entry->kind != ENTRY_INVALID && t->shift == 16 &&
                      (raw & MASK64(15, 12));
}

uint64_t table_contiguous(const struct table *t, unsigned int level)
{
    unsigned int entries = t->shift == 12 ? 4 : 5; /* log2 */

    if ( t->shift == 14 && level == LEVEL_LAST )
        entries = 7;
    return BIT64(table_shift(t, level) + entries) - 1;
}

/* ---- rights ---- */

void limits_add(struct limits *limits, const struct table *t, uint64_t raw)
{
    if ( t->flat )
        return;
    limits->no_el0 |= (raw & TABLE_AP1) != 0;
    limits->read_only |= (raw & TABLE_AP2) != 0;
    limits->pxn |= (raw & TABLE_PXN) != 0;
    limits->uxn |= (raw & TABLE_UXN) != 0;
}

/* NS-EL2 knows one privilege, and one execute-never bit. */
static unsigned int el2_rights(const struct cd *cd,
                               const struct limits *limits, uint64_t raw)
{
    bool read_only = limits->read_only || (raw & DESC_AP2);
    bool xn = limits->uxn || (raw & DESC_UXN) || (cd->wxn && !read_only);

    return RIGHT_R | (read_only ? 0 : RIGHT_W) | (xn ? 0 : RIGHT_X);
}

unsigned int stage1_rights(const struct ste *ste, const struct cd *cd,
                           const struct limits *limits, uint64_t raw,
                           bool privileged)
{
    bool read_only = limits->read_only || (raw & DESC_AP2);
    bool el0 = (raw & DESC_AP1) && !limits->no_el0;
    unsigned int data = RIGHT_R | (read_only ? 0 : RIGHT_W);
    bool xn;

    if ( ste->world == WORLD_EL2 )
        return el2_rights(cd, limits, raw);
    if ( privileged )
    {
        /* What the unprivileged can write is never executed here. */
        xn = limits->pxn || (raw & DESC_PXN) || (el0 && !read_only);
        if ( cd->wxn && !read_only )
            xn = true;
        if ( cd->pan && el0 )
            data = 0;
    }
    else
    {
        xn = limits->uxn || (raw & DESC_UXN) || (cd->wxn && el0 && !read_only);
        if ( !el0 )
            data = 0;
    }
    return data | (xn ? 0 : RIGHT_X);
}

unsigned int stage2_rights(const struct oracle *o, uint64_t raw,
                           bool privileged)
{
    unsigned int xn = DESC_S2XN(raw), rights = 0;
    bool executable = !(xn & 2);

    if ( IDR3_XNX(smmu(o)->idr[3]) )
        executable = xn == 0 || xn == (privileged ? 3u : 1u);
    if ( raw & DESC_S2R )
        rights |= RIGHT_R;
    if ( raw & DESC_S2W )
        rights |= RIGHT_W;
    return rights | (executable ? RIGHT_X : 0);
}
