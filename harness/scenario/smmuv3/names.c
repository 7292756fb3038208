/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3's names in scenarios: identification registers, registers. */

#include <scenario/smmuv3/smmuv3.h>

#include <public/viommu.h>

/* clang-format off */
/* As orders of 4 KiB pages. */
static const struct name_value sizes[] = {
    { "4k", 0 }, { "16k", 2 }, { "64k", 4 }, { "2m", 9 }, { "32m", 13 },
    { "512m", 17 }, { "1g", 18 }, { NULL, 0 }
};

/* STE.Config (5.2). */
static const struct name_value configs[] = {
    { "abort", 0 }, { "bypass", 4 }, { "s1", 5 }, { "s2", 6 },
    { "nested", 7 }, { NULL, 0 }
};

static const struct name_value stream_tables[] = {
    { "linear", SMMUV3_STRTAB_LINEAR }, { "2lvl", SMMUV3_STRTAB_2LVL },
    { NULL, 0 }
};

/* 7.3 */
static const struct name_value events[] = {
    { "F_UUT", 0x01 }, { "C_BAD_STREAMID", 0x02 }, { "F_STE_FETCH", 0x03 },
    { "C_BAD_STE", 0x04 }, { "F_BAD_ATS_TREQ", 0x05 },
    { "F_STREAM_DISABLED", 0x06 }, { "F_TRANSL_FORBIDDEN", 0x07 },
    { "C_BAD_SUBSTREAMID", 0x08 }, { "F_CD_FETCH", 0x09 },
    { "C_BAD_CD", 0x0a }, { "F_WALK_EABT", 0x0b }, { "F_TRANSLATION", 0x10 },
    { "F_ADDR_SIZE", 0x11 }, { "F_ACCESS", 0x12 }, { "F_PERMISSION", 0x13 },
    { "F_TLB_CONFLICT", 0x20 }, { "F_CFG_CONFLICT", 0x21 },
    { "E_PAGE_REQUEST", 0x24 }, { NULL, 0 }
};

static const struct name_value hypercall_fields[] = {
    NAME_HYPERCALL("create.idr0", u.create_smmuv3.idr0, 4),
    NAME_HYPERCALL("create.idr1", u.create_smmuv3.idr1, 4),
    NAME_HYPERCALL("create.idr3", u.create_smmuv3.idr3, 4),
    NAME_HYPERCALL("create.idr5", u.create_smmuv3.idr5, 4),
    NAME_HYPERCALL("create.iidr", u.create_smmuv3.iidr, 4),
    NAME_HYPERCALL("create.aidr", u.create_smmuv3.aidr, 4),
    NAME_HYPERCALL("create.virq_eventq", u.create_smmuv3.virq_eventq, 4),
    NAME_HYPERCALL("create.virq_gerror", u.create_smmuv3.virq_gerror, 4),
    NAME_HYPERCALL("create.virq_sync", u.create_smmuv3.virq_sync, 4),
    NAME_HYPERCALL("create.flags", u.create_smmuv3.flags, 4),
    NAME_HYPERCALL("create.pad3", u.create_smmuv3.pad3, 4),
    { NULL, 0 }
};

#define BITS(shift, bits) ((shift) | (bits) << 8)
static const struct name_value idr0_fields[] = {
    { "s2p", BITS(0, 1) }, { "s1p", BITS(1, 1) }, { "ttf", BITS(2, 2) },
    { "cohacc", BITS(4, 1) }, { "btm", BITS(5, 1) }, { "httu", BITS(6, 2) },
    { "dormhint", BITS(8, 1) }, { "hyp", BITS(9, 1) }, { "ats", BITS(10, 1) },
    { "ns1ats", BITS(11, 1) }, { "asid16", BITS(12, 1) },
    { "msi", BITS(13, 1) }, { "sev", BITS(14, 1) }, { "atos", BITS(15, 1) },
    { "pri", BITS(16, 1) }, { "vmw", BITS(17, 1) }, { "vmid16", BITS(18, 1) },
    { "cd2l", BITS(19, 1) }, { "vatos", BITS(20, 1) },
    { "ttendian", BITS(21, 2) }, { "atsrecerr", BITS(23, 1) },
    { "stall_model", BITS(24, 2) }, { "term_model", BITS(26, 1) },
    { "st_level", BITS(27, 2) }, { NULL, 0 }
};
static const struct name_value idr1_fields[] = {
    { "sidsize", BITS(0, 6) }, { "ssidsize", BITS(6, 5) },
    { "priqs", BITS(11, 5) }, { "eventqs", BITS(16, 5) },
    { "cmdqs", BITS(21, 5) }, { "attr_perms_ovr", BITS(26, 1) },
    { "attr_types_ovr", BITS(27, 1) }, { "rel", BITS(28, 1) },
    { "queues_preset", BITS(29, 1) }, { "tables_preset", BITS(30, 1) },
    { "ecmdq", BITS(31, 1) }, { NULL, 0 }
};
static const struct name_value idr2_fields[] = {
    { "ba_vatos", BITS(0, 10) }, { NULL, 0 }
};
static const struct name_value idr3_fields[] = {
    { "had", BITS(2, 1) }, { "pbha", BITS(3, 1) }, { "xnx", BITS(4, 1) },
    { "pps", BITS(5, 1) }, { "mpam", BITS(7, 1) }, { "fwb", BITS(8, 1) },
    { "stt", BITS(9, 1) }, { "ril", BITS(10, 1) }, { "bbml", BITS(11, 2) },
    { "e0pd", BITS(13, 1) }, { NULL, 0 }
};
static const struct name_value idr4_fields[] = { { NULL, 0 } };
static const struct name_value idr5_fields[] = {
    { "oas", BITS(0, 3) }, { "gran4k", BITS(4, 1) },
    { "gran16k", BITS(5, 1) }, { "gran64k", BITS(6, 1) }, { "ds", BITS(7, 1) },
    { "vax", BITS(10, 2) }, { "stall_max", BITS(16, 16) }, { NULL, 0 }
};

