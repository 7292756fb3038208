/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_host.h"
#include "fake_smmuv3.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The unit's layout is written down again here: the tests must not believe
 * the header that is under test. */
#define R_CAP    0x008
#define R_ECAP   0x010
#define R_GCMD   0x018
#define R_GSTS   0x01c
#define R_RTADDR 0x020
#define R_FSTS   0x034
#define R_IQH    0x080
#define R_IQT    0x088
#define R_IQA    0x090
#define R_IQERCD 0x0b0

/* ---- the unit ----------------------------------------------------------- */

uint64_t fake_unit_cap(void)
{
    return 6u | 0x6u << 8 | 47u << 16 | (uint64_t)(FAKE_FRO / 16) << 24 |
           UINT64_C(3) << 34 | UINT64_C(1) << 39 |
           (uint64_t)(FAKE_NFR - 1) << 40 | UINT64_C(18) << 48 |
           UINT64_C(3) << 54;
}

static uint32_t get32(const struct host_unit *u, unsigned int offset)
{
    return (uint32_t)(u->reg[offset / 8] >> (offset % 8 * 8));
}

static void set32(struct host_unit *u, unsigned int offset, uint32_t value)
{
    unsigned int shift = offset % 8 * 8;

    u->reg[offset / 8] &= ~(UINT64_C(0xffffffff) << shift);
    u->reg[offset / 8] |= (uint64_t)value << shift;
}

static uint64_t table_word(struct host *host, uint64_t address)
{
    uint64_t mfn = address >> 12;

    assert(mfn < FAKE_TABLES && host->table[mfn]);
    return (*host->table[mfn])[address % 4096 / 8];
}

/* As a walk of the unit reads it. */
static uint64_t walked_word(struct host *host, uint64_t address)
{
    uint64_t mfn = address >> 12;

    assert(mfn < FAKE_TABLES && host->table[mfn]);
    return host->table[mfn][host->incoherent][address % 4096 / 8];
}

static void execute(struct host_unit *u, uint64_t lo, uint64_t hi)
{
    assert(u->logged < FAKE_LOG);
    u->log[u->logged][0] = lo;
    u->log[u->logged++][1] = hi;
    if ( (lo & 0xf) == 5 && (lo & 0x20) )
        (*u->host->table[hi >> 12])[hi % 4096 / 8] = lo >> 32;
}

static void consume(struct host_unit *u)
{
    while ( (get32(u, R_GSTS) & (1u << 26)) && !u->silent &&
            !(get32(u, R_FSTS) & 0x10) &&
            u->reg[R_IQH / 8] != u->reg[R_IQT / 8] )
    {
        uint64_t at = (u->reg[R_IQA / 8] & ~UINT64_C(0xfff)) +
                      u->reg[R_IQH / 8];

        if ( u->break_next )
        {
            u->break_next = false;
            u->reg[R_IQERCD / 8] = 2;
            set32(u, R_FSTS, get32(u, R_FSTS) | 0x10);
            return;
        }
        execute(u, table_word(u->host, at), table_word(u->host, at + 8));
        u->reg[R_IQH / 8] = (u->reg[R_IQH / 8] + 16) % 4096;
    }
}

void fake_unit_answer(struct host *host)
{
    host->unit.silent = false;
    consume(&host->unit);
}

static void update_ppf(struct host_unit *u)
{
    unsigned int i;
    uint32_t fsts = get32(u, R_FSTS) & ~2u;

    for ( i = 0; i < FAKE_NFR; i++ )
        if ( u->reg[FAKE_FRO / 8 + 2 * i + 1] >> 63 )
            fsts |= 2;
    set32(u, R_FSTS, fsts);
}

static void command(struct host_unit *u, uint32_t value)
{
    uint32_t gsts = get32(u, R_GSTS) & (1u << 30);

    if ( value & (1u << 30) )
    {
        u->root = u->reg[R_RTADDR / 8];
        u->root_commands++;
        gsts |= 1u << 30;
    }
    gsts |= value & (1u << 31 | 1u << 26);
    if ( !(value & (1u << 26)) )
        u->reg[R_IQH / 8] = 0;
    set32(u, R_GSTS, gsts);
}

