/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h: locks, deferred work, budgets, time; and the entries into the code
 * under test with what they may cost (P7).
 */
#include <machine/state.h>

#include <coverage/cover.h>

#include <stdarg.h>
#include <stdio.h>

#define CALL_NS  10   /* each call of host.h */
#define RELAX_NS 1000 /* each turn of a waiting loop */

void violation(struct machine *m, const char *property, const char *format,
               ...)
{
    const struct machine_observer *o = &m->control.observer;
    char text[256];
    va_list args;

    if ( !o->violation )
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    o->violation(o->context, property, text);
}

void host_call(struct machine *m, const char *name)
{
    m->host_calls++;
    m->entry.calls++;
    m->now_ns += CALL_NS;
    if ( m->config.lag )
        units_catch_up(m);
    COVER_NAMED("viommu.host.", name);
    if ( m->control.clock )
        m->control.clock->called(m->control.clock->context);
    switch_now(m, name);
}

static bool counts_switches(const struct control *c)
{
    return c->on_switch && !c->switch_held && !c->quiet;
}

void switch_now(struct machine *m, const char *name)
{
    struct control *c = &m->control;

    if ( counts_switches(c) && ++c->switches >= c->switch_from )
        c->on_switch(c->switch_context, name);
}

bool switches_within(const struct machine *m, uint64_t n)
{
    const struct control *c = &m->control;

    return interleaved(m) ||
           (counts_switches(c) && c->switches + n >= c->switch_from);
}

void switches_pass(struct machine *m, uint64_t n)
{
    m->control.switches += counts_switches(&m->control) ? n : 0;
}

void switch_here(struct machine *m, const char *name)
{
    switch_now(m, name);
    others(m, name);
}

bool fails_now(struct machine *m, enum failure failure)
{
    static const char *const names[] = { [FAIL_ALLOC] = "alloc",
                                         [FAIL_TABLE_ALLOC] = "table-alloc",
                                         [FAIL_P2M_GET] = "p2m-get",
                                         [FAIL_GUEST_READ] = "guest-read",
                                         [FAIL_GUEST_WRITE] = "guest-write",
                                         [FAIL_UNIT] = "unit" };
    bool now;

    if ( m->may_fail >> failure & 1 )
    {
        others(m, names[failure]);
        touch(m, MACHINE_FAILURES, failure, failure, false);
    }
    if ( m->fail[failure] )
        touch(m, MACHINE_FAILURES, failure, failure, true);
    now = m->fail[failure] && --m->fail[failure] == 0;
    if ( now )
        COVER("viommu.host.%s.fails", names[failure]);
    return now;
}

void machine_fail(struct machine *m, enum failure failure, unsigned int k)
{
    touch(m, MACHINE_FAILURES, failure, failure, true);
    m->fail[failure] = k;
}

void machine_may_fail(struct machine *m, uint32_t kinds)
{
    m->may_fail = kinds;
}

void machine_on_switch(struct machine *m,
                       void (*yield)(void *context, const char *where),
                       void *context)
{
    m->control.on_switch = yield;
    m->control.switch_context = context;
    m->control.switches = m->control.switch_from = 0;
    m->control.switch_held = false;
}

void machine_switch_from(struct machine *m, uint64_t n)
{
    m->control.switch_from = n;
}

uint64_t machine_switches(const struct machine *m)
{
    return m->control.switches;
}

void machine_hold_switches(struct machine *m, bool hold)
{
    m->control.switch_held = hold;
}

void machine_on_access(struct machine *m, void (*yield)(void *context),
                       void *context)
{
    m->control.on_access = yield;
    m->control.access_context = context;
}

/* ---- entries ---- */

static void enter(struct machine *m, const struct entry *entry,
                  struct host_work *work)
{
    m->entries++;
    if ( m->entry.depth++ )
        return;
    m->entry = *entry;
    interleave_entered(m, work);
}

