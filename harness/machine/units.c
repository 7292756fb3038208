/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical units and devices: register accesses go to the model, the model's
 * accesses to memory, its interrupts to the host or, on bare metal, to the
 * domain.  The port is the untimed one: no time passes and nobody else runs
 * inside an access, so every access is single-copy atomic as a whole.
 */
#include <machine/state.h>

#include <string.h>

#define MSI_ADDRESS UINT64_C(0xfee00000)
#define MSI_VECTOR  0x40u /* of unit 0 */

/* ---- the port ---- */

static struct machine *machine_of(const void *world)
{
    return ((const struct unit_port *)world)->unit->machine;
}

/* VT-d: what the queue holds is snooped whatever ECAP.C says, which is about
 * tables (11.4.2). */
static bool is_snooped(const struct host_unit *unit, uint64_t address)
{
    uint64_t iqa;

    if ( unit->type != HOST_UNIT_VTD )
        return false;
    iqa = unit->ops->mmio_read(unit->model, 0x90, 8);
    return address - (iqa & ~UINT64_C(0xfff)) < UINT64_C(0x1000) << (iqa & 7);
}

static bool unit_read(const struct unit_port *port, uint64_t address,
                      void *buffer, size_t len)
{
    const struct host_unit *unit = port->unit;
    struct machine *m = unit->machine;

    if ( unit->domain >= 0 )
        return domain_read(&m->domain[unit->domain], address, buffer, len);
    if ( !memory_read(m, address, buffer, len) )
        return false;
    if ( m->hidden && !is_snooped(unit, address) )
        incoherent_read(m, address, buffer, len);
    return true;
}

static bool unit_write(const struct unit_port *port, uint64_t address,
                       const void *buffer, size_t len)
{
    const struct host_unit *unit = port->unit;
    struct machine *m = unit->machine;

    if ( unit->domain >= 0 )
        return domain_write(&m->domain[unit->domain], port->writer, address,
                            buffer, len);
    incoherent_settle(m, address, len);
    return memory_write(m, port->writer, address, buffer, len);
}

/* The unit stands before an access, and others may run. */
static void stands(struct machine *m, const char *where)
{
    if ( m->control.on_access )
        m->control.on_access(m->control.access_context);
    others(m, where);
}

static bool untimed_read(void *world, uint64_t address, void *buffer,
                         unsigned int len, unsigned int atom)
{
    struct machine *m = machine_of(world);
    unsigned int done;

    if ( !interleaved(m) && !m->control.on_access )
        return unit_read(world, address, buffer, len);
    /* Between its atoms others may write; and what a unit has read is old when
     * it comes to use it. */
    for ( done = 0; done < len; done += atom )
    {
        stands(m, "read");
        if ( !unit_read(world, address + done, (char *)buffer + done, atom) )
            return false;
    }
    if ( ((const struct unit_port *)world)->writer == WRITER_UNIT )
        others(m, "data");
    return true;
}

static bool untimed_write(void *world, uint64_t address, const void *buffer,
                          unsigned int len, unsigned int atom)
{
    const char *from = buffer;
    unsigned int done;

    stands(machine_of(world), "write");
    if ( address % PAGE_SIZE + len <= PAGE_SIZE )
        return unit_write(world, address, buffer, len);

    /* Across pages the pieces before the one that fails are written. */
    for ( done = 0; done < len; done += atom )
        if ( !unit_write(world, address + done, from + done, atom) )
            return false;
    return true;
}

static bool untimed_cmpxchg(void *world, uint64_t address, void *expected,
                            const void *desired, unsigned int len,
                            bool *swapped)
{
    unsigned char now[16];

    stands(machine_of(world), "cmpxchg");
    if ( !unit_read(world, address, now, len) )
        return false;
    *swapped = !memcmp(now, expected, len);
    if ( *swapped )
        return unit_write(world, address, desired, len);
    memcpy(expected, now, len);
    return true;
}

static void raise_interrupt(struct host_unit *unit)
{
    touch(unit->machine, MACHINE_INTERRUPT, unit->index, unit->index, true);
    unit->pending = true;
}

static void untimed_msi(void *world, uint64_t address, uint32_t data)
{
    struct host_unit *unit = ((const struct unit_port *)world)->unit;
    paddr_t own_address;
    uint32_t own_data;

    others(unit->machine, "msi");
    if ( unit->domain >= 0 )
    {
        inject_msi(&unit->machine->domain[unit->domain], address, data);
        return;
    }
    /* Others are messages of devices: without remapping they are no business
     * of the host's IOMMU driver. */
    host_unit_msi(unit, &own_address, &own_data);
    if ( address == own_address && data == own_data )
        raise_interrupt(unit);
}

static void untimed_wire(void *world, unsigned int line, bool level)
{
    struct host_unit *unit = ((const struct unit_port *)world)->unit;

    (void)level;
    others(unit->machine, "wire");
    if ( unit->domain >= 0 )
        inject_msi(&unit->machine->domain[unit->domain], 0, line);
    else
        raise_interrupt(unit);
}

