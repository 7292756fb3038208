/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's driver does. */

#include <scenario/vtd/vtd.h>

#include <guest/vtd_layout.h>

#include <stdlib.h>

/* The message that "start" gives to the fault event. */
#define FAULT_EVENT_ADDRESS UINT64_C(0xfee01004)
#define FAULT_EVENT_DATA    0x21u

/* Status words of "wait" and "sync" in the driver's status page. */
#define WAIT_STATUS 0x400u
#define SYNC_STATUS 0x800u
#define SYNC_WORDS  256u

#define FSTS_PFO 0x1u

/* ---- the driver ---- */

/* The driver of this domain; it reads the capabilities at its first use. */
static struct vtd_guest *driver(struct execution *e)
{
    struct vtd_driver *driver = e->wd->guest;

    if ( !driver->guest.ops )
        vtd_guest_init(&driver->guest, &guest_ops, e->wd);
    return &driver->guest;
}

static uint16_t source_of(struct execution *e, uint64_t device)
{
    return (uint16_t)e->world->device[device].source;
}

/* ---- start-up ---- */

void vtd_start(struct execution *e, const struct operation *op)
{
    struct vtd_guest *guest = driver(e);
    bool ok = true;

    vtd_guest_fault_event(guest, FAULT_EVENT_ADDRESS, FAULT_EVENT_DATA);
    if ( !op_arg(op, 1) && guest->ecap & GUEST_ECAP_QI )
        ok = vtd_guest_queue_enable(guest, (unsigned int)op_arg(op, 0)) ==
             VTD_GUEST_DONE;
    driver_must(e, ok, "the queue could not be enabled");
    driver_must(e, vtd_guest_set_root(guest) == VTD_GUEST_DONE,
                "SRTP did not complete");
    driver_must(e, vtd_guest_flush_all(guest) == VTD_GUEST_DONE,
                "the global invalidations did not complete");
    if ( !op_arg(op, 2) )
        driver_must(e, vtd_guest_translation(guest, true) == VTD_GUEST_DONE,
                    "TE did not complete");
}

void vtd_gcmd(struct execution *e, const struct operation *op)
{
    uint32_t bit = 1u << op_arg(op, 0);
    bool off = op_arg(op, 1);
    uint32_t keep, status;

    keep = (uint32_t)world_read(e->wd, GUEST_GSTS, 4) & GUEST_G_KEEP;
    world_write(e->wd, GUEST_GCMD, 4, off ? keep & ~bit : keep | bit);
    world_look(e->world);
    do
        status = (uint32_t)world_read(e->wd, GUEST_GSTS, 4);
    while ( bit != GUEST_G_WBF && !(status & bit) != off &&
            world_idle(e->world) );
    if ( bit != GUEST_G_WBF && !(status & bit) != off )
        world_expect(e->world, "P10", "GSTS is %#x after the command", status);
}

/* ---- tables ---- */

static struct vtd_guest_space *space_of(struct execution *e, uint64_t table)
{
    const struct program_table *declared =
        &e->world->program->machine.table[table];
    struct vtd_guest_space *space =
        &((struct vtd_driver *)e->wd->guest)->table[table];

    if ( !space->root )
        driver_possible(
            e,
            vtd_guest_space_init(driver(e), space,
                                 declared->option[VTD_TABLE_LEVELS]),
            "no page is left for a table");
    return space;
}

static void write_pair(struct execution *e, uint64_t at, uint64_t low,
                       uint64_t high)
{
    /* The half with P last when it is set, first when it is cleared. */
    if ( !(low & GUEST_PRESENT) )
        guest_store64(e->wd, at, low);
    guest_store64(e->wd, at + 8, high);
    if ( low & GUEST_PRESENT )
        guest_store64(e->wd, at, low);
}

static uint64_t context_at(struct execution *e, uint64_t device)
{
    uint64_t at = vtd_guest_context_entry(driver(e), source_of(e, device));

    driver_possible(e, at != 0, "no page is left for a context table");
    return at;
}

#define NO_TABLE 0xff
#define OWN_AW   15

void vtd_context(struct execution *e, const struct operation *op)
{
    uint64_t at = context_at(e, op_arg(op, 0));
    uint64_t table = op_arg(op, 1), aw = op_arg(op, 4), low, high;
    struct vtd_guest_space *space = NULL;

    if ( table != NO_TABLE )
        space = space_of(e, table);
    if ( aw == OWN_AW )
        aw = space ? space->levels - 2 : 2;
    low = (op_arg(op, 6) ? 0 : GUEST_PRESENT) |
          (op_arg(op, 5) ? GUEST_CONTEXT_FPD : 0) |
          GUEST_CONTEXT_TT(op_arg(op, 3)) | (space ? space->root : 0);
    high = GUEST_CONTEXT_AW(aw) | GUEST_CONTEXT_DID(op_arg(op, 2));
    if ( !at )
        return;
    /* As drivers do: no entry is present that is half old and half new. */
    if ( !op_arg(op, 7) && (guest_read64(e->wd, at) & GUEST_PRESENT) &&
         guest_read64(e->wd, at + 8) != high )
        guest_store64(e->wd, at, 0);
    write_pair(e, at, low, high);
}

