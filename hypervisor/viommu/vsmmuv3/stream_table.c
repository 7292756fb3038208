/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's stream table (3.3.1, 5.1, 5.2): where the STE of a StreamID is,
 * and what it says.  Each word is read once.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

#define SPLIT_DEFAULT 6u

/* Bits of an address that a table of 2^@log2 bytes ignores. */
static paddr_t aligned(paddr_t address, unsigned int log2)
{
    return log2 < 64 ? address & ~((UINT64_C(1) << log2) - 1) : 0;
}

static void blocked(struct vsmmuv3_stream *stream, unsigned int event,
                    paddr_t fetch)
{
    stream->kind = VSMMUV3_STREAM_FAULT;
    stream->event = event;
    stream->fetch = fetch;
}

/* ---- where the STE is --------------------------------------------------- */

/* Reserved values of SPLIT behave as 6 (6.3.25). */
static unsigned int split_of(uint64_t cfg)
{
    unsigned int split = SMMU_STRTAB_BASE_CFG_SPLIT(cfg);

    return split == 8 || split == 10 ? split : SPLIT_DEFAULT;
}

static unsigned int log2size(const struct vsmmuv3 *v)
{
    return SMMU_STRTAB_BASE_CFG_LOG2SIZE(v->reg[VSMMUV3_R_STRTAB_BASE_CFG]);
}

/* The effective LOG2SIZE is at most SIDSIZE (6.3.25). */
static unsigned int sid_bits(const struct vsmmuv3 *v)
{
    unsigned int sidsize = SMMU_IDR1_SIDSIZE(v->config.idr1);

    return log2size(v) < sidsize ? log2size(v) : sidsize;
}

/* The base is aligned by the literal LOG2SIZE (6.3.24). */
static paddr_t table_base(const struct vsmmuv3 *v, unsigned int log2)
{
    return aligned(v->reg[VSMMUV3_R_STRTAB_BASE] & SMMU_STRTAB_BASE_ADDR,
                   log2);
}

/* Through the level 1 descriptor (5.1).  0, or the number of the event. */
static unsigned int locate_2level(struct vsmmuv3 *v, uint32_t sid,
                                  paddr_t *address)
{
    unsigned int split = split_of(v->reg[VSMMUV3_R_STRTAB_BASE_CFG]);
    unsigned int log2 = log2size(v);
    uint32_t index = sid & ((UINT32_C(1) << split) - 1);
    unsigned int span;
    uint64_t l1std;

    /* 2^(LOG2SIZE - SPLIT) descriptors of 8 bytes, of which 8 fill the 64
     * bytes that the base is aligned to at least. */
    *address = table_base(v, log2 > split + 3 ? log2 - split + 3 : 6) +
               (uint64_t)(sid >> split) * SMMU_L1STD_SIZE;
    if ( host_guest_read64(v->viommu.vd->d, *address, &l1std) )
        return SMMU_F_STE_FETCH;
    span = SMMU_L1STD_SPAN(l1std);
    /* Span 0: no table; more than SPLIT + 1: reserved, taken as none. */
    if ( !span || span > split + 1 || index >> (span - 1) )
        return SMMU_C_BAD_STREAMID;
    *address = aligned(l1std & SMMU_L1STD_L2PTR, span - 1 + 6) +
               (uint64_t)index * SMMU_STE_SIZE;
    return 0;
}

static unsigned int locate(struct vsmmuv3 *v, uint32_t sid, paddr_t *address)
{
    uint64_t cfg = v->reg[VSMMUV3_R_STRTAB_BASE_CFG];

    *address = 0;
    if ( (uint64_t)sid >> sid_bits(v) )
        return SMMU_C_BAD_STREAMID;
    if ( SMMU_IDR0_ST_LEVEL(v->config.idr0) &&
         SMMU_STRTAB_BASE_CFG_FMT(cfg) == SMMU_STRTAB_2LEVEL )
        return locate_2level(v, sid, address);
    *address = table_base(v, log2size(v) + 6) + (uint64_t)sid * SMMU_STE_SIZE;
    return 0;
}

/* ---- what it says ------------------------------------------------------- */

/* Effective S1CDMax: ignored where there are no substreams. */
static unsigned int cdmax_of(const struct vsmmuv3 *v, const uint64_t ste[2])
{
    return SMMU_IDR1_SSIDSIZE(v->config.idr1) ? SMMU_STE0_S1CDMAX(ste[0]) : 0;
}

/* The fields of stage 1 for this unit, which never stalls (5.2).  STRW is RES0
 * without EL2; S1Fmt and S1DSS count with substreams only. */
