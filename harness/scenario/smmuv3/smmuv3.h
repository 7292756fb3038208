/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 in scenarios and sessions: what the files of this directory share. */
#ifndef HARNESS_SCENARIO_SMMUV3_SMMUV3_H
#define HARNESS_SCENARIO_SMMUV3_SMMUV3_H

#include <scenario/arch.h>

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

enum smmuv3_op {
    /* recorded sessions */
    SMMUV3_OP_EXPECT_EVENT = OP_ARCH,
    SMMUV3_OP_END
};

/* The guest driver's state, in wd->guest. */
struct smmuv3_driver {
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

/* session.c */
execute_fn smmuv3_expect_event;
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
void smmuv3_unit_stats(const void *unit, struct arch_stats *stats);
void smmuv3_oracle(struct world_domain *wd, const uint64_t *id,
                   struct oracle_config *config);

#endif /* HARNESS_SCENARIO_SMMUV3_SMMUV3_H */
