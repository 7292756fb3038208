/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine tells whoever schedules its activities. */
#include <machine/state.h>

#include <assert.h>
#include <string.h>

void machine_interleave(struct machine *m,
                        const struct machine_interleave *interleave)
{
    assert(!m->config.alone);
    m->control.interleave = interleave;
    m->control.quiet = 0;
}

void machine_quiet(struct machine *m, bool quiet)
{
    m->control.quiet += quiet ? 1 : -1u;
}

bool machine_is_quiet(const struct machine *m)
{
    return m->control.quiet;
}

void interleave_yield(struct machine *m, const char *where,
                      const struct machine_await *await)
{
    const struct machine_interleave *i = m->control.interleave;

    i->yield(i->context, where, await);
}

void interleave_wait(struct machine *m, const char *where)
{
    const struct machine_interleave *i = m->control.interleave;

    if ( interleaved(m) )
        i->wait(i->context, where);
}

void interleave_look(struct machine *m)
{
    const struct machine_interleave *i = m->control.interleave;

    if ( interleaved(m) )
        i->look(i->context);
}

void interleave_entered(struct machine *m, struct host_work *work)
{
    const struct machine_interleave *i = m->control.interleave;

    if ( interleaved(m) && i->entered )
        i->entered(i->context, work);
}

void interleave_returned(struct machine *m)
{
    const struct machine_interleave *i = m->control.interleave;

    if ( i && i->returned )
        i->returned(i->context);
}

void interleave_touch(struct machine *m, enum machine_resource resource,
                      uint64_t first, uint64_t last, bool write)
{
    const struct machine_interleave *i = m->control.interleave;

    i->touch(i->context, resource, first, last, write);
}

/* ---- what an activity has of its own ---- */

struct own {
    struct entry entry;
    struct host_lock *lock[LOCKS_MAX];
    unsigned int locks;
    uint8_t *caller; /* the memory of who has made the hypercall */
    uint64_t caller_size;
};
_Static_assert(sizeof(struct own) <= MACHINE_ACTIVITY_SIZE,
               "an activity has room for what is its own");

void machine_activity_leave(struct machine *m,
                            struct machine_activity *activity)
{
    struct own own = { .entry = m->entry,
                       .locks = m->locks,
                       .caller = m->control.caller,
                       .caller_size = m->control.caller_size };

    memcpy(own.lock, m->lock, m->locks * sizeof(own.lock[0]));
    memcpy(activity->state, &own, sizeof(own));
}

void machine_activity_enter(struct machine *m,
                            const struct machine_activity *activity)
{
    struct own own;

    memcpy(&own, activity->state, sizeof(own));
    m->entry = own.entry;
    m->locks = own.locks;
    m->control.caller = own.caller;
    m->control.caller_size = own.caller_size;
    memcpy(m->lock, own.lock, own.locks * sizeof(own.lock[0]));
}

void machine_activity_hold(const struct machine_activity *activity, bool hold)
{
    struct own own;

    memcpy(&own, activity->state, sizeof(own));
    for ( unsigned int i = 0; i < own.locks; i++ )
        own.lock[i]->state = hold;
}

/* ---- deferred work ---- */

struct work_slot *work_slot(struct machine *m, const struct host_work *work)
{
    struct work_slot *slot = m->work;

    while ( slot < m->work + MACHINE_MAX_WORKS && slot->work != work )
        slot++;
    return slot < m->work + MACHINE_MAX_WORKS ? slot : NULL;
}

void work_take_slot(struct machine *m, struct host_work *work)
{
    struct work_slot *slot = work_slot(m, NULL);

    if ( !slot || work_slot(m, work) )
        return;
    /* Whoever comes first takes the next number. */
    touch(m, MACHINE_WORK, 0, UINT64_MAX, true);
    slot->work = work;
}

bool machine_work_waits(const struct machine *m, unsigned int n)
{
    const struct work_slot *slot = &m->work[n];

    return slot->work && slot->work->queued && !slot->running;
}

void machine_work_run(struct machine *m, unsigned int n, bool *more,
                      bool *busy)
{
    struct work_slot *slot = &m->work[n];
    struct host_work *work = slot->work;
    uint64_t key = key_of(m, work);

    touch(m, MACHINE_WORK, key, key, true);
    slot->running = true;
    interleave_look(m);
    touch(m, MACHINE_WORK, key, key, false);
    *busy = run_work(m, work);
    /* Whoever has cancelled it meanwhile may have freed it. */
    touch(m, MACHINE_WORK, key, key, true);
    slot->running = false;
    *more = slot->work && slot->work->queued;
}

/* ---- interrupts ---- */

bool machine_interrupt_waits(const struct machine *m, unsigned int unit)
{
    return m->unit[unit].pending && m->interrupt;
}

void machine_interrupt_run(struct machine *m, unsigned int unit)
{
    touch(m, MACHINE_INTERRUPT, unit, unit, true);
    run_interrupt(m, &m->unit[unit]);
}