void machine_enter(struct machine *m, const char *what)
{
    enter(m, &(struct entry) { .what = what, .depth = 1 }, NULL);
}

void machine_enter_look(struct machine *m, const char *what)
{
    enter(m, &(struct entry) { .what = what, .depth = 1, .looks = true },
          NULL);
    m->entries--;
}

uint64_t machine_entries(const struct machine *m)
{
    return m->entry.depth && !m->entry.looks ? UINT64_MAX : m->entries;
}

void machine_leave(struct machine *m)
{
    interleave_returned(m);
    if ( --m->entry.depth )
        return;
    if ( m->entry.calls > m->most_calls )
        m->most_calls = m->entry.calls;
    if ( m->config.hard_budget && m->entry.calls > m->config.hard_budget )
        violation(m, "P7", "%s: %llu calls of the host, more than %u",
                  m->entry.what, (unsigned long long)m->entry.calls,
                  m->config.hard_budget);
    if ( m->locks )
        violation(m, "P7", "%s: lock '%s' is held at the end", m->entry.what,
                  m->lock[m->locks - 1]->name);
}

bool host_preempt_check(struct host *host)
{
    struct machine *m = host->machine;

    host_call(m, "preempt_check");
    if ( !m->entry.depth || m->entry.calls < m->config.budget )
        return false;
    m->entry.exhausted = true;
    return true;
}

void host_relax(struct host *host)
{
    struct machine *m = host->machine;

    host_call(m, "relax");
    m->now_ns += RELAX_NS;
    interleave_wait(m, "relax");
    if ( ++m->entry.relaxes == RELAX_LIMIT + 1 )
        violation(m, "P7", "%s: waits for more than %u turns",
                  m->entry.depth ? m->entry.what : "outside any entry",
                  RELAX_LIMIT);
}

uint64_t host_now_ns(struct host *host)
{
    const struct machine_clock *clock = host->machine->control.clock;

    return clock ? clock->now_ns(clock->context) : host->machine->now_ns;
}

void machine_set_clock(struct machine *m, const struct machine_clock *clock)
{
    m->control.clock = clock;
}

/* ---- locks ---- */

void host_lock_init(struct host_lock *lock, const char *name)
{
    lock->name = name;
    lock->state = 0;
}

static bool is_free(const void *lock)
{
    return !((const struct host_lock *)lock)->state;
}

/* Held by the running activity itself? */
static bool is_own(const struct machine *m, const struct host_lock *lock)
{
    unsigned int i = 0;

    while ( i < m->locks && m->lock[i] != lock )
        i++;
    return i < m->locks;
}

void host_lock(struct host *host, struct host_lock *lock)
{
    struct machine *m = host->machine;

    host_call(m, "lock");
    /* Who only looks, looks between two steps of the one who holds it. */
    if ( observed(m) )
    {
        touch(m, MACHINE_LOCK, key_of(m, lock), key_of(m, lock), false);
        return;
    }
    if ( interleaved(m) && !is_own(m, lock) )
    {
        interleave_yield(m, lock->name,
                         &(struct machine_await) { is_free, lock, MACHINE_LOCK,
                                                   key_of(m, lock) });
        touch(m, MACHINE_LOCK, key_of(m, lock), key_of(m, lock), true);
    }
    if ( lock->state )
    {
        violation(m, "P7", "lock '%s' is taken by its holder: deadlock",
                  lock->name);
        return;
    }
    lock->state = 1;
    if ( m->locks < LOCKS_MAX )
        m->lock[m->locks++] = lock;
    else
        violation(m, "P7", "more than %d locks at once", LOCKS_MAX);
}

