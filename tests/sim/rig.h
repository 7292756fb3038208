/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A platform with one unit over plain memory, in a process of its own: a
 * device that makes a number of requests, a processor that may do something.
 */
#ifndef TESTS_SIM_RIG_H
#define TESTS_SIM_RIG_H

#include <sim/platform.h>

#include <stdio.h> /* for cmocka */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RIG_PAGES 64u

struct rig {
    struct timing timing;
    enum platform_style style;
    uint64_t quantum;
    enum platform_unit unit;
    bool misses;           /* the caches of translations are off */
    unsigned int channels; /* of the device */
    uint64_t gap;          /* cycles */
    unsigned int burst;
    uint64_t requests; /* 0: until the processor ends */
    unsigned int size; /* bytes of each */
    enum request_access access;
    const char *trace, *wave;
    /* On the processor's thread; NULL: wait for the requests. */
    void (*program)(struct platform *p, struct rig *rig);

    /* What it gave. */
    struct platform_stats stats;
    uint64_t value[4]; /* the program's */
    uint64_t issued, done;
};

/* Approximately timed, VT-d, one channel, hits, reads of 64 bytes. */
void rig_default(struct rig *rig);
/* Fails the test if the simulation does not end well. */
void rig_run(struct rig *rig);

#endif /* TESTS_SIM_RIG_H */
