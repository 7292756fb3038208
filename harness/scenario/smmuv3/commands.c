/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest's SMMUv3 driver puts into its command queue. */

#include <scenario/smmuv3/smmuv3.h>

#include <string.h>

/* Commands by operation. */
static const enum smmuv3_guest_opcode opcodes[SMMUV3_OP_END - OP_ARCH] = {
    [SMMUV3_OP_CFGI_STE - OP_ARCH] = SMMUV3_GUEST_CFGI_STE,
    [SMMUV3_OP_CFGI_STE_RANGE - OP_ARCH] = SMMUV3_GUEST_CFGI_STE_RANGE,
    [SMMUV3_OP_CFGI_CD - OP_ARCH] = SMMUV3_GUEST_CFGI_CD,
    [SMMUV3_OP_CFGI_CD_ALL - OP_ARCH] = SMMUV3_GUEST_CFGI_CD_ALL,
    [SMMUV3_OP_TLBI_NH_ALL - OP_ARCH] = SMMUV3_GUEST_TLBI_NH_ALL,
    [SMMUV3_OP_TLBI_NH_ASID - OP_ARCH] = SMMUV3_GUEST_TLBI_NH_ASID,
    [SMMUV3_OP_TLBI_NH_VA - OP_ARCH] = SMMUV3_GUEST_TLBI_NH_VA,
    [SMMUV3_OP_TLBI_NH_VAA - OP_ARCH] = SMMUV3_GUEST_TLBI_NH_VAA,
    [SMMUV3_OP_TLBI_EL2_ALL - OP_ARCH] = SMMUV3_GUEST_TLBI_EL2_ALL,
    [SMMUV3_OP_TLBI_EL2_ASID - OP_ARCH] = SMMUV3_GUEST_TLBI_EL2_ASID,
    [SMMUV3_OP_TLBI_EL2_VA - OP_ARCH] = SMMUV3_GUEST_TLBI_EL2_VA,
    [SMMUV3_OP_TLBI_EL2_VAA - OP_ARCH] = SMMUV3_GUEST_TLBI_EL2_VAA,
    [SMMUV3_OP_TLBI_S12_VMALL - OP_ARCH] = SMMUV3_GUEST_TLBI_S12_VMALL,
    [SMMUV3_OP_TLBI_S2_IPA - OP_ARCH] = SMMUV3_GUEST_TLBI_S2_IPA,
    [SMMUV3_OP_TLBI_NSNH_ALL - OP_ARCH] = SMMUV3_GUEST_TLBI_NSNH_ALL,
};

static enum smmuv3_guest_opcode opcode_of(const struct operation *op)
{
    return opcodes[op->code - OP_ARCH];
}

static bool has_queue(struct execution *e)
{
    bool there = smmuv3_guest_of(e)->guest.cmdq.base != 0;

    driver_possible(e, there, "there is no command queue: 'start' makes it");
    return there;
}

static void put(struct execution *e, const struct smmuv3_guest_command *c)
{
    if ( has_queue(e) )
        driver_possible(e, smmuv3_guest_enqueue(&smmuv3_guest_of(e)->guest, c),
                        "the command queue is full, and stays so");
}

/* A field by its key, 0: the row has none such. */
static uint64_t keyed(const struct operation *op, const char *key)
{
    for ( const struct op_field *f = op_spec(op)->field; f->kind != FIELD_END;
          f++ )
        if ( f->key && !strcmp(f->key, key) )
            return op_field_get(op, f);
    return 0;
}

static uint32_t source_of(struct execution *e, const struct operation *op)
{
    return e->world->device[op_arg(op, 0)].source;
}

void smmuv3_op_cfgi(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_cfgi cfgi = {
        .opcode = opcode_of(op),
        .sid = source_of(e, op),
        .ssid = (uint32_t)keyed(op, "ssid"),
        .range = op->code == SMMUV3_OP_CFGI_STE_RANGE ?
                     (unsigned int)op_arg(op, 1) :
                     0,
        .leaf = keyed(op, "leaf"),
    };
    struct smmuv3_guest_command c = smmuv3_guest_cfgi_command(&cfgi);

    put(e, &c);
}

void smmuv3_op_cfgi_all(struct execution *e, const struct operation *op)
{
    struct smmuv3_guest_command c = smmuv3_guest_cfgi_all_command();

    (void)op;
    put(e, &c);
}

/* ASID and address have no key; they are at the same place in every row that
 * has them (operations.c: ASID, ADDRESS). */
void smmuv3_op_tlbi(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_tlbi tlbi = {
        .opcode = opcode_of(op),
        .vmid = (uint16_t)keyed(op, "vmid"),
        .asid = (uint16_t)(op->arg[0] >> 16),
        .address = op->arg[1],
        .leaf = keyed(op, "leaf"),
        .tg = (unsigned int)keyed(op, "tg"),
        .ttl = (unsigned int)keyed(op, "ttl"),
        .scale = (unsigned int)keyed(op, "scale"),
        .num = (unsigned int)keyed(op, "num"),
    };
    struct smmuv3_guest_command c = smmuv3_guest_tlbi_command(&tlbi);

    put(e, &c);
}

static struct smmuv3_guest_substream substream_of(struct execution *e,
                                                  const struct operation *op)
{
    uint64_t ssid = keyed(op, "ssid");

    return (struct smmuv3_guest_substream) {
        .sid = source_of(e, op),
        .ssv = ssid != SMMUV3_NO_SSID,
        .ssid = ssid != SMMUV3_NO_SSID ? (uint32_t)ssid : 0,
    };
}

void smmuv3_op_prefetch_config(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_substream stream = substream_of(e, op);
    struct smmuv3_guest_command c = smmuv3_guest_prefetch_config_command(
        &stream);

    put(e, &c);
}

void smmuv3_op_prefetch_addr(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_prefetch prefetch = {
        .stream = substream_of(e, op),
        .address = op_arg(op, 1),
        .size = (unsigned int)op_arg(op, 3),
        .stride = (unsigned int)op_arg(op, 4),
    };
    struct smmuv3_guest_command c = smmuv3_guest_prefetch_addr_command(
        &prefetch);

    put(e, &c);
}

void smmuv3_op_command(struct execution *e, const struct operation *op)
{
    const struct smmuv3_guest_command c = { op_arg(op, 0), op_arg(op, 1) };

    put(e, &c);
}

void smmuv3_op_submit(struct execution *e, const struct operation *op)
{
    (void)op;
    if ( has_queue(e) )
        smmuv3_guest_ring(&smmuv3_guest_of(e)->guest);
}

void smmuv3_op_sync(struct execution *e, const struct operation *op)
{
    struct smmuv3_guest *guest = &smmuv3_guest_of(e)->guest;
    enum smmuv3_guest_result result;
    struct smmuv3_guest_command c = smmuv3_guest_sync_command(
        op_arg(op, 0) ? SMMUV3_GUEST_SIG_IRQ :
        op_arg(op, 1) ? SMMUV3_GUEST_SIG_SEV :
                        SMMUV3_GUEST_SIG_NONE);

    put(e, &c);
    if ( !has_queue(e) )
        return;
    smmuv3_guest_ring(guest);
    result = smmuv3_guest_drain(guest);
    driver_must(e, result != SMMUV3_GUEST_TIMEOUT,
                "CMDQ_CONS did not pass the CMD_SYNC");
    driver_must(e,
                result == SMMUV3_GUEST_TIMEOUT ||
                    (result == SMMUV3_GUEST_ERROR) == op_arg(op, 2),
                op_arg(op, 2) ? "the command queue had no error" :
                                "the command queue had an error");
}