void host_unlock(struct host *host, struct host_lock *lock)
{
    struct machine *m = host->machine;
    unsigned int i;

    host_call(m, "unlock");
    if ( observed(m) )
        return;
    touch(m, MACHINE_LOCK, key_of(m, lock), key_of(m, lock), true);
    if ( !m->entry.looks )
        touch(m, MACHINE_NEWS, key_of(m, lock), key_of(m, lock), true);
    lock->state = 0;
    for ( i = 0; i < m->locks && m->lock[i] != lock; i++ )
        ;
    if ( i == m->locks )
    {
        violation(m, "P7", "unlock of '%s', which is not held", lock->name);
        return;
    }
    m->locks--;
    for ( ; i < m->locks; i++ )
        m->lock[i] = m->lock[i + 1];
}

/* ---- deferred work ---- */

void host_work_schedule(struct host *host, struct host_work *work)
{
    struct machine *m = host->machine;

    host_call(m, "work_schedule");
    touch(m, MACHINE_WORK, key_of(m, work), key_of(m, work), true);
    if ( work->queued )
        return;
    work_take_slot(m, work);
    work->queued = true;
    work->next = NULL;
    if ( m->work_tail )
        m->work_tail->next = work;
    else
        m->work_head = work;
    m->work_tail = work;
}

static void work_unlink(struct machine *m, struct host_work *work)
{
    struct host_work **link = &m->work_head, *last = NULL;

    if ( !work->queued )
        return;
    while ( *link != work )
    {
        last = *link;
        link = &last->next;
    }
    *link = work->next;
    if ( m->work_tail == work )
        m->work_tail = last;
    work->queued = false;
}

static bool is_over(const void *slot)
{
    return !((const struct work_slot *)slot)->running;
}

void host_work_cancel(struct host *host, struct host_work *work)
{
    struct machine *m = host->machine;
    struct work_slot *slot;

    host_call(m, "work_cancel");
    touch(m, MACHINE_WORK, key_of(m, work), key_of(m, work), true);
    work_unlink(m, work);
    slot = work_slot(m, work);
    if ( !slot )
        return;
    if ( interleaved(m) && slot->running )
    {
        interleave_yield(m, "work_cancel",
                         &(struct machine_await) { is_over, slot, MACHINE_WORK,
                                                   key_of(m, work) });
        touch(m, MACHINE_WORK, key_of(m, work), key_of(m, work), true);
        work_unlink(m, work); /* it had asked to be run again */
    }
    slot->work = NULL;
}

static void dispatch(struct machine *m, const char *what,
                     struct host_work *work)
{
    if ( m->control.clock )
        m->control.clock->dispatched(m->control.clock->context);
    enter(m, &(struct entry) { .what = what, .depth = 1 }, work);
}

void run_interrupt(struct machine *m, struct host_unit *unit)
{
    unit->pending = false;
    dispatch(m, "interrupt", NULL);
    m->interrupt(m->interrupt_context, host_unit_index(unit));
    machine_leave(m);
}

bool run_work(struct machine *m, struct host_work *work)
{
    work_unlink(m, work);
    m->work_items++;
    dispatch(m, "deferred work", work);
    work->fn(work);
    machine_leave(m);
    return m->entry.exhausted;
}

static bool run_an_interrupt(struct machine *m)
{
    unsigned int i;

    for ( i = 0; i < m->units; i++ )
        if ( machine_interrupt_waits(m, i) )
        {
            run_interrupt(m, &m->unit[i]);
            return true;
        }
    return false;
}

bool machine_run_one(struct machine *m)
{
    struct host_work *work = m->work_head;

    if ( run_an_interrupt(m) )
        return true;
    if ( work )
        run_work(m, work);
    return work;
}

bool machine_run_until_idle(struct machine *m, unsigned int limit)
{
    /* Activities of their own do it. */
    if ( interleaved(m) )
    {
        touch(m, MACHINE_NEWS, 0, UINT64_MAX, false);
        interleave_wait(m, "idle");
        return true;
    }
    while ( limit-- )
        if ( !machine_run_one(m) )
            return true;
    return !m->work_head;
}

void machine_on_unit_interrupt(struct machine *m,
                               void (*handler)(void *context,
                                               unsigned int unit),
                               void *context)
{
    m->interrupt = handler;
    m->interrupt_context = context;
}
