/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to fuzz. */

#include <fuzz/target.h>

#include <string.h>

#define MODEL (1u << THROUGH_MODEL)
#define STACK (1u << THROUGH_STACK)
#define BOTH  (MODEL | STACK)

const struct fuzz_target fuzz_targets[] = {
    { "vtd_registers", "registers of VT-d: every offset, size and value",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "write read gcmd iotlb-global iotlb-page cc-global submit "
      "handle-faults dma check",
      false },
    { "vtd_queue", "VT-d's invalidation queue against DMA and changing tables",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "map unmap iotlb-page iotlb-domain iotlb-global cc-device cc-domain "
      "cc-global context descriptor wait submit sync dma",
      false },
    { "vtd_tables", "VT-d's root, context and page tables, raw entries",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "entry map unmap context context-raw root-raw store iotlb-global "
      "iotlb-page cc-device cc-global sync dma handle-faults check",
      false },
    { "vtd_races", "memory and devices change inside the hypervisor's work",
      TARGET_PROGRAM, &fuzz_vtd, STACK,
      "map unmap entry context store dma iotlb-page iotlb-domain "
      "iotlb-global cc-device sync",
      true },
    { NULL, NULL, TARGET_PROGRAM, NULL, 0, NULL, false },
};

const struct fuzz_target *fuzz_target_by_name(const char *name)
{
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
        if ( !strcmp(t->name, name) )
            return t;
    return NULL;
}
