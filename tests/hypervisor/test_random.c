/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random guest tables, random changes, random p2m changes: after an
 * invalidation of everything each DMA is what a plain walk of the guest's
 * tables and the p2m says, and page references are exactly those in use.
 */
#include "guest.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define TABLES 8u /* pages from TOP on that serve as tables */
#define SLOTS  6u /* entries of each that are used */

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static uint64_t random_entry(uint64_t *seed)
{
    uint32_t r = random_next(seed);
    uint64_t rights = r & 3;

    switch ( r >> 2 & 7 )
    {
    case 0:
        return 0;
    case 1:
    case 2:
        return (uint64_t)(r >> 8 & 7) << 21 | rights | 0x80; /* 2 MiB */
    case 3:
        return rights | 0x80; /* 1 GiB at level 3 */
    case 4:
        return (uint64_t)(r >> 8 & 0x1fff) << 12 | rights; /* anything */
    default:
        return (TOP + ((uint64_t)(r >> 8) % TABLES << 12)) | rights;
    }
}

/* Walk the guest's tables plainly. */
static bool expected(struct guest *g, uint64_t iova, bool write, uint64_t *hpa)
{
    uint64_t need = write ? 2 : 1, table = TOP, gpa;
    unsigned int level;

    for ( level = 4;; level-- )
    {
        unsigned int shift = 12 + 9 * (level - 1);
        uint64_t mask = (UINT64_C(1) << shift) - 1, entry;
        const struct fake_p2m *p;

        if ( table >> 12 >= FAKE_PAGES ||
             g->host->domain.p2m[table >> 12].type == HOST_P2M_HOLE )
            return false;
        entry = g->host->domain.ram[table >> 12][iova >> shift & 511];
        if ( !(entry & need) )
            return false;
        if ( level > 1 && !(entry & 0x80) )
        {
            table = entry & ~UINT64_C(0xfff);
            continue;
        }
        if ( level == 4 || (entry & mask & ~UINT64_C(0xfff)) )
            return false;
        gpa = (entry & ~UINT64_C(0xfff)) | (iova & mask);
        if ( gpa >> 12 >= FAKE_PAGES )
            return false;
        p = &g->host->domain.p2m[gpa >> 12];
        *hpa = fake_hpa(g->host, gpa);
        return p->type == HOST_P2M_RAM_RW ||
               (p->type == HOST_P2M_RAM_RO && !write);
    }
}

static uint64_t random_iova(uint64_t *seed)
{
    uint64_t iova = 0;
    unsigned int level;

    for ( level = 0; level < 4; level++ )
        iova = iova << 9 | (random_next(seed) % 8 ? random_next(seed) % SLOTS :
                                                    random_next(seed) & 511);
    iova <<= 12;
    /* Writes there are interrupts, not DMA. */
    return iova >> 20 == 0xfee ? 0 : iova;
}

static void compare(struct guest *g, uint64_t *seed)
{
    unsigned int i;

    for ( i = 0; i < 200; i++ )
    {
        uint64_t iova = random_iova(seed), want = 0, got = 0;
        bool write = i & 1, ok = expected(g, iova, write, &want);

        assert_int_equal(fake_dma(g->host, PSID, iova, write, &got), ok);
        if ( ok )
            assert_int_equal(got, want);
    }
}

static void change_p2m(struct guest *g, uint64_t *seed)
{
    static const enum host_p2m_type types[] = { HOST_P2M_HOLE, HOST_P2M_RAM_RO,
                                                HOST_P2M_RAM_RW,
                                                HOST_P2M_RAM_RW };
    /* Not the structures themselves. */
    uint64_t gfn = 0x100 + random_next(seed) % (FAKE_PAGES - 0x100);
    int rc;

    g->host->domain.p2m[gfn].type = types[random_next(seed) % 4];
    do
    {
        g->host->used = 0;
        rc = viommu_p2m_changed(g->registry, &g->host->domain, _gfn(gfn), 0);
        if ( random_next(seed) % 2 )
            fake_run_some(g->host, 1);
    } while ( rc == -XEN_ERESTART );
    assert_int_equal(rc, 0);
    if ( g->host->domain.p2m[gfn].type == HOST_P2M_HOLE )
        assert_int_equal(g->host->domain.p2m[gfn].references, 0);
}

static void one_run(uint64_t seed, bool contiguous)
{
    struct guest g;
    unsigned int round, i;

    guest_start(&g, contiguous, 0);
    g.host->budget = 20 + random_next(&seed) % 400;
    guest_context(&g, SID, TOP | 1, 2 | DID << 8);
    guest_enable(&g);
    for ( round = 0; round < 20; round++ )
    {
        for ( i = random_next(&seed) % 12; i; i-- )
            guest_store(&g,
                        TOP + (random_next(&seed) % TABLES << 12) +
                            random_next(&seed) % SLOTS * 8,
                        random_entry(&seed));
        guest_iotlb_page(&g, random_iova(&seed) & ~UINT64_C(0xfff),
                         random_next(&seed) % 19);
        fake_run_some(g.host, random_next(&seed) % 4);
        if ( random_next(&seed) % 2 )
            change_p2m(&g, &seed);
        guest_iotlb_domain(&g);
        guest_wait(&g, round + 1);
        fake_run(g.host);
        assert_int_equal(guest_status(&g), round + 1);
        compare(&g, &seed);
    }
    guest_stop(&g);
}

static void shadows_of_random_tables_are_exact(void **state)
{
    uint64_t seed;

    (void)state;
    for ( seed = 1; seed <= 40; seed++ )
        one_run(seed, seed & 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shadows_of_random_tables_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
