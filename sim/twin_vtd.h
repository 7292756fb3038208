/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RTL beside the C model of a VT-d unit: what it is asked when the model
 * is, and whether both say the same.  For those that wrap functions of the
 * model by the linker's --wrap: sim/beside_vtd.c, tests/rtl/session_vtd.c.
 */
#ifndef SIM_TWIN_VTD_H
#define SIM_TWIN_VTD_H

#include <rtl/rtl_vtd.h>
#include <vtd/unit.h>

/* clang-format off */
struct vtd *__real_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
struct vtd *__wrap_vtd_init(void *memory, const struct vtd_config *config,
                            const struct port *port);
void __real_remap_request(struct walk *walk, struct response *response);
void __wrap_remap_request(struct walk *walk, struct response *response);
enum condition __real_walk_second_level(struct walk *walk);
enum condition __wrap_walk_second_level(struct walk *walk);
void __real_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope,
                                     bool leaf_only);
void __wrap_caches_drop_translations(struct vtd *vtd,
                                     const struct scope *scope,
                                     bool leaf_only);
void __real_caches_clear(struct vtd *vtd);
void __wrap_caches_clear(struct vtd *vtd);
/* clang-format on */

/* With as large an IOTLB as the models' default. */
struct rtl_vtd_config twin_vtd_config(const struct vtd_config *config);
/* Of the second-level walk. */
struct rtl_vtd_request twin_vtd_request(const struct walk *walk);
struct rtl_vtd_invalidation twin_vtd_invalidation(const struct scope *scope);

/* The fault reason that the model will give after walk_second_level(); 0:
 * none. */
unsigned int twin_vtd_reason(const struct walk *walk, enum condition fault);
/* Is it the RTL's answer too? */
bool twin_vtd_same(const struct walk *walk, unsigned int reason,
                   const struct rtl_vtd_response *answer);

#endif /* SIM_TWIN_VTD_H */
