/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h for threads: the linker redirects each host_X() of the code under
 * test to __wrap_host_X here (ld --wrap), which takes the turn around the
 * machine's own, __real_host_X.
 *
 * What ThreadSanitizer is told of: host_lock and host_unlock; that
 * host_work_cancel returns after the work has run; the first
 * host_work_schedule of a new item before its first run; a block that is freed
 * before whoever gets it next.  Nothing else orders two threads of a round.
 */
#include <threads/threads.h>

#include <host.h>
#include <sanitizer/tsan_interface.h>

/* ---- the way in, and back ---- */

static void leave(struct thread *t)
{
    litmus_left(t->all->litmus, t->number);
    t->outside = true;
    if ( t->locks )
        turn_give(t);
    else
        turn_keep();
    t->kept = !t->locks;
}

static void come_back(struct thread *t)
{
    if ( t->kept )
        turn_kept();
    else
        turn_take(t);
    t->outside = t->kept = false;
    litmus_resumed(t->all->litmus, t->number);
}

/*
 * A race is reported only if nobody orders the two accesses by chance.  Where
 * a lock has been given back is where that matters: let others have it.
 */
static void let_others(struct thread *t)
{
    if ( t->kept )
    {
        turn_kept();
        turn_give(t);
    }
    t->kept = false;
    thread_linger(t);
}

/* How ThreadSanitizer knows these two: addresses inside the item. */
static void *made(struct host_work *work)
{
    return &work->next;
}

static void *ended(struct host_work *work)
{
    return &work->fn;
}

void host_entered(void *order, struct host_work *work)
{
    struct thread *t = thread_self();

    (void)order;
    leave(t);
    let_others(t);
    t->work = work;
    if ( work )
        __tsan_acquire(made(work));
}

void host_returned(void *order)
{
    struct thread *t = thread_self();

    (void)order;
    if ( !t || !t->outside )
        return;
    if ( t->work )
        __tsan_release(ended(t->work));
    t->work = NULL;
    come_back(t);
}

/* NULL: the machine is called by who is inside anyway, as an observer is. */
static struct thread *inside(void)
{
    struct thread *t = thread_self();

    if ( !t || !t->outside )
        return NULL;
    if ( t->kept )
        let_others(t);
    come_back(t);
    return t;
}

static void outside(struct thread *t)
{
    if ( t )
        leave(t);
}

/* ---- calls of which nothing more is to be said ---- */

#define WRAP(type, name, parameters, arguments)                               \
    type __real_host_##name parameters;                                       \
    type __wrap_host_##name parameters;                                       \
    type __wrap_host_##name parameters                                        \
    {                                                                         \
        struct thread *t = inside();                                          \
        type result = __real_host_##name arguments;                           \
                                                                              \
        outside(t);                                                           \
        return result;                                                        \
    }

