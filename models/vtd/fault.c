/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault logging and events (chapter 7): the primary fault log, invalidation
 * queue errors, and the messages that tell of them.
 */
#include "cover.h"

/* clang-format off */
static const struct {
    const char *name;
    uint8_t reason;
    bool qualified;
} conditions[CONDITION_COUNT] = {
    [RTA_1]   = { "RTA.1",   0x30, false }, /* TTM reserved or not built */
    [RTA_2]   = { "RTA.2",   0x31, false }, /* PASID in legacy mode */
    [LRT_1]   = { "LRT.1",   0x08, false }, /* root entry: fetch */
    [LRT_2]   = { "LRT.2",   0x01, false }, /* root entry: not present */
    [LRT_3]   = { "LRT.3",   0x0a, false }, /* root entry: reserved bits */
    [LCT_1]   = { "LCT.1",   0x09, false }, /* context entry: fetch */
    [LCT_2]   = { "LCT.2",   0x02, true },  /* not present */
    [LCT_3]   = { "LCT.3",   0x0b, true },  /* reserved bits */
    [LCT_4_1] = { "LCT.4.1", 0x03, true },  /* AW not supported */
    [LCT_4_2] = { "LCT.4.2", 0x03, true },  /* TT not supported */
    [LCT_4_3] = { "LCT.4.3", 0x03, true },  /* fetch through SLPTPTR */
    [LCT_5]   = { "LCT.5",   0x0d, true },  /* request type blocked by TT */
    [LGN_1]   = { "LGN.1",   0x04, true },  /* address too wide */
    [LGN_2]   = { "LGN.2",   0x05, true },  /* no write permission */
    [LGN_3]   = { "LGN.3",   0x06, true },  /* no read permission */
    [LGN_4]   = { "LGN.4",   0x0e, true },  /* interrupt address range */
    [LSL_1]   = { "LSL.1",   0x07, true },  /* paging entry: fetch */
    [LSL_2]   = { "LSL.2",   0x0c, true },  /* paging entry: reserved */
};
/* clang-format on */

const char *condition_name(enum condition condition)
{
    return conditions[condition].name;
}

unsigned int condition_reason(enum condition condition)
{
    return conditions[condition].reason;
}

bool condition_qualified(enum condition condition)
{
    return conditions[condition].qualified;
}

/* ---- events (7.3, 6.5.2.8): FECTL and IECTL alike ---- */

static void send_message(struct vtd *vtd, uint32_t control)
{
    uint64_t address = reg32(vtd, control + EVENT_ADDRESS) |
                       (uint64_t)reg32(vtd, control + EVENT_UADDRESS) << 32;

    port_msi(&vtd->port, address, reg32(vtd, control + EVENT_DATA));
}

void event_raise(struct vtd *vtd, uint32_t control)
{
    uint32_t value = reg32(vtd, control);

    cover_event(control, value & EVENT_IM ? "masked" : "sent");
    if ( value & EVENT_IM )
        set_reg32(vtd, control, value | EVENT_IP);
    else
        send_message(vtd, control);
}

void event_control_written(struct vtd *vtd, uint32_t control, uint32_t old)
{
    uint32_t value = reg32(vtd, control);

    /* Unmasking sends what was held back. */
    if ( !(old & EVENT_IM) || (value & EVENT_IM) || !(value & EVENT_IP) )
        return;
    cover_event(control, "unmasked");
    set_reg32(vtd, control, value & ~EVENT_IP);
    send_message(vtd, control);
}

/* Set status bits; only the first one of all raises the event. */
static void fsts_raise(struct vtd *vtd, uint32_t bits)
{
    uint32_t fsts = reg32(vtd, VTD_FSTS);

    set_reg32(vtd, VTD_FSTS, fsts | bits);
    if ( !(fsts & FSTS_EVENTS) )
        event_raise(vtd, VTD_FECTL);
    else
        cover_event(VTD_FECTL, "already");
}

/* Software has serviced every condition: the pending message goes as well. */
void fault_fsts_written(struct vtd *vtd)
{
    if ( reg32(vtd, VTD_FSTS) & FSTS_EVENTS )
        return;
    if ( reg32(vtd, VTD_FECTL) & EVENT_IP )
        cover_event(VTD_FECTL, "withdrawn");
    set_reg32(vtd, VTD_FECTL, reg32(vtd, VTD_FECTL) & ~EVENT_IP);
}

/* ---- fault recording registers (7.2.1, 11.4.7.6) ---- */