static void untimed_spend(void *world, unsigned int cycles, enum cost what)
{
    const struct host_unit *unit = ((const struct unit_port *)world)->unit;

    (void)what;
    unit->machine->now_ns += cycles;
}

static void untimed_relax(void *world)
{
    struct machine *m = ((const struct unit_port *)world)->unit->machine;

    switch_now(m, "port_relax");
    interleave_wait(m, "relax");
}

static void untimed_touch(void *world, enum port_state state, uint64_t first,
                          uint64_t last, bool write)
{
    static const struct {
        enum machine_resource resource;
        unsigned int shift; /* of the unit's number */
    } of[] = {
        [PORT_REGISTER] = { MACHINE_UNITS, 32 },
        [PORT_CACHE] = { MACHINE_CACHES, 56 },
        [PORT_SLOT] = { MACHINE_SLOTS, 32 },
    };
    const struct host_unit *unit = ((const struct unit_port *)world)->unit;
    uint64_t base;

    if ( !unit->machine->control.interleave )
        return;
    base = (uint64_t)unit->index << of[state].shift;
    interleave_touch(unit->machine, of[state].resource, base + first,
                     base + last, write);
}

#define UNTIMED_PORT                                                          \
    .read = untimed_read, .write = untimed_write, .cmpxchg = untimed_cmpxchg, \
    .msi = untimed_msi, .wire = untimed_wire, .spend = untimed_spend,         \
    .relax = untimed_relax

const struct port_ops untimed_port = { UNTIMED_PORT, .touch = untimed_touch };
const struct port_ops lonely_port = { UNTIMED_PORT };

/* ---- units ---- */

unsigned int machine_add_unit(struct machine *m, unsigned int type, int domain)
{
    struct host_unit *unit = &m->unit[m->units];
    const struct port_ops *ops = m->config.alone ? &lonely_port :
                                                   &untimed_port;

    if ( m->units == MACHINE_MAX_UNITS || domain >= (int)m->config.domains )
        return UINT32_MAX;
    *unit = (struct host_unit) {
        .machine = m,
        .own = { unit, WRITER_UNIT, { ops, &unit->own } },
        .device = { unit, WRITER_DEVICE, { ops, &unit->device } },
        .type = (enum host_unit_type)type,
        .domain = domain,
        .index = m->units,
    };
    return m->units++;
}

const struct port *machine_unit_port(struct machine *m, unsigned int unit)
{
    const struct host_unit *u = &m->unit[unit];

    return u->replaced ? u->replaced : &u->own.port;
}

const struct port *machine_device_port(struct machine *m, unsigned int unit)
{
    return &m->unit[unit].device.port;
}

void machine_replace_port(struct machine *m, unsigned int unit,
                          const struct port *port)
{
    m->unit[unit].replaced = port;
}

void machine_set_unit(struct machine *m, unsigned int unit,
                      const struct unit_ops *ops, void *model)
{
    m->unit[unit].ops = ops;
    m->unit[unit].model = model;
}

uint64_t machine_mmio_read(struct machine *m, unsigned int unit,
                           uint32_t offset, unsigned int size)
{
    return m->unit[unit].ops->mmio_read(m->unit[unit].model, offset, size);
}

struct register_write {
    const struct host_unit *unit;
    uint32_t offset;
    unsigned int size;
    uint64_t value;
};

static void write_register(void *argument)
{
    const struct register_write write = *(struct register_write *)argument;

    write.unit->ops->mmio_write(write.unit->model, write.offset, write.size,
                                write.value);
}

void machine_mmio_write(struct machine *m, unsigned int unit, uint32_t offset,
                        unsigned int size, uint64_t value)
{
    const struct register_write write = { &m->unit[unit], offset, size,
                                          value };

    /* A posted write: what it sets off goes on by itself. */
    if ( interleaved(m) )
        m->control.interleave->spawn(m->control.interleave->context, "unit",
                                     write_register, (void *)&write);
    else
        write_register((void *)&write);
}

/* ---- host.h: units as the hypervisor sees them ---- */

/* A bare-metal unit is not the host's. */
static struct host_unit *nth_host_unit(const struct host *host, unsigned int n)
{
    struct machine *m = host->machine;
    unsigned int i;

    for ( i = 0; i < m->units; i++ )
        if ( m->unit[i].domain < 0 && !n-- )
            return &m->unit[i];
    return NULL;
}

unsigned int host_unit_index(const struct host_unit *unit)
{
    unsigned int i, n = 0;

    for ( i = 0; i < unit->index; i++ )
        n += unit->machine->unit[i].domain < 0;
    return n;
}

unsigned int host_unit_count(const struct host *host)
{
    unsigned int n = 0;

    while ( nth_host_unit(host, n) )
        n++;
    return n;
}

struct host_unit *host_unit_get(struct host *host, unsigned int index)
{
    host_call(host->machine, "unit_get");
    return nth_host_unit(host, index);
}

enum host_unit_type host_unit_type(const struct host_unit *unit)
{
    return unit->type;
}

/* Where software tells a unit that there is more in its queue: VT-d 11.4.9.2,
 * IHI 0070 6.3.28. */