void vtd_context_raw(struct execution *e, const struct operation *op)
{
    uint64_t at = context_at(e, op_arg(op, 0));

    if ( at )
        write_pair(e, at, op_arg(op, 1), op_arg(op, 2));
}

void vtd_root_raw(struct execution *e, const struct operation *op)
{
    write_pair(e, driver(e)->root + op_arg(op, 0) * GUEST_ENTRY_SIZE,
               op_arg(op, 1), op_arg(op, 2));
}

void vtd_map(struct execution *e, const struct operation *op)
{
    const struct vtd_guest_mapping mapping = {
        .iova = op_arg(op, 1),
        .gpa = op_arg(op, 2),
        .order = (unsigned int)op_arg(op, 3),
        .rights = (unsigned int)op_arg(op, 4),
    };

    driver_possible(
        e, vtd_guest_map(driver(e), space_of(e, op_arg(op, 0)), &mapping),
        "a larger leaf is in the way, or no page is left");
}

void vtd_unmap(struct execution *e, const struct operation *op)
{
    driver_possible(e,
                    vtd_guest_unmap(driver(e), space_of(e, op_arg(op, 0)),
                                    op_arg(op, 1),
                                    (unsigned int)op_arg(op, 2)),
                    "there is no table with that entry");
}

void vtd_entry(struct execution *e, const struct operation *op)
{
    struct vtd_guest_space *space = space_of(e, op_arg(op, 0));
    unsigned int level = (unsigned int)op_arg(op, 2);
    uint64_t value = op_arg(op, 3);

    if ( op_arg(op, 4) && level > 1 )
    {
        uint64_t below = vtd_guest_entry(driver(e), space, op_arg(op, 1),
                                         level - 1, true);

        driver_possible(e, below != 0, "no page is left for a table");
        value |= below & ~UINT64_C(0xfff);
    }
    driver_possible(
        e, vtd_guest_poke(driver(e), space, op_arg(op, 1), level, value),
        "a larger leaf is in the way, or no page is left");
}

/* ---- invalidation ---- */

static void flush_context(struct execution *e, bool by_register,
                          const struct vtd_guest_context_flush *flush)
{
    struct vtd_guest *guest = driver(e);
    struct vtd_guest_descriptor descriptor;

    if ( by_register || !guest->queue )
    {
        driver_must(e,
                    vtd_guest_context_register(guest, flush, NULL) ==
                        VTD_GUEST_DONE,
                    "CCMD.ICC was not cleared");
        return;
    }
    descriptor = vtd_guest_context_descriptor(flush);
    vtd_guest_enqueue(guest, &descriptor);
}

static void flush_iotlb(struct execution *e, bool by_register,
                        const struct vtd_guest_iotlb_flush *flush)
{
    struct vtd_guest *guest = driver(e);
    struct vtd_guest_descriptor descriptor;

    if ( by_register || !guest->queue )
    {
        driver_must(
            e, vtd_guest_iotlb_register(guest, flush, NULL) == VTD_GUEST_DONE,
            "IOTLB_REG.IVT was not cleared");
        return;
    }
    descriptor = vtd_guest_iotlb_descriptor(flush);
    vtd_guest_enqueue(guest, &descriptor);
}

void vtd_cc_global(struct execution *e, const struct operation *op)
{
    flush_context(
        e, op_arg(op, 0),
        &(struct vtd_guest_context_flush) { .granularity = VTD_GUEST_GLOBAL });
}

void vtd_cc_domain(struct execution *e, const struct operation *op)
{
    flush_context(
        e, op_arg(op, 1),
        &(struct vtd_guest_context_flush) { .granularity = VTD_GUEST_DOMAIN,
                                            .did = (uint16_t)op_arg(op, 0) });
}

void vtd_cc_device(struct execution *e, const struct operation *op)
{
    flush_context(e, op_arg(op, 3),
                  &(struct vtd_guest_context_flush) {
                      .granularity = VTD_GUEST_SELECTIVE,
                      .source = source_of(e, op_arg(op, 0)),
                      .did = (uint16_t)op_arg(op, 1),
                      .function_mask = (unsigned int)op_arg(op, 2) });
}

