/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * umbra sim --rtl: the Verilated units (models/rtl) in the platform.
 *
 * In a request that the RTL can serve, it does the lookup and the walk, on its
 * own clock.  The C model goes the same way at no cost of its own and reads
 * through the platform's port; the RTL must want the same words, gets them
 * when memory has answered, and must give the same answer.  The cycles of its
 * clock are what is charged.  Invalidations reach both.
 *
 * The linker wraps a few functions of the models (sim/CMakeLists.txt): without
 * beside_begin() they do nothing else.
 */
#ifndef SIM_BESIDE_H
#define SIM_BESIDE_H

#include <sim/sim.h>

/* Has this build the RTL? */
bool beside_built(void);

/*
 * From now on units are made with the caches that the RTL has.  @timing gets
 * its geometry and the cost of its lookup.  One at a time in a process.
 */
void beside_begin(struct timing *timing);
void beside_end(void);

/* The port for the model of a unit, around the platform's; in simulated time.
 * @unit < PLATFORM_MAX_UNITS. */
const struct port *beside_port(struct platform *platform, unsigned int unit,
                               const struct port *port);
void beside_result(struct sim_rtl *result);
/* Once time has begun: waves of what is inside, FST, a file a unit: of all but
 * the first with the unit's number in its name.  False: can't be written. */
bool beside_waves(const char *file);

#endif /* SIM_BESIDE_H */
