/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which points of coverage/vtd.points a unit meets: what happened, put into
 * the words of that list.  Nothing of it is left in builds that don't count.
 */
#ifndef MODELS_VTD_COVER_H
#define MODELS_VTD_COVER_H

#include "unit.h"

#include <coverage/cover.h>

static inline const char *cover_access(const struct request *request)
{
    static const char *const names[] = { [REQUEST_READ] = "read",
                                         [REQUEST_WRITE] = "write",
                                         [REQUEST_ATOMIC] = "atomic" };

    return names[request->access];
}

static inline const char *cover_granularity(enum granularity granularity)
{
    static const char *const names[] = {
        [GRANULARITY_RESERVED] = "reserved",
        [GRANULARITY_GLOBAL] = "global",
        [GRANULARITY_DOMAIN] = "domain",
        [GRANULARITY_SELECTIVE] = "selective"
    };

    return names[granularity];
}

/* ---- fault logging (7.2) ---- */

/* The kind of structure that a condition is about. */
static inline const char *cover_class(enum condition condition)
{
    return condition <= RTA_2 ? "rta" :
           condition <= LRT_3 ? "lrt" :
           condition <= LCT_5 ? "lct" :
           condition <= LGN_4 ? "lgn" :
                                "lsl";
}

/* What the log was like when a fault came. */
static inline const char *cover_log(const struct vtd *vtd, bool next_pending)
{
    uint32_t fsts = vtd->file[VTD_FSTS / 4];

    return fsts & FSTS_PFO ? "overflowed" :
           next_pending    ? "full" :
           fsts & FSTS_PPF ? "pending" :
                             "empty";
}

static inline void cover_fault(const struct vtd *vtd,
                               const struct request *request,
                               enum condition condition, bool next_pending)
{
    COVER("vtd.fault.%s", condition_name(condition));
    COVER("vtd.fault.log.%s.%s", cover_class(condition),
          cover_log(vtd, next_pending));
    COVER("vtd.frcd.%s", cover_access(request));
    if ( request->type <= REQUEST_TRANSLATED )
        COVER("vtd.frcd.at.%u", (unsigned int)request->type);
    if ( request->pasid != REQUEST_NO_PASID )
    {
        COVER("vtd.frcd.pp");
        COVER("vtd.frcd.exe.%d", request->execute);
        COVER("vtd.frcd.priv.%d", request->privileged);
    }
}

/* ---- events (7.3) ---- */

static inline void cover_event(uint32_t control, const char *what)
{
    COVER("vtd.event.%s.%s", control == VTD_FECTL ? "fault" : "invalidation",
          what);
}

/* ---- context entries (9.3), caches (6.2) ---- */

static inline void cover_context(const struct vtd *vtd,
                                 const struct context *context)
{
    uint32_t did = CONTEXT_DID(context->high);

    COVER("vtd.context.tt.%u", CONTEXT_TT(context->low));
    COVER("vtd.context.aw.%u", CONTEXT_AW(context->high));
    COVER("vtd.context.fpd.%d", (context->low & CONTEXT_FPD) != 0);
    COVER("vtd.context.did.%s", !did                 ? "0" :
                                did & ~vtd->did_mask ? "too-wide" :
                                did == vtd->did_mask ? "largest" :
                                                       "other");
    if ( context->low & CONTEXT_RESERVED_LOW )
        COVER("vtd.context.reserved.low");
    if ( context->high & CONTEXT_RESERVED_HIGH )
        COVER("vtd.context.reserved.high");
    if ( context->low & CONTEXT_SLPTPTR & ~vtd->haw_mask )
        COVER("vtd.context.reserved.haw.tt%u", CONTEXT_TT(context->low));
}

static inline void cover_lookup(const struct walk *walk, const char *cache,
                                bool hit)
{
    if ( walk->live && !walk->silent )
        COVER("vtd.cache.%s.%s.retention%u", cache, hit ? "hit" : "miss",
              (unsigned int)walk->vtd->config.iotlb.retention);
}

static inline void cover_config(const struct vtd_config *config)
{
    COVER("vtd.cap.nd.%u", CAP_ND(config->cap));
    COVER("vtd.cap.sagaw.%u", CAP_SAGAW(config->cap));
    COVER("vtd.cap.sllps.%u", CAP_SLLPS(config->cap));
    COVER("vtd.cap.cm%d", (config->cap & CAP_CM) != 0);
    COVER("vtd.ecap.qi%d", (config->ecap & ECAP_QI) != 0);
}

/* ---- paging entries (9.8) ---- */

static inline void cover_entry(uint64_t entry, unsigned int level,
                               uint32_t above)
{
    static const char *const rights[] = { "none", "r", "w", "rw" };

    COVER("vtd.sl.level%u.%s", level, rights[entry & (SL_R | SL_W)]);
    if ( entry & (SL_R | SL_W) & ~above )
        COVER("vtd.sl.rights-lost-above");
}

