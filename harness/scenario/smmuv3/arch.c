/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 as scenario/ sees it. */

#include <scenario/smmuv3/smmuv3.h>

#include <host.h>
#include <oracle/smmuv3/smmuv3.h>
#include <smmuv3/smmuv3.h>

#include <string.h>

static const struct arch_option options[] = {
    [SMMUV3_OPTION_MERGE] = { "merge-events" },
    [SMMUV3_OPTION_ABORT] = { "gbpa-abort" },
    { NULL },
};

static const struct name_value granules[] = {
    { "4k", 12 }, { "16k", 14 }, { "64k", 16 }, { NULL, 0 }
};

static const struct arch_table_option table_options[] = {
    [SMMUV3_TABLE_STAGE] = { "stage", NULL, 1, 1, 2 },
    [SMMUV3_TABLE_GRANULE] = { "granule", granules, 12, 12, 16 },
    [SMMUV3_TABLE_T0SZ] = { "t0sz", NULL, 0, 0, 63 },
    [SMMUV3_TABLE_SL0] = { "sl0", NULL, SMMUV3_SL0_AUTO, 0, SMMUV3_SL0_AUTO },
    { NULL, NULL, 0, 0, 0 },
};

#define ROW(code) [SMMUV3_OP_##code - OP_ARCH]
static execute_fn *const execute[SMMUV3_OP_END - OP_ARCH] = {
    ROW(START) = smmuv3_op_start,
    ROW(STE) = smmuv3_op_ste,
    ROW(STE_RAW) = smmuv3_op_ste_raw,
    ROW(STE_FLIP) = smmuv3_op_ste_flip,
    ROW(L1STD) = smmuv3_op_l1std,
    ROW(CD_TABLE) = smmuv3_op_cd_table,
    ROW(CD) = smmuv3_op_cd,
    ROW(CD_RAW) = smmuv3_op_cd_raw,
    ROW(CD_FLIP) = smmuv3_op_cd_flip,
    ROW(L1CD) = smmuv3_op_l1cd,
    ROW(MAP) = smmuv3_op_map,
    ROW(UNMAP) = smmuv3_op_unmap,
    ROW(ENTRY) = smmuv3_op_entry,
    ROW(CFGI_STE) = smmuv3_op_cfgi,
    ROW(CFGI_STE_RANGE) = smmuv3_op_cfgi,
    ROW(CFGI_ALL) = smmuv3_op_cfgi_all,
    ROW(CFGI_CD) = smmuv3_op_cfgi,
    ROW(CFGI_CD_ALL) = smmuv3_op_cfgi,
    ROW(TLBI_NH_ALL) = smmuv3_op_tlbi,
    ROW(TLBI_NH_ASID) = smmuv3_op_tlbi,
    ROW(TLBI_NH_VA) = smmuv3_op_tlbi,
    ROW(TLBI_NH_VAA) = smmuv3_op_tlbi,
    ROW(TLBI_EL2_ALL) = smmuv3_op_tlbi,
    ROW(TLBI_EL2_ASID) = smmuv3_op_tlbi,
    ROW(TLBI_EL2_VA) = smmuv3_op_tlbi,
    ROW(TLBI_EL2_VAA) = smmuv3_op_tlbi,
    ROW(TLBI_S12_VMALL) = smmuv3_op_tlbi,
    ROW(TLBI_S2_IPA) = smmuv3_op_tlbi,
    ROW(TLBI_NSNH_ALL) = smmuv3_op_tlbi,
    ROW(PREFETCH_CONFIG) = smmuv3_op_prefetch_config,
    ROW(PREFETCH_ADDR) = smmuv3_op_prefetch_addr,
    ROW(COMMAND) = smmuv3_op_command,
    ROW(SUBMIT) = smmuv3_op_submit,
    ROW(SYNC) = smmuv3_op_sync,
    ROW(EVENT) = smmuv3_op_event,
    ROW(EVENTS) = smmuv3_op_events,
    ROW(HANDLE_EVENTS) = smmuv3_op_handle_events,
    ROW(GERROR_ACK) = smmuv3_op_gerror_ack,
    ROW(VIOMMU_CREATE) = smmuv3_op_viommu_create,
    ROW(EXPECT_EVENT) = smmuv3_expect_event,
};
#undef ROW

