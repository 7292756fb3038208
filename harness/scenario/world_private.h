/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the world_*.c. */
#ifndef HARNESS_SCENARIO_WORLD_PRIVATE_H
#define HARNESS_SCENARIO_WORLD_PRIVATE_H

#include <scenario/world.h>

void world_events_put(struct world_events *events, uint64_t address,
                      uint32_t data);

/* Time passes for it, unless an oracle looks. */
void world_step(struct world_domain *wd, enum world_step step);

/* Tell the vIOMMU of the change of the p2m that it does not know of yet. */
void world_p2m_settle(struct world_domain *wd);

/* What a DMA became, for world->outcomes. */
void world_add_outcome(struct world *world, uint64_t what);

/* ---- world_vdev.c ---- */

bool world_is_copy(const struct world *world, uint64_t gpa, const void *data,
                   size_t len);
/* Device models that answer by themselves; false: there was nothing. */
bool world_dms_answer(struct world *world);

/* ---- world_activities.c ---- */

/* The guest has looked at its unit: what it saw may be that something is
 * complete. */
void world_looked(struct world_domain *wd);

/* What is legal depends on when this happens. */
void world_touch_ledger(struct world_domain *wd, bool write);

/* A word is stored that the oracle may have looked at. */
void world_store_judged(struct world_domain *wd, uint64_t gpa);
void world_page_look(struct world_domain *wd, uint64_t gpa);

/* Around what may complete an invalidation. */
uint64_t world_completions(const struct world_domain *wd);
void world_completed(struct world_domain *wd, uint64_t before);

/* ---- world_oracle.c ---- */

/* See struct dut_ops; UINT64_MAX: it may change at any time. */
uint64_t world_entries(const struct world *world);

/* The oracle of a domain's unit; NULL or why it can't judge such a unit. */
const char *world_create_oracle(struct world_domain *wd, const uint64_t *id);
/* As the oracle calls it. */
enum oracle_memory world_memory_of(enum region_type type);

/* ---- world_snapshot.c ---- */

/* Is it a virtual device of that device model? */
bool world_is_model_of(const struct world_device *device,
                       const struct world_domain *wd, unsigned int dm);

/* Give up what world_snapshot() has saved. */
void world_forget(struct world *world);

/* An oracle looks: meanwhile nobody may interfere.  Nests. */
void world_observe(struct world *world, bool on);

#endif /* HARNESS_SCENARIO_WORLD_PRIVATE_H */
