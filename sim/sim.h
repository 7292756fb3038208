/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs (scenarios, recorded sessions) in simulated time. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <sim/platform.h>

#include <scenario/suite.h>

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

struct sim_config {
    struct timing timing;
    enum platform_style style;
    uint64_t quantum; /* cycles; loosely timed only */
    struct sim_load load;
    const char *trace, *wave; /* files, or NULL */
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
    bool same; /* the program's own results are those of the untimed run */
    unsigned int load_pages; /* that it could have read */
    uint64_t load_requests;
    /* Of them.  Where an operation takes a mapping away and gives it back a
     * read may be aborted; the oracle has judged that it is legal. */
    uint64_t load_aborted;
    struct platform_stats stats;
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
