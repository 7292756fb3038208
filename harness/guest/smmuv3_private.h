/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the SMMUv3 guest only. */
#ifndef HARNESS_GUEST_SMMUV3_PRIVATE_H
#define HARNESS_GUEST_SMMUV3_PRIVATE_H

#include <guest/smmuv3_guest.h>

/* Looks at something awaited before it is a time-out: more than a queue of
 * bad descriptors, each mended at a look. */
#define GUEST_PATIENCE 600

/* 32-bit registers, which almost all are. */
uint32_t smmuv3_guest_read(const struct smmuv3_guest *guest, uint32_t offset);
void smmuv3_guest_write(const struct smmuv3_guest *guest, uint32_t offset,
                        uint32_t value);
void smmuv3_guest_write64(const struct smmuv3_guest *guest, uint32_t offset,
                          uint64_t value);
void smmuv3_guest_look(const struct smmuv3_guest *guest);
void smmuv3_guest_idle(const struct smmuv3_guest *guest);

/* The start-up's share of the files below. */
bool smmuv3_guest_strtab_init(struct smmuv3_guest *guest,
                              unsigned int sid_bits, unsigned int split);

static inline uint64_t guest_load(const struct smmuv3_guest *guest,
                                  uint64_t gpa)
{
    return guest->ops->read64(guest->world, gpa);
}

static inline void guest_store(const struct smmuv3_guest *guest, uint64_t gpa,
                               uint64_t value)
{
    guest->ops->store64(guest->world, gpa, value);
}

/* Zeroed memory aligned to its own size, a power of 2; 0: there is none. */
static inline uint64_t guest_alloc(const struct smmuv3_guest *guest,
                                   uint64_t bytes)
{
    if ( bytes <= 4096 )
        return guest->ops->alloc_page(guest->world);
    return guest->ops->alloc_run(guest->world, bytes, bytes);
}

#endif /* HARNESS_GUEST_SMMUV3_PRIVATE_H */
