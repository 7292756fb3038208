/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs (scenarios, recorded sessions) in simulated time. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <sim/platform.h>

#include <scenario/litmus.h>

/* In which order a load goes over the pages that it may read: line by line,
 * as drawn, with drawn pauses; as a stream, but 16 requests at once. */
enum sim_pattern { SIM_NONE, SIM_STREAM, SIM_RANDOM, SIM_BURST };

/*
 * Devices of the program that read by themselves meanwhile, at addresses at
 * which the program's own DMA has arrived, as long as they stay mapped: so
 * they change nothing that the program could see but the state of the caches.
 */
struct sim_load {
    enum sim_pattern pattern;
    unsigned int channels; /* of each device; 0: as the timing file says */
    uint64_t gap;          /* cycles between two requests of a device */
};

/* What the RTL did, where it ran (docs/rtl.md). */
struct sim_rtl {
    uint64_t requests;  /* that it translated */
    uint64_t left_to_c; /* that are beyond its scope */
    uint64_t reads, invalidations;
    uint64_t cycles; /* of its clock */
    /* Answers that were not compared: the C model's caches had served
     * requests beyond the RTL's scope, and hit where it did not, or the other
     * way round. */
    uint64_t apart;
    uint64_t disagreements; /* with the C model */
    char disagreement[200]; /* the first */
};

/* A litmus test: what came of the one order that time has made, and what
 * exploration says there may come of any. */
struct sim_litmus {
    char outcome[LITMUS_OUTCOME];
    uint32_t reached; /* mask of the verdicts that this order comes to */
    bool found;       /* one of them forbids it */
    struct finding finding;
    uint64_t explored; /* orders, untimed */
    bool exhaustive;   /* these are all */
    bool known;        /* one of them has come to the same */
};

struct sim_config {
    struct timing timing;
    enum platform_style style;
    uint64_t quantum; /* cycles; loosely timed only */
    bool rtl;         /* it looks up and walks */
    struct sim_load load;
    const char *trace, *wave; /* files, or NULL */
    const char *rtl_wave;     /* likewise, FST: what is inside the RTL */
    /* Cycles of each operation of the program, in memory that processes
     * share; NULL: nobody asks. */
    uint64_t *took;
    /* The way in which it is to run; without what belongs to time. */
    struct world_config world;
};

struct sim_result {
    struct run_result untimed, timed;
    struct finding finding[WORLD_MAX_FINDINGS]; /* of the timed run */
    unsigned int findings;
    /* The program's own results are those of the untimed run; a litmus test's:
     * those of one of its orders, or not all are known. */
    bool same;
    struct sim_litmus litmus;
    unsigned int load_pages; /* that it could have read */
    uint64_t load_requests;
    /* Of them.  Where an operation takes a mapping away and gives it back a
     * read may be aborted; the oracle has judged that it is legal. */
    uint64_t load_aborted;
    struct platform_stats stats;
    struct sim_rtl rtl;
    double seconds; /* of the timed run, of the host */
    char why[240];  /* it could not be run */
};

extern const char *const sim_pattern_names[];

/*
 * Run @program untimed, then in simulated time (in a process of its own), and
 * compare.  False: it could not be run so, and @result->why says why.
 */
bool sim_run(const struct program *program, const struct sim_config *config,
             struct sim_result *result);

#endif /* SIM_SIM_H */