static bool is_dead(struct host_unit *u)
{
    if ( u->host->dies_in && !--u->host->dies_in )
        u->dead = true;
    return u->dead;
}

void host_mmio_write32(struct host_unit *u, unsigned int offset,
                       uint32_t value)
{
    if ( is_dead(u) )
        return;
    if ( u->smmu )
    {
        fake_smmuv3_write(u->smmu, offset, value);
        return;
    }
    if ( offset == R_GCMD )
        command(u, value);
    else if ( offset == R_FSTS )
        set32(u, R_FSTS, get32(u, R_FSTS) & ~(value & 0x11));
    else if ( offset >= FAKE_FRO && offset < FAKE_FRO + 16 * FAKE_NFR )
    {
        if ( offset % 16 == 12 && value >> 31 )
            u->reg[offset / 8] &= ~(UINT64_C(1) << 63);
        update_ppf(u);
    }
    else
        set32(u, offset, value);
    consume(u);
}

void host_mmio_write64(struct host_unit *u, unsigned int offset,
                       uint64_t value)
{
    assert(offset % 8 == 0);
    if ( is_dead(u) )
        return;
    if ( u->smmu )
    {
        fake_smmuv3_write64(u->smmu, offset, value);
        return;
    }
    u->reg[offset / 8] = value;
    consume(u);
}

uint32_t host_mmio_read32(struct host_unit *u, unsigned int offset)
{
    u->host->used++;
    if ( is_dead(u) && !u->host->dead_reads )
        return UINT32_MAX;
    return u->smmu ? fake_smmuv3_read(u->smmu, offset) : get32(u, offset);
}

uint64_t host_mmio_read64(struct host_unit *u, unsigned int offset)
{
    u->host->used++;
    if ( is_dead(u) && !u->host->dead_reads )
        return UINT64_MAX;
    return u->reg[offset / 8];
}

static void record(struct host_unit *u, uint16_t sid, uint64_t address,
                   bool write)
{
    uint64_t *frcd = &u->reg[FAKE_FRO / 8 + 2 * u->frcd_next];

    if ( frcd[1] >> 63 )
    {
        set32(u, R_FSTS, get32(u, R_FSTS) | 1);
        return;
    }
    frcd[0] = address & ~UINT64_C(0xfff);
    frcd[1] = sid | UINT64_C(5) << 32 | (write ? 0 : UINT64_C(1) << 62) |
              UINT64_C(1) << 63;
    if ( !(get32(u, R_FSTS) & 2) )
        set32(u, R_FSTS,
              (get32(u, R_FSTS) & ~0xff00u) | u->frcd_next << 8 | 2);
    u->frcd_next = (u->frcd_next + 1) % FAKE_NFR;
}

static bool walk(struct host *host, uint16_t sid, uint64_t address, bool write,
                 uint64_t *hpa)
{
    uint64_t need = write ? 2 : 1, entry, base;
    unsigned int level;

    entry = walked_word(host, (host->unit.root & ~UINT64_C(0xfff)) +
                                  (sid >> 8) * 16u);
    if ( !(entry & 1) )
        return false;
    base = (entry & ~UINT64_C(0xfff)) + (sid & 0xff) * 16u;
    entry = walked_word(host, base);
    if ( !(entry & 1) )
        return false;
    level = (unsigned int)(walked_word(host, base + 8) & 7) + 2;
    if ( address >> (12 + 9 * level) )
        return false;
    for ( ;; level-- )
    {
        unsigned int shift = 12 + 9 * (level - 1);

        entry = walked_word(host, (entry & ~UINT64_C(0xfff)) +
                                      (address >> shift) % 512 * 8);
        if ( !(entry & need) )
            return false;
        if ( level == 1 || (entry & 0x80) )
        {
            uint64_t mask = (UINT64_C(1) << shift) - 1;

            *hpa = (entry & ~UINT64_C(0xfff) & ~mask) | (address & mask);
            return true;
        }
    }
}

