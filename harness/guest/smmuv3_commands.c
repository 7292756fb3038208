/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's driver: encoders of the commands (chapter 4). */
#include <guest/smmuv3_guest.h>
#include <guest/smmuv3_layout.h>

struct smmuv3_guest_command smmuv3_guest_cfgi_command(
    const struct smmuv3_guest_cfgi *cfgi)
{
    struct smmuv3_guest_command command = {
        .low = (uint64_t)cfgi->opcode | GUEST_CMD_SID(cfgi->sid),
    };

    if ( cfgi->opcode == SMMUV3_GUEST_CFGI_CD )
        command.low |= GUEST_CMD_SSID(cfgi->ssid);
    if ( cfgi->opcode == SMMUV3_GUEST_CFGI_STE_RANGE )
        command.high = GUEST_CMD_RANGE(cfgi->range);
    else
        command.high = cfgi->leaf ? GUEST_CMD_LEAF : 0;
    return command;
}

/* CFGI_ALL is CFGI_STE_RANGE with the largest range (4.3.2). */
struct smmuv3_guest_command smmuv3_guest_cfgi_all_command(void)
{
    const struct smmuv3_guest_cfgi all = {
        .opcode = SMMUV3_GUEST_CFGI_STE_RANGE, .range = GUEST_CMD_RANGE_ALL
    };

    return smmuv3_guest_cfgi_command(&all);
}

struct smmuv3_guest_command smmuv3_guest_tlbi_command(
    const struct smmuv3_guest_tlbi *tlbi)
{
    return (struct smmuv3_guest_command) {
        .low = (uint64_t)tlbi->opcode | GUEST_CMD_NUM(tlbi->num) |
               GUEST_CMD_SCALE(tlbi->scale) | GUEST_CMD_VMID(tlbi->vmid) |
               GUEST_CMD_ASID(tlbi->asid),
        .high = (tlbi->address & GUEST_CMD_ADDRESS) |
                (tlbi->leaf ? GUEST_CMD_LEAF : 0) | GUEST_CMD_TTL(tlbi->ttl) |
                GUEST_CMD_TG(tlbi->tg),
    };
}

static uint64_t prefetch(enum smmuv3_guest_opcode opcode,
                         const struct smmuv3_guest_substream *stream)
{
    return (uint64_t)opcode | GUEST_CMD_SID(stream->sid) |
           GUEST_CMD_SSID(stream->ssid) | (stream->ssv ? GUEST_CMD_SSV : 0);
}

struct smmuv3_guest_command smmuv3_guest_prefetch_config_command(
    const struct smmuv3_guest_substream *stream)
{
    return (struct smmuv3_guest_command) {
        .low = prefetch(SMMUV3_GUEST_PREFETCH_CONFIG, stream),
    };
}

struct smmuv3_guest_command smmuv3_guest_prefetch_addr_command(
    const struct smmuv3_guest_prefetch *what)
{
    return (struct smmuv3_guest_command) {
        .low = prefetch(SMMUV3_GUEST_PREFETCH_ADDR, &what->stream),
        .high = (what->address & GUEST_CMD_ADDRESS) |
                GUEST_CMD_SIZE(what->size) | GUEST_CMD_STRIDE(what->stride),
    };
}

struct smmuv3_guest_command smmuv3_guest_sync_command(
    enum smmuv3_guest_signal signal)
{
    return (struct smmuv3_guest_command) {
        .low = SMMUV3_GUEST_SYNC | GUEST_CMD_CS(signal),
    };
}
