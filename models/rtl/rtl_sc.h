/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Verilated units as SystemC modules (--sc), for C: each with signals to
 * a clock of its own, in simulated time.
 *
 * A request is a call: begun by the thread that makes it, which also reads the
 * words that the unit wants.  Whatever takes time is to be called on an
 * SC_THREAD, whose time is SystemC's.
 */
#ifndef MODELS_RTL_RTL_SC_H
#define MODELS_RTL_RTL_SC_H

#include <rtl/rtl_smmu.h>
#include <rtl/rtl_vtd.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rtl_sc;
struct rtl_sc_call;

#define RTL_SC_LANES 4 /* requests at a time, each with a walker */

struct rtl_sc_config {
    const char *name; /* of the module */
    uint64_t period;  /* of the clock, ps */
};

/* Before the simulation begins; of RTL_2048X4.  Reset is the first thing that
 * its clock does. */
struct rtl_sc *rtl_sc_vtd(const struct rtl_sc_config *config,
                          const struct rtl_vtd_config *capabilities);
struct rtl_sc *rtl_sc_smmu(const struct rtl_sc_config *config,
                           const struct rtl_smmu_config *capabilities);
void rtl_sc_destroy(struct rtl_sc *unit);

/* Ticks so far; the clock stands while there is nothing to do. */
uint64_t rtl_sc_cycles(const struct rtl_sc *unit);
/* An assertion of the RTL has failed; it was printed. */
bool rtl_sc_broken(const struct rtl_sc *unit);
/* Waves of all that is inside, FST, once the simulation has begun; false: the
 * file can't be written. */
bool rtl_sc_trace(struct rtl_sc *unit, const char *file);
/* The pins and the clock among other waves: an sc_trace_file.  Before the
 * simulation begins. */
void rtl_sc_trace_pins(const struct rtl_sc *unit, void *waves);

/* ---- a request ---- */

union rtl_sc_request {
    struct rtl_vtd_request vtd;
    struct rtl_smmu_request smmu;
};

union rtl_sc_response {
    struct rtl_vtd_response vtd;
    struct rtl_smmu_response smmu;
};

/* It may have to wait for others, and for invalidations: @wanted is asked in
 * each cycle until the unit has taken it.  Takes no time. */
struct rtl_sc_wish {
    bool (*wanted)(const void *what);
    const void *what;
};
struct rtl_sc_call *rtl_sc_begin(struct rtl_sc *unit,
                                 const union rtl_sc_request *request,
                                 const struct rtl_sc_wish *wish);
/* Takes time: until it wants the word at *@address, or (false) has the
 * answer. */
bool rtl_sc_wants(struct rtl_sc_call *call, uint64_t *address);
/* The word that it wants, from now on; !@ok: the bus aborts the read. */
void rtl_sc_give(struct rtl_sc_call *call, uint64_t value, bool ok);
/* It has answered: the call is gone. */
struct rtl_sc_outcome {
    bool served; /* else it was no longer wanted */
    bool shared; /* others were under way at some time of it */
    /* An invalidation came when it had left its lane, and this had not been
     * seen yet: it may have filled what would not have been filled since. */
    bool late;
};
struct rtl_sc_outcome rtl_sc_end(struct rtl_sc_call *call,
                                 union rtl_sc_response *response);

/* ---- an invalidation ---- */

union rtl_sc_command {
    struct rtl_vtd_invalidation vtd;
    struct rtl_smmu_command smmu;
};

/* Takes no time. */
void rtl_sc_submit(struct rtl_sc *unit, const union rtl_sc_command *command);
/* Takes time: until all that were submitted are complete. */
void rtl_sc_finish(struct rtl_sc *unit);

#ifdef __cplusplus
}
#endif

#endif /* MODELS_RTL_RTL_SC_H */
