/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's SMMUv3 driver: stream tables, context descriptors, page tables,
 * queues, registers and the order in which Linux uses them.
 *
 * It reaches the world through callbacks (ops.h).  Nothing here decides
 * whether what it writes is legal: tests ask for the illegal too.
 */
#ifndef HARNESS_GUEST_SMMUV3_GUEST_H
#define HARNESS_GUEST_SMMUV3_GUEST_H

#include "ops.h"

#include <stdbool.h>
#include <stdint.h>

struct smmuv3_guest_queue {
    uint64_t base;     /* 0: not in use */
    unsigned int log2; /* of its entries */
    uint32_t index;    /* with the wrap bit: CMDQ_PROD, or EVENTQ_CONS */
    uint32_t consumed; /* of commands: CMDQ_CONS when last looked at */
    bool overflow;     /* of the event queue: OVACKFLG */
};

struct smmuv3_guest {
    const struct guest_ops *ops;
    void *world;
    uint32_t idr[6];
    uint64_t strtab;       /* stream table, 0: none yet */
    unsigned int sid_bits; /* LOG2SIZE */
    unsigned int split;    /* of a two-level table, 0: it is linear */
    struct smmuv3_guest_queue cmdq, evtq;
};

enum smmuv3_guest_result {
    SMMUV3_GUEST_DONE,
    SMMUV3_GUEST_ERROR,   /* command queue error, acknowledged */
    SMMUV3_GUEST_TIMEOUT, /* it never came */
    SMMUV3_GUEST_NO_PAGE, /* no memory for a structure */
};

/* Reads IDR0 to IDR5. */
void smmuv3_guest_init(struct smmuv3_guest *guest, const struct guest_ops *ops,
                       void *world);

/* ---- page tables (smmuv3_tables.c) ---- */

#define SMMUV3_GUEST_READ  1u
#define SMMUV3_GUEST_WRITE 2u

struct smmuv3_guest_space_config {
    unsigned int stage;        /* 1 or 2 */
    unsigned int granule_bits; /* 12, 14, 16 */
    unsigned int input_bits;   /* 64 - TxSZ */
    /* Stage 2: the level at which walks begin, 0 to 3.  Stage 1 begins where
     * input_bits says. */
    unsigned int start_level;
};

/* An address space: of TTB0, TTB1 (index bits above input_bits are ignored)
 * or S2TTB. */
struct smmuv3_guest_space {
    struct smmuv3_guest_space_config config; /* start_level filled in */
    uint64_t root; /* of up to 16 concatenated tables at stage 2 */
};

/* Where walks of stage 1 begin; and of stage 2 with the fewest levels. */
unsigned int smmuv3_guest_start_level(unsigned int granule_bits,
                                      unsigned int input_bits);
unsigned int smmuv3_guest_stage2_level(unsigned int granule_bits,
                                       unsigned int input_bits);

/* False: no memory. */
bool smmuv3_guest_space_init(struct smmuv3_guest *guest,
                             struct smmuv3_guest_space *space,
                             const struct smmuv3_guest_space_config *config);

/*
 * Address of the descriptor of @iova at @level (3: pages).  @create: allocate
 * missing tables on the way; otherwise 0 if there is none, or a leaf above.
 */
uint64_t smmuv3_guest_entry(struct smmuv3_guest *guest,
                            const struct smmuv3_guest_space *space,
                            uint64_t iova, unsigned int level, bool create);

struct smmuv3_guest_mapping {
    uint64_t iova, target;
    unsigned int bits;   /* log2 of its size: that of a page or block */
    unsigned int rights; /* SMMUV3_GUEST_*; at stage 1 writing is reading too,
                          * and no right is an invalid descriptor */
    bool override_ap;    /* @ap in place of what @rights say (S2AP) */
    unsigned int ap;
    unsigned int xn; /* stage 1: UXN or XN, 0 or 1; stage 2: XN[1:0] */
    bool pxn, global;
    bool no_access_flag;
};

/* The level of a leaf of 2^@bits bytes; false: the granule has none. */
bool smmuv3_guest_leaf_level(const struct smmuv3_guest_space *space,
                             unsigned int bits, unsigned int *level);

/* No invalidation; false: no memory, no such leaf, or one is in the way. */
bool smmuv3_guest_map(struct smmuv3_guest *guest,
                      const struct smmuv3_guest_space *space,
                      const struct smmuv3_guest_mapping *mapping);

/* Clear the descriptor of that size; false: there is no such table. */
bool smmuv3_guest_unmap(struct smmuv3_guest *guest,
                        const struct smmuv3_guest_space *space, uint64_t iova,
                        unsigned int bits);

/* Any value into the descriptor at @level, tables above made as needed. */
bool smmuv3_guest_poke(struct smmuv3_guest *guest,
                       const struct smmuv3_guest_space *space, uint64_t iova,
                       unsigned int level, uint64_t value);

