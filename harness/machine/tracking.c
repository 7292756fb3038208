/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of the state have changed since the snapshot.  The state is
 * written by plain stores, of the hypervisor, the models and the oracle: so
 * its pages are made read-only, and the first store to each is a SIGSEGV that
 * notes it and makes it writable again.
 */
#define _GNU_SOURCE
#include <machine/state.h>

#include <stddef.h>
#include <sys/mman.h>

/* A handler of signals is given nothing of ours: the machine that is tracked
 * stands here. */
static struct machine *tracked;

_Static_assert(offsetof(struct machine, config) < PAGE_SIZE,
               "the state begins on the first page");

static void protect(struct machine *m, uint64_t first, uint64_t pages,
                    bool read_only)
{
    if ( pages )
        mprotect((char *)m + first * PAGE_SIZE, pages * PAGE_SIZE,
                 read_only ? PROT_READ : PROT_READ | PROT_WRITE);
}

static void note(struct control *c, uint64_t page)
{
    c->changed[c->changed_count++] = (uint32_t)page;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    struct machine *m = tracked;
    uint64_t page = ((uintptr_t)info->si_addr - (uintptr_t)m) / PAGE_SIZE;

    (void)context;
    if ( !m || page < 1 || page >= m->control.tracked_end )
    {
        /* None of ours: it happens again, and is the end. */
        signal(number, SIG_DFL);
        return;
    }
    protect(m, page, 1, false);
    note(&m->control, page);
}

void machine_track(struct machine *m)
{
    struct control *c = &m->control;
    struct sigaction action = { .sa_sigaction = on_fault,
                                .sa_flags = SA_SIGINFO };

    machine_untrack(m);
    if ( !c->snapshot || tracked ||
         sigaction(SIGSEGV, &action, &c->untracked) )
        return;
    tracked = m;
    c->tracked_end = c->saved_used / PAGE_SIZE;
    c->changed_count = 0;
    /* The first page has what is no state, the last what is not saved. */
    note(c, 0);
    if ( c->saved_used % PAGE_SIZE )
        note(c, c->tracked_end);
    protect(m, 1, c->tracked_end - 1, true);
}

void machine_untrack(struct machine *m)
{
    struct control *c = &m->control;

    if ( tracked != m )
        return;
    protect(m, 1, c->tracked_end - 1, false);
    sigaction(SIGSEGV, &c->untracked, NULL);
    c->tracked_end = 0;
    tracked = NULL;
}