void vtd_iotlb_global(struct execution *e, const struct operation *op)
{
    flush_iotlb(
        e, op_arg(op, 2),
        &(struct vtd_guest_iotlb_flush) { .granularity = VTD_GUEST_GLOBAL,
                                          .drain_reads = op_arg(op, 0),
                                          .drain_writes = op_arg(op, 1) });
}

void vtd_iotlb_domain(struct execution *e, const struct operation *op)
{
    flush_iotlb(
        e, op_arg(op, 3),
        &(struct vtd_guest_iotlb_flush) { .granularity = VTD_GUEST_DOMAIN,
                                          .did = (uint16_t)op_arg(op, 0),
                                          .drain_reads = op_arg(op, 1),
                                          .drain_writes = op_arg(op, 2) });
}

void vtd_iotlb_page(struct execution *e, const struct operation *op)
{
    flush_iotlb(
        e, op_arg(op, 6),
        &(struct vtd_guest_iotlb_flush) { .granularity = VTD_GUEST_SELECTIVE,
                                          .did = (uint16_t)op_arg(op, 0),
                                          .address = op_arg(op, 1),
                                          .am = (unsigned int)op_arg(op, 2),
                                          .leaf_only = op_arg(op, 3),
                                          .drain_reads = op_arg(op, 4),
                                          .drain_writes = op_arg(op, 5) });
}

static bool has_queue(struct execution *e)
{
    if ( !driver(e)->queue )
        world_refuse(e->world, "the queue is not enabled: 'start' does it");
    return driver(e)->queue != 0;
}

void vtd_descriptor(struct execution *e, const struct operation *op)
{
    const struct vtd_guest_descriptor descriptor = { op_arg(op, 0),
                                                     op_arg(op, 1) };

    if ( has_queue(e) )
        vtd_guest_enqueue(driver(e), &descriptor);
}

static void put_wait(struct execution *e, const struct vtd_guest_wait *wait)
{
    struct vtd_guest_descriptor d = vtd_guest_wait_descriptor(wait);

    vtd_guest_enqueue(driver(e), &d);
}

void vtd_wait(struct execution *e, const struct operation *op)
{
    uint64_t at = op_arg(op, 1);

    if ( !has_queue(e) )
        return;
    put_wait(e, &(struct vtd_guest_wait) {
                    .status_write = !op_arg(op, 4),
                    .interrupt = op_arg(op, 2),
                    .fence = op_arg(op, 3),
                    .address = at ? at : driver(e)->status + WAIT_STATUS,
                    .data = (uint32_t)op_arg(op, 0) });
}

void vtd_submit(struct execution *e, const struct operation *op)
{
    (void)op;
    if ( has_queue(e) )
        vtd_guest_ring(driver(e));
}

void vtd_sync(struct execution *e, const struct operation *op)
{
    struct vtd_guest *guest = driver(e);
    uint32_t token = (uint32_t)e->world->operation + 1;
    /* A word of its own for each of those that may wait at once. */
    uint64_t at = guest->status + SYNC_STATUS + token % SYNC_WORDS * 8;
    bool done;

    (void)op;
    if ( !guest->queue )
        return;
    guest_store64(e->wd, at, 0);
    put_wait(e, &(struct vtd_guest_wait) {
                    .status_write = true, .address = at, .data = token });
    vtd_guest_ring(guest);
    world_look(e->world);
    do
        done = (uint32_t)guest_read64(e->wd, at) == token;
    while ( !done && world_idle(e->world) );
    if ( !done )
        world_expect(e->world, "P5",
                     "the status word of the wait descriptor was not written");
}

/* ---- faults ---- */

#define FRCD_F (1u << 31)

/* From FRI on, in ring order, until one has F = 0; then PFO. */
void vtd_handle_faults(struct execution *e, const struct operation *op)
{
    uint64_t cap = driver(e)->cap, expected = op_arg(op, 0);
    unsigned int count = (unsigned int)(cap >> 40 & 0xff) + 1, found = 0;
    uint32_t base = (uint32_t)(cap >> 24 & 0x3ff) * 16;
    uint32_t status = (uint32_t)world_read(e->wd, GUEST_FSTS, 4);
    unsigned int index = status >> 8 & 0xff;

    for ( ; found < count; found++ )
    {
        uint32_t at = base + index % count * 16 + 12;

        if ( !(world_read(e->wd, at, 4) & FRCD_F) )
            break;
        world_write(e->wd, at, 4, FRCD_F);
        index++;
    }
    world_write(e->wd, GUEST_FSTS, 4, FSTS_PFO);
    if ( expected != 0xffff && found != expected )
        world_expect(e->world, "P4",
                     "%u fault records were pending, expected %u", found,
                     (unsigned int)expected);
}
