/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's SMMUv3 driver does: stream table and context descriptors.
 */

#include <scenario/smmuv3/smmuv3.h>

#include <guest/smmuv3_layout.h>

#define ALL_WORDS 0xff

static uint32_t source_of(struct execution *e, uint64_t device)
{
    return e->world->device[device].source;
}

/* IPS and S2PS: IDR5.OAS has the same encoding (6.3.6). */
static unsigned int size_of(struct execution *e, uint64_t size)
{
    return size == SMMUV3_OWN_SIZE ?
               GUEST_IDR5_OAS(smmuv3_guest_of(e)->guest.idr[5]) :
               (unsigned int)size & 7;
}

/* The words of @mask alone, from the last to the first. */
static void store_words(struct execution *e, uint64_t at, const uint64_t *word,
                        uint64_t mask)
{
    for ( unsigned int i = 8; at && i--; )
        if ( mask >> i & 1 )
            guest_store64(e->wd, at + 8 * i, word[i]);
}

static void flip(struct execution *e, uint64_t at, uint64_t bit)
{
    uint64_t word = at + bit / 64 * 8;

    if ( at )
        guest_store64(e->wd, word,
                      guest_read64(e->wd, word) ^ GUEST_BIT(bit % 64));
}

/* A first-level descriptor; @pointer: what "keep-pointer" keeps. */
static void store_first_level(struct execution *e, uint64_t at, uint64_t value,
                              uint64_t pointer)
{
    driver_possible(e, at != 0, "the table is linear, or ends before");
    if ( at )
        guest_store64(e->wd, at, value | (guest_read64(e->wd, at) & pointer));
}

/* ---- stream table ---- */

static uint64_t ste_at(struct execution *e, uint64_t device)
{
    uint64_t at = smmuv3_guest_ste_address(&smmuv3_guest_of(e)->guest,
                                           source_of(e, device));

    driver_possible(e, at != 0,
                    "the stream table ends before, 'start' has not made it, "
                    "or no memory is left");
    return at;
}

/* The device's table of context descriptors: one of one descriptor, if no
 * cd-table has made another. */
static struct smmuv3_guest_cd_table *cds_of(struct execution *e,
                                            uint64_t device)
{
    struct smmuv3_driver *driver = smmuv3_guest_of(e);
    struct smmuv3_guest_cd_table *cds = &driver->cds[device];

    if ( !cds->base )
        driver_possible(e,
                        smmuv3_guest_cd_table_init(&driver->guest, cds, 0, 0),
                        "no memory is left for a context descriptor");
    return cds;
}

#define CONFIG_STAGE1(config) (((config)&5) == 5)

void smmuv3_op_ste(struct execution *e, const struct operation *op)
{
    unsigned int config = (unsigned int)op_arg(op, 1);
    const struct smmuv3_guest_ste ste = {
        .valid = !op_arg(op, 17),
        .config = config,
        .cds = CONFIG_STAGE1(config) ? cds_of(e, op_arg(op, 0)) : NULL,
        .stage2 = smmuv3_space(e, op_arg(op, 2)),
        .s2vmid = (uint16_t)op_arg(op, 3),
        .s1dss = (unsigned int)op_arg(op, 4),
        .strw = (unsigned int)op_arg(op, 5),
        .eats = (unsigned int)op_arg(op, 6),
        .privcfg = (unsigned int)op_arg(op, 7),
        .instcfg = (unsigned int)op_arg(op, 8),
        .cont = (unsigned int)op_arg(op, 9),
        .s2ps = size_of(e, op_arg(op, 10)),
        .mev = op_arg(op, 11),
        .s1stalld = op_arg(op, 12),
        .s2affd = op_arg(op, 13),
        .s2ptw = op_arg(op, 14),
        .s2s = op_arg(op, 15),
        .s2r = !op_arg(op, 16),
    };
    uint64_t word[SMMUV3_GUEST_STE_WORDS], at = ste_at(e, op_arg(op, 0));

    smmuv3_guest_ste_words(&ste, word);
    if ( op_arg(op, 18) != ALL_WORDS )
        store_words(e, at, word, op_arg(op, 18));
    else if ( at )
        smmuv3_guest_set_ste(&smmuv3_guest_of(e)->guest,
                             source_of(e, op_arg(op, 0)), &ste);
}

