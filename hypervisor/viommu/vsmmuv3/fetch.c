/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FetchAddr of F_CD_FETCH and F_WALK_EABT (7.3).  When stage 2 has no memory
 * for a structure of the guest, hardware tells the page that it wanted; on the
 * guest's unit the same access would have been aborted, and the event told the
 * address.  The rest of it follows from what the access was for.
 */
#include <viommu/vsmmuv3/vsmmuv3.h>

#define PAGE_OFFSET (PAGE_SIZE - 1)

#define TABLE (SMMU_TTD_VALID | SMMU_TTD_TABLE)

#define CD_LOG2 6u
_Static_assert(SMMU_CD_SIZE == 1u << CD_LOG2, "one entry");

#define TXSZ_MIN 16u
#define TXSZ_MAX 39u

static paddr_t low_cleared(paddr_t address, unsigned int bits)
{
    return address & ~((UINT64_C(1) << bits) - 1);
}

static unsigned int at_least(unsigned int value, unsigned int least)
{
    return value > least ? value : least;
}

/* ---- context descriptors ------------------------------------------------ */

/* SubstreamID bits that a leaf of a two-level table is indexed with; 0: the
 * table is linear. */
unsigned int vsmmuv3_cd_leaf_bits(const struct vsmmuv3_stream *stream)
{
    switch ( SMMU_STE0_S1FMT(stream->ste[0]) )
    {
    case SMMU_S1FMT_4K_L2:
        return 6;
    case SMMU_S1FMT_64K_L2:
        return 10;
    default:
        return 0;
    }
}

/* Of the first descriptor that is read: L1CD or CD.  Tables are aligned to
 * their size. */
paddr_t vsmmuv3_cd_first(const struct vsmmuv3_stream *stream, uint32_t ssid)
{
    paddr_t base = stream->ste[0] & SMMU_STE0_S1CONTEXTPTR;
    unsigned int cdmax = SMMU_STE0_S1CDMAX(stream->ste[0]);
    unsigned int leaf = vsmmuv3_cd_leaf_bits(stream);

    if ( !cdmax )
        return base;
    if ( !leaf )
        return low_cleared(base, cdmax + 6) + (uint64_t)ssid * SMMU_CD_SIZE;
    return low_cleared(base,
                       at_least(cdmax > leaf ? cdmax - leaf + 3 : 0, 6)) +
           (uint64_t)(ssid >> leaf) * SMMU_L1CD_SIZE;
}

static paddr_t cd_offset(const struct vsmmuv3_stream *stream, uint32_t ssid)
{
    uint32_t index = ssid &
                     ((UINT32_C(1) << vsmmuv3_cd_leaf_bits(stream)) - 1);

    return (uint64_t)index * SMMU_CD_SIZE;
}

/* A leaf is aligned to its size. */
paddr_t vsmmuv3_cd_below(const struct vsmmuv3_stream *stream, uint64_t l1cd,
                         uint32_t ssid)
{
    return low_cleared(l1cd & SMMU_L1CD_L2PTR,
                       vsmmuv3_cd_leaf_bits(stream) + CD_LOG2) +
           cd_offset(stream, ssid);
}

bool vsmmuv3_cd_is_in(const struct vsmmuv3 *v,
                      const struct vsmmuv3_stream *stream, uint32_t ssid,
                      paddr_t page)
{
    paddr_t first = vsmmuv3_cd_first(stream, ssid);
    uint64_t l1cd;

    if ( low_cleared(first, PAGE_SHIFT) == page )
        return true;
    return vsmmuv3_cd_leaf_bits(stream) &&
           !host_guest_read64(v->viommu.vd->d, first, &l1cd) &&
           low_cleared(vsmmuv3_cd_below(stream, l1cd, ssid), PAGE_SHIFT) ==
               page;
}

paddr_t vsmmuv3_cd_address(const struct vsmmuv3_stream *stream, uint32_t ssid,
                           paddr_t page)
{
    paddr_t first = vsmmuv3_cd_first(stream, ssid);

    if ( page == VSMMUV3_NO_PAGE || !vsmmuv3_cd_leaf_bits(stream) ||
         low_cleared(first, PAGE_SHIFT) == page )
        return first;
    return page | (cd_offset(stream, ssid) & PAGE_OFFSET);
}

/* ---- stage 1 tables ----------------------------------------------------- */

bool vsmmuv3_cd_read(const struct vsmmuv3 *v,
                     const struct vsmmuv3_stream *stream, uint32_t ssid,
                     struct vsmmuv3_cd *cd)
{
    struct domain *d = v->viommu.vd->d;
    paddr_t address = vsmmuv3_cd_first(stream, ssid);
    uint64_t l1cd;