/* ---- stream table and context descriptors (smmuv3_stream.c) ---- */

#define SMMUV3_GUEST_STE_WORDS 8
#define SMMUV3_GUEST_CD_WORDS  8

/* A table of context descriptors. */
struct smmuv3_guest_cd_table {
    uint64_t base;    /* S1ContextPtr */
    unsigned int fmt; /* S1Fmt: 0 linear, 1 or 2: two levels, 4K or 64K */
    unsigned int max; /* S1CDMax */
};

/* Names and values are those of the fields (5.2). */
struct smmuv3_guest_ste {
    bool valid;
    unsigned int config;
    const struct smmuv3_guest_cd_table *cds; /* S1Fmt, S1ContextPtr, S1CDMax */
    unsigned int s1dss, strw, eats, cont, shcfg, privcfg, instcfg;
    bool s1stalld, mev;
    const struct smmuv3_guest_space *stage2; /* S2T0SZ, SL0, TG, TTB */
    uint16_t s2vmid;
    unsigned int s2ps;
    bool s2affd, s2ptw, s2s, s2r;
};

struct smmuv3_guest_cd {
    bool valid;
    const struct smmuv3_guest_space *table[2]; /* NULL: EPDx = 1 */
    uint16_t asid;
    unsigned int ips;
    bool epd[2], tbi[2], had[2]; /* epd: although there is a table */
    bool affd, wxn, uwxn, pan, s, r, a, aset;
};

/* Address of the L1STD of @sid; 0: the table is linear, or ends before. */
uint64_t smmuv3_guest_l1std(const struct smmuv3_guest *guest, uint32_t sid);
/* Address of an STE; makes the second-level table.  0: no memory, or beyond
 * the table. */
uint64_t smmuv3_guest_ste_address(struct smmuv3_guest *guest, uint32_t sid);
void smmuv3_guest_ste_words(const struct smmuv3_guest_ste *ste,
                            uint64_t word[SMMUV3_GUEST_STE_WORDS]);
/* Not valid first, then all the rest, the word with V last. */
bool smmuv3_guest_set_ste(struct smmuv3_guest *guest, uint32_t sid,
                          const struct smmuv3_guest_ste *ste);

bool smmuv3_guest_cd_table_init(struct smmuv3_guest *guest,
                                struct smmuv3_guest_cd_table *cds,
                                unsigned int fmt, unsigned int max);
/* Address of the first-level descriptor of @ssid; of its CD, the table for it
 * made.  0: no memory, or beyond the table. */
uint64_t smmuv3_guest_l1cd(const struct smmuv3_guest_cd_table *cds,
                           uint32_t ssid);
uint64_t smmuv3_guest_cd_address(struct smmuv3_guest *guest,
                                 const struct smmuv3_guest_cd_table *cds,
                                 uint32_t ssid);
void smmuv3_guest_cd_words(const struct smmuv3_guest_cd *cd,
                           uint64_t word[SMMUV3_GUEST_CD_WORDS]);
bool smmuv3_guest_set_cd(struct smmuv3_guest *guest,
                         const struct smmuv3_guest_cd_table *cds,
                         uint32_t ssid, const struct smmuv3_guest_cd *cd);

/* ---- commands (smmuv3_commands.c) ---- */

enum smmuv3_guest_opcode {
    SMMUV3_GUEST_PREFETCH_CONFIG = 0x01,
    SMMUV3_GUEST_PREFETCH_ADDR = 0x02,
    SMMUV3_GUEST_CFGI_STE = 0x03,
    SMMUV3_GUEST_CFGI_STE_RANGE = 0x04,
    SMMUV3_GUEST_CFGI_CD = 0x05,
    SMMUV3_GUEST_CFGI_CD_ALL = 0x06,
    SMMUV3_GUEST_TLBI_NH_ALL = 0x10,
    SMMUV3_GUEST_TLBI_NH_ASID = 0x11,
    SMMUV3_GUEST_TLBI_NH_VA = 0x12,
    SMMUV3_GUEST_TLBI_NH_VAA = 0x13,
    SMMUV3_GUEST_TLBI_EL2_ALL = 0x20,
    SMMUV3_GUEST_TLBI_EL2_ASID = 0x21,
    SMMUV3_GUEST_TLBI_EL2_VA = 0x22,
    SMMUV3_GUEST_TLBI_EL2_VAA = 0x23,
    SMMUV3_GUEST_TLBI_S12_VMALL = 0x28,
    SMMUV3_GUEST_TLBI_S2_IPA = 0x2a,
    SMMUV3_GUEST_TLBI_NSNH_ALL = 0x30,
    SMMUV3_GUEST_SYNC = 0x46,
};

enum smmuv3_guest_signal {
    SMMUV3_GUEST_SIG_NONE = 0,
    SMMUV3_GUEST_SIG_IRQ = 1,
    SMMUV3_GUEST_SIG_SEV = 2,
};

