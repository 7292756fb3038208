/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest with one virtual SMMUv3, for unit tests: builds its stream table and
 * queues in RAM, writes registers, queues commands.
 */
#ifndef VSMMU_GUEST_H
#define VSMMU_GUEST_H

#include "fake_smmuv3.h"
#include "vm.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#define BASE   UINT64_C(0x09050000)
#define STRTAB 0x10000u /* where the guest has its structures */
#define CMDQ   0x20000u
#define EVENTQ 0x30000u
#define CDS    0x40000u
#define NO_RAM UINT64_C(0x7000000) /* beyond its memory */

#define SID        0x10u  /* the first device: virtual, physical */
#define PSID       0x100u /* and the next two */
#define SID_BITS   8u
#define CMDQ_LOG2  6u
#define EVENT_LOG2 3u

#define VIRQ_EVENTQ 74u
#define VIRQ_SYNC   76u
#define VIRQ_GERROR 77u

#define BIT(n) (UINT64_C(1) << (n))

/* Registers, as the tests know them. */
#define R_IDR0            0x00u
#define R_IDR1            0x04u
#define R_CR0             0x20u
#define R_CR0ACK          0x24u
#define R_CR1             0x28u
#define R_CR2             0x2cu
#define R_GBPA            0x44u
#define R_IRQ_CTRL        0x50u
#define R_GERROR          0x60u
#define R_GERRORN         0x64u
#define R_STRTAB_BASE     0x80u
#define R_STRTAB_BASE_CFG 0x88u
#define R_CMDQ_BASE       0x90u
#define R_CMDQ_PROD       0x98u
#define R_CMDQ_CONS       0x9cu
#define R_EVENTQ_BASE     0xa0u
#define R_EVENTQ_PROD     0x100a8u
#define R_EVENTQ_CONS     0x100acu

#define CR0_SMMUEN   0x1u
#define CR0_EVENTQEN 0x4u
#define CR0_CMDQEN   0x8u
#define CR0_ALL      (CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN)
#define GBPA_ABORT   BIT(20)
#define GBPA_UPDATE  BIT(31)
#define CMDQ_ERR     0x1u /* of GERROR */
#define EVENTQ_ABT   0x4u

/* Commands. */
#define OP_PREFETCH   0x01u
#define OP_CFGI_STE   0x03u
#define OP_CFGI_RANGE 0x04u
#define OP_CFGI_CD    0x05u
#define OP_CFGI_CDS   0x06u
#define OP_NH_ALL     0x10u
#define OP_NH_ASID    0x11u
#define OP_NH_VA      0x12u
#define OP_NH_VAA     0x13u
#define OP_S12_VMALL  0x28u
#define OP_NSNH_ALL   0x30u
#define OP_SYNC       0x46u
#define CMD_SID(sid)  ((uint64_t)(sid) << 32)

/* STEs, word 0. */
#define STE_ABORT  0x1u
#define STE_BYPASS (0x1u | 4u << 1)
#define STE_S1     (0x1u | 5u << 1)
#define CDMAX(n)   ((uint64_t)(n) << 59)
#define S1FMT(n)   ((uint64_t)(n) << 4)

/* Event types. */
#define F_UUT             0x01u
#define C_BAD_STREAMID    0x02u
#define F_STE_FETCH       0x03u
#define C_BAD_STE         0x04u
#define F_STREAM_DISABLED 0x06u
#define C_BAD_SUBSTREAMID 0x08u
#define F_CD_FETCH        0x09u
#define C_BAD_CD          0x0au
#define F_WALK_EABT       0x0bu
#define F_TRANSLATION     0x10u
#define F_ADDR_SIZE       0x11u
#define F_PERMISSION      0x13u

/* Word 1. */
#define PNU      BIT(33)
#define IND      BIT(34)
#define RNW      BIT(35)
#define S2       BIT(39)
#define CLASS(n) ((uint64_t)(n) << 40)
#define CD       0
#define TT       1
#define IN       2
#define ALL_ONES ~UINT64_C(0)

#define SSV_SSID(n) (BIT(11) | (uint64_t)(n) << 12)
#define VA          UINT64_C(0x40201678)

#define IDR0_ATS BIT(10)

/* What the tests create: the best that is offered, without ATS. */
struct xen_dmop_viommu_op vguest_create_op(struct guest *g);
int vguest_create(struct guest *g);

/* Host with one unit, registry, one device assigned, vIOMMU, the device
 * attached.  _on: with a host that the test has made. */
void vguest_start(struct guest *g);
void vguest_start_on(struct guest *g, struct host *host);
/* A second domain's, on the host of @g, with device PSID + 2. */
void vguest_second(struct guest *second, const struct guest *g);

void vguest_ste(struct guest *g, uint32_t sid, uint64_t word0, uint64_t word1);

/* Queues, tables, interrupts, SMMUEN: as a driver does it. */
void vguest_queues_on(struct guest *g);
void vguest_enable(struct guest *g);

/* Queue a command; let everything run and check that the queue is empty. */
void vguest_command(struct guest *g, uint64_t lo, uint64_t hi);
void vguest_sync(struct guest *g);
/* The STE of @sid is @word0, @word1, and that is in force. */
void vguest_set_ste(struct guest *g, uint32_t sid, uint64_t word0,
                    uint64_t word1);
bool vguest_queue_empty(struct guest *g);

/* As vguest_start(), with SSIDSIZE 12, an STE for SID, and all enabled. */
void vguest_start_with(struct guest *g, uint64_t word0, uint64_t word1);

/* A physical event, and what follows. */
void vguest_physical_event(struct guest *g, const uint64_t event[4]);
/* The guest takes the oldest event; false: there is none. */
bool vguest_take_event(struct guest *g, uint64_t event[4]);
/* The device PSID has this physical event; true: the guest has one of it. */
bool vguest_report(struct guest *g, uint64_t w0, uint64_t w1, uint64_t w2,
                   uint64_t w3, uint64_t event[4]);

/* The STE that hardware has for a device, and its VMID. */
void vguest_physical_ste(struct guest *g, uint32_t psid, uint64_t ste[8]);
unsigned int vguest_vmid(struct guest *g, uint32_t psid);
/* The commands that the unit has executed since @from, without SYNCs. */
unsigned int vguest_executed(const struct guest *g, unsigned int from,
                             struct fake_smmuv3_trace *command,
                             unsigned int most);

#endif /* VSMMU_GUEST_H */
