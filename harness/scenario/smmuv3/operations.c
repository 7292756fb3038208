/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations that only SMMUv3 has. */

#include <scenario/smmuv3/smmuv3.h>
#include <scenario/op_rows.h>

/* clang-format off */
const struct op_spec smmuv3_op[SMMUV3_OP_END - OP_ARCH] = {
    [SMMUV3_OP_EXPECT_EVENT - OP_ARCH] = { "expect-event", BOTH,
        "session: an event record as recorded",
        { POS(NUMBER, 0, 0, 64), POS(NUMBER, 1, 0, 64),
          POS(NUMBER, 2, 0, 64), POS(NUMBER, 3, 0, 64) } },
};
/* clang-format on */

const char *smmuv3_check_operation(const struct operation *op)
{
    (void)op;
    return NULL;
}
