/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the numbers of an operation are, by its row in the tables of
 * harness/scenario. */

#include <fuzz/input.h>

#include <string.h>

static bool has_kind(const struct op_spec *spec, unsigned int kind)
{
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
        if ( f->kind == kind )
            return true;
    return false;
}

/* How many numbers of 64 bits stand before it. */
static unsigned int wide_before(const struct op_spec *spec, unsigned int field)
{
    unsigned int count = 0;

    for ( unsigned int i = 0; i < field; i++ )
        count += spec->field[i].kind == FIELD_NUMBER &&
                 spec->field[i].bits == 64;
    return count;
}

/* Operations whose first number is an address in the guest's memory. */
static bool takes_gpa(const struct op_spec *spec)
{
    return fuzz_in_words("store load p2m-remove p2m-populate", spec->keyword);
}

/* Operations whose first number is a device model. */
static bool takes_model(const struct op_spec *spec)
{
    return fuzz_in_words("receive answer hold connect disconnect",
                         spec->keyword);
}

static bool takes_words(const struct op_spec *spec)
{
    return fuzz_in_words("descriptor command root-raw", spec->keyword) ||
           has_kind(spec, FIELD_REGISTER) || has_kind(spec, FIELD_HYPERCALL);
}

static enum role role_of(const struct op_spec *spec, unsigned int field)
{
    const struct op_field *f = &spec->field[field];
    unsigned int before = wide_before(spec, field);

    if ( f->key && !strcmp(f->key, "size") )
        return ROLE_SIZE;
    if ( takes_model(spec) && (!f->key || !strcmp(f->key, "of")) )
        return ROLE_MODEL;
    if ( f->key && !strcmp(f->key, "sequence") )
        return ROLE_COUNT;
    if ( f->key )
        return strcmp(f->key, "at") ? ROLE_IOVA : ROLE_GPA;
    if ( takes_words(spec) )
        return ROLE_WORD;
    if ( takes_gpa(spec) )
        return before ? ROLE_WORD : ROLE_GPA;
    if ( has_kind(spec, FIELD_TABLE) && !has_kind(spec, FIELD_DEVICE) )
        return !before                    ? ROLE_IOVA :
               has_kind(spec, FIELD_SIZE) ? ROLE_GPA :
                                            ROLE_WORD;
    if ( has_kind(spec, FIELD_DEVICE) && !has_kind(spec, FIELD_ACCESS) &&
         strncmp(spec->keyword, "prefetch", 8) )
        return ROLE_WORD;
    return ROLE_IOVA;
}

void pool_plan(const struct op_spec *spec, struct op_plan *plan)
{
    for ( unsigned int i = 0; spec->field[i].kind != FIELD_END; i++ )
        plan->role[i] = (uint8_t)role_of(spec, i);
}
