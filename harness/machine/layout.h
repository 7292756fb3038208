/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a domain's pages lie in the host, as long as nobody changes its p2m:
 * a computed bijection between the domain's page numbers and its own part of
 * host memory.  Nothing is stored, a terabyte costs as much as a page.
 *
 * The bijection is made of affine permutations x -> a*x + b modulo 2^n, with
 * an odd a that is neither 1 nor -1: neighbours never stay neighbours.
 *
 *   P2M_SCATTERED   over pages
 *   P2M_CONTIGUOUS  over 2 MiB blocks in the even gigabytes of the guest; the
 *                   odd ones are contiguous, aligned to 1 GiB, and permuted
 *                   among each other
 *   P2M_MIXED       over the even 2 MiB blocks, and over the pages of the odd
 *                   ones
 *   P2M_BARE        the identity
 */
#ifndef HARNESS_MACHINE_LAYOUT_H
#define HARNESS_MACHINE_LAYOUT_H

#include <machine/machine.h>

#define ORDER_4K 0
#define ORDER_2M 9
#define ORDER_1G 18

struct affine {
    uint64_t multiplier, inverse, offset, mask;
};

struct layout {
    enum p2m_shape shape;
    uint64_t base;  /* first host page; aligned to @pages */
    uint64_t pages; /* a power of two, >= LAYOUT_MIN_PAGES */
    struct affine page, block, giga;
};

/* Below this there would be too few blocks to scatter: 32 MiB. */
#define LAYOUT_MIN_PAGES UINT64_C(0x2000)

/* @base is set by the caller, afterwards or before. */
void layout_init(struct layout *layout, enum p2m_shape shape, uint64_t pages,
                 uint64_t seed);

/* @gfn < pages; and the way back for a page of [base, base + pages). */
uint64_t layout_mfn(const struct layout *layout, uint64_t gfn);
uint64_t layout_gfn(const struct layout *layout, uint64_t mfn);

/* The largest of 0, 9, 18 so that the aligned run around @gfn is contiguous
 * and equally aligned in the host. */
unsigned int layout_order(const struct layout *layout, uint64_t gfn);

#endif /* HARNESS_MACHINE_LAYOUT_H */
