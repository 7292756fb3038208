/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that only VT-d has. */

#include <scenario/vtd/vtd.h>
#include <scenario/op_rows.h>

/* clang-format off */
/* Which way an invalidation command is given: FLAG "register". */
#define BY_REGISTER FLAG("register", 3, 0)

const struct op_spec vtd_op[VTD_OP_END - OP_ARCH] = {
    [VTD_OP_START - OP_ARCH] = { "start", BOTH,
        "bring the unit up as a driver does: queue, root table, TE",
        { OPT("queue", NUMBER, 0, 0, 8, 0), FLAG("no-queue", 0, 8),
          FLAG("no-te", 0, 9) } },
    [VTD_OP_CONTEXT - OP_ARCH] = { "context", ANYWHERE, "write a device's context entry",
        { POS(DEVICE, 0, 0, 8), OPT("table", TABLE, 0, 8, 8, 0xff),
          OPT("did", NUMBER, 1, 0, 16, 1), OPT("tt", NUMBER, 1, 16, 2, 0),
          OPT("aw", NUMBER, 1, 24, 4, 15), FLAG("fpd", 1, 32),
          FLAG("absent", 1, 33), FLAG("torn", 1, 34) } },
    [VTD_OP_CONTEXT_RAW - OP_ARCH] = { "context-raw", ANYWHERE,
        "write both words of a device's context entry",
        { POS(DEVICE, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 64) } },
    [VTD_OP_ROOT_RAW - OP_ARCH] = { "root-raw", ANYWHERE, "write both words of a root entry",
        { POS(NUMBER, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 64) } },
    [VTD_OP_MAP - OP_ARCH] = { "map", ANYWHERE, "map: table, IOVA, target, size, rights",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64), POS(NUMBER, 2, 0, 64),
          POS(SIZE, 0, 8, 8), POS(RIGHTS, 0, 16, 2) } },
    [VTD_OP_UNMAP - OP_ARCH] = { "unmap", ANYWHERE, "clear the leaf entry: table, IOVA, size",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          POS(SIZE, 0, 8, 8) } },
    [VTD_OP_ENTRY - OP_ARCH] = { "entry", ANYWHERE,
        "write a raw table entry: table, IOVA, level, value",
        { POS(TABLE, 0, 0, 8), POS(NUMBER, 1, 0, 64), POS(NUMBER, 0, 8, 4),
          POS(NUMBER, 2, 0, 64), FLAG("target-table", 0, 12) } },
    [VTD_OP_CC_GLOBAL - OP_ARCH] = { "cc-global", BOTH, "invalidate the context cache",
        { BY_REGISTER } },
    [VTD_OP_CC_DOMAIN - OP_ARCH] = { "cc-domain", BOTH,
        "invalidate the context cache: domain",
        { POS(NUMBER, 0, 0, 16), BY_REGISTER } },
    [VTD_OP_CC_DEVICE - OP_ARCH] = { "cc-device", BOTH,
        "invalidate the context cache: device",
        { POS(DEVICE, 0, 0, 8), OPT("did", NUMBER, 1, 0, 16, 0),
          OPT("fm", NUMBER, 1, 16, 2, 0), BY_REGISTER } },
    [VTD_OP_IOTLB_GLOBAL - OP_ARCH] = { "iotlb-global", BOTH, "invalidate the IOTLB",
        { FLAG("dr", 2, 0), FLAG("dw", 2, 1), BY_REGISTER } },
    [VTD_OP_IOTLB_DOMAIN - OP_ARCH] = { "iotlb-domain", BOTH,
        "invalidate the IOTLB: domain",
        { POS(NUMBER, 0, 0, 16), FLAG("dr", 2, 0), FLAG("dw", 2, 1),
          BY_REGISTER } },
    [VTD_OP_IOTLB_PAGE - OP_ARCH] = { "iotlb-page", BOTH,
        "invalidate the IOTLB: domain, address, AM",
        { POS(NUMBER, 0, 0, 16), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 0, 16, 6), FLAG("ih", 2, 2), FLAG("dr", 2, 0),
          FLAG("dw", 2, 1), BY_REGISTER } },
    [VTD_OP_DESCRIPTOR - OP_ARCH] = { "descriptor", BOTH, "put 16 raw bytes in the queue",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 64) } },
    [VTD_OP_WAIT - OP_ARCH] = { "wait", BOTH, "put an invalidation wait in the queue",
        { OPT("status", NUMBER, 0, 0, 32, 0), OPT("at", NUMBER, 1, 0, 64, 0),
          FLAG("interrupt", 2, 0), FLAG("fence", 2, 1),
          FLAG("no-status", 2, 2) } },
    [VTD_OP_SUBMIT - OP_ARCH] = { "submit", BOTH, "write the tail register", { { 0 } } },
    [VTD_OP_SYNC - OP_ARCH] = { "sync", BOTH,
        "wait descriptor, tail, and its status must have been written",
        { { 0 } } },
    [VTD_OP_GCMD - OP_ARCH] = { "gcmd", BOTH,
        "give a command, its status bit must follow",
        { POS(VTD_COMMAND, 0, 0, 8), FLAG("off", 0, 8) } },
    [VTD_OP_HANDLE_FAULTS - OP_ARCH] = { "handle-faults", BOTH,
        "read and clear the fault records as a driver does",
        { OPT("records", NUMBER, 0, 0, 16, 0xffff) } },
    [VTD_OP_VIOMMU_CREATE - OP_ARCH] = { "viommu-create", STACK,
        "create the domain's vIOMMU",
        { OPT("cap", NUMBER, 0, 0, 64, 0), OPT("ecap", NUMBER, 1, 0, 64, 0),
          OPT("error", NUMBER, 2, 0, 16, 0) } },
    [VTD_OP_FAULT_RECORD - OP_ARCH] = { "fault-record", BOTH,
        "a fault recording register must hold this, with F set",
        { POS(NUMBER, 0, 0, 8), POS(DEVICE, 0, 8, 8),
          POS(ACCESS, 0, 16, 4), POS(NUMBER, 1, 0, 64),
          REQ("reason", NUMBER, 0, 24, 8) } },
    [VTD_OP_EXPECT_RECORD - OP_ARCH] = { "expect-record", BOTH,
        "session: a fault record as recorded",
        { POS(NUMBER, 0, 0, 8), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 64) } },
    [VTD_OP_EXPECT_STATUS - OP_ARCH] = { "expect-status", BOTH,
        "session: an invalidation wait's status word",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 32) } },
    [VTD_OP_EXPECT_EVENT - OP_ARCH] = { "expect-event", BOTH,
        "session: the unit's fault event interrupt",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 32) } },
    [VTD_OP_EXPECT_INTERRUPT - OP_ARCH] = { "expect-interrupt", BOTH,
        "session: a remapped interrupt (not modelled yet, counted)",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 32) } },
};
/* clang-format on */

#define MAX_QUEUE_ORDER 7 /* IQA.QS (11.4.9.3) */

const char *vtd_check_operation(const struct operation *op)
{
    if ( op->code == VTD_OP_START && op_arg(op, 0) > MAX_QUEUE_ORDER )
        return "a queue has an order from 0 to 7";
    if ( op->code == VTD_OP_ENTRY && (op_arg(op, 2) < 1 || op_arg(op, 2) > 6) )
        return "a table entry has a level from 1 to 6";
    if ( (op->code == VTD_OP_MAP && op_arg(op, 3) % 9) ||
         (op->code == VTD_OP_UNMAP && op_arg(op, 2) % 9) )
        return "a page is 4k, 2m or 1g";
    return NULL;
}
