/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs -> bytes: seeds out of scenarios and sessions. */

#include <fuzz/target.h>

#include <string.h>

/* A record under construction: its choices so far. */
struct draft {
    const struct input_rules *rules;
    const struct program *ours; /* what is encoded, with the base's machine */
    uint8_t byte[INPUT_RECORD];
    unsigned int used; /* of the choices */
    unsigned int code; /* operation */
    struct said said;
};

#define CHOICES (INPUT_RECORD - 4)

/* What the choices from @used on give, and how many they are. */
static uint64_t drawn_value(const struct draft *d, unsigned int field,
                            unsigned int *taken)
{
    struct choices c = { d->byte + 4 + d->used, CHOICES - d->used, &d->said };
    uint64_t value = pool_value(d->rules, &d->ours->machine, d->code, field,
                                &c);

    *taken = CHOICES - d->used - c.left;
    return value;
}

/* Choices that say a number byte by byte: pool.c's address() and word(). */
static void spell(struct draft *d, const uint8_t *prefix, unsigned int length,
                  uint64_t value)
{
    uint8_t *at = d->byte + 4 + d->used;
    unsigned int room = CHOICES - d->used;

    if ( length + 8 > room )
        return;
    memcpy(at, prefix, length);
    for ( unsigned int i = 0; i < 8; i++ )
        at[length + i] = (uint8_t)(value >> 8 * i);
}

/* The second choice is the place within a page: its beginning, or below that
 * one of 64 (pool.c). */
#define FIRST_PLACE 192

static bool try_pools(struct draft *d, const struct op_spec *spec,
                      unsigned int field, uint64_t wanted, unsigned int *taken)
{
    uint8_t *at = d->byte + 4 + d->used;
    bool wide = spec->field[field].bits == 64 && d->used + 1 < CHOICES;

    for ( unsigned int b = 0; b < 256; b = b ? b + 1 : FIRST_PLACE )
    {
        if ( b && !wide )
            break;
        if ( d->used + 1 < CHOICES )
            at[1] = (uint8_t)b;
        for ( unsigned int a = 0; a < 255; a++ )
        {
            at[0] = (uint8_t)a;
            if ( drawn_value(d, field, taken) == wanted )
                return true;
        }
    }
    return false;
}

static bool try_spelling(struct draft *d, const struct op_spec *spec,
                         unsigned int field, uint64_t wanted,
                         unsigned int *taken)
{
    static const uint8_t address[] = { 255 }, word[] = { 0x17, 0 };

    if ( spec->field[field].bits != 64 )
        return false;
    spell(d, address, sizeof(address), wanted);
    if ( drawn_value(d, field, taken) == wanted )
        return true;
    spell(d, word, sizeof(word), wanted);
    return drawn_value(d, field, taken) == wanted;
}

/* One of ours like it: as real or virtual, of the first domain or not. */
static uint64_t device_like(const struct draft *d,
                            const struct program_machine *m, uint64_t value)
{
    const struct program_machine *ours = &d->ours->machine;
    bool known = value < m->devices, virtual = known && m->device[value].model,
         other = known && m->device[value].domain;
    uint64_t n = 0, count = 0;

    for ( uint64_t i = 0; i < value && known; i++ )
        n += !m->device[i].model != virtual && !m->device[i].domain == !other;
    for ( uint64_t i = 0; i < ours->devices; i++ )
        count += !ours->device[i].model != virtual &&
                 !ours->device[i].domain == !other;
    for ( uint64_t i = 0; count && i < ours->devices; i++ )
        if ( !ours->device[i].model != virtual &&
             !ours->device[i].domain == !other && !(n-- % count) )
            return i;
    return 0;
}

/* Device and table numbers of other machines become ours. */
static uint64_t translate(const struct draft *d, const struct op_field *field,
                          const struct program *program, uint64_t value)
{
    if ( field->kind == FIELD_TABLE )
        return d->ours->machine.tables ? value % d->ours->machine.tables : 0;
    return field->kind == FIELD_DEVICE ?
               device_like(d, &program->machine, value) :
               value;
}

/* Is it chosen, or does it follow from being left out? */
static bool is_chosen(const struct op_field *f, uint64_t value)
{
    return f->required || value != f->initial;
}

static bool is_outcome(const struct op_field *f)
{
    return f->key && input_is_outcome(f->key);
}

static void encode_fields(struct draft *d, const struct program *program,
                          const struct operation *op)
{
    const struct op_spec *spec = op_spec(op);
    unsigned int optional = 0, bit = 0, taken;

    for ( unsigned int i = 0; spec->field[i].kind != FIELD_END; i++ )
    {
        const struct op_field *f = &spec->field[i];
        uint64_t value = op_field_get(op, f);

        if ( is_outcome(f) )
            continue;
        if ( !f->required && is_chosen(f, value) && bit < 15 )
            optional |= 1u << bit;
        bit += !f->required;
        if ( !is_chosen(f, value) )
            continue;
        value = translate(d, f, program, value);
        if ( d->used < CHOICES && !try_pools(d, spec, i, value, &taken) )
            try_spelling(d, spec, i, value, &taken);
        value = drawn_value(d, i, &taken);
        pool_said(d->rules, d->code, i, value, &d->said);
        d->used += taken;
    }
    d->byte[2] = (uint8_t)optional;
    d->byte[3] = (uint8_t)(optional >> 7 & 0xfe) | op->domain;
}

/* False: the target has no such operation. */
static bool encode_operation(struct draft *d, const struct program *program,
                             const struct operation *op)
{
    struct operation tamed = *op;
    unsigned int code = 0;

    while ( code < 256 && d->rules->code[code] != op->code )
        code++;
    if ( code == 256 )
        return false;
    memset(d->byte, 0, sizeof(d->byte));
    d->used = 0;
    d->code = op->code;
    d->byte[0] = (uint8_t)code;
    if ( d->rules->arch->tame )
        d->rules->arch->tame(d->ours, (size_t)(op - program->op), &tamed);
    if ( memcmp(tamed.arg, op->arg, sizeof(op->arg)) )
        d->byte[1] = INPUT_WILD;
    encode_fields(d, program, op);
    return true;
}

static bool starts(const struct program *program)
{
    for ( size_t i = 0; i < program->ops; i++ )
        if ( !strcmp(op_spec(&program->op[i])->keyword, "start") )
            return true;
    return false;
}

size_t input_encode(const struct input_rules *rules,
                    const struct program *program, size_t first, uint8_t *data,
                    size_t room)
{
    struct program ours = *program;
    struct draft d = { .rules = rules, .ours = &ours };
    size_t size = INPUT_HEADER;
    bool started = !first && starts(program), wild = false;

    if ( room < INPUT_HEADER )
        return 0;
    if ( !started )
        d.said = rules->said;
    ours.machine = rules->base->machine;
    memset(data, 0, INPUT_HEADER);
    for ( size_t i = first; i < program->ops; i++ )
    {
        if ( size + INPUT_RECORD > room )
            break;
        if ( !encode_operation(&d, program, &program->op[i]) )
            continue;
        wild |= d.byte[1] == INPUT_WILD;
        memcpy(data + size, d.byte, INPUT_RECORD);
        size += INPUT_RECORD;
    }
    data[INPUT_WAY] = program->through == 1u << THROUGH_MODEL ? 0x10 : 0;
    data[INPUT_MACHINE] = program->machine.domains > 1;
    data[INPUT_PROLOGUE] = started ? 3 : 0;
    data[INPUT_GROUND] = wild ? 7 : 0;
    return size;
}
