/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations that mean something where several activities run: what the
 * guest's processors have among themselves, and what hardware may do by itself
 * at any time.
 */

#include <scenario/arch.h>
#include <scenario/op_rows.h>

/* clang-format off */
const struct op_spec activity_op[OP_ACTIVITY_END - OP_ACTIVITY] = {
    [OP_LOCK - OP_ACTIVITY] = { "lock", BOTH, "take a lock of the guest's",
        { POS(NUMBER, 0, 0, 5) } },
    [OP_UNLOCK - OP_ACTIVITY] = { "unlock", BOTH, "give it back",
        { POS(NUMBER, 0, 0, 5) } },
    [OP_SET - OP_ACTIVITY] = { "set", BOTH, "set a flag of the guest's",
        { POS(NUMBER, 0, 0, 5) } },
    [OP_AWAIT - OP_ACTIVITY] = { "await", BOTH, "wait until it is set",
        { POS(NUMBER, 0, 0, 5) } },
    [OP_SKIP_IF - OP_ACTIVITY] = { "skip-if", BOTH,
        "if a flag is set, leave out what comes next",
        { POS(NUMBER, 0, 0, 5), OPT("operations", NUMBER, 0, 5, 8, 1) } },
    [OP_PREFETCH - OP_ACTIVITY] = { "prefetch", BOTH,
        "the physical unit fetches ahead what a DMA would use",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 1, 0, 64) } },
    [OP_EVICT - OP_ACTIVITY] = { "evict", BOTH,
        "the physical unit loses what caches hold; without a word all",
        { FLAG("contexts", 0, 0), FLAG("tables", 0, 1),
          FLAG("translations", 0, 2),
          OPT("unit", NUMBER, 0, 8, 4, 0) } },
};
/* clang-format on */

/* Flags and locks are bits of a word that the guest's processors share. */
static void touch(struct execution *e, bool write)
{
    uint64_t key = UINT64_C(1) << 32 | e->wd->index;

    world_touch(e->world, MACHINE_GUEST, key, key, write);
}

/* False: it never will be. */
static bool wait_for(struct execution *e, const uint32_t *word, uint32_t bit,
                     bool set)
{
    world_others(e->world, "flag");
    world_look(e->world);
    touch(e, false);
    while ( !(*word & bit) == set )
    {
        if ( !world_idle(e->world) )
            return false;
        touch(e, false);
    }
    return true;
}

void execute_lock(struct execution *e, const struct operation *op)
{
    uint32_t bit = UINT32_C(1) << op_arg(op, 0);

    if ( !wait_for(e, &e->wd->locks, bit, false) )
        world_refuse(e->world, "the lock is taken, and nobody gives it back");
    touch(e, true);
    e->wd->locks |= bit;
}

void execute_unlock(struct execution *e, const struct operation *op)
{
    world_others(e->world, "unlock");
    touch(e, true);
    e->wd->locks &= ~(UINT32_C(1) << op_arg(op, 0));
}

void execute_set(struct execution *e, const struct operation *op)
{
    world_others(e->world, "set");
    touch(e, true);
    e->wd->flags |= UINT32_C(1) << op_arg(op, 0);
}

void execute_await(struct execution *e, const struct operation *op)
{
    if ( !wait_for(e, &e->wd->flags, UINT32_C(1) << op_arg(op, 0), true) )
        world_refuse(e->world, "the flag is not set, and nobody will");
}

/* Who sets the flag, and when, is up to the schedule: so this is a choice. */
void execute_skip_if(struct execution *e, const struct operation *op)
{
    world_others(e->world, "skip-if");
    touch(e, false);
    if ( e->wd->flags & UINT32_C(1) << op_arg(op, 0) )
        e->skip = (unsigned int)op_arg(op, 1);
}

void execute_prefetch(struct execution *e, const struct operation *op)
{
    const struct world_device *device = &e->world->device[op_arg(op, 0)];
    const struct request request = {
        .source = device->psbdf,
        .pasid = REQUEST_NO_PASID,
        .access = REQUEST_READ,
        .address = op_arg(op, 1),
        .size = 1,
    };

    world_others(e->world, "prefetch");
    e->world->program->machine.arch->prefetch(
        e->world->unit[device->unit].model, &request);
}

void execute_evict(struct execution *e, const struct operation *op)
{
    unsigned int caches = (unsigned int)(op_arg(op, 0) | op_arg(op, 1) << 1 |
                                         op_arg(op, 2) << 2);
    unsigned int unit = (unsigned int)op_arg(op, 3);

    if ( unit >= e->world->units )
    {
        world_refuse(e->world, "there is no physical unit %u", unit);
        return;
    }
    world_others(e->world, "evict");
    e->world->program->machine.arch->evict(
        e->world->unit[unit].model,
        caches ? caches : ARCH_CONTEXTS | ARCH_TABLES | ARCH_TRANSLATIONS);
}