bool fake_dma(struct host *host, uint16_t sid, uint64_t address, bool write,
              uint64_t *hpa)
{
    uint64_t where = 0;
    bool ok = walk(host, sid, address, write, &where);

    if ( !ok )
        record(&host->unit, sid, address, write);
    if ( hpa )
        *hpa = where;
    return ok;
}

unsigned int host_unit_count(const struct host *host)
{
    return host->units;
}

struct host_unit *host_unit_get(struct host *host, unsigned int index)
{
    if ( index < 2 )
        return index ? &host->other : &host->unit;
    assert(index - 2 < FAKE_MORE);
    return &host->more[index - 2];
}

enum host_unit_type host_unit_type(const struct host_unit *unit)
{
    return unit->smmu ? HOST_UNIT_SMMUV3 : HOST_UNIT_VTD;
}

void host_unit_msi(const struct host_unit *unit, paddr_t *address,
                   uint32_t *data)
{
    (void)unit;
    *address = 0xfee01000;
    *data = 0x40;
}

/* Physical devices 0x100 .. : sbdf and source-id alike. */
int host_pdev_get(struct host *host, xen_viommu_sbdf_t psbdf,
                  struct host_pdev *pdev)
{
    if ( psbdf < 0x100 || psbdf >= 0x100 + FAKE_DEVICES )
        return -XEN_ENODEV;
    *pdev = (struct host_pdev) { .unit = host->pdev_unit[psbdf - 0x100],
                                 .source_id = psbdf,
                                 .owner = &host->domain };
    if ( psbdf == 0x102 && host->second )
        pdev->owner = host->second;
    if ( psbdf == 0x100 + FAKE_DEVICES - 1 )
        pdev->owner = NULL; /* the last is the host's own */
    return 0;
}

/* ---- domains and guest memory ------------------------------------------- */

domid_t host_domain_id(const struct domain *d)
{
    return d == &d->host->domain ? FAKE_DOMID : FAKE_DOMID + 1;
}

struct host *host_of(const struct domain *d)
{
    return d->host;
}

struct domain *host_domain_by_id(struct host *host, domid_t domid)
{
    if ( domid == FAKE_DOMID + 1 )
        return host->second;
    return domid == FAKE_DOMID ? &host->domain : NULL;
}

void *host_domain_slot(const struct domain *d)
{
    return d->slot;
}

void host_domain_set_slot(struct domain *d, void *slot)
{
    d->slot = slot;
}

static bool is_ram(const struct domain *d, uint64_t gfn)
{
    return gfn < FAKE_PAGES && (d->p2m[gfn].type == HOST_P2M_RAM_RW ||
                                d->p2m[gfn].type == HOST_P2M_RAM_RO);
}

int host_guest_read(struct domain *d, paddr_t gaddr, void *buf, size_t len)
{
    assert(gaddr % 4096 + len <= 4096);
    d->host->used++;
    if ( !is_ram(d, gaddr >> 12) )
        return -XEN_EFAULT;
    memcpy(buf, (char *)d->ram[gaddr >> 12] + gaddr % 4096, len);
    return 0;
}

int host_guest_write(struct domain *d, paddr_t gaddr, const void *buf,
                     size_t len)
{
    assert(gaddr % 4096 + len <= 4096);
    if ( gaddr >> 12 >= FAKE_PAGES ||
         d->p2m[gaddr >> 12].type != HOST_P2M_RAM_RW )
        return -XEN_EFAULT;
    memcpy((char *)d->ram[gaddr >> 12] + gaddr % 4096, buf, len);
    return 0;
}

int host_guest_read64(struct domain *d, paddr_t gaddr, uint64_t *value)
{
    return host_guest_read(d, gaddr, value, sizeof(*value));
}

int host_guest_read128(struct domain *d, paddr_t gaddr, uint64_t value[2])
{
    return host_guest_read(d, gaddr, value, 16);
}

int host_guest_write32(struct domain *d, paddr_t gaddr, uint32_t value)
{
    d->host->status_writes++;
    return host_guest_write(d, gaddr, &value, sizeof(value));
}

