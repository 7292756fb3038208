/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The yielding implementation of the port. */
#include <explore/port_yield.h>

static const struct port *before(void *world, enum port_resource_kind kind,
                                 uint64_t address, unsigned int len)
{
    const struct port_yield *wrapper = world;
    const struct port_resource resource = { kind, address, len };

    wrapper->yield(wrapper->context, &resource);
    return wrapper->inner;
}

static bool yielding_read(void *world, uint64_t address, void *buffer,
                          unsigned int len, unsigned int atom)
{
    const struct port *inner = before(world, PORT_MEMORY_READ, address, len);

    return port_read(inner, address, buffer, len, atom);
}

static bool yielding_write(void *world, uint64_t address, const void *buffer,
                           unsigned int len, unsigned int atom)
{
    const struct port *inner = before(world, PORT_MEMORY_WRITE, address, len);

    return port_write(inner, address, buffer, len, atom);
}

static bool yielding_cmpxchg(void *world, uint64_t address, void *expected,
                             const void *desired, unsigned int len,
                             bool *swapped)
{
    const struct port *inner = before(world, PORT_MEMORY_WRITE, address, len);

    return port_cmpxchg(inner, address, expected, desired, len, swapped);
}

static void yielding_msi(void *world, uint64_t address, uint32_t data)
{
    port_msi(before(world, PORT_INTERRUPT, address, 0), address, data);
}

static void yielding_wire(void *world, unsigned int line, bool level)
{
    port_wire(before(world, PORT_INTERRUPT, line, 0), line, level);
}

static void yielding_spend(void *world, unsigned int cycles, enum cost what)
{
    const struct port_yield *wrapper = world;

    wrapper->inner->ops->spend(wrapper->inner->world, cycles, what);
}

static void yielding_relax(void *world)
{
    port_relax(before(world, PORT_WAIT, 0, 0));
}

static const struct port_ops yielding_port = {
    .read = yielding_read,
    .write = yielding_write,
    .cmpxchg = yielding_cmpxchg,
    .msi = yielding_msi,
    .wire = yielding_wire,
    .spend = yielding_spend,
    .relax = yielding_relax,
};

const struct port *port_yield_init(struct port_yield *wrapper)
{
    wrapper->port = (struct port) { .ops = &yielding_port, .world = wrapper };
    return &wrapper->port;
}
