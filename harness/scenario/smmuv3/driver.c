/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's SMMUv3 driver does: start-up and page tables. */

#include <scenario/smmuv3/smmuv3.h>

#include <guest/smmuv3_layout.h>

struct smmuv3_driver *smmuv3_guest_of(struct execution *e)
{
    struct smmuv3_driver *driver = e->wd->guest;

    if ( !driver->guest.ops )
        smmuv3_guest_init(&driver->guest, &guest_ops, e->wd);
    return driver;
}

/* ---- start-up ---- */

static void choose(unsigned int *what, uint64_t value)
{
    if ( value != SMMUV3_AS_LINUX )
        *what = (unsigned int)value;
}

void smmuv3_op_start(struct execution *e, const struct operation *op)
{
    struct smmuv3_guest *guest = &smmuv3_guest_of(e)->guest;
    struct smmuv3_guest_setup setup;
    enum smmuv3_guest_result result;

    smmuv3_guest_setup_default(guest, &setup);
    choose(&setup.cmdq_log2, op_arg(op, 0));
    choose(&setup.evtq_log2, op_arg(op, 1));
    choose(&setup.sid_bits, op_arg(op, 3));
    choose(&setup.split, op_arg(op, 4));
    if ( op_arg(op, 2) == SMMUV3_STRTAB_LINEAR )
        setup.split = 0;
    setup.cr2 = op_arg(op, 5) ? GUEST_CR2_E2H : 0;
    setup.no_enable = op_arg(op, 6);

    result = smmuv3_guest_start(guest, &setup);
    driver_possible(e, result != SMMUV3_GUEST_NO_PAGE,
                    "no memory is left for the stream table or a queue");
    driver_must(e,
                result == SMMUV3_GUEST_DONE || result == SMMUV3_GUEST_NO_PAGE,
                "the unit does not start");
}

/* ---- page tables ---- */

/* S2SL0 counts from the deepest start level upwards, and 3 is reserved (5.2):
 * the level that encodes so. */
static unsigned int start_level(unsigned int granule_bits, unsigned int sl0)
{
    if ( granule_bits == 12 )
        return sl0 == 3 ? 3 : 2 - sl0;
    return 3 - sl0;
}

static void space_config(const struct program_table *table,
                         struct smmuv3_guest_space_config *config)
{
    unsigned int t0sz = table->option[SMMUV3_TABLE_T0SZ];
    unsigned int sl0 = table->option[SMMUV3_TABLE_SL0];

    config->stage = table->option[SMMUV3_TABLE_STAGE];
    config->granule_bits = table->option[SMMUV3_TABLE_GRANULE];
    config->input_bits = t0sz ? 64 - t0sz : config->stage == 1 ? 48 : 40;
    config->start_level = sl0 == SMMUV3_SL0_AUTO ?
                              smmuv3_guest_stage2_level(config->granule_bits,
                                                        config->input_bits) :
                              start_level(config->granule_bits, sl0);
}

const struct smmuv3_guest_space *smmuv3_space(struct execution *e,
                                              uint64_t table)
{
    struct smmuv3_driver *driver = smmuv3_guest_of(e);
    struct smmuv3_guest_space_config config;

    if ( table == SMMUV3_NO_TABLE )
        return NULL;
    if ( driver->table[table].root )
        return &driver->table[table];
    space_config(&e->world->program->machine.table[table], &config);
    driver_possible(e,
                    smmuv3_guest_space_init(&driver->guest,
                                            &driver->table[table], &config),
                    "no memory is left for a table");
    return &driver->table[table];
}

/* FIELD_SIZE is an order of 4 KiB. */
static unsigned int size_bits(uint64_t order)
{
    return 12 + (unsigned int)order;
}

void smmuv3_op_map(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_mapping mapping = {
        .iova = op_arg(op, 1),
        .target = op_arg(op, 2),
        .bits = size_bits(op_arg(op, 3)),
        .rights = (unsigned int)op_arg(op, 4),
        .override_ap = op_arg(op, 5) != SMMUV3_AP_OF_RIGHTS,
        .ap = (unsigned int)op_arg(op, 5) & 3,
        .xn = (unsigned int)op_arg(op, 6),
        .pxn = op_arg(op, 7),
        .global = op_arg(op, 8),
        .no_access_flag = op_arg(op, 9),
    };

    driver_possible(e,
                    smmuv3_guest_map(&smmuv3_guest_of(e)->guest,
                                     smmuv3_space(e, op_arg(op, 0)), &mapping),
                    "the granule has no such size, a larger leaf is in the "
                    "way, or no memory is left");
}

void smmuv3_op_unmap(struct execution *e, const struct operation *op)
{
    driver_possible(e,
                    smmuv3_guest_unmap(&smmuv3_guest_of(e)->guest,
                                       smmuv3_space(e, op_arg(op, 0)),
                                       op_arg(op, 1),
                                       size_bits(op_arg(op, 2))),
                    "there is no table with that descriptor");
}

void smmuv3_op_entry(struct execution *e, const struct operation *op)
{
    struct smmuv3_guest *guest = &smmuv3_guest_of(e)->guest;
    const struct smmuv3_guest_space *space = smmuv3_space(e, op_arg(op, 0));
    unsigned int level = (unsigned int)op_arg(op, 2);
    uint64_t granule = GUEST_BIT(space->config.granule_bits);
    uint64_t value = op_arg(op, 3);

    if ( op_arg(op, 4) )
    {
        uint64_t below = smmuv3_guest_entry(guest, space, op_arg(op, 1),
                                            level + 1, true);

        driver_possible(e, below != 0, "there is no table below");
        value |= below & ~(granule - 1);
    }
    driver_possible(
        e, smmuv3_guest_poke(guest, space, op_arg(op, 1), level, value),
        "a larger leaf is in the way, the walk begins below that "
        "level, or no memory is left");
}