void smmuv3_op_ste_raw(struct execution *e, const struct operation *op)
{
    uint64_t at = ste_at(e, op_arg(op, 0));

    if ( at )
        guest_store64(e->wd, at + op_arg(op, 1) * 8, op_arg(op, 2));
}

void smmuv3_op_ste_flip(struct execution *e, const struct operation *op)
{
    flip(e, ste_at(e, op_arg(op, 0)), op_arg(op, 1));
}

void smmuv3_op_l1std(struct execution *e, const struct operation *op)
{
    ste_at(e, op_arg(op, 0)); /* makes what it points to */
    store_first_level(e,
                      smmuv3_guest_l1std(&smmuv3_guest_of(e)->guest,
                                         source_of(e, op_arg(op, 0))),
                      op_arg(op, 1), op_arg(op, 2) ? GUEST_L2PTR_MASK : 0);
}

/* ---- context descriptors ---- */

void smmuv3_op_cd_table(struct execution *e, const struct operation *op)
{
    struct smmuv3_driver *driver = smmuv3_guest_of(e);

    driver_possible(e,
                    smmuv3_guest_cd_table_init(&driver->guest,
                                               &driver->cds[op_arg(op, 0)],
                                               (unsigned int)op_arg(op, 2),
                                               (unsigned int)op_arg(op, 1)),
                    "no memory is left for so many context descriptors");
}

static uint64_t cd_at(struct execution *e, uint64_t device, uint64_t ssid)
{
    uint64_t at = smmuv3_guest_cd_address(&smmuv3_guest_of(e)->guest,
                                          cds_of(e, device), (uint32_t)ssid);

    driver_possible(e, at != 0,
                    "the device's table of context descriptors ends before, "
                    "or no memory is left");
    return at;
}

void smmuv3_op_cd(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_cd cd = {
        .valid = !op_arg(op, 20),
        .table = { smmuv3_space(e, op_arg(op, 1)),
                   smmuv3_space(e, op_arg(op, 2)) },
        .asid = (uint16_t)op_arg(op, 4),
        .ips = size_of(e, op_arg(op, 5)),
        .epd = { op_arg(op, 6), op_arg(op, 7) },
        .affd = op_arg(op, 8),
        .wxn = op_arg(op, 9),
        .uwxn = op_arg(op, 10),
        .pan = op_arg(op, 11),
        .aset = op_arg(op, 12),
        .had = { op_arg(op, 13), op_arg(op, 14) },
        .tbi = { op_arg(op, 15), op_arg(op, 16) },
        .s = op_arg(op, 17),
        .r = !op_arg(op, 18),
        .a = !op_arg(op, 19),
    };
    uint64_t word[SMMUV3_GUEST_CD_WORDS];
    uint64_t at = cd_at(e, op_arg(op, 0), op_arg(op, 3));

    smmuv3_guest_cd_words(&cd, word);
    if ( op_arg(op, 21) != ALL_WORDS )
        store_words(e, at, word, op_arg(op, 21));
    else if ( at )
        smmuv3_guest_set_cd(&smmuv3_guest_of(e)->guest,
                            cds_of(e, op_arg(op, 0)), (uint32_t)op_arg(op, 3),
                            &cd);
}

void smmuv3_op_cd_raw(struct execution *e, const struct operation *op)
{
    uint64_t at = cd_at(e, op_arg(op, 0), op_arg(op, 3));

    if ( at )
        guest_store64(e->wd, at + op_arg(op, 1) * 8, op_arg(op, 2));
}

void smmuv3_op_cd_flip(struct execution *e, const struct operation *op)
{
    flip(e, cd_at(e, op_arg(op, 0), op_arg(op, 2)), op_arg(op, 1));
}

void smmuv3_op_l1cd(struct execution *e, const struct operation *op)
{
    cd_at(e, op_arg(op, 0), op_arg(op, 2)); /* makes what it points to */
    store_first_level(
        e,
        smmuv3_guest_l1cd(cds_of(e, op_arg(op, 0)), (uint32_t)op_arg(op, 2)),
        op_arg(op, 1), op_arg(op, 3) ? GUEST_L1CD_PTR_MASK : 0);
}
