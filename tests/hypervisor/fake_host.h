/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small host for unit tests of hypervisor/: host.h over plain arrays, one
 * domain, and a register-level VT-d unit that consumes its queue, translates
 * without any cache and can be told not to answer; or SMMUv3 units like that
 * (fake_smmuv3.h).
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <host.h>

#define FAKE_PAGES   4096u /* guest RAM: 16 MiB from 0 */
#define FAKE_TABLES  8192u
#define FAKE_MFN     0x100000u /* of the first guest frame */
#define FAKE_NFR     4u
#define FAKE_FRO     0x220u
#define FAKE_LOG     2048u
#define FAKE_DEVICES 4u
#define FAKE_MORE    2u /* units behind the first two */
#define FAKE_DOMID   7u
#define FAKE_VIRQS   1020u

struct fake_p2m {
    enum host_p2m_type type;
    uint64_t mfn;
    int references;
};

#define FAKE_MESSAGES 32u
#define FAKE_CALLER   4096u /* bytes of the caller's memory, from handle 0 */

struct domain {
    struct host *host;
    void *slot;
    uint64_t (*ram)[512]; /* by gfn */
    struct fake_p2m p2m[FAKE_PAGES];
    unsigned int msis;
    uint64_t msi_address;
    uint32_t msi_data;
    unsigned int virqs[FAKE_VIRQS]; /* times each was raised */
    /* Device models: connected ones as a mask; what they were told. */
    unsigned int models;
    unsigned int messages;
    unsigned int revoke_restarts; /* times that revoking is not done yet */
    struct {
        uint32_t dm;
        struct host_dm_message message;
    } message[FAKE_MESSAGES];
};

struct host_unit {
    struct host *host;
    struct fake_smmuv3 *smmu; /* NULL: it is a VT-d unit */
    uint64_t reg[4096 / 8];
    uint64_t root;
    bool silent;     /* takes descriptors, executes none */
    bool break_next; /* reports a queue error instead of the next one */
    bool dead;       /* takes no store; fake_host.dead_reads */
    uint64_t log[FAKE_LOG][2]; /* descriptors executed */
    unsigned int logged;
    unsigned int frcd_next;
    unsigned int root_commands; /* SRTP */
};

/* Called after a store to a table page. */
struct fake_watch {
    void (*store)(void *context, uint64_t mfn, unsigned int offset,
                  uint64_t value);
    void *context;
};

struct host {
    struct domain domain;
    struct domain *second; /* another guest, or NULL */
    unsigned int pdev_unit[FAKE_DEVICES];
    struct host_unit unit, other, more[FAKE_MORE];
    unsigned int units; /* 2: @other as well, then @more */
    struct fake_watch watch;
    /* Two pages each: what the processor sees; if @incoherent, what units
     * see, which is what was written back. */
    uint64_t (*table[FAKE_TABLES])[512];
    bool incoherent;
    unsigned int tables, allocations, locks;
    struct fake_block *blocks; /* the allocations */
    int fail_alloc;            /* the n-th allocation from now fails */
    unsigned int dies_in;      /* at the n-th access a unit dies */
    bool dead_reads;           /* its registers read as they stood, else ~0 */
    struct host_work *work;
    unsigned int used, budget;
    unsigned int status_writes; /* 32-bit stores to guest memory */
    uint8_t caller[FAKE_CALLER];
};

/* Every frame by itself: no run is larger than one page. */
struct host *fake_host(bool contiguous, uint64_t unit_cap, uint64_t unit_ecap);
/* A second domain, with device 0x102. */
void fake_second_domain(struct host *host);
void fake_free(struct host *host);

/* A legacy unit: 39 and 48 bits, 2 MiB and 1 GiB, PSI, not in caching mode. */
uint64_t fake_unit_cap(void);

void fake_run_some(struct host *host, unsigned int items);
void fake_run(struct host *host); /* until idle */
void fake_unit_answer(struct host *host);

/* A DMA through the unit: false: it was blocked, and a fault recorded. */
bool fake_dma(struct host *host, uint16_t sid, uint64_t address, bool write,
              uint64_t *hpa);

unsigned int fake_references(const struct host *host);

static inline uint64_t fake_hpa(const struct host *host, uint64_t gpa)
{
    return (host->domain.p2m[gpa >> 12].mfn << 12) | (gpa & 0xfff);
}

#endif /* FAKE_HOST_H */
