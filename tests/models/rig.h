/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VT-d unit on flat memory, with what the tests need around it: tables,
 * commands, a log of messages.
 *
 * Layouts stand here a second time on purpose, as numbers from the
 * specification: a test must not share a wrong macro with the model.
 */
#ifndef TESTS_MODELS_RIG_H
#define TESTS_MODELS_RIG_H

#include "ram.h"

#include <vtd/vtd.h>

#define RIG_MEMORY (8u << 20)

#define IRO  0xf0u  /* IVA, IOTLB of the default configuration */
#define FRO  0x220u /* FRCD 0 */
#define SID  0x0108u
#define DID  7u
#define IOVA UINT64_C(0x12345000)

#define R  1u
#define W  2u
#define RW 3u

/* Default configuration: what a test may want otherwise. */
#define CAP_CM_BIT  (UINT64_C(1) << 7)
#define CAP_PSI_BIT (UINT64_C(1) << 39)

struct rig {
    struct ram ram;
    uint64_t root;  /* root table */
    uint64_t queue; /* base of the invalidation queue */
    struct vtd_config config;
    struct vtd *vtd;
};

/* @config NULL: the default.  Translation is off, the unit is at reset. */
void rig_create(struct rig *rig, const struct vtd_config *config);
void rig_destroy(struct rig *rig);

/* Same, with a root table set and translation on. */
void rig_start(struct rig *rig, const struct vtd_config *config);

uint64_t rig_page(struct rig *rig);
uint64_t rig_load(const struct rig *rig, uint64_t address);
void rig_store(struct rig *rig, uint64_t address, uint64_t value);

/* Where the entries of a device stand; tables are made when missing. */
uint64_t rig_root_entry(const struct rig *rig, uint32_t sid);
uint64_t rig_context_entry(struct rig *rig, uint32_t sid);

struct rig_context {
    uint32_t sid;
    uint64_t slptptr; /* 0: a fresh table */
    unsigned int tt, aw, did;
    bool not_present, fpd;
};
/* Returns SLPTPTR. */
uint64_t rig_set_context(struct rig *rig, const struct rig_context *context);
/* AW=2, DID, TT=0 for @sid. */
uint64_t rig_simple_context(struct rig *rig, uint32_t sid, unsigned int did);

/*
 * The address of the entry at @level for @iova below the table of @levels at
 * @table; intermediate tables are made with R and W.
 */
uint64_t rig_entry(struct rig *rig, uint64_t table, unsigned int levels,
                   uint64_t iova, unsigned int level);
/* Leaf at @level (1: 4K, 2: 2M, 3: 1G) below a 4-level table. */
void rig_map(struct rig *rig, uint64_t table, uint64_t iova, uint64_t output,
             unsigned int rights, unsigned int level);

/* Registers. */
uint32_t rig_get32(struct rig *rig, uint32_t offset);
uint64_t rig_get64(struct rig *rig, uint32_t offset);
void rig_set32(struct rig *rig, uint32_t offset, uint32_t value);
void rig_set64(struct rig *rig, uint32_t offset, uint64_t value);
/* One GCMD level bit, keeping the others. */
void rig_gcmd(struct rig *rig, uint32_t bit, bool set);
void rig_set_root(struct rig *rig, uint64_t rtaddr);
/* Fault event: unmasked, to a known address. */
void rig_unmask_faults(struct rig *rig);

/* Register-based invalidation; returns CAIG, IAIG. */
unsigned int rig_ccmd(struct rig *rig, unsigned int cirg, uint32_t did,
                      uint32_t sid, unsigned int fm);
unsigned int rig_iotlb(struct rig *rig, unsigned int iirg, uint32_t did,
                       uint64_t iova, unsigned int am, bool ih);
void rig_flush(struct rig *rig); /* everything */

/* Queue: enable; put one descriptor at the tail and let it run. */
void rig_queue_start(struct rig *rig, unsigned int qs);
void rig_submit(struct rig *rig, uint64_t low, uint64_t high);

/* Requests. */
struct response rig_translate(struct rig *rig, uint32_t sid, uint64_t iova,
                              enum request_access access);
struct response rig_send(struct rig *rig, const struct request *request);
struct response rig_probe(struct rig *rig, const struct request *request);
/* The fault reason of a translation, 0 when it succeeds. */
unsigned int rig_reason(struct rig *rig, uint32_t sid, uint64_t iova,
                        enum request_access access);

#endif /* TESTS_MODELS_RIG_H */
