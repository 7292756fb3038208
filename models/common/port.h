/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port: how a model of a physical IOMMU reaches the world.
 *
 * The same model code runs untimed (the port is plain memory), interleaved
 * (the port yields to the explorer before each access) and timed (the port is
 * a bus transaction and a wait).  Any other activity may therefore happen
 * inside a port call: another request's walk, an invalidation, a register
 * write.  No pointer into a cache, and no copy of a register that the model
 * acts upon later, survives a port call.
 */
#ifndef MODELS_COMMON_PORT_H
#define MODELS_COMMON_PORT_H

#include <common/cost.h>

#include <stdbool.h>
#include <stdint.h>

/* State of a unit that several of its activities look at. */
enum port_state {
    PORT_REGISTER, /* a byte of a register, or of what is latched of one */
    PORT_CACHE,    /* an entry of a cache, by cache and key */
    PORT_SLOT,     /* a request in flight */
};

struct port_ops {
    /*
     * Read or write @len bytes, 1 to 64, at host-physical @address.  Every
     * naturally aligned piece of @atom bytes (1, 2, 4, 8 or 16; divides @len)
     * is single-copy atomic, pieces may be separated in time.  False: the bus
     * aborted the access; a read buffer is then undefined, and a write has had
     * no effect on the piece that failed and on those after it.
     */
    bool (*read)(void *world, uint64_t address, void *buffer, unsigned int len,
                 unsigned int atom);
    bool (*write)(void *world, uint64_t address, const void *buffer,
                  unsigned int len, unsigned int atom);

    /*
     * Compare-exchange of 4, 8 or 16 aligned bytes.  *swapped tells whether
     * @desired was stored; if not, @expected receives what was there.  False:
     * the bus aborted the access.
     */
    bool (*cmpxchg)(void *world, uint64_t address, void *expected,
                    const void *desired, unsigned int len, bool *swapped);

    /* A message-signalled interrupt of the unit itself. */
    void (*msi)(void *world, uint64_t address, uint32_t data);

    /* A wired interrupt of the unit: an edge if !level, else its new level. */
    void (*wire)(void *world, unsigned int line, bool level);

    /* The model has used @cycles for @what. */
    void (*spend)(void *world, unsigned int cycles, enum cost what);

    /* The model waits for something that another activity must do. */
    void (*relax)(void *world);

    /*
     * The model looks at, or changes, [first, last] of its own @state: what
     * two activities do between port calls may change places unless they
     * touch the same, one of them to write.  NULL: nobody wants to know.
     */
    void (*touch)(void *world, enum port_state state, uint64_t first,
                  uint64_t last, bool write);
};

struct port {
    const struct port_ops *ops;
    void *world;
};

static inline bool port_read(const struct port *port, uint64_t address,
                             void *buffer, unsigned int len, unsigned int atom)
{
    return port->ops->read(port->world, address, buffer, len, atom);
}

static inline bool port_write(const struct port *port, uint64_t address,
                              const void *buffer, unsigned int len,
                              unsigned int atom)
{
    return port->ops->write(port->world, address, buffer, len, atom);
}

static inline bool port_cmpxchg(const struct port *port, uint64_t address,
                                void *expected, const void *desired,
                                unsigned int len, bool *swapped)
{
    return port->ops->cmpxchg(port->world, address, expected, desired, len,
                              swapped);
}

static inline void port_msi(const struct port *port, uint64_t address,
                            uint32_t data)
{
    port->ops->msi(port->world, address, data);
}

static inline void port_wire(const struct port *port, unsigned int line,
                             bool level)
{
    port->ops->wire(port->world, line, level);
}

static inline void port_spend(const struct port *port,
                              const struct cost_table *table, enum cost what)
{
    port->ops->spend(port->world, table->cycles[what], what);
}

static inline void port_relax(const struct port *port)
{
    port->ops->relax(port->world);
}

static inline void port_touch(const struct port *port, enum port_state state,
                              uint64_t first, uint64_t last, bool write)
{
    if ( port->ops && port->ops->touch )
        port->ops->touch(port->world, state, first, last, write);
}

#endif /* MODELS_COMMON_PORT_H */