const struct arch_id smmuv3_id[] = {
    [SMMUV3_ID_IDR0] = { "idr0", idr0_fields, true },
    [SMMUV3_ID_IDR1] = { "idr1", idr1_fields, true },
    [SMMUV3_ID_IDR2] = { "idr2", idr2_fields, true },
    [SMMUV3_ID_IDR3] = { "idr3", idr3_fields, true },
    [SMMUV3_ID_IDR4] = { "idr4", idr4_fields, true },
    [SMMUV3_ID_IDR5] = { "idr5", idr5_fields, true },
    [SMMUV3_ID_IIDR] = { "iidr", NULL, true },
    [SMMUV3_ID_AIDR] = { "aidr", NULL, true },
    { NULL, NULL, false }
};

static const struct name_value registers[] = {
    { "IDR0", REG_ENCODE(0x0000u, 4) },
    { "IDR1", REG_ENCODE(0x0004u, 4) },
    { "IDR2", REG_ENCODE(0x0008u, 4) },
    { "IDR3", REG_ENCODE(0x000cu, 4) },
    { "IDR4", REG_ENCODE(0x0010u, 4) },
    { "IDR5", REG_ENCODE(0x0014u, 4) },
    { "IIDR", REG_ENCODE(0x0018u, 4) },
    { "AIDR", REG_ENCODE(0x001cu, 4) },
    { "CR0", REG_ENCODE(0x0020u, 4) },
    { "CR0ACK", REG_ENCODE(0x0024u, 4) },
    { "CR1", REG_ENCODE(0x0028u, 4) },
    { "CR2", REG_ENCODE(0x002cu, 4) },
    { "STATUSR", REG_ENCODE(0x0040u, 4) },
    { "GBPA", REG_ENCODE(0x0044u, 4) },
    { "AGBPA", REG_ENCODE(0x0048u, 4) },
    { "IRQ_CTRL", REG_ENCODE(0x0050u, 4) },
    { "IRQ_CTRLACK", REG_ENCODE(0x0054u, 4) },
    { "GERROR", REG_ENCODE(0x0060u, 4) },
    { "GERRORN", REG_ENCODE(0x0064u, 4) },
    { "GERROR_IRQ_CFG0", REG_ENCODE(0x0068u, 8) },
    { "GERROR_IRQ_CFG1", REG_ENCODE(0x0070u, 4) },
    { "GERROR_IRQ_CFG2", REG_ENCODE(0x0074u, 4) },
    { "STRTAB_BASE", REG_ENCODE(0x0080u, 8) },
    { "STRTAB_BASE_CFG", REG_ENCODE(0x0088u, 4) },
    { "CMDQ_BASE", REG_ENCODE(0x0090u, 8) },
    { "CMDQ_PROD", REG_ENCODE(0x0098u, 4) },
    { "CMDQ_CONS", REG_ENCODE(0x009cu, 4) },
    { "EVENTQ_BASE", REG_ENCODE(0x00a0u, 8) },
    { "EVENTQ_IRQ_CFG0", REG_ENCODE(0x00b0u, 8) },
    { "EVENTQ_IRQ_CFG1", REG_ENCODE(0x00b8u, 4) },
    { "EVENTQ_IRQ_CFG2", REG_ENCODE(0x00bcu, 4) },
    { "PRIQ_BASE", REG_ENCODE(0x00c0u, 8) },
    { "PRIQ_IRQ_CFG0", REG_ENCODE(0x00d0u, 8) },
    { "PRIQ_IRQ_CFG1", REG_ENCODE(0x00d8u, 4) },
    { "PRIQ_IRQ_CFG2", REG_ENCODE(0x00dcu, 4) },
    { "EVENTQ_PROD", REG_ENCODE(0x100a8u, 4) },
    { "EVENTQ_CONS", REG_ENCODE(0x100acu, 4) },
    { "PRIQ_PROD", REG_ENCODE(0x100c8u, 4) },
    { "PRIQ_CONS", REG_ENCODE(0x100ccu, 4) },
    { NULL, 0 }
};
/* clang-format on */

const struct name_value *smmuv3_names(unsigned int kind)
{
    switch ( kind )
    {
    case FIELD_SIZE:
        return sizes;
    case FIELD_SMMUV3_CONFIG:
        return configs;
    case FIELD_SMMUV3_STRTAB:
        return stream_tables;
    case FIELD_SMMUV3_EVENT:
        return events;
    case FIELD_HYPERCALL:
        return hypercall_fields;
    default:
        return NULL;
    }
}

bool smmuv3_register_by_name(const struct program_machine *machine,
                             const char *name, uint64_t *encoded)
{
    (void)machine;
    return value_of(registers, name, encoded);
}

const char *smmuv3_register_name(const struct program_machine *machine,
                                 uint64_t encoded, char *buffer, size_t size)
{
    (void)machine;
    (void)buffer;
    (void)size;
    return name_in(registers, encoded);
}
