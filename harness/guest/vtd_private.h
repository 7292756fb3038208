/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the VT-d guest only. */
#ifndef HARNESS_GUEST_VTD_PRIVATE_H
#define HARNESS_GUEST_VTD_PRIVATE_H

#include <guest/vtd_guest.h>

/* Looks at something awaited before it is a time-out: more than a queue of
 * bad descriptors, each mended at a look. */
#define GUEST_PATIENCE 600

uint64_t guest_read(const struct vtd_guest *guest, uint32_t offset,
                    unsigned int size);
void guest_write(const struct vtd_guest *guest, uint32_t offset,
                 unsigned int size, uint64_t value);
void guest_look(const struct vtd_guest *guest);
void guest_idle(const struct vtd_guest *guest);

/* Until (register & mask) == value; *value is what was read last. */
struct guest_await {
    uint32_t offset;
    unsigned int size;
    uint64_t mask, value;
};
enum vtd_guest_result guest_await(const struct vtd_guest *guest,
                                  const struct guest_await *await,
                                  uint64_t *value);

#endif /* HARNESS_GUEST_VTD_PRIVATE_H */
