/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: VMSAv8-64 translation tables of both stages, for
 * granules of 4, 16 and 64 KiB. */
#include <guest/smmuv3_guest.h>
#include <guest/smmuv3_layout.h>
#include <guest/smmuv3_private.h>

#define LAST_LEVEL       3
#define CONCATENATE_BITS 4 /* at most 16 start tables at stage 2 */

/* Index bits of a table: it fills a granule with descriptors of 8 bytes. */
static unsigned int stride(unsigned int granule_bits)
{
    return granule_bits - 3;
}

static unsigned int shift(unsigned int granule_bits, unsigned int level)
{
    return granule_bits + (LAST_LEVEL - level) * stride(granule_bits);
}

/* The deepest level at or above @deepest whose tables reach @input_bits, when
 * the first table may be 2^@extra times as large. */
static unsigned int start(unsigned int granule_bits, unsigned int input_bits,
                          unsigned int deepest, unsigned int extra)
{
    unsigned int level = deepest;

    while ( level &&
            shift(granule_bits, level) + stride(granule_bits) + extra <
                input_bits )
        level--;
    return level;
}

unsigned int smmuv3_guest_start_level(unsigned int granule_bits,
                                      unsigned int input_bits)
{
    return start(granule_bits, input_bits, LAST_LEVEL, 0);
}

/* With 4 KiB granules S2SL0 = 0 is level 2. */
unsigned int smmuv3_guest_stage2_level(unsigned int granule_bits,
                                       unsigned int input_bits)
{
    return start(granule_bits, input_bits,
                 granule_bits == 12 ? LAST_LEVEL - 1 : LAST_LEVEL,
                 CONCATENATE_BITS);
}

/* Index bits at the start level: fewer than those of a table, or more, of
 * concatenated ones. */
static unsigned int start_bits(const struct smmuv3_guest_space_config *c)
{
    unsigned int below = shift(c->granule_bits, c->start_level);
    unsigned int most = stride(c->granule_bits) + CONCATENATE_BITS;
    unsigned int bits = c->input_bits > below ? c->input_bits - below : 0;

    return bits < most ? bits : most;
}

bool smmuv3_guest_space_init(struct smmuv3_guest *guest,
                             struct smmuv3_guest_space *space,
                             const struct smmuv3_guest_space_config *config)
{
    space->config = *config;
    if ( config->stage == 1 )
        space->config.start_level = smmuv3_guest_start_level(
            config->granule_bits, config->input_bits);
    space->root = guest_alloc(guest, UINT64_C(8)
                                         << start_bits(&space->config));
    return space->root != 0;
}

static uint64_t slot(const struct smmuv3_guest_space_config *config,
                     uint64_t table, uint64_t iova, unsigned int level)
{
    unsigned int bits = level == config->start_level ?
                            start_bits(config) :
                            stride(config->granule_bits);
    uint64_t index = iova >> shift(config->granule_bits, level);

    return table + (index & (GUEST_BIT(bits) - 1)) * 8;
}

static bool is_table(uint64_t entry)
{
    return (entry & GUEST_PTE_VALID) && (entry & GUEST_PTE_TABLE);
}

/* The table that the descriptor at @gpa points to; 0: none. */
static uint64_t table_below(struct smmuv3_guest *guest,
                            const struct smmuv3_guest_space *space,
                            uint64_t gpa, bool create)
{
    uint64_t entry = guest_load(guest, gpa), table;
    uint64_t bytes = GUEST_BIT(space->config.granule_bits);

    if ( is_table(entry) )
        return entry & GUEST_PTE_ADDRESS & ~(bytes - 1);
    if ( !create || (entry & GUEST_PTE_VALID) )
        return 0;
    table = guest_alloc(guest, bytes);
    if ( table )
        guest_store(guest, gpa, table | GUEST_PTE_TABLE | GUEST_PTE_VALID);
    return table;
}

uint64_t smmuv3_guest_entry(struct smmuv3_guest *guest,
                            const struct smmuv3_guest_space *space,
                            uint64_t iova, unsigned int level, bool create)
{
    uint64_t table = space->root;
    unsigned int at;

    if ( level < space->config.start_level || level > LAST_LEVEL )
        return 0;
    for ( at = space->config.start_level; table && at < level; at++ )
        table = table_below(guest, space,
                            slot(&space->config, table, iova, at), create);
    return table ? slot(&space->config, table, iova, level) : 0;
}

bool smmuv3_guest_poke(struct smmuv3_guest *guest,
                       const struct smmuv3_guest_space *space, uint64_t iova,
                       unsigned int level, uint64_t value)
{
    uint64_t gpa = smmuv3_guest_entry(guest, space, iova, level, true);

    if ( gpa )
        guest_store(guest, gpa, value);
    return gpa != 0;
}

bool smmuv3_guest_leaf_level(const struct smmuv3_guest_space *space,
                             unsigned int bits, unsigned int *level)
{
    for ( *level = LAST_LEVEL; *level; --*level )
        if ( shift(space->config.granule_bits, *level) == bits )
            return true;
    return false;
}

/* AP[2:1]: unprivileged access as the driver of a device wants it; read only
 * if it must not write. */
static uint64_t stage1_attributes(const struct smmuv3_guest_mapping *m)
{
    unsigned int ap = m->rights & SMMUV3_GUEST_WRITE ? 1 : 3;

    return GUEST_PTE_AP(m->override_ap ? m->ap : ap) |
           (m->rights || m->override_ap ? GUEST_PTE_VALID : 0) |
           (m->xn ? GUEST_PTE_XN : 0) | (m->pxn ? GUEST_PTE_PXN : 0) |
           (m->global ? 0 : GUEST_PTE_NG);
}

static uint64_t stage2_attributes(const struct smmuv3_guest_mapping *m)
{
    return GUEST_PTE_VALID | GUEST_PTE_MEMATTR_WB |
           GUEST_PTE_AP(m->override_ap ? m->ap : m->rights) |
           GUEST_PTE_S2XN(m->xn);
}

bool smmuv3_guest_map(struct smmuv3_guest *guest,
                      const struct smmuv3_guest_space *space,
                      const struct smmuv3_guest_mapping *m)
{
    unsigned int level;
    uint64_t entry;

    if ( !smmuv3_guest_leaf_level(space, m->bits, &level) )
        return false;
    entry = m->target | GUEST_PTE_ISH;
    if ( level == LAST_LEVEL )
        entry |= GUEST_PTE_TABLE; /* a page, there */
    if ( !m->no_access_flag )
        entry |= GUEST_PTE_AF;
    entry |= space->config.stage == 1 ? stage1_attributes(m) :
                                        stage2_attributes(m);
    return smmuv3_guest_poke(guest, space, m->iova, level, entry);
}

bool smmuv3_guest_unmap(struct smmuv3_guest *guest,
                        const struct smmuv3_guest_space *space, uint64_t iova,
                        unsigned int bits)
{
    unsigned int level;
    uint64_t gpa;

    if ( !smmuv3_guest_leaf_level(space, bits, &level) )
        return false;
    gpa = smmuv3_guest_entry(guest, space, iova, level, false);
    if ( gpa )
        guest_store(guest, gpa, 0);
    return gpa != 0;
}
