/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several activities at once: the machine tells where one of them may be left
 * for another, and what it touches.  Whoever schedules them (harness/scenario/
 * litmus) gives these functions; nothing here runs anything by itself.
 *
 * Until machine_interleave() is called, and outside of the activities, the
 * machine works as ever: an entry runs to its end.
 */
#ifndef HARNESS_MACHINE_INTERLEAVE_H
#define HARNESS_MACHINE_INTERLEAVE_H

#include <machine/machine.h>

struct host_work;

/* What activities share.  The keys: */
enum machine_resource {
    MACHINE_MEMORY,     /* host-physical byte addresses */
    MACHINE_LOCK,       /* a lock */
    MACHINE_WORK,       /* a work item */
    MACHINE_P2M,        /* domain << 52 | gfn */
    MACHINE_REFERENCES, /* mfn */
    MACHINE_TABLES,     /* 0: which pages are free for tables */
    MACHINE_FAILURES,   /* a kind of calls that may fail */
    MACHINE_INTERRUPT,  /* a unit; 256 + domain */
    MACHINE_MESSAGES,   /* domain: to its device model */
    MACHINE_UNITS,      /* unit << 32 | offset of a register */
    MACHINE_CACHES,     /* unit << 56 | entry of a cache */
    MACHINE_SLOTS,      /* unit << 32 | request in flight */
    MACHINE_NEWS,       /* a lock: what it guards may have changed */
    MACHINE_LEDGER,     /* for observers: domain << 52 | guest-physical page */
    MACHINE_GUEST,      /* domain: what its processors share beside memory */
};

/* Something that one of the others must do. */
struct machine_await {
    bool (*until)(const void *what);
    const void *what;
    enum machine_resource resource; /* that it depends on, and the key */
    uint64_t key;
};

struct machine_interleave {
    /* Another activity may run here; @await, if not NULL: not before it says
     * so. */
    void (*yield)(void *context, const char *where,
                  const struct machine_await *await);
    /* There is nothing to do before another one has changed something. */
    void (*wait)(void *context, const char *where);
    /* Before a wait: a turn of a loop that began with a look is over, and
     * nothing of it is remembered. */
    void (*turn)(void *context);
    /* What is looked at from here on is what a following wait waits for. */
    void (*look)(void *context);
    void (*touch)(void *context, enum machine_resource resource,
                  uint64_t first, uint64_t last, bool write);
    /* An activity of its own, which begins at once; @argument is copied by it
     * before it yields. */
    void (*spawn)(void *context, const char *name, void (*run)(void *argument),
                  void *argument);
    /* The code under test runs from here to there, and nothing else but what
     * it calls by host.h.  Returned is told of more than was entered: of what
     * an observer enters, and of entries inside others.  @work: it is deferred
     * work, or NULL.  Both NULL: nobody asks. */
    void (*entered)(void *context, struct host_work *work);
    void (*returned)(void *context);
    void *context;
};

/* NULL: nobody.  Not copied; not part of snapshots. */
void machine_interleave(struct machine *m,
                        const struct machine_interleave *interleave);

/* Meanwhile nobody else may run, and locks don't count: an observer looks.
 * What it touches it touches.  Nests. */
void machine_quiet(struct machine *m, bool quiet);
bool machine_is_quiet(const struct machine *m);

/* What an activity has of its own: its entry and the locks that it holds.  All
 * zeroes: it has just begun. */
#define MACHINE_ACTIVITY_SIZE 256
struct machine_activity {
    _Alignas(16) unsigned char state[MACHINE_ACTIVITY_SIZE];
};
void machine_activity_leave(struct machine *m,
                            struct machine_activity *activity);
void machine_activity_enter(struct machine *m,
                            const struct machine_activity *activity);

/* The locks of one that stands somewhere: as if it had not taken them, and as
 * they are. */
void machine_activity_hold(const struct machine_activity *activity, bool hold);

/* ---- the state by value ---- */

/* False: what units see is not what memory holds, or not yet. */
bool machine_has_contents(const struct machine *m);
/* What is read by who touches this: of MEMORY, WORK, TABLES, FAILURES and
 * INTERRUPT. */
uint64_t machine_content(struct machine *m, enum machine_resource resource,
                         uint64_t first, uint64_t last, bool write);
/* 128 bits of all of that, of all domains; */
void machine_contents(struct machine *m, uint64_t hash[2]);
/* and of all that the hypervisor has allocated. */
void machine_private_contents(struct machine *m, uint64_t hash[2]);

/* ---- deferred work and interrupts as activities ---- */

/* Items that wait, in the order of their first use; the n-th of them.  Keeps
 * its number until the next snapshot or restore. */
#define MACHINE_MAX_WORKS 8
bool machine_work_waits(const struct machine *m, unsigned int n);
/* Run it.  *more: it asks to be run again; *busy: because it has used up its
 * budget, not because it waits. */
void machine_work_run(struct machine *m, unsigned int n, bool *more,
                      bool *busy);

bool machine_interrupt_waits(const struct machine *m, unsigned int unit);
void machine_interrupt_run(struct machine *m, unsigned int unit);

#endif /* HARNESS_MACHINE_INTERLEAVE_H */
