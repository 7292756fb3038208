/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Differential runs: one program on QEMU's machine, on our physical model as a
 * bare-metal driver, and through our vIOMMU as a guest.  What can be seen from
 * outside must agree.
 *
 * The oracle of the run through the model says for each DMA which results the
 * architecture allows.  Where it allows one, all three sides must have it;
 * where it allows several (a stale window), each side must have one of them.
 */
#ifndef HARNESS_QEMU_DIFF_H
#define HARNESS_QEMU_DIFF_H

#include <qemu/machine.h>
#include <scenario/suite.h>

#include <stddef.h>

enum diff_side { SIDE_QEMU, SIDE_MODEL, SIDE_STACK, SIDE_COUNT };
extern const char *const side_names[SIDE_COUNT];

#define DIFF_MAX_REGISTERS 24
#define DIFF_MAX_EVENTS    4
#define DIFF_MAX_MARKS     1024
#define DIFF_MAX_OPS       4096 /* a DMA writes the number of its operation */

struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *rng);
/* Below @n, n > 0. */
unsigned int rng_below(struct rng *rng, unsigned int n);
/* True in @percent of 100. */
bool rng_chance(struct rng *rng, unsigned int percent);

/* ---- what is seen ---- */

/* After an operation. */
struct diff_seen {
    bool looked;   /* the operation reaches the unit */
    uint64_t data; /* of a DMA: what a read got; where a write was found;
                    * 0: nothing, nowhere */
    uint64_t reg[DIFF_MAX_REGISTERS];
    unsigned int events; /* of the unit, since the last look */
    struct qemu_event event[DIFF_MAX_EVENTS];
};

/* What our model and its oracle say of a DMA besides. */
struct diff_dma {
    bool made, reached, hit;
    unsigned int reason;   /* !reached, 0: aborted without one */
    const char *condition; /* its name */
    uint64_t mask;         /* of the page */
    struct oracle_legal legal;
    uint64_t value[ORACLE_MAX_LEGAL]; /* what a read would get of each */
};

/* A word that "store" has made, where DMA writes are looked for. */
struct diff_marks {
    uint64_t address[DIFF_MAX_MARKS];
    unsigned int count;
};

struct diff_run {
    bool ran;
    struct diff_seen *seen; /* of each operation */
    uint64_t mark[DIFF_MAX_MARKS];
    size_t done; /* operations */
    struct finding finding;
    bool found;
    char why[256]; /* !ran */
};

/* ---- what is compared ---- */

/* What of the unit an operation reaches, bits: the registers that can change
 * by it are looked at.  All are at the end. */
enum diff_reach {
    REACHES_NOT = 0,
    REACHES_DMA = 1,      /* a request of a device */
    REACHES_COMMANDS = 2, /* invalidations */
    REACHES_LOG = 4,      /* the driver takes faults out of the log */
    REACHES_ALL = 7,
};

struct diff_register {
    const char *name;
    uint32_t offset;
    unsigned int size; /* 0: no register; records() puts it there */
    uint64_t mask;     /* bits that are compared */
    bool fault_log;    /* depends on which faults there were */
    /* Enum diff_reach: by what it can change; 0: by REACHES_ALL only */
    unsigned int changes;
};

struct diff_target; /* what both sides have */
struct diff_bin;

struct diff_case {
    struct program *program;
    unsigned int sides; /* that run it: the first so many */
    const struct diff_target *target;
    struct diff_marks marks;
    struct diff_run run[SIDE_COUNT];
    struct diff_dma *dma; /* of each operation */
    uint64_t undefined;   /* conditions that the model's oracle met, bits */
    uint64_t seed;
};

enum difference_kind {
    DIFFERENCE_NONE,
    DIFFERENCE_DATA,     /* a DMA */
    DIFFERENCE_REGISTER, /* reg */
    DIFFERENCE_EVENT,    /* interrupts */
    DIFFERENCE_MEMORY,   /* at the end */
    DIFFERENCE_FINDING,  /* our own oracle, or a driver that waits in vain */
    DIFFERENCE_REFUSED,  /* a side can't run the program */
    DIFFERENCE_KINDS
};

struct difference {
    enum difference_kind kind;
    enum diff_side side; /* that differs from QEMU */
    unsigned int reg;    /* index */
    size_t operation;
    uint64_t qemu, ours;
    const struct deviation *deviation; /* that explains it */
};

/* A known deviation of QEMU from the specification. */
struct deviation {
    const char *id;
    const char *first, *last; /* versions, inclusive; NULL: all */
    const char *section, *reason;
    /* Is the program, after this operation, where QEMU deviates? */
    bool (*applies)(const struct diff_case *c, const struct difference *d);
};

/* Is "7.2.22" before "8.0"? */
bool version_before(const char *version, const char *bound);

/* Is it one of QEMU's @version? */
bool deviation_concerns(const struct deviation *deviation,
                        const char *version);

struct diff_arch {
    const struct qemu_arch *qemu;
    const struct arch *arch;
    const struct diff_register *reg; /* ended by a NULL name */
    const struct deviation *deviation;
    const struct diff_bin *bin; /* ended by a NULL name */
    /* The machine of both: NULL, or why there is none. */
    const char *(*machine)(struct qemu_machine *m,
                           struct program_machine *machine);
    /* What of a file's program QEMU's unit can't do, or NULL. */
    const char *(*impossible)(const struct diff_target *target,
                              const struct program *program);
    /* Take out of it what a file's machine, @asked, has not. */
    void (*narrow)(struct program_machine *machine,
                   const struct program_machine *asked);
    /* Has it something that a virtual unit has not?  Then the stack has no
     * part in it. */
    bool (*physical)(const struct program_machine *machine);
    void (*generate)(const struct diff_target *target, struct rng *rng,
                     struct program *program);
    /* What stands in memory, behind the registers that were read; may be
     * NULL. */
    void (*records)(const struct operation *op, struct diff_seen *seen,
                    uint64_t (*load64)(void *context, uint64_t gpa),
                    void *context);
    /* Take out what means nothing as things are; after the masks. */
    void (*settle)(const struct diff_target *target, struct diff_seen *seen);
    /* Enum diff_reach. */
    unsigned int (*reaches)(const struct operation *op);
    /* Does it empty the fault log? */
    bool (*empties)(const struct operation *op);
    /* Take out of a file's operation what it expects; false: all of it. */
    bool (*adapt)(struct operation *op);
};

