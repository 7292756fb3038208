/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sim/beside*.c: a unit's RTL beside its C model. */
#ifndef SIM_BESIDE_UNIT_H
#define SIM_BESIDE_UNIT_H

#include <sim/beside.h>

#include <rtl/rtl_sc.h>

#define BESIDE_WORDS 64u /* that a walk reads, at most */

/* One translation, on the thread that asked for it. */
struct beside_call {
    struct rtl_sc_call *rtl;
    bool started; /* the RTL was asked, and has answered */
    bool strayed; /* the C model wanted a word that the RTL has not read */
    bool shared;  /* others were under way meanwhile */
    bool late;    /* an invalidation was, between RTL and C model */
    union rtl_sc_response answer;
    struct beside_word {
        uint64_t address, value;
        bool ok, used;
    } word[BESIDE_WORDS]; /* that the RTL has read */
    unsigned int words;
    unsigned int owed; /* cycles of lookups, should the RTL not be asked */
};

struct beside_unit {
    struct platform *platform;
    unsigned int number;
    const struct port *behind; /* the platform's */
    struct port port;          /* the model's */
    const void *model;
    char name[8];
    struct rtl_sc *rtl;
    bool e2h; /* SMMUv3 CR2.E2H, as the RTL has it */
    /* Of the thread that runs; kept over what lets others run. */
    struct beside_call *call;
    /* Some translation was the C model's alone: the caches may differ in what
     * they keep. */
    bool apart;
};

/* Units are made for the RTL. */
bool beside_active(void);
/* NULL: no RTL runs beside @model. */
struct beside_unit *beside_of(const void *model);
/* The unit whose model has that port; NULL: none. */
struct beside_unit *beside_at(const struct port *port);
struct rtl_sc_config beside_config(struct beside_unit *unit);
/* From now on @rtl runs beside @model. */
void beside_made(struct beside_unit *unit, const void *model,
                 struct rtl_sc *rtl);
struct sim_rtl *beside_counts(void);

/* The RTL does @call's lookup and walk, with words of memory, unless by the
 * time that it could it is no longer wanted; takes time. */
void beside_run(struct beside_unit *unit, struct beside_call *call,
                const union rtl_sc_request *request,
                const struct rtl_sc_wish *wish);
/* The C model did it alone; takes time. */
void beside_alone(struct beside_unit *unit, struct beside_call *call);
/* The C model is through as well.  False: the RTL was not asked, or its caches
 * may rightly differ: there is nothing to compare. */
bool beside_ended(struct beside_unit *unit, struct beside_call *call, bool hit,
                  bool rtl_hit);
/* Takes the time that the thread is ahead. */
void beside_catch_up(struct beside_unit *unit);
/* What was submitted to the RTL is complete; takes time. */
void beside_invalidated(struct beside_unit *unit);

__attribute__((format(printf, 1, 2))) void beside_disagree(const char *format,
                                                           ...);

#endif /* SIM_BESIDE_UNIT_H */
