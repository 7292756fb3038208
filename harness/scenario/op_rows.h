/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the rows of a table of operations are written; included by the files
 * that hold such a table, and by no other. */
#ifndef HARNESS_SCENARIO_OP_ROWS_H
#define HARNESS_SCENARIO_OP_ROWS_H

#include <scenario/program.h>

/* Where an operation has a meaning. */
#define MODEL    (1u << THROUGH_MODEL)
#define STACK    (1u << THROUGH_STACK)
#define BOTH     (MODEL | STACK)
#define ANYWHERE (BOTH | OP_INSIDE)

/* clang-format off */
/* A field by its place, a required and an optional one by their key. */
#define POS(kind, slot, shift, bits) \
    { NULL, FIELD_##kind, slot, shift, bits, true, 0 }
#define REQ(key, kind, slot, shift, bits) \
    { key, FIELD_##kind, slot, shift, bits, true, 0 }
#define OPT(key, kind, slot, shift, bits, initial) \
    { key, FIELD_##kind, slot, shift, bits, false, initial }
#define FLAG(key, slot, shift) \
    { key, FIELD_FLAG, slot, shift, 1, false, 0 }
/* clang-format on */

#endif /* HARNESS_SCENARIO_OP_ROWS_H */
