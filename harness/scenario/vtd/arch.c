/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d as scenario/ sees it. */

#include <scenario/vtd/vtd.h>

#include <host.h>
#include <oracle/vtd/vtd.h>

static const struct arch_option options[] = {
    [VTD_OPTION_COLLAPSE] = { "collapse-faults" },
    [VTD_OPTION_REPLAY] = { "replay" },
    { NULL },
};

static const struct arch_table_option table_options[] = {
    [VTD_TABLE_LEVELS] = { "levels", NULL, 4, 2, 6 },
    { NULL, NULL, 0, 0, 0 },
};

static execute_fn *const execute[VTD_OP_END - OP_ARCH] = {
    [VTD_OP_START - OP_ARCH] = vtd_start,
    [VTD_OP_CONTEXT - OP_ARCH] = vtd_context,
    [VTD_OP_CONTEXT_RAW - OP_ARCH] = vtd_context_raw,
    [VTD_OP_ROOT_RAW - OP_ARCH] = vtd_root_raw,
    [VTD_OP_MAP - OP_ARCH] = vtd_map,
    [VTD_OP_UNMAP - OP_ARCH] = vtd_unmap,
    [VTD_OP_ENTRY - OP_ARCH] = vtd_entry,
    [VTD_OP_CC_GLOBAL - OP_ARCH] = vtd_cc_global,
    [VTD_OP_CC_DOMAIN - OP_ARCH] = vtd_cc_domain,
    [VTD_OP_CC_DEVICE - OP_ARCH] = vtd_cc_device,
    [VTD_OP_IOTLB_GLOBAL - OP_ARCH] = vtd_iotlb_global,
    [VTD_OP_IOTLB_DOMAIN - OP_ARCH] = vtd_iotlb_domain,
    [VTD_OP_IOTLB_PAGE - OP_ARCH] = vtd_iotlb_page,
    [VTD_OP_DESCRIPTOR - OP_ARCH] = vtd_descriptor,
    [VTD_OP_WAIT - OP_ARCH] = vtd_wait,
    [VTD_OP_SUBMIT - OP_ARCH] = vtd_submit,
    [VTD_OP_SYNC - OP_ARCH] = vtd_sync,
    [VTD_OP_GCMD - OP_ARCH] = vtd_gcmd,
    [VTD_OP_HANDLE_FAULTS - OP_ARCH] = vtd_handle_faults,
    [VTD_OP_VIOMMU_CREATE - OP_ARCH] = vtd_viommu_create,
    [VTD_OP_FAULT_RECORD - OP_ARCH] = vtd_fault_record,
    [VTD_OP_EXPECT_RECORD - OP_ARCH] = vtd_expect_record,
    [VTD_OP_EXPECT_STATUS - OP_ARCH] = vtd_expect_status,
    [VTD_OP_EXPECT_EVENT - OP_ARCH] = vtd_expect_event,
    [VTD_OP_EXPECT_INTERRUPT - OP_ARCH] = vtd_expect_interrupt,
};

static void defaults(struct program_machine *machine)
{
    /* ND 6, CM, SAGAW 39|48, MGAW 48, FRO 220h, 2M|1G, PSI, 4 FRCDs, MAMV 18,
     * DWD, DRD */
    machine->id[VTD_ID_CAP] = UINT64_C(0x00d2038c222f0686);
    /* QI, PT, IRO 0f0h */
    machine->id[VTD_ID_ECAP] = UINT64_C(0xf42);
    machine->id[VTD_ID_VERSION] = 0x10;
    /* The host: likewise, but CM 0, C, 8 FRCDs. */
    machine->host_id[VTD_ID_CAP] = UINT64_C(0x00d2078c222f0606);
    machine->host_id[VTD_ID_ECAP] = UINT64_C(0xf43);
    machine->haw = 46;
}

static const char *check_machine(const struct program_machine *machine)
{
    return machine->id[VTD_ID_VERSION] > UINT32_MAX ?
               "VER is a register of 32 bits" :
               NULL;
}

const struct arch arch_vtd = {
    .name = "vtd",
    .unit_type = HOST_UNIT_VTD,
    .viommu_type = XEN_VIOMMU_TYPE_vtd,
    .capabilities = XEN_VIOMMU_CAPABILITY_l2_translation,
    .source_bits = 16,
    .unit_base = UINT64_C(0xfed90000),
    .coherent_id = VTD_ID_ECAP,
    .coherent_bit = 0,
    .register_space = 0x1000,
    .op = vtd_op,
    .execute = execute,
    .ops = VTD_OP_END - OP_ARCH,
    .id = vtd_id,
    .option = options,
    .table_option = table_options,
    .defaults = defaults,
    .names = vtd_names,
    .register_by_name = vtd_register_by_name,
    .register_name = vtd_register_name,
    .check_machine = check_machine,
    .check_operation = vtd_check_operation,
    .unit = { vtd_unit_read, vtd_unit_write },
    .create_unit = vtd_create_unit,
    .access = vtd_unit_access,
    .probe = vtd_unit_probe,
    .prefetch = vtd_unit_prefetch,
    .evict = vtd_unit_evict,
    .stats = vtd_unit_stats,
    .oracle_arch = &oracle_vtd,
    .oracle = vtd_oracle,
    .is_interrupt = vtd_is_interrupt,
    .guest_size = sizeof(struct vtd_driver),
    .pages_recorded = true,
    .write_reason = 5, /* LGN.2 */
    .trace_register = vtd_trace_register,
    .trace_line = vtd_trace_line,
    .trace_end = vtd_trace_end,
    .session_end = vtd_session_end,
};
