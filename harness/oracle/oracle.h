/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: what the architecture allows, decided without the code that is
 * judged.  It has its own decoders, written from the specification, and sees
 * only what a guest, a device and a bus analyser would see.
 *
 * One oracle watches one IOMMU as its software sees it: a virtual unit of a
 * domain, or a physical one driven by a bare-metal guest.  Addresses are
 * guest-physical of that software.
 *
 * Time is a counter that each event advances; "at one instant" means between
 * two ticks.
 */
#ifndef HARNESS_ORACLE_ORACLE_H
#define HARNESS_ORACLE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oracle;

/* The rules of an architecture: oracle_vtd (vtd/vtd.h), oracle_smmuv3
 * (smmuv3/smmuv3.h). */
struct oracle_arch;

#define ORACLE_ID_WORDS    8
#define ORACLE_MAX_DEVICES 64

/* A finding: a property that was broken. */
struct oracle_finding {
    const char *property; /* "P2" */
    const char *rule;     /* short name: "stale translation" */
    const char *message;  /* a sentence with the figures */
};

/* What the software that owns the unit has where its addresses point. */
enum oracle_memory { ORACLE_HOLE, ORACLE_RAM, ORACLE_ROM, ORACLE_MMIO };

/* What a device got, or would get. */
struct oracle_outcome {
    bool ok;             /* translated (and accessed, for a DMA) */
    uint64_t hpa;        /* ok */
    bool guest;          /* hpa is guest-physical: a device model's access */
    uint64_t mask;       /* ok, if known: page-offset bits, else 0 */
    unsigned int rights; /* ok, if known: 1 read, 2 write, 4 execute, else 0 */
};

/* An access of a device. */
struct oracle_dma {
    uint32_t source; /* requester id, StreamID */
    uint32_t pasid;  /* PASID, SubstreamID; or UINT32_MAX */
    uint64_t iova;
    unsigned int size;
    bool write; /* an atomic access is both */
    bool read;
    unsigned int type; /* AT: 0 untranslated, 1 translation, 2 translated */
    bool privileged, execute; /* as the device says */
    unsigned int unit;        /* the physical unit above the device */
};

struct oracle_world {
    void *context;

    /* The current word of guest memory; false: no RAM there. */
    bool (*read64)(void *context, uint64_t gpa, uint64_t *value);

    /* The p2m; for a bare-metal system identity.  *hpa valid for RAM, ROM. */
    enum oracle_memory (*p2m)(void *context, uint64_t gpa, uint64_t *hpa);

    /* Register read without side effects, as the software would see it. */
    uint64_t (*peek)(void *context, uint32_t offset, unsigned int size);

    /*
     * What a DMA would meet now, without side effects; @hardware: caches
     * included.  NULL when the unit's caches are the very thing under test
     * (bare metal): P3 and P5 are then judged by DMA alone.
     */
    void (*effective)(void *context, const struct oracle_dma *dma,
                      bool hardware, struct oracle_outcome *outcome);
    /* The device comes under the unit, or leaves it, at this moment: what it
     * would meet nobody can say.  NULL: none ever does. */
    bool (*moves)(void *context, uint32_t source);

    void (*report)(void *context, const struct oracle_finding *finding);

    /* What is legal depends on this word of guest memory.  NULL: nobody wants
     * to know. */
    void (*looked)(void *context, uint64_t gpa);

    /* The 4096 bytes of guest memory around @gpa as they are, until the next
     * event; NULL: no RAM there.  To skip what is empty; itself NULL: that is
     * not known. */
    const void *(*page)(void *context, uint64_t gpa);

    /* Memory for all that the oracle remembers, itself included: zeroed,
     * 16-byte aligned.  So its world can save and restore it, copied bit by
     * bit to where it was.  Both NULL: the C library's. */
    void *(*alloc)(void *context, size_t bytes);
    void (*free)(void *context, void *p);
};

