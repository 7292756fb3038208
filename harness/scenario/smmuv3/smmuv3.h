/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 in scenarios and sessions: what the files of this directory share. */
#ifndef HARNESS_SCENARIO_SMMUV3_SMMUV3_H
#define HARNESS_SCENARIO_SMMUV3_SMMUV3_H

#include <scenario/arch.h>

#include <guest/smmuv3_guest.h>

extern const struct arch arch_smmuv3;

/* program_machine.id */
enum smmuv3_id {
    SMMUV3_ID_IDR0,
    SMMUV3_ID_IDR1,
    SMMUV3_ID_IDR2,
    SMMUV3_ID_IDR3,
    SMMUV3_ID_IDR4,
    SMMUV3_ID_IDR5,
    SMMUV3_ID_IIDR,
    SMMUV3_ID_AIDR,
};

/* program_machine.options, as bit numbers */
enum smmuv3_option {
    SMMUV3_OPTION_MERGE, /* 7.3.1: the physical model merges events */
    SMMUV3_OPTION_ABORT, /* GBPA.ABORT is 1 after reset */
};

/* FIELD_ARCH and beyond */
enum smmuv3_field {
    FIELD_SMMUV3_CONFIG = FIELD_ARCH, /* abort bypass s1 s2 nested */
    FIELD_SMMUV3_STRTAB,              /* linear 2lvl */
    FIELD_SMMUV3_EVENT,               /* C_BAD_STE F_TRANSLATION ... */
};

/* program_table.option */
enum smmuv3_table_option {
    SMMUV3_TABLE_STAGE,
    SMMUV3_TABLE_GRANULE, /* bits */
    SMMUV3_TABLE_T0SZ,    /* 0: 48 bits at stage 1, 40 at stage 2 */
    SMMUV3_TABLE_SL0,     /* S2SL0; 4: as few levels as it takes */
};
#define SMMUV3_SL0_AUTO 4

/* What fields hold that were left out. */
#define SMMUV3_AS_LINUX     0xff
#define SMMUV3_NO_TABLE     0xff
#define SMMUV3_OWN_SIZE     15 /* IPS, S2PS: as IDR5.OAS */
#define SMMUV3_AP_OF_RIGHTS 4
#define SMMUV3_NO_SSID      0x100000
#define SMMUV3_ANY_CLASS    7
#define SMMUV3_OWN_IDR      UINT32_MAX /* as the machine says */

enum smmuv3_strtab {
    SMMUV3_STRTAB_AS_LINUX,
    SMMUV3_STRTAB_LINEAR,
    SMMUV3_STRTAB_2LVL,
};

enum smmuv3_op {
    /* the guest's driver: start-up and structures */
    SMMUV3_OP_START = OP_ARCH,
    SMMUV3_OP_STE,
    SMMUV3_OP_STE_RAW,
    SMMUV3_OP_STE_FLIP,
    SMMUV3_OP_L1STD,
    SMMUV3_OP_CD_TABLE,
    SMMUV3_OP_CD,
    SMMUV3_OP_CD_RAW,
    SMMUV3_OP_CD_FLIP,
    SMMUV3_OP_L1CD,
    SMMUV3_OP_MAP,
    SMMUV3_OP_UNMAP,
    SMMUV3_OP_ENTRY,
    /* its commands */
    SMMUV3_OP_CFGI_STE,
    SMMUV3_OP_CFGI_STE_RANGE,
    SMMUV3_OP_CFGI_ALL,
    SMMUV3_OP_CFGI_CD,
    SMMUV3_OP_CFGI_CD_ALL,
    SMMUV3_OP_TLBI_NH_ALL,
    SMMUV3_OP_TLBI_NH_ASID,
    SMMUV3_OP_TLBI_NH_VA,
    SMMUV3_OP_TLBI_NH_VAA,
    SMMUV3_OP_TLBI_EL2_ALL,
    SMMUV3_OP_TLBI_EL2_ASID,
    SMMUV3_OP_TLBI_EL2_VA,
    SMMUV3_OP_TLBI_EL2_VAA,
    SMMUV3_OP_TLBI_S12_VMALL,
    SMMUV3_OP_TLBI_S2_IPA,
    SMMUV3_OP_TLBI_NSNH_ALL,
    SMMUV3_OP_PREFETCH_CONFIG,
    SMMUV3_OP_PREFETCH_ADDR,
    SMMUV3_OP_COMMAND,
    SMMUV3_OP_SUBMIT,
    SMMUV3_OP_SYNC,
    /* its interrupt handlers, and what must hold */
    SMMUV3_OP_EVENT,
    SMMUV3_OP_EVENTS,
    SMMUV3_OP_HANDLE_EVENTS,
    SMMUV3_OP_GERROR_ACK,
    /* toolstack */
    SMMUV3_OP_VIOMMU_CREATE,
    /* recorded sessions */
    SMMUV3_OP_EXPECT_EVENT,
    SMMUV3_OP_END
};