/* Of a unit as a guest sees it: stage 1 only. */
static const uint32_t guest_id[PROGRAM_ID_WORDS] = {
    /* S1P, TTF AArch64, COHACC, ASID16, SEV, CD2L, TTENDIAN little,
     * STALL_MODEL 1, TERM_MODEL 1, ST_LEVEL 1 */
    [SMMUV3_ID_IDR0] = 0x0d48501a,
    /* SIDSIZE 16, SSIDSIZE 8, EVENTQS 19, CMDQS 19 */
    [SMMUV3_ID_IDR1] = 0x02730210,
    /* HAD, RIL, BBML 2 */
    [SMMUV3_ID_IDR3] = 0x1404,
    /* OAS 44, 4K, 16K, 64K */
    [SMMUV3_ID_IDR5] = 0x74,
    [SMMUV3_ID_AIDR] = 2,
};

/* Of the host's: stage 2 as well, VMID16, XNX, OAS 48. */
static const uint32_t host_id[PROGRAM_ID_WORDS] = {
    [SMMUV3_ID_IDR0] = 0x0d4c501b, [SMMUV3_ID_IDR1] = 0x02730210,
    [SMMUV3_ID_IDR3] = 0x1414,     [SMMUV3_ID_IDR5] = 0x75,
    [SMMUV3_ID_AIDR] = 2,
};

static void defaults(struct program_machine *machine)
{
    for ( unsigned int i = 0; i < PROGRAM_ID_WORDS; i++ )
    {
        machine->id[i] = guest_id[i];
        machine->host_id[i] = host_id[i];
    }
    machine->haw = 44;
}

static const char *check_machine(const struct program_machine *machine)
{
    for ( unsigned int i = 0; i < PROGRAM_ID_WORDS; i++ )
        if ( (machine->id[i] | machine->host_id[i]) > UINT32_MAX )
            return "an identification register has 32 bits";
    return NULL;
}

const struct arch arch_smmuv3 = {
    .name = "smmuv3",
    .unit_type = HOST_UNIT_SMMUV3,
    .viommu_type = XEN_VIOMMU_TYPE_smmuv3,
    .capabilities = XEN_VIOMMU_CAPABILITY_l1_translation,
    .source_bits = 32,
    .unit_base = UINT64_C(0x09050000),
    .coherent_id = SMMUV3_ID_IDR0,
    .coherent_bit = 4,
    .register_space = SMMUV3_REGISTER_SPACE,
    .op = smmuv3_op,
    .execute = execute,
    .ops = SMMUV3_OP_END - OP_ARCH,
    .id = smmuv3_id,
    .option = options,
    .table_option = table_options,
    .defaults = defaults,
    .names = smmuv3_names,
    .register_by_name = smmuv3_register_by_name,
    .register_name = smmuv3_register_name,
    .check_machine = check_machine,
    .check_operation = smmuv3_check_operation,
    .unit = { smmuv3_unit_read, smmuv3_unit_write },
    .create_unit = smmuv3_create_unit,
    .access = smmuv3_unit_access,
    .probe = smmuv3_unit_probe,
    .holds_dma = smmuv3_unit_holds_dma,
    .prefetch = smmuv3_unit_prefetch,
    .evict = smmuv3_unit_evict,
    .stats = smmuv3_unit_stats,
    .oracle_arch = &oracle_smmuv3,
    .oracle = smmuv3_oracle,
    .guest_size = sizeof(struct smmuv3_driver),
    .trace_register = smmuv3_trace_register,
    .trace_line = smmuv3_trace_line,
    .trace_end = smmuv3_trace_end,
    .session_end = smmuv3_session_end,
};
