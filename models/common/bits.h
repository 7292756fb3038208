/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bits and fields of registers and structures, numbered as the specifications
 * number them.
 */
#ifndef MODELS_COMMON_BITS_H
#define MODELS_COMMON_BITS_H

#include <stdint.h>

#define BIT32(n) (UINT32_C(1) << (n))
#define BIT64(n) (UINT64_C(1) << (n))
/* Bits high..low, inclusive. */
#define BITS64(high, low)                                                     \
    ((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))
#define FIELD(value, high, low) (((value)&BITS64(high, low)) >> (low))

#endif /* MODELS_COMMON_BITS_H */
