/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of operations by their key, whatever their place in the row. */
#ifndef HARNESS_QEMU_FIELDS_H
#define HARNESS_QEMU_FIELDS_H

#include <scenario/program.h>

#include <stdlib.h>
#include <string.h>

static inline const struct op_field *field_by_key(const struct operation *op,
                                                  const char *key)
{
    const struct op_field *f = op_spec(op)->field;

    while ( f->kind != FIELD_END && (!f->key || strcmp(f->key, key)) )
        f++;
    return f->kind == FIELD_END ? NULL : f;
}

static inline uint64_t field_get(const struct operation *op, const char *key)
{
    const struct op_field *f = field_by_key(op, key);

    return f ? op_field_get(op, f) : 0;
}

/* A key that the row has, and a value that fits: else it is our mistake. */
static inline void field_set(struct operation *op, const char *key,
                             uint64_t value)
{
    const struct op_field *f = field_by_key(op, key);

    if ( !f || !op_field_set(op, f, value) )
        abort();
}

#endif /* HARNESS_QEMU_FIELDS_H */