int host_guest_write64(struct domain *d, paddr_t gaddr, uint64_t value)
{
    return host_guest_write(d, gaddr, &value, sizeof(value));
}

/* ---- p2m ---------------------------------------------------------------- */

static bool one_run(const struct domain *d, uint64_t first, unsigned int order)
{
    const struct fake_p2m *p = &d->p2m[first];
    uint64_t i, size = UINT64_C(1) << order;

    if ( first + size > FAKE_PAGES )
        return false;
    if ( is_ram(d, first) && (p->mfn & (size - 1)) )
        return false;
    for ( i = 1; i < size; i++ )
        if ( is_ram(d, first) ?
                 p[i].type != p->type || p[i].mfn != p->mfn + i :
                 is_ram(d, first + i) )
            return false;
    return true;
}

static void look_up(const struct domain *d, uint64_t gfn, unsigned int max,
                    struct host_p2m_entry *entry)
{
    *entry = (struct host_p2m_entry) { .type = HOST_P2M_HOLE,
                                       .mfn = INVALID_MFN,
                                       .order = max };
    if ( gfn >= FAKE_PAGES )
        return;
    entry->type = d->p2m[gfn].type;
    if ( is_ram(d, gfn) )
        entry->mfn = _mfn(d->p2m[gfn].mfn);
    entry->order = 0;
    if ( max >= 9 && one_run(d, gfn & ~UINT64_C(511), 9) )
        entry->order = 9;
}

static void count(struct domain *d, uint64_t mfn, unsigned int order, int by)
{
    uint64_t i;

    assert(mfn >= FAKE_MFN && !(mfn & ((UINT64_C(1) << order) - 1)));
    for ( i = 0; i < FAKE_PAGES; i++ )
        if ( d->p2m[i].mfn >= mfn &&
             d->p2m[i].mfn < mfn + (UINT64_C(1) << order) )
        {
            d->p2m[i].references += by;
            assert(d->p2m[i].references >= 0);
        }
}

int host_p2m_get(struct domain *d, gfn_t gfn, unsigned int max_order,
                 struct host_p2m_entry *entry)
{
    d->host->used++;
    look_up(d, gfn_x(gfn), max_order, entry);
    if ( entry->type == HOST_P2M_RAM_RW || entry->type == HOST_P2M_RAM_RO )
        count(d, mfn_x(entry->mfn) & ~((UINT64_C(1) << entry->order) - 1),
              entry->order, 1);
    return 0;
}

void host_p2m_put(struct domain *d, mfn_t mfn, unsigned int order)
{
    d->host->used++;
    count(d, mfn_x(mfn), order, -1);
}

int host_p2m_next(struct domain *d, gfn_t *gfn, struct host_p2m_entry *entry)
{
    uint64_t at = gfn_x(*gfn);

    d->host->used++;
    while ( at < FAKE_PAGES && !is_ram(d, at) )
        at++;
    if ( at >= FAKE_PAGES )
        return -XEN_ENOENT;
    look_up(d, at, 18, entry);
    if ( entry->order )
    {
        entry->mfn = _mfn(mfn_x(entry->mfn) - at % 512);
        at -= at % 512;
    }
    *gfn = _gfn(at);
    return 0;
}

unsigned int fake_references(const struct host *host)
{
    unsigned int i, sum = 0;

    for ( i = 0; i < FAKE_PAGES; i++ )
    {
        sum += (unsigned int)host->domain.p2m[i].references;
        if ( host->second )
            sum += (unsigned int)host->second->p2m[i].references;
    }
    return sum;
}

/* ---- memory of the hypervisor ------------------------------------------- */

static bool fails(struct host *host)
{
    return host->fail_alloc && !--host->fail_alloc;
}

/* In front of an allocation. */
struct fake_block {
    struct fake_block *next, **link;
};
_Static_assert(sizeof(struct fake_block) % 16 == 0, "keeps the alignment");

void *host_zalloc(struct host *host, struct domain *d, size_t size)
{
    struct fake_block *block;

    (void)d;
    if ( fails(host) )
        return NULL;
    host->allocations++;
    block = calloc(1, sizeof(*block) + size);
    block->next = host->blocks;
    block->link = &host->blocks;
    if ( block->next )
        block->next->link = &block->next;
    host->blocks = block;
    return block + 1;
}

