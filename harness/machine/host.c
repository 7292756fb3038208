/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.h: domains, guest memory, p2m, heap, logging. */
#include <machine/state.h>

#include <stdarg.h>
#include <stdio.h>

/* ---- domains ---- */

domid_t host_domain_id(const struct domain *d)
{
    return d->config->id;
}

struct host *host_of(const struct domain *d)
{
    return &d->machine->host;
}

struct domain *host_domain_by_id(struct host *host, domid_t domid)
{
    struct machine *m = host->machine;
    unsigned int i;

    for ( i = 0; i < m->config.domains; i++ )
        if ( m->config.domain[i].id == domid && !m->domain[i].gone )
            return &m->domain[i];
    return NULL;
}

void *host_domain_slot(const struct domain *d)
{
    return d->slot;
}

void host_domain_set_slot(struct domain *d, void *slot)
{
    d->slot = slot;
}

/* ---- guest memory ---- */

static int guest_read(struct domain *d, paddr_t gaddr, void *buf, size_t len,
                      const char *name)
{
    host_call(d->machine, name);
    others(d->machine, name);
    if ( fails(d->machine, FAIL_GUEST_READ) )
        return -XEN_EFAULT;
    return domain_read(d, gaddr, buf, len) ? 0 : -XEN_EFAULT;
}

static int guest_write(struct domain *d, paddr_t gaddr, const void *buf,
                       size_t len, const char *name)
{
    host_call(d->machine, name);
    others(d->machine, name);
    if ( fails(d->machine, FAIL_GUEST_WRITE) )
        return -XEN_EFAULT;
    return domain_write(d, WRITER_HYPERVISOR, gaddr, buf, len) ? 0 :
                                                                 -XEN_EFAULT;
}

/*
 * Where others may act they may between two words, so that who reads a line is
 * no safer from them than who reads its words; where nobody does, each word is
 * such a place all the same.  The call is one, and fails as one.
 */
int host_guest_read(struct domain *d, paddr_t gaddr, void *buf, size_t len)
{
    size_t n = sizeof(uint64_t) - gaddr % sizeof(uint64_t);
    size_t words = (gaddr % sizeof(uint64_t) + len + 7) / sizeof(uint64_t);
    int rc;

    if ( len <= n || !switches_within(d->machine, words) )
    {
        rc = guest_read(d, gaddr, buf, len, "guest_read");
        if ( !rc && len > n )
            switches_pass(d->machine, words - 1);
        return rc;
    }
    rc = guest_read(d, gaddr, buf, n, "guest_read");
    for ( size_t at = n; !rc && at < len; at += n )
    {
        n = len - at < sizeof(uint64_t) ? len - at : sizeof(uint64_t);
        switch_here(d->machine, "guest_read");
        if ( !domain_read(d, gaddr + at, (char *)buf + at, n) )
            rc = -XEN_EFAULT;
    }
    return rc;
}

int host_guest_write(struct domain *d, paddr_t gaddr, const void *buf,
                     size_t len)
{
    return guest_write(d, gaddr, buf, len, "guest_write");
}

int host_guest_read64(struct domain *d, paddr_t gaddr, uint64_t *value)
{
    host_call(d->machine, "guest_read64");
    others(d->machine, "guest_read64");
    if ( fails(d->machine, FAIL_GUEST_READ) )
        return -XEN_EFAULT;
    return domain_read64(d, gaddr, value) ? 0 : -XEN_EFAULT;
}

int host_guest_write32(struct domain *d, paddr_t gaddr, uint32_t value)
{
    return guest_write(d, gaddr, &value, sizeof(value), "guest_write32");
}

int host_guest_write64(struct domain *d, paddr_t gaddr, uint64_t value)
{
    return guest_write(d, gaddr, &value, sizeof(value), "guest_write64");
}

int host_guest_read128(struct domain *d, paddr_t gaddr, uint64_t value[2])
{
    return guest_read(d, gaddr, value, 16, "guest_read128");
}

