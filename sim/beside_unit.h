/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sim/beside*.c: a unit's RTL beside its C model. */
#ifndef SIM_BESIDE_UNIT_H
#define SIM_BESIDE_UNIT_H

#include <sim/beside.h>

#include <rtl/rtl_smmu.h>
#include <rtl/rtl_vtd.h>

/* umbra_tlb.sv: what a hit takes, from the request to the answer. */
#define BESIDE_LOOKUP 2u

/* One translation, on the thread that asked for it. */
struct beside_call {
    bool started;  /* the RTL was asked */
    bool answered; /* and has answered */
    bool strayed;  /* other words were read than it wanted */
    union {
        struct rtl_vtd_response vtd;
        struct rtl_smmu_response smmu;
    } answer;
};

struct beside_unit {
    struct platform *platform;
    unsigned int number;
    const struct port *behind; /* the platform's */
    struct port port;          /* the model's */
    const void *model;
    struct rtl_unit *rtl; /* is one of: */
    struct rtl_vtd *vtd;
    struct rtl_smmu *smmu;
    bool e2h; /* SMMUv3 CR2.E2H, as the RTL has it */
    /* Of the thread that runs; kept over what lets others run. */
    struct beside_call *call;
    struct beside_call *owner; /* that the RTL serves; NULL: nobody */
    uint64_t charged;          /* cycles of its clock */
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
struct sim_rtl *beside_counts(void);

/* Until the RTL is free; takes time. */
void beside_acquire(struct beside_unit *unit);
/* The RTL has been given @call's request. @spent cycles of it the C model has
 * spent already. */
void beside_started(struct beside_unit *unit, struct beside_call *call,
                    unsigned int spent);
/* The C model is through: the RTL reads what it still wants. */
void beside_serve_alone(struct beside_unit *unit, struct beside_call *call);
/* Both are.  False: the RTL was not asked, or its caches may
 * rightly differ: there is nothing to compare. */
bool beside_ended(struct beside_unit *unit, struct beside_call *call, bool hit,
                  bool rtl_hit);
/* An invalidation was submitted: until it is complete; takes time. */
void beside_invalidated(struct beside_unit *unit);

__attribute__((format(printf, 1, 2))) void beside_disagree(const char *format,
                                                           ...);

#endif /* SIM_BESIDE_UNIT_H */