static bool stage1_legal(const struct vsmmuv3 *v, const uint64_t ste[2])
{
    unsigned int cdmax = cdmax_of(v, ste);

    /* Split-stage ATS needs stage 2. */
    if ( (v->config.idr0 & SMMU_IDR0_ATS) &&
         SMMU_STE1_EATS(ste[1]) > SMMU_EATS_FULL )
        return false;
    if ( (ste[1] & SMMU_STE1_S1STALLD) ||
         (ste[0] & SMMU_STE0_S1CONTEXTPTR & ~vsmmuv3_oas_mask(v)) ||
         cdmax > SMMU_IDR1_SSIDSIZE(v->config.idr1) )
        return false;
    return !cdmax || SMMU_STE0_S1FMT(ste[0]) == SMMU_S1FMT_LINEAR ||
           (v->config.idr0 & SMMU_IDR0_CD2L);
}

/* "Use incoming" for values that are reserved or may not be used. */
static uint64_t override(const struct vsmmuv3 *v, uint64_t word, uint64_t mask,
                         unsigned int low)
{
    return (v->config.idr1 & SMMU_IDR1_ATTR_PERMS_OVR) &&
                   (word & mask) >> low >= 2 ?
               word & mask :
               0;
}

static uint64_t overrides(const struct vsmmuv3 *v, uint64_t word)
{
    return override(v, word, SMMU_STE1_PRIVCFG_MASK, 48) |
           override(v, word, SMMU_STE1_INSTCFG_MASK, 50);
}

/* What hardware gets to see of the guest's words; all the rest is 0. */
static void allow(const struct vsmmuv3 *v, const uint64_t ste[2],
                  uint64_t allowed[2])
{
    allowed[0] = SMMU_STE0_V | SMMU_STE0_CONFIG_PUT(SMMU_STE_CONFIG_S1) |
                 (ste[0] & SMMU_STE0_S1CONTEXTPTR);
    allowed[1] = (ste[1] & (SMMU_STE1_S1CIR_MASK | SMMU_STE1_S1COR_MASK |
                            SMMU_STE1_S1CSH_MASK)) |
                 overrides(v, ste[1]);
    if ( !cdmax_of(v, ste) )
        return;
    /* Reserved values act as 0. */
    allowed[0] |= ste[0] & SMMU_STE0_S1CDMAX_MASK;
    if ( SMMU_STE0_S1FMT(ste[0]) <= SMMU_S1FMT_64K_L2 )
        allowed[0] |= ste[0] & SMMU_STE0_S1FMT_MASK;
    if ( SMMU_STE1_S1DSS(ste[1]) <= SMMU_S1DSS_SSID0 )
        allowed[1] |= ste[1] & SMMU_STE1_S1DSS_MASK;
}

static void decode(const struct vsmmuv3 *v, const uint64_t ste[2],
                   struct vsmmuv3_stream *stream)
{
    unsigned int config = SMMU_STE0_CONFIG(ste[0]);

    if ( !(ste[0] & SMMU_STE0_V) || config > SMMU_STE_CONFIG_S1 )
        blocked(stream, SMMU_C_BAD_STE, 0);
    else if ( config < SMMU_STE_CONFIG_BYPASS )
        stream->kind = VSMMUV3_STREAM_ABORT;
    else if ( config == SMMU_STE_CONFIG_BYPASS )
    {
        stream->kind = VSMMUV3_STREAM_BYPASS;
        stream->ste[0] = SMMU_STE0_V |
                         SMMU_STE0_CONFIG_PUT(SMMU_STE_CONFIG_BYPASS);
        stream->ste[1] = overrides(v, ste[1]);
    }
    else if ( !stage1_legal(v, ste) )
        blocked(stream, SMMU_C_BAD_STE, 0);
    else
    {
        stream->kind = VSMMUV3_STREAM_STAGE1;
        stream->ats = (v->config.idr0 & SMMU_IDR0_ATS) &&
                      SMMU_STE1_EATS(ste[1]) == SMMU_EATS_FULL;
        allow(v, ste, stream->ste);
    }
}

/*
 * What is to become of the DMA of @sid.  Of an STE the first two words say it
 * all, without stage 2; they are read with one access.
 */
void vsmmuv3_stream_read(struct vsmmuv3 *v, uint32_t sid,
                         struct vsmmuv3_stream *stream)
{
    unsigned int event;
    uint64_t ste[2];
    paddr_t address;

    *stream = (struct vsmmuv3_stream) { .kind = VSMMUV3_STREAM_OFF };
    if ( !v->enabled )
    {
        if ( v->abort )
            stream->kind = VSMMUV3_STREAM_ABORT;
        return;
    }
    event = locate(v, sid, &address);
    if ( !event && host_guest_read128(v->viommu.vd->d, address, ste) )
        event = SMMU_F_STE_FETCH;
    if ( event )
        blocked(stream, event, address);
    else
        decode(v, ste, stream);
}
