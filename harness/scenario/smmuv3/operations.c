/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that only SMMUv3 has. */

#include <scenario/op_rows.h>
#include <scenario/smmuv3/smmuv3.h>

/* clang-format off */
#define ROW(code) [SMMUV3_OP_##code - OP_ARCH]

/* Fields that several rows have, at the same place: structure words that are
 * written (all: 0xff); a substream; and those of a TLBI. */
#define WORDS       OPT("words", NUMBER, 0, 56, 8, 0xff)
#define SSID        OPT("ssid", NUMBER, 1, 32, 20, 0)
#define LEAF        FLAG("leaf", 0, 52)
#define VMID        OPT("vmid", NUMBER, 0, 0, 16, 0)
#define ASID        POS(NUMBER, 0, 16, 16)
#define ADDRESS     POS(NUMBER, 1, 0, 64)
#define RANGE       OPT("tg", NUMBER, 0, 32, 2, 0), \
                    OPT("ttl", NUMBER, 0, 34, 2, 0), \
                    OPT("scale", NUMBER, 0, 36, 5, 0), \
                    OPT("num", NUMBER, 0, 44, 5, 0), LEAF

const struct op_spec smmuv3_op[SMMUV3_OP_END - OP_ARCH] = {
    ROW(START) = { "start", BOTH,
        "bring the unit up as a driver does: stream table, queues, SMMUEN",
        { OPT("cmdq", NUMBER, 0, 0, 8, SMMUV3_AS_LINUX),
          OPT("evtq", NUMBER, 0, 8, 8, SMMUV3_AS_LINUX),
          OPT("strtab", SMMUV3_STRTAB, 0, 16, 2, SMMUV3_STRTAB_AS_LINUX),
          OPT("sid-bits", NUMBER, 0, 24, 8, SMMUV3_AS_LINUX),
          OPT("split", NUMBER, 0, 32, 8, SMMUV3_AS_LINUX),
          FLAG("e2h", 0, 40), FLAG("no-smmuen", 0, 41) } },
    ROW(STE) = { "ste", ANYWHERE, "write a device's stream table entry",
        { POS(DEVICE, 0, 0, 8), POS(SMMUV3_CONFIG, 0, 8, 3),
          OPT("s2table", TABLE, 0, 16, 8, SMMUV3_NO_TABLE),
          OPT("vmid", NUMBER, 1, 0, 16, 0), OPT("s1dss", NUMBER, 0, 24, 2, 0),
          OPT("strw", NUMBER, 0, 26, 2, 0), OPT("eats", NUMBER, 0, 28, 2, 0),
          OPT("privcfg", NUMBER, 0, 30, 2, 0),
          OPT("instcfg", NUMBER, 0, 32, 2, 0),
          OPT("cont", NUMBER, 0, 34, 4, 0),
          OPT("s2ps", NUMBER, 0, 38, 4, SMMUV3_OWN_SIZE),
          FLAG("mev", 0, 42), FLAG("s1stalld", 0, 43), FLAG("s2affd", 0, 44),
          FLAG("s2ptw", 0, 45), FLAG("s2s", 0, 46), FLAG("no-s2r", 0, 47),
          FLAG("absent", 0, 48), WORDS } },
    ROW(STE_RAW) = { "ste-raw", ANYWHERE,
        "write a word of a device's stream table entry",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 0, 8, 3),
          POS(NUMBER, 1, 0, 64) } },
    ROW(STE_FLIP) = { "ste-flip", ANYWHERE,
        "invert a bit of a device's stream table entry",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 0, 8, 9) } },
    ROW(L1STD) = { "l1std", ANYWHERE,
        "write the first-level descriptor above a device's entry",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          FLAG("keep-pointer", 0, 8) } },
    ROW(CD_TABLE) = { "cd-table", ANYWHERE,
        "make an empty table of context descriptors for a device",
        { POS(DEVICE, 0, 0, 8), OPT("cdmax", NUMBER, 0, 8, 5, 0),
          OPT("s1fmt", NUMBER, 0, 16, 2, 0) } },
    ROW(CD) = { "cd", ANYWHERE, "write a context descriptor of a device",
        { POS(DEVICE, 0, 0, 8), OPT("table", TABLE, 0, 8, 8, SMMUV3_NO_TABLE),
          OPT("table1", TABLE, 0, 16, 8, SMMUV3_NO_TABLE), SSID,
          OPT("asid", NUMBER, 1, 0, 16, 1),
          OPT("ips", NUMBER, 0, 24, 4, SMMUV3_OWN_SIZE),
          FLAG("epd0", 0, 28), FLAG("epd1", 0, 29), FLAG("affd", 0, 30),
          FLAG("wxn", 0, 31), FLAG("uwxn", 0, 32), FLAG("pan", 0, 33),
          FLAG("aset", 0, 34), FLAG("had0", 0, 35), FLAG("had1", 0, 36),
          FLAG("tbi0", 0, 37), FLAG("tbi1", 0, 38), FLAG("s", 0, 39),
          FLAG("no-r", 0, 40), FLAG("no-a", 0, 41), FLAG("absent", 0, 42),
          WORDS } },
    ROW(CD_RAW) = { "cd-raw", ANYWHERE, "write a word of a context descriptor",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 0, 8, 3), POS(NUMBER, 2, 0, 64),
          SSID } },
    ROW(CD_FLIP) = { "cd-flip", ANYWHERE, "invert a bit of a context descriptor",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 0, 8, 9), SSID } },
    ROW(L1CD) = { "l1cd", ANYWHERE,
        "write the first-level descriptor above a context descriptor",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 2, 0, 64), SSID,
          FLAG("keep-pointer", 0, 8) } },
    ROW(MAP) = { "map", ANYWHERE, "map: table, IOVA, target, size, rights",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64), POS(NUMBER, 2, 0, 64),
          POS(SIZE, 0, 8, 8), POS(RIGHTS, 0, 16, 2),
          OPT("ap", NUMBER, 0, 18, 3, SMMUV3_AP_OF_RIGHTS),
          OPT("xn", NUMBER, 0, 22, 2, 0), FLAG("pxn", 0, 24),
          FLAG("global", 0, 25), FLAG("no-af", 0, 26) } },
    ROW(UNMAP) = { "unmap", ANYWHERE, "clear the leaf: table, IOVA, size",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          POS(SIZE, 0, 8, 8) } },
    ROW(ENTRY) = { "entry", ANYWHERE,
        "write a raw table descriptor: table, IOVA, level, value",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64), POS(NUMBER, 0, 8, 2),
          POS(NUMBER, 2, 0, 64), FLAG("target-table", 0, 12) } },
    ROW(CFGI_STE) = { "cfgi-ste", BOTH, "CMD_CFGI_STE",
        { POS(DEVICE, 0, 0, 8), LEAF } },
    ROW(CFGI_STE_RANGE) = { "cfgi-ste-range", BOTH, "CMD_CFGI_STE_RANGE",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 0, 8, 5) } },
    ROW(CFGI_ALL) = { "cfgi-all", BOTH, "CMD_CFGI_ALL", { { 0 } } },
    ROW(CFGI_CD) = { "cfgi-cd", BOTH, "CMD_CFGI_CD",
        { POS(DEVICE, 0, 0, 8), SSID, LEAF } },
    ROW(CFGI_CD_ALL) = { "cfgi-cd-all", BOTH, "CMD_CFGI_CD_ALL",
        { POS(DEVICE, 0, 0, 8) } },
    ROW(TLBI_NH_ALL) = { "tlbi-nh-all", BOTH, "CMD_TLBI_NH_ALL", { VMID } },
    ROW(TLBI_NH_ASID) = { "tlbi-nh-asid", BOTH, "CMD_TLBI_NH_ASID",
        { ASID, VMID } },
    ROW(TLBI_NH_VA) = { "tlbi-nh-va", BOTH, "CMD_TLBI_NH_VA",
        { ASID, ADDRESS, VMID, RANGE } },
    ROW(TLBI_NH_VAA) = { "tlbi-nh-vaa", BOTH, "CMD_TLBI_NH_VAA",
        { ADDRESS, VMID, RANGE } },
    ROW(TLBI_EL2_ALL) = { "tlbi-el2-all", BOTH, "CMD_TLBI_EL2_ALL",
        { { 0 } } },
    ROW(TLBI_EL2_ASID) = { "tlbi-el2-asid", BOTH, "CMD_TLBI_EL2_ASID",
        { ASID } },
    ROW(TLBI_EL2_VA) = { "tlbi-el2-va", BOTH, "CMD_TLBI_EL2_VA",
        { ASID, ADDRESS, RANGE } },
    ROW(TLBI_EL2_VAA) = { "tlbi-el2-vaa", BOTH, "CMD_TLBI_EL2_VAA",
        { ADDRESS, RANGE } },
    ROW(TLBI_S12_VMALL) = { "tlbi-s12-vmall", BOTH, "CMD_TLBI_S12_VMALL",
        { VMID } },
    ROW(TLBI_S2_IPA) = { "tlbi-s2-ipa", BOTH, "CMD_TLBI_S2_IPA",
        { ADDRESS, VMID, RANGE } },
    ROW(TLBI_NSNH_ALL) = { "tlbi-nsnh-all", BOTH, "CMD_TLBI_NSNH_ALL",
        { { 0 } } },
    ROW(PREFETCH_CONFIG) = { "prefetch-config", BOTH, "CMD_PREFETCH_CONFIG",
        { POS(DEVICE, 0, 0, 8), OPT("ssid", NUMBER, 0, 8, 21,
                                    SMMUV3_NO_SSID) } },
    ROW(PREFETCH_ADDR) = { "prefetch-addr", BOTH, "CMD_PREFETCH_ADDR",
        { POS(DEVICE, 0, 0, 8), ADDRESS,
          OPT("ssid", NUMBER, 0, 8, 21, SMMUV3_NO_SSID),
          OPT("size", NUMBER, 0, 32, 5, 0),
          OPT("stride", NUMBER, 0, 40, 5, 0) } },
    ROW(COMMAND) = { "command", BOTH, "put 16 raw bytes in the queue",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 64) } },
    ROW(SUBMIT) = { "submit", BOTH, "write CMDQ_PROD", { { 0 } } },
    ROW(SYNC) = { "sync", BOTH,
        "CMD_SYNC, CMDQ_PROD, and CMDQ_CONS must have passed it (after errors)",
        { FLAG("irq", 0, 0), FLAG("sev", 0, 1), FLAG("error", 0, 2) } },
    ROW(EVENT) = { "event", BOTH,
        "the oldest record of the event queue must be this; it is taken out",
        { POS(SMMUV3_EVENT, 0, 0, 8), POS(DEVICE, 0, 8, 8),
          OPT("address", NUMBER, 1, 0, 64, UINT64_MAX),
          OPT("ipa", NUMBER, 2, 0, 64, UINT64_MAX),
          OPT("ssid", NUMBER, 0, 16, 21, SMMUV3_NO_SSID),
          OPT("class", NUMBER, 0, 40, 3, SMMUV3_ANY_CLASS),
          FLAG("read", 0, 44), FLAG("write", 0, 45), FLAG("priv", 0, 46),
          FLAG("exec", 0, 47), FLAG("s2", 0, 48) } },
    ROW(EVENTS) = { "events", BOTH,
        "so many records must be in the event queue",
        { POS(NUMBER, 0, 0, 32) } },
    ROW(HANDLE_EVENTS) = { "handle-events", BOTH,
        "take the records out, acknowledge an overflow, as a driver does",
        { OPT("records", NUMBER, 0, 0, 32, UINT32_MAX),
          FLAG("overflow", 0, 32) } },
    ROW(GERROR_ACK) = { "gerror-ack", BOTH,
        "acknowledge the active global errors, which must be these",
        { OPT("is", NUMBER, 0, 0, 32, UINT32_MAX) } },
    ROW(VIOMMU_CREATE) = { "viommu-create", STACK,
        "create the domain's vIOMMU",
        { OPT("idr0", NUMBER, 0, 0, 32, SMMUV3_OWN_IDR),
          OPT("idr1", NUMBER, 0, 32, 32, SMMUV3_OWN_IDR),
          OPT("idr3", NUMBER, 1, 0, 32, SMMUV3_OWN_IDR),
          OPT("idr5", NUMBER, 1, 32, 32, SMMUV3_OWN_IDR),
          OPT("error", NUMBER, 2, 0, 16, 0) } },
    ROW(EXPECT_EVENT) = { "expect-event", BOTH,
        "session: an event record as recorded",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 64), POS(NUMBER, 2, 0, 64),
          POS(NUMBER, 3, 0, 64) } },
};
/* clang-format on */

/* More than any unit has, and what addresses can still be formed of. */
#define QUEUE_LOG2_MAX 20
#define SID_BITS_MAX   32

static bool possible(uint64_t value, uint64_t most)
{
    return value == SMMUV3_AS_LINUX || value <= most;
}

const char *smmuv3_check_operation(const struct operation *op)
{
    if ( op->code != SMMUV3_OP_START )
        return NULL;
    if ( !possible(op_arg(op, 0), QUEUE_LOG2_MAX) ||
         !possible(op_arg(op, 1), QUEUE_LOG2_MAX) )
        return "a queue has at most 2^20 entries";
    return possible(op_arg(op, 3), SID_BITS_MAX) ? NULL :
                                                   "a StreamID has 32 bits";
}