int host_guest_cmpxchg64(struct domain *d, paddr_t gaddr, uint64_t *expected,
                         uint64_t desired)
{
    uint64_t now;

    host_call(d->machine, "guest_cmpxchg64");
    others(d->machine, "guest_cmpxchg64");
    if ( fails(d->machine, FAIL_GUEST_WRITE) ||
         !domain_read64(d, gaddr, &now) )
        return -XEN_EFAULT;
    if ( now != *expected )
    {
        *expected = now;
        return -XEN_EAGAIN;
    }
    return domain_write64(d, WRITER_HYPERVISOR, gaddr, desired) ? 0 :
                                                                  -XEN_EFAULT;
}

/* ---- p2m ---- */

static void run_of(const struct domain *d, uint64_t gfn,
                   unsigned int max_order, struct host_p2m_entry *entry)
{
    static const enum host_p2m_type types[] = {
        [REGION_RAM] = HOST_P2M_RAM_RW,
        [REGION_ROM] = HOST_P2M_RAM_RO,
        [REGION_HOLE] = HOST_P2M_HOLE,
        [REGION_MMIO] = HOST_P2M_MMIO,
    };
    struct p2m_entry e;

    p2m_lookup(d, gfn, &e);
    entry->type = types[e.type];
    entry->mfn = e.mfn == NO_MFN ? INVALID_MFN : _mfn(e.mfn);
    entry->order = p2m_order(d, gfn, max_order, &e);
}

static bool is_ram(const struct host_p2m_entry *entry)
{
    return entry->type == HOST_P2M_RAM_RW || entry->type == HOST_P2M_RAM_RO;
}

static uint64_t run_start(uint64_t frame, unsigned int order)
{
    return frame & ~((UINT64_C(1) << order) - 1);
}

int host_p2m_get(struct domain *d, gfn_t gfn, unsigned int max_order,
                 struct host_p2m_entry *entry)
{
    host_call(d->machine, "p2m_get");
    others(d->machine, "p2m_get");
    if ( fails(d->machine, FAIL_P2M_GET) )
        return -XEN_ENOMEM;
    run_of(d, gfn_x(gfn), max_order, entry);
    if ( is_ram(entry) )
        reference_take(d, run_start(mfn_x(entry->mfn), entry->order),
                       entry->order);
    return 0;
}

void host_p2m_put(struct domain *d, mfn_t mfn, unsigned int order)
{
    host_call(d->machine, "p2m_put");
    others(d->machine, "p2m_put");
    reference_drop(d, mfn_x(mfn), order);
}

int host_p2m_next(struct domain *d, gfn_t *gfn, struct host_p2m_entry *entry)
{
    uint64_t at = gfn_x(*gfn);

    host_call(d->machine, "p2m_next");
    others(d->machine, "p2m_next");
    for ( ; at < d->limit;
          at = run_start(at, entry->order) + (UINT64_C(1) << entry->order) )
    {
        /* Runs that begin before the start would answer twice. */
        unsigned int max = at & ((1u << ORDER_2M) - 1) ? ORDER_4K :
                           at & ((1u << ORDER_1G) - 1) ? ORDER_2M :
                                                         ORDER_1G;

        run_of(d, at, ORDER_1G, entry);
        if ( !is_ram(entry) )
            continue;
        if ( entry->order > max )
            run_of(d, at, max, entry);
        *gfn = _gfn(at);
        return 0;
    }
    return -XEN_ENOENT;
}

/* ---- memory of the hypervisor ---- */

static unsigned int owner_of(const struct domain *d)
{
    return d ? d->index : HOST_INDEX;
}

void *host_zalloc(struct host *host, struct domain *d, size_t size)
{
    host_call(host->machine, "zalloc");
    if ( fails(host->machine, FAIL_ALLOC) )
        return NULL;
    return heap_alloc(host->machine, owner_of(d), size);
}

void host_free(struct host *host, void *p)
{
    host_call(host->machine, "free");
    heap_free(host->machine, p);
}

