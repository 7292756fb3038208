/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the SMMUv3 driver share: a driver on a fake unit. */
#ifndef SMMUV3_RIG_H
#define SMMUV3_RIG_H

#include "fake_smmuv3.h"
#include "piommu_rig.h"

#define SID 0x1234u

/* Opcodes, as the tests know them. */
#define OP_CFGI_STE  0x03u
#define OP_CFGI_ALL  0x04u
#define OP_CFGI_CD   0x05u
#define OP_CFGI_CDS  0x06u
#define OP_NH_ALL    0x10u
#define OP_NH_ASID   0x11u
#define OP_NH_VA     0x12u
#define OP_NH_VAA    0x13u
#define OP_EL2_ALL   0x20u
#define OP_S12_VMALL 0x28u
#define OP_S2_IPA    0x2au
#define OP_NSNH_ALL  0x30u
#define OP_SYNC      0x46u
#define VMID(tag)    ((uint64_t)(tag) << 32)

/* A copy of fake_smmuv3_idr with one register replaced. */
struct idr {
    uint32_t word[6];
};
struct idr idr_with(unsigned int index, uint32_t clear, uint32_t set);

bool rig_is(const struct fake_smmuv3_trace *a,
            const struct fake_smmuv3_trace *b);

void rig_start(struct rig *r, const uint32_t idr[6]);

struct piommu_space *rig_nested(struct rig *r, struct piommu_nest *nest,
                                uint64_t word0, uint64_t word1);

/* The commands executed since @from, SYNCs included; their number. */
unsigned int rig_commands(const struct rig *r, unsigned int from,
                          struct fake_smmuv3_trace command[],
                          unsigned int most);
/* Submit and complete a flush, and return what it executed without the SYNC.
 */
unsigned int rig_flush(struct rig *r, const struct piommu_flush *flush,
                       struct fake_smmuv3_trace command[], unsigned int most);
/* The VMID in the STE of a device. */
unsigned int rig_vmid(struct rig *r, uint32_t sid);

#endif /* SMMUV3_RIG_H */