struct oracle_config {
    const struct oracle_arch *arch;
    uint64_t id[ORACLE_ID_WORDS]; /* identification registers, see arch */
    unsigned int haw;             /* of this unit, bits */
    bool virtual_unit;            /* a hypervisor's: P3, P5 at completions */
    uint32_t options;             /* optional behaviour, see arch */
    /* P3 looks at every page of a range of so many, at samples of a larger
     * one; 0: of 2 MiB.  For those who look very often: P10 then takes samples
     * of what is mostly empty, too. */
    unsigned int span_pages;
    /* A check reads back (P10) a sixteenth of the registers, by what has
     * happened another, and those that software has written: for those who
     * look at the end of each of many orders of the same events. */
    bool few_registers;
    struct oracle_world world;
};

/* NULL: out of memory, or a configuration that it cannot judge (*reason). */
struct oracle *oracle_create(const struct oracle_config *config,
                             const char **reason);
void oracle_destroy(struct oracle *oracle);

/* The unit was reset or created anew. */
void oracle_reset(struct oracle *oracle);

/* A requester under this unit.  One that leaves (detach) lets nothing new be
 * cached; what its domain has cached stays until it is invalidated. */
void oracle_device_add(struct oracle *oracle, uint32_t source);
void oracle_device_remove(struct oracle *oracle, uint32_t source);

/*
 * The unit has reached a limit of its own (its shadow tables are full):
 * mappings that are missing are counted from now on, not reported.
 */
void oracle_tolerate_missing(struct oracle *oracle, bool tolerate);

/* ---- events ---- */

/* An aligned word of guest memory changes from @old to @value. */
void oracle_store(struct oracle *oracle, uint64_t gpa, uint64_t old,
                  uint64_t value);

/* Called before oracle_store(), if it is not the unit that stores. */
void oracle_software_store(struct oracle *oracle, uint64_t gpa);

/* The p2m of one page changes. */
void oracle_p2m_change(struct oracle *oracle, uint64_t gpa,
                       enum oracle_memory old_type, uint64_t old_hpa,
                       enum oracle_memory type, uint64_t hpa);

/* A register write; called before, and after it has returned. */
void oracle_register_write(struct oracle *oracle, uint32_t offset,
                           unsigned int size, uint64_t value);
void oracle_register_written(struct oracle *oracle, uint32_t offset,
                             unsigned int size, uint64_t value);

/* A register read and what it gave (P10). */
void oracle_register_read(struct oracle *oracle, uint32_t offset,
                          unsigned int size, uint64_t value);

/* The unit wrote to guest memory: a status word, perhaps (P5). */
void oracle_unit_store(struct oracle *oracle, uint64_t gpa, const void *data,
                       size_t len);

/* The unit raised a message-signalled interrupt towards its software. */
void oracle_interrupt(struct oracle *oracle, uint64_t address, uint32_t data);

/* Look at the registers for what has completed since. */
void oracle_poll(struct oracle *oracle);

/* Deferred work has ended: nothing more will happen by itself. */
void oracle_quiescent(struct oracle *oracle);

/* A DMA: one begin, one end with what happened; several may be open. */
unsigned int oracle_dma_begin(struct oracle *oracle,
                              const struct oracle_dma *dma);
void oracle_dma_end(struct oracle *oracle, unsigned int id,
                    const struct oracle_outcome *outcome);
/* The same if meanwhile its device came under the unit, or left it: it may
 * have met what the unit allows, its own address as if there were no unit, or
 * nothing, with a record of the unit's or without. */
void oracle_dma_end_moved(struct oracle *oracle, unsigned int id,
                          const struct oracle_outcome *outcome);

/* ---- virtual devices ---- */

/* One that a device model emulates. */
struct oracle_vdev {
    uint32_t source;
    unsigned int dm; /* the device model */
    bool drains;     /* it is told of invalidations, drains, and answers */
    bool ats;        /* it has a device-TLB */
    bool gone;       /* its device model is not there, and is told nothing */
};

/* As oracle_device_add() and _remove(). */
void oracle_vdev_add(struct oracle *oracle, const struct oracle_vdev *vdev);
void oracle_vdev_remove(struct oracle *oracle, uint32_t source);

