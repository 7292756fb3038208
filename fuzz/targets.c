/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to fuzz. */

#include <fuzz/target.h>

#include <string.h>

/* An error of the queue would keep what is to be forgotten. */
#define FUZZ_VTD_NO_QUEUE 10

#define MODEL (1u << THROUGH_MODEL)
#define STACK (1u << THROUGH_STACK)
#define BOTH  (MODEL | STACK)

const struct fuzz_target fuzz_targets[] = {
    { "vtd_registers", "registers of VT-d: every offset, size and value",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "write read gcmd iotlb-global iotlb-page cc-global submit "
      "handle-faults dma check",
      INSIDE_NOT, 0, NULL },
    { "vtd_queue", "VT-d's invalidation queue against DMA and changing tables",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "map unmap iotlb-page iotlb-domain iotlb-global cc-device cc-domain "
      "cc-global context descriptor wait submit sync dma",
      INSIDE_NOT, 0, NULL },
    { "vtd_tables", "VT-d's root, context and page tables, raw entries",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "entry map unmap context context-raw root-raw store iotlb-global "
      "iotlb-page cc-device cc-global sync dma handle-faults check",
      INSIDE_NOT, 0, NULL },
    { "vtd_races",
      "memory and devices change inside the hypervisor's and a unit's work",
      TARGET_PROGRAM, &fuzz_vtd, BOTH,
      "map unmap entry context store dma iotlb-page iotlb-domain "
      "iotlb-global cc-device sync",
      INSIDE_ACCESSES, 0, NULL },
    { "smmuv3_registers", "registers of SMMUv3: every offset, size and value",
      TARGET_PROGRAM, &fuzz_smmuv3, BOTH,
      "write read command submit sync tlbi-nh-all cfgi-all gerror-ack "
      "handle-events dma check",
      INSIDE_NOT, 0, NULL },
    { "smmuv3_commands", "SMMUv3's command queue against DMA and tables",
      TARGET_PROGRAM, &fuzz_smmuv3, BOTH,
      "map unmap tlbi-nh-va tlbi-nh-vaa tlbi-nh-asid tlbi-nh-all cfgi-cd "
      "cfgi-ste cfgi-all cd ste command submit sync dma handle-events",
      INSIDE_NOT, 0, NULL },
    { "smmuv3_tables", "STEs, CDs and translation tables, raw words",
      TARGET_PROGRAM, &fuzz_smmuv3, BOTH,
      "entry map unmap ste cd ste-raw cd-raw ste-flip cd-flip cd-table l1std "
      "l1cd store cfgi-ste cfgi-cd cfgi-all tlbi-nh-all tlbi-nh-va sync dma "
      "handle-events check",
      INSIDE_NOT, 0, NULL },
    { "smmuv3_races",
      "memory and devices change inside the hypervisor's and a unit's work",
      TARGET_PROGRAM, &fuzz_smmuv3, BOTH,
      "map unmap entry ste cd store dma tlbi-nh-va tlbi-nh-asid cfgi-ste "
      "cfgi-cd sync",
      INSIDE_ACCESSES, 0, NULL },
    { "hypercalls", "the toolstack: life of vIOMMUs, devices and memory",
      TARGET_PROGRAM, &fuzz_vtd, STACK,
      "viommu-create viommu-destroy assign deassign attach detach "
      "hypercall-field hypercall p2m-remove p2m-populate p2m-release fail "
      "map iotlb-global sync dma",
      INSIDE_CALLS, 0, "domain-destroy" },
    { "hypercalls_smmuv3", "the same with a virtual SMMUv3", TARGET_PROGRAM,
      &fuzz_smmuv3, STACK,
      "viommu-create viommu-destroy assign deassign attach detach "
      "hypercall-field hypercall p2m-remove p2m-populate p2m-release fail "
      "map tlbi-nh-all sync dma",
      INSIDE_CALLS, 0, "domain-destroy" },
    { "drain",
      "virtual devices: translations, and drains that are outstanding",
      TARGET_PROGRAM, &fuzz_vtd_drain, STACK,
      "translate access copy drop receive answer hold map unmap iotlb-page "
      "iotlb-domain iotlb-global cc-device context descriptor wait submit "
      "sync dma",
      INSIDE_CALLS, 0,
      "connect disconnect attach detach viommu-destroy "
      "domain-destroy" },
    { "drain_smmuv3", "the same with a virtual SMMUv3", TARGET_PROGRAM,
      &fuzz_smmuv3_drain, STACK,
      "translate access copy drop receive answer hold map unmap tlbi-nh-va "
      "tlbi-nh-asid tlbi-nh-all cfgi-ste cfgi-cd ste cd command submit sync "
      "dma",
      INSIDE_CALLS, 0,
      "connect disconnect attach detach viommu-destroy "
      "domain-destroy" },
    { "vtd_equivalence", "the model of VT-d with its caches and without",
      TARGET_EQUIVALENCE, &fuzz_vtd, MODEL,
      "map unmap entry context iotlb-page iotlb-domain iotlb-global cc-device "
      "cc-global sync dma",
      INSIDE_NOT, FUZZ_VTD_NO_QUEUE, NULL },
    { "smmuv3_equivalence", "the model of SMMUv3 with its caches and without",
      TARGET_EQUIVALENCE, &fuzz_smmuv3, MODEL,
      "map unmap entry ste cd tlbi-nh-va tlbi-nh-asid tlbi-nh-all cfgi-ste "
      "cfgi-cd cfgi-all sync dma",
      INSIDE_NOT, 0, NULL },
    { "scenario_parser", "the reader of scenario text and binary programs",
      TARGET_TEXT, &fuzz_vtd, BOTH, "dma", INSIDE_NOT, 0, NULL },
    { "trace_parser", "the reader of recorded sessions", TARGET_TRACE,
      &fuzz_vtd, BOTH, "dma", INSIDE_NOT, 0, NULL },
    { NULL, NULL, TARGET_PROGRAM, NULL, 0, NULL, INSIDE_NOT, 0, NULL },
};

const struct fuzz_target *fuzz_target_by_name(const char *name)
{
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
        if ( !strcmp(t->name, name) )
            return t;
    return NULL;
}