static unsigned int tail_of(const struct host_unit *unit)
{
    return unit->type == HOST_UNIT_VTD ? 0x88 : 0x98;
}

/* A unit works on its queue when it gets to it.  One store that has not been
 * seen is as good as two. */
static void come_late(struct host_unit *unit, unsigned int size,
                      uint64_t value)
{
    if ( !unit->late )
        unit->late_until = unit->machine->host_calls +
                           unit->machine->config.lag;
    unit->late = true;
    unit->late_size = size;
    unit->late_value = value;
}

void units_catch_up(struct machine *m)
{
    for ( unsigned int i = 0; i < m->units; i++ )
    {
        struct host_unit *unit = &m->unit[i];

        if ( !unit->late || m->host_calls < unit->late_until )
            continue;
        unit->late = false;
        machine_mmio_write(m, i, tail_of(unit), unit->late_size,
                           unit->late_value);
    }
}

bool machine_units_dead(const struct machine *m)
{
    return m->units_dead;
}

static bool is_dead(struct machine *m)
{
    m->units_dead |= fails(m, FAIL_UNIT);
    return m->units_dead;
}

static uint64_t mmio_read(struct host_unit *unit, unsigned int offset,
                          unsigned int size)
{
    host_call(unit->machine, "mmio_read");
    others(unit->machine, "register read");
    if ( is_dead(unit->machine) )
        return UINT64_MAX;
    return machine_mmio_read(unit->machine, unit->index, offset, size);
}

static void mmio_write(struct host_unit *unit, unsigned int offset,
                       unsigned int size, uint64_t value)
{
    host_call(unit->machine, "mmio_write");
    others(unit->machine, "register write");
    if ( is_dead(unit->machine) )
        return;
    if ( unit->machine->config.lag && offset == tail_of(unit) )
    {
        come_late(unit, size, value);
        return;
    }
    machine_mmio_write(unit->machine, unit->index, offset, size, value);
    interleave_look(unit->machine);
}

uint32_t host_mmio_read32(struct host_unit *unit, unsigned int offset)
{
    return (uint32_t)mmio_read(unit, offset, 4);
}

uint64_t host_mmio_read64(struct host_unit *unit, unsigned int offset)
{
    return mmio_read(unit, offset, 8);
}

void host_mmio_write32(struct host_unit *unit, unsigned int offset,
                       uint32_t value)
{
    mmio_write(unit, offset, 4, value);
}

void host_mmio_write64(struct host_unit *unit, unsigned int offset,
                       uint64_t value)
{
    mmio_write(unit, offset, 8, value);
}

void host_unit_msi(const struct host_unit *unit, paddr_t *address,
                   uint32_t *data)
{
    *address = MSI_ADDRESS;
    *data = MSI_VECTOR + unit->index;
}

/* ---- devices ---- */

static struct pdev *find_pdev(struct machine *m, uint32_t psbdf)
{
    unsigned int i;

    for ( i = 0; i < m->pdevs; i++ )
        if ( m->pdev[i].psbdf == psbdf )
            return &m->pdev[i];
    return NULL;
}

bool machine_add_pdev(struct machine *m, uint32_t psbdf, unsigned int unit,
                      uint32_t source_id, struct domain *d)
{
    if ( m->pdevs == MACHINE_MAX_PDEVS || unit >= m->units ||
         find_pdev(m, psbdf) )
        return false;
    m->pdev[m->pdevs++] = (struct pdev) {
        .psbdf = psbdf, .source_id = source_id, .unit = unit, .owner = d
    };
    return true;
}

bool machine_pdev_give(struct machine *m, uint32_t psbdf, struct domain *d)
{
    struct pdev *pdev = find_pdev(m, psbdf);

    if ( !pdev )
        return false;
    pdev->owner = d;
    return true;
}

int host_pdev_get(struct host *host, xen_viommu_sbdf_t psbdf,
                  struct host_pdev *pdev)
{
    const struct machine *m = host->machine;
    const struct pdev *found = find_pdev(host->machine, psbdf);

    if ( !found || m->unit[found->unit].domain >= 0 )
        return -XEN_ENODEV;
    pdev->source_id = found->source_id;
    pdev->owner = found->owner;
    pdev->unit = host_unit_index(&m->unit[found->unit]);
    return 0;
}

/* ---- interrupts of the guest ---- */

void inject_msi(struct domain *d, uint64_t address, uint32_t data)
{
    const struct machine_observer *o = &d->machine->control.observer;
    uint64_t key = 256 + d->index;

    touch(d->machine, MACHINE_INTERRUPT, key, key, true);
    if ( o->interrupt )
        o->interrupt(o->context, d, address, data);
}

void host_inject_msi(struct domain *d, paddr_t address, uint32_t data)
{
    host_call(d->machine, "inject_msi");
    others(d->machine, "inject_msi");
    inject_msi(d, address, data);
}

/* A wired interrupt has no address: the sink sees 0 and its number. */
void host_inject_virq(struct domain *d, unsigned int virq, bool level)
{
    (void)level;
    host_call(d->machine, "inject_virq");
    others(d->machine, "inject_virq");
    inject_msi(d, 0, virq);
}
