/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event records (7.2 to 7.4): which are recorded, what is in them, merging,
 * overflow.
 */
#include "cover.h"

#include <string.h>

/* Fields beside type, StreamID and SubstreamID. */
#define HAS_SSV       BIT32(0)
#define HAS_ACCESS    BIT32(1) /* PnU, InD, RnW */
#define HAS_STAGE     BIT32(2) /* S2, CLASS */
#define HAS_INPUT     BIT32(3) /* InputAddr */
#define HAS_IPA       BIT32(4)
#define HAS_FETCHADDR BIT32(5)
#define HAS_TTRNW     BIT32(6)

#define WALK_FIELDS  (HAS_SSV | HAS_ACCESS | HAS_STAGE | HAS_INPUT)
#define FAULT_FIELDS (WALK_FIELDS | HAS_IPA)

struct event_info {
    const char *name;
    uint32_t fields;
    bool before_ste; /* 7.3.1: merged whatever MEV says */
};

/* clang-format off */
static const struct event_info events[EVENT_COUNT] = {
    [C_BAD_STREAMID]    = { "C_BAD_STREAMID", HAS_SSV, true },
    [F_STE_FETCH]       = { "F_STE_FETCH", HAS_SSV | HAS_FETCHADDR, true },
    [C_BAD_STE]         = { "C_BAD_STE", HAS_SSV, true },
    [F_STREAM_DISABLED] = { "F_STREAM_DISABLED", HAS_SSV, false },
    [C_BAD_SUBSTREAMID] = { "C_BAD_SUBSTREAMID", 0, false },
    [F_CD_FETCH]        = { "F_CD_FETCH", HAS_SSV | HAS_FETCHADDR, false },
    [C_BAD_CD]          = { "C_BAD_CD", HAS_SSV, false },
    [F_WALK_EABT]       = { "F_WALK_EABT", WALK_FIELDS | HAS_FETCHADDR,
                            false },
    [F_TRANSLATION]     = { "F_TRANSLATION", FAULT_FIELDS, false },
    [F_ADDR_SIZE]       = { "F_ADDR_SIZE", FAULT_FIELDS, false },
    [F_ACCESS]          = { "F_ACCESS", FAULT_FIELDS, false },
    [F_PERMISSION]      = { "F_PERMISSION", FAULT_FIELDS | HAS_TTRNW,
                            false },
};
/* clang-format on */

const char *smmu_event_name(enum event event)
{
    return event == TERMINATED ? "STE.Config" : events[event].name;
}

bool smmu_event_is_translation_fault(enum event event)
{
    return event >= F_TRANSLATION && event <= F_PERMISSION;
}

/* ---- what is in a record ---- */

/* 13.1.2: an atomic is a write, but where only the read is not allowed. */
static bool is_read(const struct walk *walk)
{
    const struct fault *fault = &walk->fault;

    if ( walk->request->access != REQUEST_ATOMIC )
        return walk->request->access == REQUEST_READ;
    return fault->event == F_PERMISSION && fault->class == CLASS_IN &&
           fault->missing == RIGHT_READ;
}

static uint64_t encode_flags(const struct walk *walk, uint32_t fields)
{
    const struct fault *fault = &walk->fault;
    uint64_t word = 0;

    if ( fields & HAS_ACCESS )
        word |= (walk->privileged ? EVENT_PNU : 0) |
                (walk->execute ? EVENT_IND : 0) |
                (is_read(walk) ? EVENT_RNW : 0);
    if ( fields & HAS_STAGE )
        word |= (fault->s2 ? EVENT_S2 : 0) |
                (uint64_t)fault->class << EVENT_CLASS_SHIFT;
    /* Without hardware updates a descriptor is only read. */
    if ( (fields & HAS_TTRNW) && fault->class == CLASS_TT )
        word |= EVENT_TTRNW;
    return word;
}

static void encode(const struct walk *walk, uint64_t record[EVENT_WORDS])
{
    const struct fault *fault = &walk->fault;
    uint32_t fields = events[fault->event].fields;
    uint32_t ssid = walk->request->pasid;
    bool given = ssid != REQUEST_NO_PASID;

    memset(record, 0, EVENT_SIZE);
    record[0] = fault->event | (uint64_t)walk->request->source
                                   << EVENT_SID_SHIFT;
    if ( given )
        record[0] |= (uint64_t)(ssid & BITS64(19, 0)) << EVENT_SSID_SHIFT |
                     (fields & HAS_SSV ? EVENT_SSV : 0);
    record[1] = encode_flags(walk, fields);
    if ( fields & HAS_INPUT )
        record[2] = walk->request->address;
    if ( (fields & HAS_IPA) && fault->s2 )
        record[3] = fault->address & walk->smmu->oas_mask & EVENT_IPA;
    if ( fields & HAS_FETCHADDR )
        record[3] = fault->address & EVENT_FETCHADDR;
}

/* ---- which are recorded ---- */

/* 5.5: CD.R and STE.S2R.  A stage 1 that is passed by has no CD. */
static bool suppressed(const struct walk *walk)
{
    const struct fault *fault = &walk->fault;

    if ( fault->event == TERMINATED )
        return true;
    if ( fault->event == C_BAD_STREAMID )
        return !(reg32(walk->smmu, SMMU_CR2) & CR2_RECINVSID);
    if ( !smmu_event_is_translation_fault(fault->event) )
        return false;
    if ( fault->s2 )
        return !(walk->ste.word[2] & STE_S2R);
    return walk->cd_valid && !(walk->cd.word[0] & CD_R);
}

/* ---- the queue ---- */

