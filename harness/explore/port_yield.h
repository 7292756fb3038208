/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The yielding port: another port, with a call before each access that names
 * what is about to be touched.  The explorer switches actors there.
 */
#ifndef HARNESS_EXPLORE_PORT_YIELD_H
#define HARNESS_EXPLORE_PORT_YIELD_H

#include <common/port.h>

enum port_resource_kind {
    PORT_MEMORY_READ,
    PORT_MEMORY_WRITE, /* compare-exchange too: it may write */
    PORT_INTERRUPT,    /* message or wire */
    PORT_WAIT,         /* relax: somebody else has to run */
};

struct port_resource {
    enum port_resource_kind kind;
    uint64_t address; /* memory, message; wire: its number */
    unsigned int len; /* bytes, memory only */
};

struct port_yield {
    const struct port *inner;
    void (*yield)(void *context, const struct port_resource *resource);
    void *context;
    struct port port;
};

/* Fill in the first three; the result is &wrapper->port, to be used as long as
 * the wrapper lives.  Time passes through: spend() does not yield. */
const struct port *port_yield_init(struct port_yield *wrapper);

#endif /* HARNESS_EXPLORE_PORT_YIELD_H */
