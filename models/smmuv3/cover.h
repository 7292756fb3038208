/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which points of coverage/smmuv3.points a unit meets: what happened, put into
 * the words of that list.  Nothing of it is left in builds that don't count.
 */
#ifndef MODELS_SMMUV3_COVER_H
#define MODELS_SMMUV3_COVER_H

#include "unit.h"

#include <coverage/cover.h>

/* ---- events (7) ---- */

static inline const char *cover_class(enum event_class class)
{
    return class == CLASS_CD ? "cd" : class == CLASS_TT ? "tt" : "in";
}

static inline void cover_event(const struct walk *walk, bool suppressed)
{
    static const char *const access[] = { [REQUEST_READ] = "read",
                                          [REQUEST_WRITE] = "write",
                                          [REQUEST_ATOMIC] = "atomic" };
    const struct fault *fault = &walk->fault;

    COVER("smmuv3.event.%s.%s", smmu_event_name(fault->event),
          suppressed ? "suppressed" : "due");
    if ( suppressed )
        return;
    COVER("smmuv3.event.ssv%d", walk->request->pasid != REQUEST_NO_PASID);
    if ( !smmu_event_is_translation_fault(fault->event) &&
         fault->event != F_WALK_EABT )
        return;
    COVER("smmuv3.event.%s.stage%d.%s", smmu_event_name(fault->event),
          fault->s2 ? 2 : 1, cover_class(fault->class));
    COVER("smmuv3.event.access.%s.%s%s", access[walk->request->access],
          walk->privileged ? "privileged" : "user",
          walk->execute ? ".instruction" : "");
}

/* ---- invalidation (3.21, 4.7.3) ---- */

/* In which phases the requests are that an invalidation concerns. */
static inline void cover_owed(const struct inflight *inflight,
                              const char *what, const struct inflight_set *set)
{
    static const char *const phases[] = { [INFLIGHT_WALK] = "walk",
                                          [INFLIGHT_READ] = "read",
                                          [INFLIGHT_WRITE] = "write" };

    if ( !COVER_COUNTS )
        return;
    if ( !set->mask )
        COVER("smmuv3.cross.%s.idle", what);
    for ( unsigned int i = 0; i < inflight->slots; i++ )
        if ( (set->mask >> i & 1) && inflight->slot[i].phase )
            COVER("smmuv3.cross.%s.%s", what, phases[inflight->slot[i].phase]);
}

/* ---- commands (4) ---- */

static inline void cover_range(const uint64_t command[2],
                               const struct tlb_scope *scope)
{
    unsigned int op = (unsigned int)COMMAND_OPCODE(command[0]);

    COVER("smmuv3.cmd.%02x.leaf%d", op, scope->leaf_only);
    if ( !scope->granule )
    {
        COVER("smmuv3.cmd.%02x.single", op);
        return;
    }
    COVER("smmuv3.cmd.%02x.range.granule%u", op, scope->granule);
    COVER("smmuv3.tlbi.granule%u.ttl%u", scope->granule,
          (unsigned int)COMMAND_TTL(command[1]));
    COVER("smmuv3.tlbi.scale.%s", !COMMAND_SCALE(command[0])     ? "0" :
                                  COMMAND_SCALE(command[0]) < 20 ? "small" :
                                                                   "large");
    COVER("smmuv3.tlbi.num.%s",
          !COMMAND_NUM(command[0])                                ? "0" :
          COMMAND_NUM(command[0]) & (COMMAND_NUM(command[0]) + 1) ? "odd" :
                                                                    "power");
}

/* ---- tables (3.4) ---- */

static inline void cover_leaf(const struct walk *walk,
                              const struct tables *tables)
{
    COVER("smmuv3.walk.stage%d.granule%u.leaf%u%s", tables->s2 ? 2 : 1,
          tables->granule, tables->level,
          !tables->s2 && walk->stage2 ? ".nested" : "");
}

static inline void cover_walk_fault(const struct tables *tables,
                                    enum event event)
{
    COVER("smmuv3.walk.stage%d.level%u.%s", tables->s2 ? 2 : 1, tables->level,
          smmu_event_name(event));
}

/* ---- TLBs (3.17) ---- */

static inline void cover_lookup(const struct walk *walk, bool micro)
{
    static const char *const regimes[] = { [REGIME_EL1] = "el1",
                                           [REGIME_EL2] = "el2",
                                           [REGIME_EL2_E2H] = "el2-e2h",
                                           [REGIME_STAGE2] = "stage2" };

    if ( walk->live && !walk->silent )
        COVER("smmuv3.tlb.%s.%s", regimes[walk->regime],
              micro     ? "micro" :
              walk->hit ? "main" :
                          "miss");
}

/* ---- registers (6) ---- */

static inline void cover_written(const char *name, unsigned int width,
                                 uint64_t lanes, bool guarded)
{
    const char *half = width == 4         ? "" :
                       !(lanes >> 32)     ? ".low" :
                       lanes & UINT32_MAX ? ".both" :
                                            ".high";

    COVER("smmuv3.reg.%s.write%s", name, half);
    if ( guarded )
        COVER("smmuv3.reg.%s.guarded", name);
}

static inline void cover_size(const char *access, uint32_t offset,
                              unsigned int size)
{
    if ( size )
        COVER("smmuv3.mmio.%s.%u.%s", access, size,
              offset % size ? "odd" : "aligned");
}

#endif /* MODELS_SMMUV3_COVER_H */