struct smmuv3_guest_command {
    uint64_t low, high;
};

struct smmuv3_guest_substream {
    uint32_t sid, ssid;
    bool ssv;
};

/* CFGI_STE, _STE_RANGE, _CD and _CD_ALL: which of the fields count is the
 * command's affair. */
struct smmuv3_guest_cfgi {
    enum smmuv3_guest_opcode opcode;
    uint32_t sid, ssid;
    unsigned int range; /* 2^(range + 1) STEs; 31: all */
    bool leaf;
};

struct smmuv3_guest_tlbi {
    enum smmuv3_guest_opcode opcode;
    uint16_t vmid, asid;
    uint64_t address;
    bool leaf;
    unsigned int tg, ttl;    /* TG 0: one entry, no range (4.4.1.1) */
    unsigned int scale, num; /* (num + 1) << scale pages of TG */
};

struct smmuv3_guest_prefetch {
    struct smmuv3_guest_substream stream;
    uint64_t address;
    unsigned int size, stride;
};

struct smmuv3_guest_command smmuv3_guest_cfgi_command(
    const struct smmuv3_guest_cfgi *cfgi);
struct smmuv3_guest_command smmuv3_guest_cfgi_all_command(void);
struct smmuv3_guest_command smmuv3_guest_tlbi_command(
    const struct smmuv3_guest_tlbi *tlbi);
struct smmuv3_guest_command smmuv3_guest_prefetch_config_command(
    const struct smmuv3_guest_substream *stream);
struct smmuv3_guest_command smmuv3_guest_prefetch_addr_command(
    const struct smmuv3_guest_prefetch *prefetch);
struct smmuv3_guest_command smmuv3_guest_sync_command(
    enum smmuv3_guest_signal signal);

/* ---- queues (smmuv3_queues.c) ---- */

/*
 * Put one into the queue without telling the unit; then tell it.  A queue that
 * is full is told of and waited for first; false: there is no room in it, and
 * the command is left out.
 */
bool smmuv3_guest_enqueue(struct smmuv3_guest *guest,
                          const struct smmuv3_guest_command *command);
void smmuv3_guest_ring(struct smmuv3_guest *guest);

/*
 * As Linux: the commands, a CMD_SYNC behind them, one write of CMDQ_PROD, then
 * look at CMDQ_CONS, and at GERROR on each pass.  After CERROR_ILL the
 * offending command becomes a CMD_SYNC and the queue goes on; other errors of
 * it are acknowledged and left at that.
 */
enum smmuv3_guest_result smmuv3_guest_submit(
    struct smmuv3_guest *guest, const struct smmuv3_guest_command *command,
    unsigned int count);
/* Until CMDQ_CONS has reached all that was put in. */
enum smmuv3_guest_result smmuv3_guest_drain(struct smmuv3_guest *guest);

/* An event record as it stands in the queue, and its fields. */
struct smmuv3_guest_event {
    uint64_t word[4];
    unsigned int type, class;
    uint32_t sid, ssid;
    bool ssv, stall, pnu, ind, rnw, s2;
    uint64_t input;   /* InputAddr */
    uint64_t address; /* IPA or FetchAddr */
};

/* The oldest record, taken out of the queue; false: it is empty. */
bool smmuv3_guest_next_event(struct smmuv3_guest *guest,
                             struct smmuv3_guest_event *event);
/* True if records were lost since it was last asked; acknowledges that. */
bool smmuv3_guest_event_overflow(struct smmuv3_guest *guest);

/* The active global errors, acknowledged. */
uint32_t smmuv3_guest_gerror_ack(struct smmuv3_guest *guest);

/* ---- start-up (smmuv3_guest.c) ---- */

struct smmuv3_guest_setup {
    unsigned int cmdq_log2, evtq_log2;
    unsigned int sid_bits; /* at most IDR1.SIDSIZE */
    unsigned int split;    /* 0: a linear stream table; 6, 8 or 10 */
    uint32_t cr2;          /* E2H in addition to what Linux sets */
    bool no_enable;        /* everything but SMMUEN */
};

/* What Linux would take: queues as large as IDR1 says but of one page at
 * most, all StreamIDs in two levels if there are. */
void smmuv3_guest_setup_default(const struct smmuv3_guest *guest,
                                struct smmuv3_guest_setup *setup);

/* CR0 = @value, and CR0ACK follows. */
enum smmuv3_guest_result smmuv3_guest_enable(struct smmuv3_guest *guest,
                                             uint32_t value);

/* Everything up to SMMUEN = 1 in the order of Linux's arm-smmu-v3. */
enum smmuv3_guest_result smmuv3_guest_start(
    struct smmuv3_guest *guest, const struct smmuv3_guest_setup *setup);

#endif /* HARNESS_GUEST_SMMUV3_GUEST_H */
