/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the machine share: small machines, and an observer that
 * writes down what it is told. */
#ifndef TESTS_MACHINE_SUPPORT_H
#define TESTS_MACHINE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <host.h>
#include <machine/machine.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum event_kind {
    EVENT_STORE,
    EVENT_UNIT_STORE,
    EVENT_INTERRUPT,
    EVENT_P2M,
    EVENT_VIOLATION
};

struct event {
    enum event_kind kind;
    enum writer who;
    struct domain *d;
    uint64_t address, old, value;
    char text[160];
};

#define EVENTS_MAX 64
struct recorder {
    unsigned int count;
    struct event event[EVENTS_MAX];
};

struct machine_observer recorder_observer(struct recorder *recorder);

/* Violations of @property whose message contains @text. */
unsigned int recorder_violations(const struct recorder *recorder,
                                 const char *property, const char *text);

/* Domain 0 with RAM [0, ram), a ROM page at 0xf0000, a hole at [0xa0000,
 * 0xc0000), MMIO at 0xd0000 (one page). */
struct machine_config small_config(enum p2m_shape shape, uint64_t ram);

/* A machine like that, watched. */
struct machine *small_machine(enum p2m_shape shape, struct recorder *recorder);

/* The same as a test's state. */
struct small {
    struct recorder recorder;
    struct machine *m;
    struct host *host;
    struct domain *d;
};

int small_setup(void **state, enum p2m_shape shape);
int small_teardown(void **state);

#endif /* TESTS_MACHINE_SUPPORT_H */