int host_table_alloc_run(struct host *host, struct domain *d,
                         unsigned int order, mfn_t *mfn)
{
    struct machine *m = host->machine;
    uint64_t first, i;

    host_call(m, "table_alloc");
    others(m, "table_alloc");
    if ( fails(m, FAIL_TABLE_ALLOC) )
        return -XEN_ENOMEM;
    first = order ? frame_take_run(m, SPECIAL_TABLE, owner_of(d), order) :
                    frame_take(m, SPECIAL_TABLE, owner_of(d), 0);
    if ( first == NO_MFN )
        return -XEN_ENOMEM;
    m->tables[owner_of(d)] += UINT64_C(1) << order;
    charge(m, owner_of(d), PAGE_SIZE << order);
    *mfn = _mfn(first);
    for ( i = 0; i < UINT64_C(1) << order; i++ )
        incoherent_zeroed(m, (first + i) << PAGE_SHIFT);
    return 0;
}

int host_table_alloc(struct host *host, struct domain *d, mfn_t *mfn)
{
    return host_table_alloc_run(host, d, 0, mfn);
}

/* Report every access to what is not a page of host_table_alloc(). */
static bool is_table(struct machine *m, mfn_t mfn, unsigned int offset,
                     unsigned int len, uint64_t *special)
{
    if ( map_get(&m->special, mfn_x(mfn), special) &&
         SPECIAL_STATE(*special) == SPECIAL_TABLE &&
         offset + len <= PAGE_SIZE && offset % len == 0 )
        return true;
    violation(m, "P9", "mfn %#llx + %#x is not in an allocated table page",
              (unsigned long long)mfn_x(mfn), offset);
    return false;
}

void host_table_free_run(struct host *host, mfn_t mfn, unsigned int order)
{
    struct machine *m = host->machine;
    uint64_t special, i;

    host_call(m, "table_free");
    others(m, "table_free");
    for ( i = 0; i < UINT64_C(1) << order; i++ )
    {
        if ( !is_table(m, mfn_add(mfn, i), 0, 1, &special) )
            return;
        m->tables[SPECIAL_OWNER(special)]--;
        uncharge(m, SPECIAL_OWNER(special), PAGE_SIZE);
        incoherent_settle(m, (mfn_x(mfn) + i) << PAGE_SHIFT, PAGE_SIZE);
        frame_give(m, mfn_x(mfn) + i);
    }
}

void host_table_free(struct host *host, mfn_t mfn)
{
    host_table_free_run(host, mfn, 0);
}

uint64_t host_table_read64(struct host *host, mfn_t mfn, unsigned int offset)
{
    struct machine *m = host->machine;
    uint64_t special, value = 0;

    host_call(m, "table_read64");
    others(m, "table_read64");
    if ( is_table(m, mfn, offset, 8, &special) )
        memory_read(m, mfn_to_maddr(mfn) + offset, &value, sizeof(value));
    return value;
}

static void table_write(struct host *host, mfn_t mfn, unsigned int offset,
                        const void *value, unsigned int len, const char *name)
{
    struct machine *m = host->machine;
    uint64_t special;

    host_call(m, name);
    others(m, name);
    if ( !is_table(m, mfn, offset, len, &special) )
        return;
    incoherent_store(m, mfn_to_maddr(mfn) + offset);
    memory_write(m, WRITER_HYPERVISOR, mfn_to_maddr(mfn) + offset, value, len);
}

void host_table_write64(struct host *host, mfn_t mfn, unsigned int offset,
                        uint64_t value)
{
    table_write(host, mfn, offset, &value, sizeof(value), "table_write64");
}

void host_table_write128(struct host *host, mfn_t mfn, unsigned int offset,
                         uint64_t low, uint64_t high)
{
    const uint64_t value[2] = { low, high };

    table_write(host, mfn, offset, value, sizeof(value), "table_write128");
}

void host_table_writeback(struct host *host, mfn_t mfn, unsigned int offset,
                          unsigned int len)
{
    struct machine *m = host->machine;
    uint64_t special;

    host_call(m, "table_writeback");
    if ( len )
        is_table(m, mfn, offset - offset % len, 1, &special);
    if ( offset + len > PAGE_SIZE )
        violation(m, "P9", "write back beyond the table page");
    incoherent_settle(m, mfn_to_maddr(mfn) + offset, len);
}

/* ---- logging ---- */

void host_log(struct host *host, enum host_log_level level, const char *fmt,
              ...)
{
    const struct machine_observer *o = &host->machine->control.observer;
    char text[256];
    va_list args;

    if ( !o->log )
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    o->log(o->context, level, text);
}
