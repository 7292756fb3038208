/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle's rules of SMMUv3 (Arm IHI 0070): Non-secure programming
 * interface, AArch64 tables, stage 1, stage 2 and both, terminate fault model,
 * wired interrupts.
 *
 * oracle_config: id = { IDR0..IDR5, IIDR, AIDR }, haw = OAS in bits.  An
 * oracle_dma's source is the StreamID, pasid the SubstreamID.  An outcome with
 * hpa = UINT64_MAX is RAZ/WI: the device saw success without an access.
 * oracle_interrupt() gets address 0 and the number of the wire.
 */
#ifndef HARNESS_ORACLE_SMMUV3_SMMUV3_H
#define HARNESS_ORACLE_SMMUV3_SMMUV3_H

#include <oracle/oracle.h>

/* options: what may be merged may be missing (7.3.1); the reset value of
 * GBPA.ABORT. */
#define ORACLE_SMMUV3_MERGES_EVENTS 1u
#define ORACLE_SMMUV3_GBPA_ABORT    2u

#define ORACLE_SMMUV3_WIRE_EVENTQ 74u
#define ORACLE_SMMUV3_WIRE_PRIQ   75u
#define ORACLE_SMMUV3_WIRE_SYNC   76u
#define ORACLE_SMMUV3_WIRE_GERROR 77u

extern const struct oracle_arch oracle_smmuv3;

#endif /* HARNESS_ORACLE_SMMUV3_SMMUV3_H */
