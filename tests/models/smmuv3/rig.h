/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An SMMUv3 on flat memory, with what the tests need around it: structures,
 * tables, commands, events, counted interrupts.
 *
 * Layouts stand here a second time on purpose, as numbers from the
 * specification: a test must not share a wrong macro with the model.  Fields
 * of STE, CD and events are named by their bits: rig_patch(rig, cd, 34, 32, 5)
 * is CD.IPS = 5.
 */
#ifndef TESTS_MODELS_SMMUV3_RIG_H
#define TESTS_MODELS_SMMUV3_RIG_H

#include "ram.h"

#include <smmuv3/smmuv3.h>

#define RIG_MEMORY (16u << 20)

/* What rig_device() makes unless told otherwise. */
#define SID  5u
#define IOVA UINT64_C(0x12340000)
#define ASID 0x21u
#define VMID 0x7u
/* With stage 2 guest memory is here: IPA = PA + MOVED. */
#define MOVED UINT64_C(0x40000000)

/* STE.Config */
enum { ABORT, BYPASS = 4, STAGE1 = 5, STAGE2 = 6, NESTED = 7 };

/* Events (7.3). */
enum {
    C_BAD_STREAMID = 0x02,
    F_STE_FETCH = 0x03,
    C_BAD_STE = 0x04,
    F_STREAM_DISABLED = 0x06,
    C_BAD_SUBSTREAMID = 0x08,
    F_CD_FETCH = 0x09,
    C_BAD_CD = 0x0a,
    F_WALK_EABT = 0x0b,
    F_TRANSLATION = 0x10,
    F_ADDR_SIZE = 0x11,
    F_ACCESS = 0x12,
    F_PERMISSION = 0x13,
};

/* Registers. */
enum {
    CR0 = 0x20,
    CR0ACK = 0x24,
    CR1 = 0x28,
    CR2 = 0x2c,
    GBPA = 0x44,
    IRQ_CTRL = 0x50,
    GERROR = 0x60,
    GERRORN = 0x64,
    STRTAB_BASE = 0x80,
    STRTAB_BASE_CFG = 0x88,
    CMDQ_BASE = 0x90,
    CMDQ_PROD = 0x98,
    CMDQ_CONS = 0x9c,
    EVENTQ_BASE = 0xa0,
    EVENTQ_PROD = 0x100a8,
    EVENTQ_CONS = 0x100ac,
};

/* Commands: the low quadword. */
#define CMD_SID(op, sid)  ((uint64_t)(op) | (uint64_t)(sid) << 32)
#define CMD_CD(sid, ssid) (CMD_SID(0x05, sid) | (uint64_t)(ssid) << 12)
#define CMD_TLBI(op, vmid, asid)                                              \
    ((uint64_t)(op) | (uint64_t)(vmid) << 32 | (uint64_t)(asid) << 48)
#define CMD_SYNC UINT64_C(0x46)
#define LEAF     UINT64_C(1) /* of the high quadword */
#define CFGI_ALL UINT64_C(0x04), UINT64_C(31)
#define NSNH_ALL UINT64_C(0x30), UINT64_C(0)

/* Attributes of descriptors. */
#define AF      (UINT64_C(1) << 10)
#define NG      (UINT64_C(1) << 11)
#define AP(n)   ((uint64_t)(n) << 6)
#define S2AP(n) ((uint64_t)(n) << 6)
#define PXN     (UINT64_C(1) << 53)
#define UXN     (UINT64_C(1) << 54)
#define S1_LEAF (AF | NG | AP(1))
#define S2_LEAF (AF | S2AP(3))

/* A set of translation tables. */
struct tables {
    uint64_t base;      /* PA of the first one */
    uint64_t moved;     /* added to what is written into descriptors */
    unsigned int shift; /* granule: 12, 14, 16 */
    unsigned int bits;  /* input size */
    int start;          /* first level */
};

struct device {
    uint32_t sid;
    unsigned int config;
    uint64_t ste, cd; /* where they are */
    struct tables s1, s2;
    uint64_t page; /* what IOVA leads to */
};

struct event {
    uint64_t word[4];
};

struct rig {
    struct ram ram;
    uint64_t strtab, cmdq, eventq;
    unsigned int cmdq_log2, eventq_log2;
    struct smmuv3_config config;
    struct smmuv3 *smmu;
    struct {
        unsigned int eventq, priq, sync, gerror, other;
    } edges;
};

/* What the tests build upon, not what the model has as its default. */
void rig_config(struct smmuv3_config *config);
/* All caches off, or of @entries and @retention. */
void rig_caches(struct smmuv3_config *config, unsigned int entries,
                enum cache_retention retention);

