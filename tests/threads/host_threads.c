/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The linker redirects each host_X() of the code under test to __wrap_host_X
 * here, and __real_host_X is the fake host's (ld --wrap).  Built without
 * instrumentation: plain and atomic accesses here make no order.
 */
#include "host_threads.h"

#include <sanitizer/tsan_interface.h>

#include <assert.h>
#include <sched.h>
#include <time.h>

#define BUDGET      200u
#define MAX_WORKERS 8u
#define MAX_WORKS   16u

/* ---- the hidden lock ---- */

static int hidden;

void hidden_begin(void)
{
    while ( __atomic_exchange_n(&hidden, 1, __ATOMIC_ACQUIRE) )
        sched_yield();
}

void hidden_end(void)
{
    __atomic_store_n(&hidden, 0, __ATOMIC_RELEASE);
}

void hidden_pause(void)
{
    sched_yield();
}

static _Thread_local unsigned int used;

void threads_entry(void)
{
    used = 0;
}

/* ---- calls that are the fake host's ---- */

#define SILENT(call)                                                          \
    do                                                                        \
    {                                                                         \
        used++;                                                               \
        hidden_begin();                                                       \
        call;                                                                 \
        hidden_end();                                                         \
    } while ( 0 )

#define WRAP(type, name, parameters, arguments)                               \
    type __real_host_##name parameters;                                       \
    type __wrap_host_##name parameters;                                       \
    type __wrap_host_##name parameters                                        \
    {                                                                         \
        type result;                                                          \
                                                                              \
        SILENT(result = __real_host_##name arguments);                        \
        return result;                                                        \
    }

#define WRAP_VOID(name, parameters, arguments)                                \
    void __real_host_##name parameters;                                       \
    void __wrap_host_##name parameters;                                       \
    void __wrap_host_##name parameters                                        \
    {                                                                         \
        SILENT(__real_host_##name arguments);                                 \
    }

WRAP(int, guest_read, (struct domain * d, paddr_t at, void *buf, size_t len),
     (d, at, buf, len))
WRAP(int, guest_write,
     (struct domain * d, paddr_t at, const void *buf, size_t len),
     (d, at, buf, len))
WRAP(int, guest_read64, (struct domain * d, paddr_t at, uint64_t *value),
     (d, at, value))
WRAP(int, guest_read128, (struct domain * d, paddr_t at, uint64_t value[2]),
     (d, at, value))
WRAP(int, guest_write32, (struct domain * d, paddr_t at, uint32_t value),
     (d, at, value))
WRAP(int, p2m_get,
     (struct domain * d, gfn_t gfn, unsigned int max,
      struct host_p2m_entry *entry),
     (d, gfn, max, entry))
WRAP_VOID(p2m_put, (struct domain * d, mfn_t mfn, unsigned int order),
          (d, mfn, order))
WRAP(int, p2m_next,
     (struct domain * d, gfn_t *gfn, struct host_p2m_entry *entry),
     (d, gfn, entry))
WRAP(void *, zalloc, (struct host * host, struct domain *d, size_t size),
     (host, d, size))
WRAP_VOID(free, (struct host * host, void *p), (host, p))
WRAP(int, table_alloc, (struct host * host, struct domain *d, mfn_t *mfn),
     (host, d, mfn))
WRAP_VOID(table_free, (struct host * host, mfn_t mfn), (host, mfn))
WRAP(int, table_alloc_run,
     (struct host * host, struct domain *d, unsigned int order, mfn_t *mfn),
     (host, d, order, mfn))
WRAP_VOID(table_free_run, (struct host * host, mfn_t mfn, unsigned int order),
          (host, mfn, order))
WRAP(uint64_t, table_read64,
     (struct host * host, mfn_t mfn, unsigned int offset), (host, mfn, offset))
WRAP_VOID(table_write64,
          (struct host * host, mfn_t mfn, unsigned int offset, uint64_t value),
          (host, mfn, offset, value))
WRAP_VOID(table_write128,
          (struct host * host, mfn_t mfn, unsigned int offset, uint64_t low,
           uint64_t high),
          (host, mfn, offset, low, high))
WRAP_VOID(table_writeback,
          (struct host * host, mfn_t mfn, unsigned int offset,
           unsigned int len),
          (host, mfn, offset, len))
WRAP_VOID(inject_msi, (struct domain * d, paddr_t address, uint32_t data),
          (d, address, data))
WRAP(int, dm_send,
     (struct domain * d, uint32_t dm, const struct host_dm_message *message),
     (d, dm, message))
WRAP(uint32_t, mmio_read32, (struct host_unit * unit, unsigned int offset),
     (unit, offset))
WRAP(uint64_t, mmio_read64, (struct host_unit * unit, unsigned int offset),
     (unit, offset))

/* The unit's log of what it has executed is not looked at here. */
#define WRAP_WRITE(bits)                                                      \
    void __real_host_mmio_write##bits(struct host_unit *, unsigned int,       \
                                      uint##bits##_t);                        \
    void __wrap_host_mmio_write##bits(struct host_unit *, unsigned int,       \
                                      uint##bits##_t);                        \
    void __wrap_host_mmio_write##bits(                                        \
        struct host_unit *unit, unsigned int offset, uint##bits##_t value)    \
    {                                                                         \
        SILENT(unit->logged = 0;                                              \
               __real_host_mmio_write##bits(unit, offset, value));            \
    }
WRAP_WRITE(32)
WRAP_WRITE(64)

/* ---- budgets ---- */

bool __wrap_host_preempt_check(struct host *host);
bool __wrap_host_preempt_check(struct host *host)
{
    (void)host;
    return ++used > BUDGET;
}

void __wrap_host_relax(struct host *host);
void __wrap_host_relax(struct host *host)
{
    (void)host;
    used++;
    sched_yield();
}

/* ---- locks: what ThreadSanitizer sees ---- */

/*
 * A race is reported only if another thread gets in between.  A lock that has
 * just been given back is where that matters: let others have it, and stay
 * away for a while at times.
 */
#define LINGER_ONE_OF 32u
#define LINGER_NS     20000

static void linger(void)
{
    static _Thread_local unsigned int count;
    const struct timespec time = { .tv_nsec = LINGER_NS };

    if ( ++count % LINGER_ONE_OF )
        sched_yield();
    else
        nanosleep(&time, NULL);
}

void __wrap_host_lock(struct host *host, struct host_lock *lock);
void __wrap_host_lock(struct host *host, struct host_lock *lock)
{
    (void)host;
    while ( __atomic_exchange_n(&lock->state, 1, __ATOMIC_ACQUIRE) )
        sched_yield();
    __tsan_acquire(lock);
}

void __wrap_host_unlock(struct host *host, struct host_lock *lock);
void __wrap_host_unlock(struct host *host, struct host_lock *lock)
{
    (void)host;
    __tsan_release(lock);
    assert(__atomic_load_n(&lock->state, __ATOMIC_RELAXED));
    __atomic_store_n(&lock->state, 0, __ATOMIC_RELEASE);
    linger();
}

/* ---- deferred work ---- */

/* What runs now, by worker; under the hidden lock. */
static struct host_work *running[MAX_WORKERS];

static bool runs(const struct host_work *work)
{
    for ( unsigned int i = 0; i < MAX_WORKERS; i++ )
        if ( running[i] == work )
            return true;
    return false;
}

/*
 * Scheduling makes no order, but for the first time: then the work has just
 * been made.  What it reads otherwise it must read under a lock.
 */
static struct host_work *known[MAX_WORKS];

/* How ThreadSanitizer knows these two: addresses inside the item. */
static void *made(struct host_work *work)
{
    return &work->next;
}

static void *ended(struct host_work *work)
{
    return &work->fn;
}

static struct host_work **slot_of(const struct host_work *work)
{
    unsigned int i = 0;

    while ( i < MAX_WORKS && known[i] != work )
        i++;
    assert(i < MAX_WORKS);
    return &known[i];
}

static bool is_known(const struct host_work *work)
{
    for ( unsigned int i = 0; i < MAX_WORKS; i++ )
        if ( known[i] == work )
            return true;
    return false;
}

void __real_host_work_schedule(struct host *host, struct host_work *work);
void __wrap_host_work_schedule(struct host *host, struct host_work *work);
void __wrap_host_work_schedule(struct host *host, struct host_work *work)
{
    used++;
    hidden_begin();
    if ( !is_known(work) )
    {
        *slot_of(NULL) = work;
        __tsan_release(made(work));
    }
    __real_host_work_schedule(host, work);
    hidden_end();
}

void __real_host_work_cancel(struct host *host, struct host_work *work);
void __wrap_host_work_cancel(struct host *host, struct host_work *work);
void __wrap_host_work_cancel(struct host *host, struct host_work *work)
{
    bool busy;

    do
    {
        hidden_begin();
        __real_host_work_cancel(host, work);
        busy = runs(work);
        if ( !busy && is_known(work) )
            *slot_of(work) = NULL;
        hidden_end();
        if ( busy )
            sched_yield();
    } while ( busy );
    __tsan_acquire(ended(work));
}

/* The first in the queue that does not run already. */
static struct host_work *take(struct host *host, unsigned int *slot)
{
    struct host_work **at = &host->work, *work;

    while ( *at && runs(*at) )
        at = &(*at)->next;
    work = *at;
    if ( !work )
        return NULL;
    *at = work->next;
    work->queued = false;
    *slot = 0;
    while ( running[*slot] )
        ++*slot;
    running[*slot] = work;
    return work;
}

bool threads_work(struct host *host)
{
    struct host_work *work;
    unsigned int slot;

    hidden_begin();
    work = take(host, &slot);
    hidden_end();
    if ( !work )
        return false;
    threads_entry();
    __tsan_acquire(made(work));
    work->fn(work);
    __tsan_release(ended(work));
    hidden_begin();
    running[slot] = NULL;
    hidden_end();
    return true;
}
