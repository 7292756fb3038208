/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d in scenarios and sessions: what the files of this directory share. */
#ifndef HARNESS_SCENARIO_VTD_VTD_H
#define HARNESS_SCENARIO_VTD_VTD_H

#include <scenario/arch.h>

#include <guest/vtd_guest.h>

extern const struct arch arch_vtd;

/* program_machine.id */
enum vtd_id { VTD_ID_CAP, VTD_ID_ECAP, VTD_ID_VERSION };

/* program_machine.options, as bit numbers */
enum vtd_option {
    VTD_OPTION_COLLAPSE, /* 7.2.1: the physical model drops a fault of a
                          * source that has a record pending */
    VTD_OPTION_REPLAY,   /* capability bits that are not built may be set */
};

/* FIELD_ARCH and beyond */
enum vtd_field {
    FIELD_VTD_COMMAND = FIELD_ARCH, /* te srtp qie ...: GCMD's bit number */
};

/* program_table.option */
enum vtd_table_option { VTD_TABLE_LEVELS };

enum vtd_op {
    /* the guest's driver */
    VTD_OP_START = OP_ARCH,
    VTD_OP_CONTEXT,
    VTD_OP_CONTEXT_RAW,
    VTD_OP_ROOT_RAW,
    VTD_OP_MAP,
    VTD_OP_UNMAP,
    VTD_OP_ENTRY,
    VTD_OP_CC_GLOBAL,
    VTD_OP_CC_DOMAIN,
    VTD_OP_CC_DEVICE,
    VTD_OP_IOTLB_GLOBAL,
    VTD_OP_IOTLB_DOMAIN,
    VTD_OP_IOTLB_PAGE,
    VTD_OP_DESCRIPTOR,
    VTD_OP_WAIT,
    VTD_OP_SUBMIT,
    VTD_OP_SYNC,
    VTD_OP_GCMD,
    VTD_OP_HANDLE_FAULTS,
    /* toolstack */
    VTD_OP_VIOMMU_CREATE,
    /* what must hold */
    VTD_OP_FAULT_RECORD,
    /* recorded sessions */
    VTD_OP_EXPECT_RECORD,
    VTD_OP_EXPECT_STATUS,
    VTD_OP_EXPECT_EVENT,
    VTD_OP_EXPECT_INTERRUPT,
    VTD_OP_END
};

/* The guest driver's state, in wd->guest. */
struct vtd_driver {
    struct vtd_guest guest;
    struct vtd_guest_space table[PROGRAM_MAX_TABLES];
};

/* names.c */
extern const struct arch_id vtd_id[];
const struct name_value *vtd_names(unsigned int kind);
bool vtd_register_by_name(const struct program_machine *machine,
                          const char *name, uint64_t *encoded);
const char *vtd_register_name(const struct program_machine *machine,
                              uint64_t encoded, char *buffer, size_t size);
/* Offset of a fault recording register. */
uint32_t vtd_frcd_offset(const struct program_machine *machine,
                         unsigned int index);

/* operations.c */
extern const struct op_spec vtd_op[VTD_OP_END - OP_ARCH];
const char *vtd_check_operation(const struct operation *op);

/* driver.c */
execute_fn vtd_start, vtd_context, vtd_context_raw, vtd_root_raw, vtd_map,
    vtd_unmap, vtd_entry, vtd_cc_global, vtd_cc_domain, vtd_cc_device,
    vtd_iotlb_global, vtd_iotlb_domain, vtd_iotlb_page, vtd_descriptor,
    vtd_wait, vtd_submit, vtd_sync, vtd_gcmd, vtd_handle_faults;

/* session.c, and what must hold */
execute_fn vtd_viommu_create, vtd_fault_record, vtd_expect_record,
    vtd_expect_status, vtd_expect_event, vtd_expect_interrupt;
void vtd_trace_register(struct program_machine *machine, uint64_t offset,
                        uint64_t value);
bool vtd_trace_line(struct trace *t, char kind, char *at);
void vtd_trace_end(struct program *program);
void vtd_session_end(struct execution *e, struct world_domain *wd);

/* unit.c */
uint64_t vtd_unit_read(void *unit, uint32_t offset, unsigned int size);
void vtd_unit_write(void *unit, uint32_t offset, unsigned int size,
                    uint64_t value);
const char *vtd_create_unit(struct world *world, unsigned int index,
                            void **unit);
void vtd_unit_access(void *unit, const struct request *request,
                     const struct port *device, void *data,
                     struct response *response);
void vtd_unit_probe(const void *unit, const struct request *request,
                    bool (*read)(void *world, uint64_t address, void *buffer,
                                 unsigned int len),
                    void *world, struct response *response);
void vtd_unit_prefetch(void *unit, const struct request *request);
void vtd_unit_evict(void *unit, unsigned int caches);
void vtd_unit_stats(const void *unit, struct arch_stats *stats);
void vtd_oracle(struct world_domain *wd, const uint64_t *id,
                struct oracle_config *config);
bool vtd_is_interrupt(const struct request *request);

#endif /* HARNESS_SCENARIO_VTD_VTD_H */
