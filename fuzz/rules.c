/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decoding needs to know of a target, found out once. */

#include <fuzz/target.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the operations of a target ---- */

/* What a program itself expects: the oracle judges inputs, and nobody else. */
static bool expects(const struct op_spec *spec)
{
    static const char *const keywords[] = {
        "interrupts",   "shadow", "undefined", "census",
        "fault-record", "event",  "events",    "load",
    };

    for ( unsigned int i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++ )
        if ( !strcmp(spec->keyword, keywords[i]) )
            return true;
    return !strncmp(spec->keyword, "expect-", 7);
}

bool fuzz_in_words(const char *words, const char *word)
{
    size_t length = strlen(word);

    for ( const char *at = words; (at = strstr(at, word)); at += length )
        if ( (at == words || at[-1] == ' ') &&
             (at[length] == ' ' || !at[length]) )
            return true;
    return false;
}

enum share { SHARE_FOCUS, SHARE_RARE, SHARE_OTHERS };

/* In @focus, in @rare, or in all others that the guest and its devices have.
 */
static bool belongs(const struct fuzz_target *target,
                    const struct op_spec *spec, enum share share)
{
    bool focus = fuzz_in_words(target->focus, spec->keyword);
    bool rare = target->rare && fuzz_in_words(target->rare, spec->keyword);

    if ( share != SHARE_OTHERS )
        return share == SHARE_FOCUS ? focus : rare;
    return !focus && !rare && !expects(spec) &&
           target->kind == TARGET_PROGRAM && (spec->through & 3) == 3;
}

static unsigned int collect(const struct fuzz_target *target, enum share share,
                            uint8_t *code)
{
    const struct op_spec *spec;
    unsigned int count = 0;

    for ( unsigned int i = 0; (spec = op_spec_of(target->arch->arch, i)); i++ )
        if ( belongs(target, spec, share) )
            code[count++] = (uint8_t)i;
    return count;
}

/* Of 256 for the rare ones, and for the others; the focus has the rest.  Where
 * they are more each has one. */
#define RARE_SHARE  4
#define OTHER_SHARE 28

static unsigned int larger(unsigned int a, unsigned int b)
{
    return a > b ? a : b;
}

static void spread_codes(struct input_rules *rules)
{
    uint8_t focus[256], rare[256], other[256];
    unsigned int focused = collect(rules->target, SHARE_FOCUS, focus);
    unsigned int rares = collect(rules->target, SHARE_RARE, rare);
    unsigned int others = collect(rules->target, SHARE_OTHERS, other);
    unsigned int first_rare = 256 - (rares ? larger(rares, RARE_SHARE) : 0);
    unsigned int first_other = first_rare -
                               (others ? larger(others, OTHER_SHARE) : 0);

    for ( unsigned int i = 0; i < 256; i++ )
        rules->code[i] = i >= first_rare  ? rare[(i - first_rare) % rares] :
                         i >= first_other ? other[(i - first_other) % others] :
                                            focus[i % focused];
}

bool input_is_outcome(const char *key)
{
    static const char *const keys[] = {
        "to", "fault", "abort", "is", "mask", "error", "records", "overflow"
    };

    for ( unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++ )
        if ( !strcmp(key, keys[i]) )
            return true;
    return false;
}

static bool is_step_of_model(unsigned int code)
{
    return code == OP_TRANSLATE || code == OP_ACCESS || code == OP_COPY ||
           code == OP_DROP;
}

static void plan_fields(const struct op_spec *spec, struct op_plan *plan)
{
    struct operation blank = { .code = 0 };

    for ( unsigned int i = 0; spec->field[i].kind != FIELD_END; i++ )
    {
        const struct op_field *f = &spec->field[i];

        op_field_set(&blank, f, f->initial);
        if ( f->kind == FIELD_DEVICE )
            plan->named = f;
        if ( f->key && input_is_outcome(f->key) )
            plan->outcome |= UINT32_C(1) << i;
    }
    memcpy(plan->initial, blank.arg, sizeof(plan->initial));
}

static void plan_operations(struct input_rules *rules)
{
    const struct op_spec *spec;

    for ( unsigned int i = 0; (spec = op_spec_of(rules->arch->arch, i)); i++ )
    {
        struct op_plan *plan = &rules->plan[i];

        plan->start = !strcmp(spec->keyword, "start");
        /* What no more than stores may be inside others. */
        plan->stores = i != OP_DMA && spec->through & OP_INSIDE;
        plan->device = i == OP_DMA         ? DEVICE_REAL :
                       is_step_of_model(i) ? DEVICE_VIRTUAL :
                                             DEVICE_ANY;
        plan_fields(spec, plan);
        pool_plan(spec, plan);
    }
}

/* In the order of the words. */
static void collect_flushes(struct input_rules *rules)
{
    const struct op_spec *spec;
    const char *at = rules->arch->flush;

    for ( ; *at && rules->flushes < sizeof(rules->flush);
          at += strspn(at, " ") )
    {
        size_t length = strcspn(at, " ");

        for ( unsigned int i = 0; (spec = op_spec_of(rules->arch->arch, i));
              i++ )
            if ( strlen(spec->keyword) == length &&
                 !strncmp(spec->keyword, at, length) )
                rules->flush[rules->flushes++] = (uint8_t)i;
        at += length;
    }
}

/* Every register that the architecture has a name for. */
static void collect_registers(struct input_rules *rules)
{
    const struct program_machine *m = &rules->base->machine;
    char buffer[32];

    for ( uint32_t at = 0; at < m->arch->register_space; at += 4 )
        for ( unsigned int size = 4; size <= 8; size += 4 )
        {
            uint64_t encoded = REG_ENCODE(at, (uint64_t)size);

            if ( !m->arch->register_name(m, encoded, buffer, sizeof(buffer)) )
                continue;
            rules->reg = realloc(rules->reg,
                                 (rules->regs + 1) * sizeof(*rules->reg));
            if ( !rules->reg )
                abort();
            rules->reg[rules->regs++] = encoded;
        }
}

static void collect_said(struct input_rules *rules)
{
    for ( size_t i = 0; i < rules->base->ops; i++ )
    {
        const struct operation *op = &rules->base->op[i];
        const struct op_field *field = op_spec(op)->field;

        for ( unsigned int f = 0; field[f].kind != FIELD_END; f++ )
            if ( field[f].required )
                pool_said(rules, op->code, f, op_field_get(op, &field[f]),
                          &rules->said);
    }
}

bool input_rules_init(struct input_rules *rules,
                      const struct fuzz_target *target)
{
    struct program_list list = { 0 };
    struct program_error error = { 0 };

    *rules = (struct input_rules) { .target = target, .arch = target->arch };
    if ( !program_parse_text(target->arch->base, "base", target->name, &list,
                             &error) )
    {
        fprintf(stderr, "%s: %s\n", target->name, error.text);
        return false;
    }
    rules->base = list.program[0];
    free(list.program);
    /* Nothing that an input touches is evicted by mere want of room. */
    rules->hardware = (struct world_hardware) {
        .costs = cost_defaults,
        .slots = 16,
        .config_cache = { 16, 4 },
        .tlb = { 128, 4 },
        .walk_cache = { 64, 4 },
    };
    spread_codes(rules);
    plan_operations(rules);
    collect_flushes(rules);
    collect_registers(rules);
    collect_said(rules);
    return true;
}

void input_rules_free(struct input_rules *rules)
{
    program_free(rules->base);
    free(rules->reg);
}
