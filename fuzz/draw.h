/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mutations draw from: xorshift; the fuzzer gives a seed for each call.
 */

#ifndef FUZZ_DRAW_H
#define FUZZ_DRAW_H

#include <stdint.h>

struct draw {
    uint64_t state;
};

static inline struct draw draw_from(unsigned int seed)
{
    return (struct draw) { (seed + UINT64_C(1)) *
                           UINT64_C(0x9e3779b97f4a7c15) };
}

/* 0 to @below - 1; @below 0: 0. */
static inline unsigned int draw(struct draw *d, unsigned int below)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return below ? (unsigned int)(d->state >> 11) % below : 0;
}

#endif /* FUZZ_DRAW_H */