/* The guest driver's state, in wd->guest. */
struct smmuv3_driver {
    struct smmuv3_guest guest;
    struct smmuv3_guest_space table[PROGRAM_MAX_TABLES];
    struct smmuv3_guest_cd_table cds[PROGRAM_MAX_DEVICES]; /* by device */
    /* Recorded sessions: the queue that is read (EVENTQ_BASE), and how many of
     * its records were looked at. */
    uint64_t session_queue;
    uint32_t session_events;
};

/* names.c */
extern const struct arch_id smmuv3_id[];
const struct name_value *smmuv3_names(unsigned int kind);
bool smmuv3_register_by_name(const struct program_machine *machine,
                             const char *name, uint64_t *encoded);
const char *smmuv3_register_name(const struct program_machine *machine,
                                 uint64_t encoded, char *buffer, size_t size);

/* operations.c */
extern const struct op_spec smmuv3_op[SMMUV3_OP_END - OP_ARCH];
const char *smmuv3_check_operation(const struct operation *op);

/* driver.c: start-up and page tables */
execute_fn smmuv3_op_start, smmuv3_op_map, smmuv3_op_unmap, smmuv3_op_entry;
/* The driver of this domain; it reads the IDRs at its first use. */
struct smmuv3_driver *smmuv3_guest_of(struct execution *e);
/* The space of a declared table, made at its first use; NULL: SMMUV3_NO_TABLE,
 * or no memory, which is the program's fault. */
const struct smmuv3_guest_space *smmuv3_space(struct execution *e,
                                              uint64_t table);

/* structures.c */
execute_fn smmuv3_op_ste, smmuv3_op_ste_raw, smmuv3_op_ste_flip,
    smmuv3_op_l1std, smmuv3_op_cd_table, smmuv3_op_cd, smmuv3_op_cd_raw,
    smmuv3_op_cd_flip, smmuv3_op_l1cd;

/* commands.c */
execute_fn smmuv3_op_cfgi, smmuv3_op_cfgi_all, smmuv3_op_tlbi,
    smmuv3_op_prefetch_config, smmuv3_op_prefetch_addr, smmuv3_op_command,
    smmuv3_op_submit, smmuv3_op_sync;

/* events.c */
execute_fn smmuv3_op_event, smmuv3_op_events, smmuv3_op_handle_events,
    smmuv3_op_gerror_ack;

/* session.c, and the create hypercall */
execute_fn smmuv3_op_viommu_create, smmuv3_expect_event;
void smmuv3_trace_register(struct program_machine *machine, uint64_t offset,
                           uint64_t value);
bool smmuv3_trace_line(struct trace *t, char kind, char *at);
void smmuv3_trace_end(struct program *program);
void smmuv3_session_end(struct execution *e, struct world_domain *wd);

/* unit.c */
uint64_t smmuv3_unit_read(void *unit, uint32_t offset, unsigned int size);
void smmuv3_unit_write(void *unit, uint32_t offset, unsigned int size,
                       uint64_t value);
const char *smmuv3_create_unit(struct world *world, unsigned int index,
                               void **unit);
void smmuv3_unit_access(void *unit, const struct request *request,
                        const struct port *device, void *data,
                        struct response *response);
void smmuv3_unit_probe(const void *unit, const struct request *request,
                       bool (*read)(void *world, uint64_t address,
                                    void *buffer, unsigned int len),
                       void *world, struct response *response);
void smmuv3_unit_prefetch(void *unit, const struct request *request);
bool smmuv3_unit_holds_dma(const void *unit);
void smmuv3_unit_evict(void *unit, unsigned int caches);
void smmuv3_unit_stats(const void *unit, struct arch_stats *stats);
void smmuv3_oracle(struct world_domain *wd, const uint64_t *id,
                   struct oracle_config *config);

#endif /* HARNESS_SCENARIO_SMMUV3_SMMUV3_H */