/*
 * A translation for one: oracle_dma_begin() when it is asked for.  If it was
 * refused, oracle_dma_end(); otherwise oracle_translation_end(), and it stays
 * in the hands of the device model, which may use it for accesses until it
 * drops it.  Outcomes are guest-physical.
 */
void oracle_translation_end(struct oracle *oracle, unsigned int id,
                            const struct oracle_outcome *outcome);
void oracle_translation_used(struct oracle *oracle, unsigned int id,
                             const struct oracle_dma *dma,
                             const struct oracle_outcome *outcome);
void oracle_translation_drop(struct oracle *oracle, unsigned int id);

/* The unit has told a device model to drain, or to invalidate the range of a
 * device-TLB; a device model answers, having done so, and the answer was taken
 * or refused; one has lost its access to memory, and its devices are gone. */
struct oracle_dm_message {
    unsigned int dm;
    uint64_t sequence;
    bool invalidate;
    uint32_t source; /* invalidate: the device, and the range */
    uint64_t first, last;
};
void oracle_dm_told(struct oracle *oracle,
                    const struct oracle_dm_message *message);
void oracle_dm_answers(struct oracle *oracle, unsigned int dm,
                       uint64_t sequence);
void oracle_dm_answered(struct oracle *oracle, unsigned int dm,
                        uint64_t sequence, bool taken);
/* It has been cut off; it is there (again): from here on it is told. */
void oracle_dm_gone(struct oracle *oracle, unsigned int dm);
void oracle_dm_back(struct oracle *oracle, unsigned int dm);

/* ---- checks ---- */

/* P3 over everything that the guest maps and everything it changed; P4: the
 * fault registers; P10: every register.  To be called at quiescence. */
void oracle_check(struct oracle *oracle);

/* What the guest's tables say now: by walking them, no caches (a fresh walk).
 */
struct oracle_walk {
    bool ok;
    uint64_t gpa, mask;
    unsigned int rights;
    unsigned int reason;   /* !ok: the architecture's fault reason */
    const char *condition; /* !ok: its name, "LSL.2" */
    unsigned int level;    /* of the leaf, or where it failed, 0: context */
};
void oracle_walk(struct oracle *oracle, const struct oracle_dma *dma,
                 struct oracle_walk *walk);

/*
 * All results that are legal for a DMA now, each once.  @open: there may be
 * more, the program having left the defined ground.  One that is not open and
 * holds one result says exactly what must happen.
 */
#define ORACLE_MAX_LEGAL 16

struct oracle_result {
    bool ok;
    uint64_t gpa;          /* ok: of the address asked for */
    unsigned int reason;   /* !ok: the architecture's, 0: silently blocked */
    const char *condition; /* !ok, reason: its name */
    bool recorded;         /* !ok: the fault is one that is recorded */
    /* recorded: what the record says besides, as the architecture has it. */
    uint32_t detail;
    uint64_t address;
};

struct oracle_legal {
    struct oracle_result result[ORACLE_MAX_LEGAL];
    unsigned int count;
    bool open;
};
void oracle_legal(struct oracle *oracle, const struct oracle_dma *dma,
                  struct oracle_legal *legal);

/* The results that are legal for a DMA now, for people: text, truncated. */
void oracle_explain(struct oracle *oracle, const struct oracle_dma *dma,
                    char *buffer, size_t size);

struct oracle_stats {
    uint64_t dma, suspended; /* accesses; those on undefined ground */
    uint64_t stale_allowed;  /* legal, but not what the tables say now */
    uint64_t invalidations, completions, p3_pages, faults_expected;
    uint64_t words;             /* words with a history */
    uint64_t missing_tolerated; /* see oracle_tolerate_missing() */
    uint64_t noticed; /* registers that have taken effect, records seen */
};
void oracle_stats(const struct oracle *oracle, struct oracle_stats *stats);

/* The undefined-program conditions that were met, as a bit mask of their
 * numbers (U1 = bit 1), and their text. */
uint64_t oracle_undefined(const struct oracle *oracle);
const char *oracle_undefined_text(const struct oracle_arch *arch,
                                  unsigned int number);

#endif /* HARNESS_ORACLE_ORACLE_H */