/* One record at a time: they keep their order. */
static void begin_recording(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_RECORDING, 1, false);
    while ( smmu->recording )
    {
        port_relax(&smmu->port);
        touch(smmu, LATCH_RECORDING, 1, false);
    }
    touch(smmu, LATCH_RECORDING, 1, true);
    smmu->recording = true;
}

static void end_recording(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_RECORDING, 1, true);
    smmu->recording = false;
    smmu_registers_update_cr0ack(smmu);
}

bool smmuv3_is_recording(const struct smmuv3 *smmu)
{
    return smmu->recording;
}

/* 7.4: OVFLG toggles unless the overflow before is not acknowledged yet. */
static void overflow(struct smmuv3 *smmu)
{
    uint32_t prod = reg32(smmu, SMMU_EVENTQ_PROD);

    COVER("smmuv3.eventq.full.%s",
          (prod ^ reg32(smmu, SMMU_EVENTQ_CONS)) & EVENTQ_OVERFLOW ? "again" :
                                                                     "first");
    if ( !((prod ^ reg32(smmu, SMMU_EVENTQ_CONS)) & EVENTQ_OVERFLOW) )
        set_reg32(smmu, SMMU_EVENTQ_PROD, prod ^ EVENTQ_OVERFLOW);
}

static uint32_t eventq_index(const struct smmuv3 *smmu, uint32_t offset)
{
    return smmu_queue_index(smmu, SMMU_EVENTQ_BASE, reg32(smmu, offset));
}

/* 7.3.1: the same but for the offset in the page, and the last record is
 * still there. */
static bool merges(const struct walk *walk, const uint64_t *record)
{
    const struct smmuv3 *smmu = walk->smmu;
    const uint64_t *last = smmu->last_event;
    bool permitted = events[walk->fault.event].before_ste ||
                     (walk->ste_valid && (walk->ste.word[1] & STE_MEV));

    return smmu->config.merge_events && permitted &&
           eventq_index(smmu, SMMU_EVENTQ_PROD) !=
               eventq_index(smmu, SMMU_EVENTQ_CONS) &&
           last[0] == record[0] && last[1] == record[1] &&
           last[2] >> 12 == record[2] >> 12 && last[3] == record[3];
}

/* 7.2.1: enabled, no abort to be acknowledged, and room. */
static bool writable(struct smmuv3 *smmu)
{
    uint32_t full = BIT32(smmu_queue_log2size(smmu, SMMU_EVENTQ_BASE));

    if ( !(reg32(smmu, SMMU_CR0) & CR0_EVENTQEN) ||
         smmu_gerror_active(smmu, GERROR_EVENTQ_ABT) )
    {
        COVER("smmuv3.eventq.%s", reg32(smmu, SMMU_CR0) & CR0_EVENTQEN ?
                                      "aborted-before" :
                                      "disabled");
        return false;
    }
    if ( (eventq_index(smmu, SMMU_EVENTQ_PROD) ^
          eventq_index(smmu, SMMU_EVENTQ_CONS)) != full )
        return true;
    overflow(smmu);
    return false;
}

/* Move PROD past the record that was written; the edge on non-empty. */
static void publish(struct smmuv3 *smmu, const uint64_t *record)
{
    uint32_t prod = reg32(smmu, SMMU_EVENTQ_PROD);
    uint32_t index = eventq_index(smmu, SMMU_EVENTQ_PROD);
    bool was_empty = index == eventq_index(smmu, SMMU_EVENTQ_CONS);

    index = smmu_queue_index(smmu, SMMU_EVENTQ_BASE, index + 1);
    COVER("smmuv3.eventq.written.%s", was_empty ? "first" : "further");
    if ( !(index & (BIT32(smmu_queue_log2size(smmu, SMMU_EVENTQ_BASE)) - 1)) )
        COVER("smmuv3.eventq.wrap");
    set_reg32(smmu, SMMU_EVENTQ_PROD, (prod & EVENTQ_OVERFLOW) | index);
    memcpy(smmu->last_event, record, EVENT_SIZE);
    smmu->stats.events++;
    end_recording(smmu);
    if ( was_empty && (reg32(smmu, SMMU_IRQ_CTRL) & IRQ_CTRL_EVENTQ) )
        port_wire(&smmu->port, smmu->config.wires.eventq, false);
}

static void lose(struct smmuv3 *smmu)
{
    smmu->stats.events_lost++;
    end_recording(smmu);
}

void smmu_events_forget(struct smmuv3 *smmu)
{
    touch(smmu, LATCH_RECORDING, 1, true);
    memset(smmu->last_event, 0, sizeof(smmu->last_event));
}

void smmu_event_record(const struct walk *walk)
{
    struct smmuv3 *smmu = walk->live;
    uint64_t record[EVENT_WORDS];

    cover_event(walk, suppressed(walk));
    if ( suppressed(walk) )
        return;
    encode(walk, record);
    spend(smmu, COST_FAULT_RECORD);
    begin_recording(smmu);
    if ( merges(walk, record) )
    {
        COVER("smmuv3.eventq.merged");
        end_recording(smmu);
        return;
    }
    if ( !writable(smmu) )
    {
        lose(smmu);
        return;
    }
    if ( !port_write(&smmu->port,
                     smmu_queue_entry(smmu, SMMU_EVENTQ_BASE,
                                      eventq_index(smmu, SMMU_EVENTQ_PROD),
                                      EVENT_SIZE),
                     record, EVENT_SIZE, 8) )
    {
        /* 7.2.2: a synchronous abort; PROD stays. */
        COVER("smmuv3.eventq.abort");
        lose(smmu);
        smmu_gerror_activate(smmu, GERROR_EVENTQ_ABT);
        return;
    }
    publish(smmu, record);
}
