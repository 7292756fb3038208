/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RTL beside the C model of an SMMUv3: what it is asked when the model is,
 * and whether both say the same.  For those that wrap functions of the model
 * by the linker's --wrap: sim/beside_smmuv3.c, tests/rtl/session_smmuv3.c.
 */
#ifndef SIM_TWIN_SMMUV3_H
#define SIM_TWIN_SMMUV3_H

#include <rtl/rtl_smmu.h>
#include <smmuv3/unit.h>

/* clang-format off */
struct smmuv3 *__real_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port);
struct smmuv3 *__wrap_smmuv3_init(void *memory,
                                  const struct smmuv3_config *config,
                                  const struct port *port);
bool __real_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address);
bool __wrap_smmu_tlb_micro_lookup(struct walk *walk, uint64_t address);
void __real_smmu_translate_request(struct walk *walk,
                                   struct response *response);
void __wrap_smmu_translate_request(struct walk *walk,
                                   struct response *response);
void __real_smmu_translate_prefetch(struct walk *walk);
void __wrap_smmu_translate_prefetch(struct walk *walk);
bool __real_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal);
bool __wrap_smmu_command_execute(struct smmuv3 *smmu,
                                 const uint64_t command[2],
                                 enum completion_signal *signal);
void __real_smmu_tlb_clear(struct smmuv3 *smmu);
void __wrap_smmu_tlb_clear(struct smmuv3 *smmu);
/* clang-format on */

/* With as large a TLB as the models' default, CR2.E2H as it is now. */
struct rtl_smmu_config twin_smmuv3_config(const struct smmuv3 *smmu);
/* Once the STE, and a CD if there is one, are in the walk. */
struct rtl_smmu_request twin_smmuv3_request(const struct walk *walk);
/* Does this command go to the RTL: one for the TLBs? */
bool twin_smmuv3_command(const uint64_t command[2]);
/* Is the model's answer the RTL's too? */
bool twin_smmuv3_same(const struct walk *walk, const struct response *response,
                      const struct rtl_smmu_response *answer);

#endif /* SIM_TWIN_SMMUV3_H */