/* @config NULL: rig_config().  The unit is at reset. */
void rig_create(struct rig *rig, const struct smmuv3_config *config);
void rig_destroy(struct rig *rig);
/* Same, with a linear stream table of 64 STEs, queues, and all enabled. */
void rig_start(struct rig *rig, const struct smmuv3_config *config);
void rig_enable(struct rig *rig);
/* CR2 is written while SMMUEN is 0. */
void rig_set_cr2(struct rig *rig, uint32_t value);

uint64_t rig_alloc(struct rig *rig, uint64_t size); /* aligned to its size */
uint64_t rig_load(const struct rig *rig, uint64_t address);
void rig_store(struct rig *rig, uint64_t address, uint64_t value);
/* Bits @high:@low of the structure at @address. */
void rig_patch(struct rig *rig, uint64_t address, unsigned int high,
               unsigned int low, uint64_t value);
void rig_refuse(struct rig *rig, uint64_t address, unsigned int len);

/* Registers. */
uint32_t rig_get32(struct rig *rig, uint32_t offset);
uint64_t rig_get64(struct rig *rig, uint32_t offset);
void rig_set32(struct rig *rig, uint32_t offset, uint32_t value);
void rig_set64(struct rig *rig, uint32_t offset, uint64_t value);

/* Tables. */
void rig_tables(struct rig *rig, struct tables *tables);
/* First level of stage 1 for an input of @bits; 2^@n - 1. */
int rig_first_level(unsigned int shift, unsigned int bits);
uint64_t rig_low_bits(unsigned int n);
unsigned int rig_level_shift(const struct tables *tables, int level);
/* The descriptor at @level for @input; upper ones are made. */
uint64_t rig_entry(struct rig *rig, const struct tables *tables,
                   uint64_t input, int level);
void rig_map(struct rig *rig, const struct tables *tables, uint64_t input,
             uint64_t output, uint64_t attributes, int level);

/*
 * A stream with everything behind it; IOVA is mapped as a page.  Fields of
 * @device that are set are taken: sid, s1 and s2 (shift, bits, start).
 */
void rig_device(struct rig *rig, struct device *device, unsigned int config);
/* A unit with such a stream and nothing else. */
void rig_stream(struct rig *rig, struct device *device, unsigned int config);
void rig_ste(struct rig *rig, const struct device *device);
void rig_cd(struct rig *rig, const struct device *device);
/* A second CD at @cd, with tables of its own that map IOVA to @page. */
void rig_second_cd(struct rig *rig, const struct device *device, uint64_t cd,
                   uint64_t page);

/* The next stream, with tables, tags and attributes of @device. */
void rig_second_stream(struct rig *rig, const struct device *device,
                       struct device *second);
/* As rig_stream(), with caches of 64 entries. */
void rig_cached(struct rig *rig, struct device *device, unsigned int config,
                enum cache_retention retention);
/* Stage 1 leads IOVA to another page. */
void rig_remap(struct rig *rig, const struct device *device, uint64_t to);

/* Commands: put one at the tail; with a SYNC, which must complete. */
void rig_submit(struct rig *rig, uint64_t low, uint64_t high);
void rig_command(struct rig *rig, uint64_t low, uint64_t high);

/* CMDQ_CONS.RD and ERR; GERROR.CMDQ_ERR, and its acknowledgement. */
uint32_t rig_cons_index(struct rig *rig);
uint32_t rig_cons_error(struct rig *rig);
bool rig_error_active(struct rig *rig);
void rig_acknowledge(struct rig *rig);
#define CMDQ_ERR 1u
#define ILL      1u
#define CS(n)    ((uint64_t)(n) << 12)

/* All configuration and all translations. */
void rig_flush(struct rig *rig);

/* The oldest event is taken; type 0: none. */
unsigned int rig_event(struct rig *rig, struct event *event);
uint64_t rig_bits(const struct event *event, unsigned int high,
                  unsigned int low);

/* Requests. */
struct response rig_send(struct rig *rig, const struct request *request);
struct response rig_probe(struct rig *rig, const struct request *request);
/* The address, or ABORTED | the event. */
#define ABORTED (UINT64_C(1) << 63)
uint64_t rig_result(const struct response *response);
uint64_t rig_go(struct rig *rig, const struct request *request);
uint64_t rig_read(struct rig *rig, uint32_t sid, uint64_t iova);
uint64_t rig_write(struct rig *rig, uint32_t sid, uint64_t iova);
bool rig_hits(struct rig *rig, uint32_t sid, uint64_t iova);

/* A request as the tables see it, after overrides. */
struct attempt {
    bool privileged, write, execute;
};

/* Reads, writes and fetches of either privilege; a write is never a fetch. */
#define RIG_ATTEMPTS 6
extern const struct attempt rig_attempts[RIG_ATTEMPTS];
struct response rig_try(struct rig *rig, const struct attempt *attempt);

#endif /* TESTS_MODELS_SMMUV3_RIG_H */