/* Why an entry is refused; other bits of it don't matter. */
static inline void cover_reserved(uint64_t reserved, unsigned int level,
                                  uint64_t above_haw)
{
    if ( reserved & above_haw )
        COVER("vtd.sl.reserved.level%u.haw", level);
    if ( reserved & (SL_PS | (SL_OFFSET_MASK(level) & SL_ADDR)) )
        COVER("vtd.sl.reserved.level%u.ps", level);
    if ( reserved & SL_SNP )
        COVER("vtd.sl.reserved.level%u.snp", level);
    if ( reserved & SL_TM )
        COVER("vtd.sl.reserved.level%u.tm", level);
}

/* ---- invalidation (6.5) ---- */

/* In which phases the requests are that an invalidation might concern. */
static inline void cover_inflight(const struct inflight *inflight,
                                  const char *what,
                                  enum granularity granularity)
{
    static const char *const phases[] = { [INFLIGHT_WALK] = "walk",
                                          [INFLIGHT_READ] = "read",
                                          [INFLIGHT_WRITE] = "write" };
    bool any = false;

    if ( !COVER_COUNTS )
        return;
    for ( unsigned int i = 0; i < inflight->slots; i++ )
    {
        if ( inflight->slot[i].phase == INFLIGHT_FREE )
            continue;
        any = true;
        COVER("vtd.cross.%s.%s.%s", what, cover_granularity(granularity),
              phases[inflight->slot[i].phase]);
    }
    if ( !any )
        COVER("vtd.cross.%s.%s.idle", what, cover_granularity(granularity));
}

/* The sizes that matter: one page, a 2 MiB page, a 1 GiB page, between. */
static inline const char *cover_am(unsigned int am, unsigned int mamv)
{
    return am > mamv ? "too-large" :
           !am       ? "0" :
           am < 9    ? "1-8" :
           am == 9   ? "9" :
           am < 18   ? "10-17" :
           am == 18  ? "18" :
                       "more";
}

static inline void cover_context_command(const char *by,
                                         const struct context_command *command)
{
    COVER("vtd.inv.context.%s.%s", by,
          cover_granularity(command->granularity));
    if ( command->granularity == GRANULARITY_SELECTIVE )
        COVER("vtd.inv.context.%s.fm.%u", by, command->fm);
}

static inline void cover_iotlb_command(const struct vtd *vtd, const char *by,
                                       const struct iotlb_command *command)
{
    COVER("vtd.inv.iotlb.%s.%s", by, cover_granularity(command->granularity));
    COVER("vtd.inv.iotlb.%s.drain.%s%s", by, command->drain_reads ? "r" : "-",
          command->drain_writes ? "w" : "-");
    if ( command->granularity != GRANULARITY_SELECTIVE )
        return;
    COVER("vtd.inv.iotlb.%s.ih.%d", by, command->ih);
    COVER("vtd.inv.iotlb.%s.am.%s", by,
          cover_am(command->am, CAP_MAMV(vtd->config.cap)));
    if ( !(vtd->config.cap & CAP_PSI) )
        COVER("vtd.inv.iotlb.%s.without-psi", by);
}

/* ---- registers (11.4) ---- */

static inline void cover_written(const char *name, unsigned int width,
                                 uint64_t lanes, bool locked)
{
    const char *half = width == 4         ? "" :
                       !(lanes >> 32)     ? ".low" :
                       lanes & UINT32_MAX ? ".both" :
                                            ".high";

    COVER("vtd.reg.%s.write%s", name, half);
    if ( locked )
        COVER("vtd.reg.%s.locked", name);
}

static inline void cover_size(const char *access, uint32_t offset,
                              unsigned int size)
{
    if ( size )
        COVER("vtd.mmio.%s.%u.%s", access, size,
              offset % size ? "odd" : "aligned");
}

static inline void cover_gcmd(const struct vtd *vtd, uint32_t command)
{
    uint32_t gsts = vtd->file[VTD_GSTS / 4];

    if ( command & GCMD_SRTP )
        COVER("vtd.gcmd.srtp.te%d.esrtps%d", vtd->translating,
              (vtd->config.cap & CAP_ESRTPS) != 0);
    if ( (command ^ gsts) & GCMD_TE )
        COVER("vtd.gcmd.te.%d", (command & GCMD_TE) != 0);
    if ( (command ^ gsts) & GCMD_QIE )
        COVER("vtd.gcmd.qie.%d", (command & GCMD_QIE) != 0);
    if ( !((command ^ gsts) & (GCMD_TE | GCMD_QIE)) && !(command & GCMD_SRTP) )
        COVER("vtd.gcmd.nothing");
}

#endif /* MODELS_VTD_COVER_H */
