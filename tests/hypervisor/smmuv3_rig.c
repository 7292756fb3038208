/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smmuv3_rig.h"

struct idr idr_with(unsigned int index, uint32_t clear, uint32_t set)
{
    struct idr idr;

    memcpy(idr.word, fake_smmuv3_idr, sizeof(idr.word));
    idr.word[index] = (idr.word[index] & ~clear) | set;
    return idr;
}

bool rig_is(const struct fake_smmuv3_trace *a,
            const struct fake_smmuv3_trace *b)
{
    return a->command == b->command && a->lo == b->lo && a->hi == b->hi;
}

static void answer(struct rig *r)
{
    fake_smmuv3_answer(r->unit);
}

void rig_start(struct rig *r, const uint32_t idr[6])
{
    rig_start_on(r, fake_smmuv3_host(true, idr), SID);
    r->unit = r->host->unit.smmu;
    r->silent = &r->unit->hold;
    r->answer = answer;
}

struct piommu_space *rig_nested(struct rig *r, struct piommu_nest *nest,
                                uint64_t word0, uint64_t word1)
{
    const struct piommu_space_config config = {
        .kind = PIOMMU_NESTED,
        .domain = &r->host->domain,
        .stage1 = { .nest = nest, .configuration = { word0, word1 } },
    };
    struct piommu_space *s;

    assert_int_equal(piommu_space_create(r->piommu, &config, &s), 0);
    return s;
}

unsigned int rig_commands(const struct rig *r, unsigned int from,
                          struct fake_smmuv3_trace command[],
                          unsigned int most)
{
    unsigned int i, n = 0;

    for ( i = from; i < r->unit->traced; i++ )
        if ( r->unit->trace[i].command )
        {
            assert_true(n < most);
            command[n++] = r->unit->trace[i];
        }
    return n;
}

unsigned int rig_flush(struct rig *r, const struct piommu_flush *flush,
                       struct fake_smmuv3_trace command[], unsigned int most)
{
    struct piommu_token token = { { 0 } };
    unsigned int from = r->unit->traced, n;

    assert_int_equal(piommu_flush(r->piommu, flush, &token), 0);
    assert_int_equal(piommu_flush_wait(r->piommu, &token), 0);
    n = rig_commands(r, from, command, most);
    if ( !n )
        return 0;
    assert_int_equal(command[n - 1].lo, OP_SYNC);
    return n - 1;
}

unsigned int rig_vmid(struct rig *r, uint32_t sid)
{
    uint64_t ste[8];

    assert_true(fake_smmuv3_ste(r->unit, sid, ste));
    assert_int_equal(ste[0] & 1, 1);
    return ste[2] & 0xffff;
}