static unsigned int frcd_count(const struct vtd *vtd)
{
    return CAP_NFR(vtd->config.cap) + 1;
}

static uint32_t frcd_offset(const struct vtd *vtd, unsigned int index)
{
    return frcd_registers(&vtd->config) + index * FRCD_STRIDE;
}

static uint64_t frcd_high(const struct vtd *vtd, unsigned int index)
{
    return reg64(vtd, frcd_offset(vtd, index) + VTD_FRCD_HIGH);
}

static uint64_t encode_high(const struct request *request,
                            enum condition condition)
{
    uint64_t high = FRCD_F |
                    (uint64_t)condition_reason(condition) << FRCD_FR_SHIFT |
                    (uint64_t)request->type << FRCD_AT_SHIFT |
                    (request->source & FRCD_SID_MASK);

    if ( request->access != REQUEST_WRITE )
        high |= FRCD_T1;
    if ( request->access == REQUEST_ATOMIC )
        high |= FRCD_T2;
    /* PV, EXE and PRIV mean something only beside PP. */
    if ( request->pasid != REQUEST_NO_PASID )
        high |= FRCD_PP | (request->execute ? FRCD_EXE : 0) |
                (request->privileged ? FRCD_PRIV : 0) |
                (((uint64_t)request->pasid << FRCD_PV_SHIFT) & FRCD_PV_MASK);
    return high;
}

static bool source_pending(const struct vtd *vtd, uint32_t source)
{
    for ( unsigned int i = 0; i < frcd_count(vtd); i++ )
    {
        uint64_t high = frcd_high(vtd, i);

        if ( (high & FRCD_F) && (high & FRCD_SID_MASK) == source )
            return true;
    }
    return false;
}

static void write_record(struct vtd *vtd, const struct request *request,
                         enum condition condition)
{
    unsigned int index = vtd->next_frcd;
    uint32_t offset = frcd_offset(vtd, index);
    uint32_t fsts = reg32(vtd, VTD_FSTS);

    set_reg64(vtd, offset + VTD_FRCD_LOW, request->address & FRCD_FI);
    set_reg64(vtd, offset + VTD_FRCD_HIGH, encode_high(request, condition));
    vtd->next_frcd = (index + 1) % frcd_count(vtd);

    /* FRI names the first pending record and stays while PPF is set. */
    if ( !(fsts & FSTS_PPF) )
        set_reg32(vtd, VTD_FSTS,
                  (fsts & ~FSTS_FRI_MASK) | index << FSTS_FRI_SHIFT);
    fsts_raise(vtd, FSTS_PPF);
}

void fault_record(struct vtd *vtd, const struct request *request,
                  enum condition condition)
{
    touch(vtd, LATCH_NEXT_FRCD, 1, true);
    spend(vtd, COST_FAULT_RECORD);
    vtd->stats.faults++;
    cover_fault(vtd, request, condition,
                frcd_high(vtd, vtd->next_frcd) & FRCD_F);

    /* 1. After an overflow nothing is recorded until software clears PFO. */
    if ( reg32(vtd, VTD_FSTS) & FSTS_PFO )
        return;
    /* 2. Optional: one pending record per source-id is enough. */
    if ( vtd->config.collapse_faults &&
         source_pending(vtd, request->source & FRCD_SID_MASK) )
    {
        COVER("vtd.fault.collapsed");
        return;
    }
    /* 3. The registers are used in a circle; a pending one is not reused. */
    if ( frcd_high(vtd, vtd->next_frcd) & FRCD_F )
        fsts_raise(vtd, FSTS_PFO);
    else
        write_record(vtd, request, condition);
}

void fault_queue_error(struct vtd *vtd, enum iqei iqei)
{
    uint64_t record = reg64(vtd, VTD_IQERCD) & ~IQERCD_IQEI_MASK;

    COVER("vtd.iqe.%u", (unsigned int)iqei);
    set_reg64(vtd, VTD_IQERCD, record | iqei);
    fsts_raise(vtd, FSTS_IQE);
}

/* PPF is the OR of all F bits. */
void fault_frcd_written(struct vtd *vtd)
{
    for ( unsigned int i = 0; i < frcd_count(vtd); i++ )
        if ( frcd_high(vtd, i) & FRCD_F )
        {
            COVER("vtd.frcd.cleared.others-pending");
            return;
        }
    COVER("vtd.frcd.cleared.last");
    set_reg32(vtd, VTD_FSTS, reg32(vtd, VTD_FSTS) & ~FSTS_PPF);
    fault_fsts_written(vtd);
}
