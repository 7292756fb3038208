/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra_smmu.sv for C. */
#ifndef MODELS_RTL_RTL_SMMU_H
#define MODELS_RTL_RTL_SMMU_H

#include <rtl/rtl.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rtl_smmu;

struct rtl_smmu_config {
    enum rtl_size size;
    uint32_t idr0, idr1, idr3, idr5; /* as software reads them */
    bool e2h;                        /* CR2.E2H */
};

struct rtl_smmu_request {
    uint64_t address;
    bool read, write, privileged, execute; /* as the device says */
    uint64_t ste[4], cd[3]; /* legal; stage 1, stage 2, or both */
};

struct rtl_smmu_response {
    uint8_t fault;                /* event number, 0: none */
    unsigned int fault_class;     /* 1 TT, 2 IN */
    bool s2, privileged, execute; /* of the event */
    uint64_t fault_address;       /* IPA or FetchAddr */
    bool hit;
    uint64_t address;
    unsigned int size;   /* 4 KiB, 2 MiB, 1 GiB */
    unsigned int rights; /* read 1, write 2, execute 4 */
    uint64_t cycles;     /* from the request to the answer */
};

/* A TLBI command as in the queue. */
struct rtl_smmu_command {
    uint64_t word[2];
};

/* NULL: no memory.  @memory is copied. */
struct rtl_smmu *rtl_smmu_create(const struct rtl_smmu_config *config,
                                 const struct rtl_memory *memory);
void rtl_smmu_destroy(struct rtl_smmu *smmu);
/* Reset; what the ID registers say may change, the geometry stays. */
void rtl_smmu_reset(struct rtl_smmu *smmu,
                    const struct rtl_smmu_config *config);

void rtl_smmu_translate(struct rtl_smmu *smmu,
                        const struct rtl_smmu_request *request,
                        struct rtl_smmu_response *response);

/* Until a CMD_SYNC behind it would be complete.  False: CERROR_ILL. */
bool rtl_smmu_invalidate(struct rtl_smmu *smmu,
                         const struct rtl_smmu_command *command,
                         uint64_t *cycles);
/* From the memory's callback: put it to the unit in the middle of the walk:
 * in some cycle up to that in which the walker acts on the answer. */
void rtl_smmu_submit(struct rtl_smmu *smmu,
                     const struct rtl_smmu_command *command);

struct rtl_unit *rtl_smmu_unit(struct rtl_smmu *smmu);

#ifdef __cplusplus
}
#endif

#endif /* MODELS_RTL_RTL_SMMU_H */