void host_free(struct host *host, void *p)
{
    struct fake_block *block;

    if ( !p )
        return;
    block = (struct fake_block *)p - 1;
    host->allocations--;
    *block->link = block->next;
    if ( block->next )
        block->next->link = block->link;
    free(block);
}

/* 2^order unused numbers in a row, aligned. */
static unsigned int free_run(const struct host *host, unsigned int count)
{
    unsigned int first = count, i = 0;

    while ( i < count )
    {
        assert(first + count < FAKE_TABLES);
        for ( i = 0; i < count && !host->table[first + i]; i++ )
            ;
        first += i < count ? count : 0;
    }
    return first;
}

int host_table_alloc_run(struct host *host, struct domain *d,
                         unsigned int order, mfn_t *mfn)
{
    unsigned int count = 1u << order, first, i;

    (void)d;
    if ( fails(host) )
        return -XEN_ENOMEM;
    first = free_run(host, count);
    for ( i = 0; i < count; i++ )
    {
        host->table[first + i] = calloc(2, 4096);
        memset(host->table[first + i][1], 0xa5, 4096);
    }
    host->tables += count;
    *mfn = _mfn(first);
    return 0;
}

int host_table_alloc(struct host *host, struct domain *d, mfn_t *mfn)
{
    return host_table_alloc_run(host, d, 0, mfn);
}

void host_table_free_run(struct host *host, mfn_t mfn, unsigned int order)
{
    uint64_t i;

    for ( i = 0; i < UINT64_C(1) << order; i++ )
    {
        free(host->table[mfn_x(mfn) + i]);
        host->table[mfn_x(mfn) + i] = NULL;
        host->tables--;
    }
}

void host_table_free(struct host *host, mfn_t mfn)
{
    host_table_free_run(host, mfn, 0);
}

uint64_t host_table_read64(struct host *host, mfn_t mfn, unsigned int offset)
{
    host->used++;
    return (*host->table[mfn_x(mfn)])[offset / 8];
}

void host_table_write64(struct host *host, mfn_t mfn, unsigned int offset,
                        uint64_t value)
{
    host->used++;
    (*host->table[mfn_x(mfn)])[offset / 8] = value;
    if ( host->watch.store )
        host->watch.store(host->watch.context, mfn_x(mfn), offset, value);
}

void host_table_write128(struct host *host, mfn_t mfn, unsigned int offset,
                         uint64_t low, uint64_t high)
{
    /* To whoever watches, two stores: nobody may depend on more. */
    host_table_write64(host, mfn, offset, low);
    host_table_write64(host, mfn, offset + 8, high);
    host->used--;
}

void host_table_writeback(struct host *host, mfn_t mfn, unsigned int offset,
                          unsigned int len)
{
    uint64_t(*page)[512] = host->table[mfn_x(mfn)];

    assert(offset + len <= 4096);
    host->used++;
    memcpy((char *)page[1] + offset, (char *)page[0] + offset, len);
}

/* ---- locks, work, interrupts -------------------------------------------- */

void host_lock_init(struct host_lock *lock, const char *name)
{
    *lock = (struct host_lock) { .name = name };
}

void host_lock(struct host *host, struct host_lock *lock)
{
    assert(!lock->state);
    lock->state = 1;
    host->locks++;
}

void host_unlock(struct host *host, struct host_lock *lock)
{
    assert(lock->state);
    lock->state = 0;
    host->locks--;
}

void host_work_schedule(struct host *host, struct host_work *work)
{
    struct host_work **at = &host->work;

    if ( work->queued )
        return;
    while ( *at )
        at = &(*at)->next;
    *at = work;
    work->next = NULL;
    work->queued = true;
}

void host_work_cancel(struct host *host, struct host_work *work)
{
    struct host_work **at = &host->work;

    while ( *at && *at != work )
        at = &(*at)->next;
    if ( *at )
        *at = work->next;
    work->queued = false;
}

