/* SPDX-License-Identifier: GPL-2.0-or-later */
/* umbra_vtd.sv for C. */
#ifndef MODELS_RTL_RTL_VTD_H
#define MODELS_RTL_RTL_VTD_H

#include <rtl/rtl.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rtl_vtd;

struct rtl_vtd_config {
    enum rtl_size size;
    unsigned int haw, mgaw; /* bits */
    unsigned int sllps;     /* CAP.SLLPS */
    bool sc, cm;            /* ECAP.SC, CAP.CM */
};

struct rtl_vtd_request {
    uint16_t did;
    uint64_t slptptr;
    bool aw48; /* AW: 48 bits, else 39 */
    uint64_t address;
    bool read, write, any; /* rights that it needs */
};

struct rtl_vtd_response {
    uint8_t fault; /* 7.1.3 reason, 0: none */
    bool hit;
    uint64_t address;
    unsigned int size; /* 4 KiB, 2 MiB, 1 GiB */
    bool read, write;  /* rights of the translation */
    uint64_t cycles;   /* from the request to the answer */
};

struct rtl_vtd_invalidation {
    unsigned int g; /* 1 global, 2 domain, 3 page */
    uint16_t did;
    uint64_t address;
    unsigned int am;
};

/* NULL: no memory.  @memory is copied. */
struct rtl_vtd *rtl_vtd_create(const struct rtl_vtd_config *config,
                               const struct rtl_memory *memory);
void rtl_vtd_destroy(struct rtl_vtd *vtd);
/* Reset; the capabilities may change then, the geometry stays. */
void rtl_vtd_reset(struct rtl_vtd *vtd, const struct rtl_vtd_config *config);

void rtl_vtd_translate(struct rtl_vtd *vtd,
                       const struct rtl_vtd_request *request,
                       struct rtl_vtd_response *response);

/* Until it is complete; returns the cycles. */
uint64_t rtl_vtd_invalidate(struct rtl_vtd *vtd,
                            const struct rtl_vtd_invalidation *command);
/* From the memory's callback: put it to the unit in the middle of the walk:
 * in some cycle up to that in which the walker acts on the answer. */
void rtl_vtd_submit(struct rtl_vtd *vtd,
                    const struct rtl_vtd_invalidation *command);

struct rtl_unit *rtl_vtd_unit(struct rtl_vtd *vtd);

#ifdef __cplusplus
}
#endif

#endif /* MODELS_RTL_RTL_VTD_H */
