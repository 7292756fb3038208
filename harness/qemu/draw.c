/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generators of all architectures draw with. */

#include <qemu/draw.h>

#include <stdlib.h>

/* splitmix64 */
uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

unsigned int rng_below(struct rng *rng, unsigned int n)
{
    return (unsigned int)(rng_next(rng) >> 32) % n;
}

bool rng_chance(struct rng *rng, unsigned int percent)
{
    return rng_below(rng, 100) < percent;
}

struct operation *draw_operation(struct program *program, unsigned int code,
                                 const uint64_t *value, unsigned int count)
{
    struct operation *op = program_append(program, code, 0);

    op->arch = (uint8_t)arch_number(program->machine.arch);
    for ( const struct op_field *f = op_spec(op)->field; f->kind != FIELD_END;
          f++ )
        if ( !f->required && !op_field_set(op, f, f->initial) )
            abort();
    for ( unsigned int i = 0; i < count; i++ )
        if ( !op_field_set(op, &op_spec(op)->field[i], value[i]) )
            abort();
    return op;
}