void fake_run_some(struct host *host, unsigned int items)
{
    while ( items-- && host->work )
    {
        struct host_work *work = host->work;

        host->work = work->next;
        work->queued = false;
        host->used = 0;
        work->fn(work);
        assert(!host->locks);
    }
}

void fake_run(struct host *host)
{
    fake_run_some(host, 1000000);
    assert(!host->work);
}

bool host_preempt_check(struct host *host)
{
    return ++host->used > host->budget;
}

void host_relax(struct host *host)
{
    host->used++;
}

void host_inject_msi(struct domain *d, paddr_t address, uint32_t data)
{
    d->msis++;
    d->msi_address = address;
    d->msi_data = data;
}

void host_inject_virq(struct domain *d, unsigned int virq, bool level)
{
    assert(virq < FAKE_VIRQS && !level);
    d->virqs[virq]++;
}

int host_dm_send(struct domain *d, uint32_t dm,
                 const struct host_dm_message *message)
{
    if ( dm >= 32 || !(d->models >> dm & 1) )
        return -XEN_ENODEV;
    assert(d->messages < FAKE_MESSAGES);
    d->message[d->messages].dm = dm;
    d->message[d->messages++].message = *message;
    return 0;
}

int host_dm_revoke(struct domain *d, uint32_t dm)
{
    if ( d->revoke_restarts )
    {
        d->revoke_restarts--;
        return -XEN_ERESTART;
    }
    if ( dm < 32 )
        d->models &= ~(1u << dm);
    return 0;
}

static bool in_caller(uint64_t handle, size_t len)
{
    return handle <= FAKE_CALLER && len <= FAKE_CALLER - handle;
}

int host_caller_read(struct host *host, uint64_t handle, void *buf, size_t len)
{
    if ( !in_caller(handle, len) )
        return -XEN_EFAULT;
    memcpy(buf, host->caller + handle, len);
    return 0;
}

int host_caller_write(struct host *host, uint64_t handle, const void *buf,
                      size_t len)
{
    if ( !in_caller(handle, len) )
        return -XEN_EFAULT;
    memcpy(host->caller + handle, buf, len);
    return 0;
}

void host_log(struct host *host, enum host_log_level level, const char *fmt,
              ...)
{
    (void)host;
    (void)level;
    (void)fmt;
}

/* ---- making and unmaking ------------------------------------------------ */

static void make_domain(struct host *host, struct domain *d, uint64_t mfn,
                        unsigned int shuffle)
{
    unsigned int i;

    d->host = host;
    d->ram = calloc(FAKE_PAGES, 4096);
    for ( i = 0; i < FAKE_PAGES; i++ )
        d->p2m[i] = (struct fake_p2m) {
            .type = HOST_P2M_RAM_RW,
            .mfn = mfn + (i ^ shuffle),
        };
}

void fake_second_domain(struct host *host)
{
    host->second = calloc(1, sizeof(*host->second));
    make_domain(host, host->second, FAKE_MFN + FAKE_PAGES, 512);
}

struct host *fake_host(bool contiguous, uint64_t unit_cap, uint64_t unit_ecap)
{
    struct host *host = calloc(1, sizeof(*host));

    host->budget = 200;
    host->units = 1;
    make_domain(host, &host->domain, FAKE_MFN, contiguous ? 512 : 1);
    for ( unsigned int i = 0; i < 2 + FAKE_MORE; i++ )
    {
        struct host_unit *unit = host_unit_get(host, i);

        unit->host = host;
        unit->reg[R_CAP / 8] = unit_cap;
        unit->reg[R_ECAP / 8] = unit_ecap;
    }
    return host;
}

void fake_free(struct host *host)
{
    unsigned int i;

    /* What a unit that is gone may still read was never given back. */
    while ( host->blocks )
        host_free(host, host->blocks + 1);
    for ( i = 0; i < FAKE_TABLES; i++ )
        free(host->table[i]);
    free(host->unit.smmu);
    free(host->other.smmu);
    free(host->domain.ram);
    if ( host->second )
        free(host->second->ram);
    free(host->second);
    free(host);
}