#define WRAP_VOID(name, parameters, arguments)                                \
    void __real_host_##name parameters;                                       \
    void __wrap_host_##name parameters;                                       \
    void __wrap_host_##name parameters                                        \
    {                                                                         \
        struct thread *t = inside();                                          \
                                                                              \
        __real_host_##name arguments;                                         \
        outside(t);                                                           \
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
WRAP(int, guest_write64, (struct domain * d, paddr_t at, uint64_t value),
     (d, at, value))
WRAP(int, guest_cmpxchg64,
     (struct domain * d, paddr_t at, uint64_t *expected, uint64_t desired),
     (d, at, expected, desired))
WRAP(int, p2m_get,
     (struct domain * d, gfn_t gfn, unsigned int max,
      struct host_p2m_entry *entry),
     (d, gfn, max, entry))
WRAP_VOID(p2m_put, (struct domain * d, mfn_t mfn, unsigned int order),
          (d, mfn, order))
WRAP(int, p2m_next,
     (struct domain * d, gfn_t *gfn, struct host_p2m_entry *entry),
     (d, gfn, entry))
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
WRAP_VOID(inject_virq, (struct domain * d, unsigned int virq, bool level),
          (d, virq, level))
WRAP(int, dm_send,
     (struct domain * d, uint32_t dm, const struct host_dm_message *message),
     (d, dm, message))
WRAP(int, dm_revoke, (struct domain * d, uint32_t dm), (d, dm))
WRAP(int, caller_read,
     (struct host * host, uint64_t handle, void *buf, size_t len),
     (host, handle, buf, len))
WRAP(int, caller_write,
     (struct host * host, uint64_t handle, const void *buf, size_t len),
     (host, handle, buf, len))
WRAP(uint32_t, mmio_read32, (struct host_unit * unit, unsigned int offset),
     (unit, offset))
WRAP(uint64_t, mmio_read64, (struct host_unit * unit, unsigned int offset),
     (unit, offset))
WRAP_VOID(mmio_write32,
          (struct host_unit * unit, unsigned int offset, uint32_t value),
          (unit, offset, value))
WRAP_VOID(mmio_write64,
          (struct host_unit * unit, unsigned int offset, uint64_t value),
          (unit, offset, value))
WRAP(bool, preempt_check, (struct host * host), (host))
WRAP_VOID(relax, (struct host * host), (host))

/* ---- memory ---- */

/* Instrumented code's access, made here: freeing a block changes it all. */
void __tsan_write_range(void *at, unsigned long size);

void *__real_host_zalloc(struct host *host, struct domain *d, size_t size);
void *__wrap_host_zalloc(struct host *host, struct domain *d, size_t size);
void *__wrap_host_zalloc(struct host *host, struct domain *d, size_t size)
{
    struct thread *t = inside();
    void *p = __real_host_zalloc(host, d, size);

    if ( t && p && t->all->freshs < THREADS_MAX_FRESH )
    {
        t->all->fresh[t->all->freshs].from = p;
        t->all->fresh[t->all->freshs].scheduled = NULL;
        t->all->fresh[t->all->freshs++].size = size;
    }
    outside(t);
    if ( t && p )
        __tsan_acquire(p);
    return p;
}

void __real_host_free(struct host *host, void *p);
void __wrap_host_free(struct host *host, void *p);
void __wrap_host_free(struct host *host, void *p)
{
    struct thread *t = thread_self();

    if ( t && t->outside && p )
    {
        __tsan_write_range(p, machine_block_size(p));
        __tsan_release(p);
    }
    t = inside();
    __real_host_free(host, p);
    outside(t);
}

/* ---- locks ---- */

void __real_host_lock(struct host *host, struct host_lock *lock);
void __wrap_host_lock(struct host *host, struct host_lock *lock);
void __wrap_host_lock(struct host *host, struct host_lock *lock)
{
    struct thread *t = inside();

    __real_host_lock(host, lock);
    if ( !t )
        return;
    t->locks++;
    leave(t);
    __tsan_acquire(lock);
}

void __real_host_unlock(struct host *host, struct host_lock *lock);
void __wrap_host_unlock(struct host *host, struct host_lock *lock);
void __wrap_host_unlock(struct host *host, struct host_lock *lock)
{
    struct thread *t = thread_self();

    if ( t && t->outside )
        __tsan_release(lock);
    t = inside();
    __real_host_unlock(host, lock);
    if ( !t )
        return;
    t->locks--;
    leave(t);
    if ( t->locks )
        thread_linger(t);
}

/* ---- deferred work ---- */

/* An item that nobody can have run before. */
static bool is_new(struct threads *all, struct host_work *work)
{
    const char *at = (const char *)work;

    for ( unsigned int i = all->freshs; i--; )
        if ( at >= all->fresh[i].from &&
             at < all->fresh[i].from + all->fresh[i].size )
        {
            bool first = all->fresh[i].scheduled != work;

            all->fresh[i].scheduled = work;
            return first;
        }
    return false;
}

void __real_host_work_schedule(struct host *host, struct host_work *work);
void __wrap_host_work_schedule(struct host *host, struct host_work *work);
void __wrap_host_work_schedule(struct host *host, struct host_work *work)
{
    struct thread *t = thread_self();

    if ( !t || !t->outside )
    {
        __real_host_work_schedule(host, work);
        return;
    }
    come_back(t);
    if ( is_new(t->all, work) )
    {
        turn_keep();
        __tsan_release(made(work));
        turn_kept();
    }
    __real_host_work_schedule(host, work);
    leave(t);
}

void __real_host_work_cancel(struct host *host, struct host_work *work);
void __wrap_host_work_cancel(struct host *host, struct host_work *work);
void __wrap_host_work_cancel(struct host *host, struct host_work *work)
{
    struct thread *t = inside();

    __real_host_work_cancel(host, work);
    outside(t);
    if ( t )
        __tsan_acquire(ended(work));
}