    if ( vsmmuv3_cd_leaf_bits(stream) )
    {
        if ( host_guest_read64(d, address, &l1cd) )
            return false;
        address = vsmmuv3_cd_below(stream, l1cd, ssid);
    }
    return !host_guest_read128(d, address, cd->word) &&
           !host_guest_read128(d, address + 16, cd->word + 2);
}

paddr_t vsmmuv3_cd_table(const struct vsmmuv3_cd *cd, uint64_t input)
{
    return cd->word[input & VSMMUV3_VA_UPPER ? 2 : 1] & SMMU_CD_TTB;
}

/* TG0 and TG1 are coded differently; 0: reserved. */
static unsigned int granule_of(const struct vsmmuv3_cd *cd, bool upper)
{
    static const uint8_t tg0[] = { 12, 16, 14, 0 }, tg1[] = { 0, 14, 12, 16 };

    return upper ? tg1[SMMU_CD0_TG1(cd->word[0])] :
                   tg0[SMMU_CD0_TG0(cd->word[0])];
}

/* Lowest bit of the input that indexes a table of @level. */
static unsigned int shift_at(const struct vsmmuv3_walk *walk,
                             unsigned int level)
{
    return walk->granule + (VSMMUV3_LAST_LEVEL - level) * (walk->granule - 3);
}

bool vsmmuv3_walk_begin(struct vsmmuv3_walk *walk, const struct vsmmuv3_cd *cd,
                        uint64_t input)
{
    bool upper = input & VSMMUV3_VA_UPPER;
    unsigned int txsz = upper ? SMMU_CD0_T1SZ(cd->word[0]) :
                                SMMU_CD0_T0SZ(cd->word[0]);

    walk->granule = granule_of(cd, upper);
    if ( !walk->granule || txsz < TXSZ_MIN || txsz > TXSZ_MAX )
        return false;
    walk->size = 64 - txsz;
    walk->input = input & ((UINT64_C(1) << walk->size) - 1);
    walk->level = VSMMUV3_LAST_LEVEL;
    while ( walk->level && shift_at(walk, walk->level - 1) < walk->size )
        walk->level--;
    walk->bits = walk->size - shift_at(walk, walk->level);
    walk->table = low_cleared(vsmmuv3_cd_table(cd, input), walk->bits + 3);
    return true;
}

paddr_t vsmmuv3_walk_entry(const struct vsmmuv3_walk *walk)
{
    uint64_t index = walk->input >> shift_at(walk, walk->level);

    return walk->table + (index & ((UINT64_C(1) << walk->bits) - 1)) * 8;
}

uint64_t vsmmuv3_walk_span(const struct vsmmuv3_walk *walk)
{
    return (UINT64_C(1) << shift_at(walk, walk->level)) - 1;
}

bool vsmmuv3_walk_is_table(const struct vsmmuv3_walk *walk, uint64_t entry)
{
    return walk->level != VSMMUV3_LAST_LEVEL && (entry & TABLE) == TABLE;
}

/* Blocks are of level 2, and of level 1 where the granule is 4 KiB. */
bool vsmmuv3_walk_is_leaf(const struct vsmmuv3_walk *walk, uint64_t entry)
{
    if ( walk->level == VSMMUV3_LAST_LEVEL )
        return (entry & TABLE) == TABLE;
    return (entry & TABLE) == SMMU_TTD_VALID &&
           (walk->level == 2 || (walk->level == 1 && walk->granule == 12));
}

paddr_t vsmmuv3_walk_next(const struct vsmmuv3_walk *walk, uint64_t entry)
{
    return low_cleared(entry & SMMU_TTD_ADDRESS, walk->granule);
}

void vsmmuv3_walk_down(struct vsmmuv3_walk *walk, uint64_t entry)
{
    walk->table = vsmmuv3_walk_next(walk, entry);
    walk->bits = walk->granule - 3;
    walk->level++;
}

/*
 * The descriptor in @page that a walk of @input needs.  The guest may have
 * changed its tables since: then it is the page, as hardware has told it.
 */
paddr_t vsmmuv3_walk_address(const struct vsmmuv3 *v,
                             const struct vsmmuv3_stream *stream,
                             uint32_t ssid, uint64_t input, paddr_t page)
{
    struct vsmmuv3_walk walk;
    struct vsmmuv3_cd cd;
    uint64_t entry;
    paddr_t address;

    if ( !vsmmuv3_cd_read(v, stream, ssid, &cd) ||
         !vsmmuv3_walk_begin(&walk, &cd, input) )
        return page;
    for ( ;; vsmmuv3_walk_down(&walk, entry) )
    {
        address = vsmmuv3_walk_entry(&walk);
        if ( low_cleared(address, PAGE_SHIFT) == page )
            return address;
        if ( host_guest_read64(v->viommu.vd->d, address, &entry) ||
             !vsmmuv3_walk_is_table(&walk, entry) )
            return page;
    }
}