extern const struct diff_arch diff_vtd, diff_smmuv3;
extern const struct diff_arch *const diff_arch_table[]; /* ended by NULL */
const struct diff_arch *diff_arch_by_name(const char *name);

struct diff_target {
    const struct diff_arch *arch;
    struct qemu_machine *qemu;
    const char *version; /* of QEMU */
    bool strict;         /* no deviation is excused */
    bool alone;          /* our own oracle's objections don't count */
    struct program_machine machine;
    /* Called before each run of a program, of which a case may need several;
     * NULL: nobody waits. */
    void (*begins)(void *context);
    void *context;
};

/* ---- figures ---- */

#define DIFF_MAX_DEVIATIONS 32

struct diff_figures {
    uint64_t cases, dma, disagreements, explained, oracle_crashes, skipped;
    uint64_t exact, stale, open; /* DMA with one, several, unknown results */
    uint64_t stale_old;          /* of the stale: QEMU gave an older one */
    uint64_t differ;             /* of the stale: QEMU and model differ */
    uint64_t hits;               /* in the model's IOTLB */
    uint64_t reached;
    uint64_t events;
    uint64_t reason[256];    /* faults, by the model */
    uint64_t page[64];       /* DMA that reached, by log2 of the page */
    uint64_t operation[256]; /* by code */
    uint64_t undefined[64];  /* cases that met a condition */
    uint64_t deviation[DIFF_MAX_DEVIATIONS]; /* explained by each row */
};
void diff_figures_add(struct diff_figures *to,
                      const struct diff_figures *from);

/* What a run of DIFF_FULL_CASES or more must have met; @feature: bits that an
 * identification register of the machine must have for that. */
struct diff_bin {
    const char *name;
    size_t figure; /* DIFF_FIGURE() */
    unsigned int id;
    uint64_t feature;
};
#define DIFF_FIGURE(member)                                                   \
    (offsetof(struct diff_figures, member) / sizeof(uint64_t))
#define DIFF_FULL_CASES 1000
#define DIFF_MAX_BINS   64

struct diff_gaps {
    const char *name[DIFF_MAX_BINS];
    unsigned int count;
};

/* bins.c: which of them are empty. */
void diff_find_gaps(const struct diff_arch *arch,
                    const struct program_machine *machine,
                    const struct diff_figures *figures,
                    struct diff_gaps *gaps);

/* Of all cases, explained by deviations of QEMU; of all DMA, on undefined
 * ground: in percent, at most. */
#define DIFF_MOST_EXPLAINED 5
#define DIFF_MOST_UNDEFINED 5

/* ---- a case ---- */

enum diff_verdict {
    VERDICT_AGREES,
    VERDICT_EXPLAINED,
    VERDICT_DISAGREES,
    VERDICT_CRASH,   /* of QEMU */
    VERDICT_DIED,    /* our own code never ends, or crashes */
    VERDICT_SKIPPED, /* a file that QEMU's machine can't run */
};

struct diff_result {
    enum diff_verdict verdict;
    struct difference difference;
    char message[400]; /* DISAGREES, CRASH: a sentence */
    char file[256];    /* shows it again */
    size_t operations; /* of that file */
};

/* Draw the program of case @seed. */
struct program *diff_generate(const struct diff_target *target, uint64_t seed);

/* A program that could not even be run to its end, as a scenario: false if it
 * can't be written to @path. */
bool diff_save_program(const struct program *program, const char *message,
                       const char *directory, char *path, size_t size);

/* Run on all sides and compare.  @findings_dir: what does not agree is shrunk
 * and saved there; NULL: it is not. */
void diff_case_run(const struct diff_target *target,
                   const struct program *program, uint64_t seed,
                   const char *findings_dir, struct diff_figures *figures,
                   struct diff_result *result);

/* ---- between the files of this directory ---- */

/* adapt.c: what a file asks for that the machine of both can't do, or NULL;
 * make a program that it can. */
const char *diff_impossible(const struct diff_target *target,
                            const struct program *program);
void diff_adapt(const struct diff_target *target, struct program *program);

/* figures.c: count what a case has exercised. */
void diff_figures_count(const struct diff_case *c, struct diff_figures *f);

/* sides.c: run on one side. */
void diff_run_side(struct diff_case *c, enum diff_side side);
void diff_marks_collect(const struct program *program,
                        struct diff_marks *marks);

/* compare.c: the first difference that is not explained, or else the first
 * that is; kind NONE: they agree. */
void diff_compare(const struct diff_case *c, struct difference *difference);
void difference_text(const struct diff_case *c, const struct difference *d,
                     char *buffer, size_t size);

/* save.c: as a scenario with the outcomes beside the operations, and as a
 * script for QEMU alone. */
bool diff_save(struct diff_case *c, const struct difference *d,
               const char *message, const char *directory, char *path,
               size_t size);

#endif /* HARNESS_QEMU_DIFF_H */
