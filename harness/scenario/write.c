/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs -> text: what parse.c reads back into the same program. */

#include <scenario/arch.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A string that grows. */
struct text {
    char *data;
    size_t used, room;
};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
    va_list args, again;
    int length;

    va_start(args, fmt);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if ( t->used + (size_t)length + 1 > t->room )
    {
        t->room = 2 * (t->room + (size_t)length + 1);
        t->data = realloc(t->data, t->room);
        if ( !t->data )
            abort();
    }
    vsnprintf(t->data + t->used, (size_t)length + 1, fmt, again);
    va_end(again);
    t->used += (size_t)length;
}

static void put_mask(struct text *t, const char *word,
                     const char *const *names, uint32_t mask)
{
    unsigned int count = 0;

    while ( names[count] )
        count++;
    if ( mask == (1u << count) - 1 )
        return;
    put(t, "%s", word);
    for ( unsigned int i = 0; i < count; i++ )
        if ( mask & 1u << i )
            put(t, " %s", names[i]);
    put(t, "\n");
}

static void put_id(struct text *t, const struct program_machine *m,
                   const char *prefix, const uint64_t *value)
{
    const struct arch_id *id = m->arch->id;

    for ( unsigned int i = 0; id[i].name; i++ )
        if ( value == m->id || id[i].host )
            put(t, "%s%s %s%#" PRIx64 "\n", prefix, id[i].name,
                id[i].field ? "value=" : "", value[i]);
}

static void put_devices(struct text *t, const struct program_machine *m)
{
    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        const struct program_device *d = &m->device[i];

        put(t, "%sdevice %s ", d->model ? "v" : "", d->name);
        if ( d->source >> 16 )
            put(t, "%#x", d->source);
        else
            put(t, "%02x:%02x.%x", d->source >> 8, d->source >> 3 & 0x1f,
                d->source & 7);
        put(t, "%s", d->domain ? " b" : "");
        if ( d->unit )
            put(t, " unit=%u", d->unit);
        if ( d->model > 1 )
            put(t, " dm=%u", d->model - 1);
        put(t, "%s%s%s", d->options & VDEVICE_DRAIN ? " drain" : "",
            d->options & VDEVICE_ATS ? " ats" : "",
            d->options & VDEVICE_ANSWERS ? " answers" : "");
        put(t, "\n");
    }
}

static void put_tables(struct text *t, const struct program_machine *m)
{
    const struct arch_table_option *o = m->arch->table_option;

    for ( unsigned int i = 0; i < m->tables; i++ )
    {
        put(t, "table %s", m->table[i].name);
        for ( unsigned int n = 0; o[n].key; n++ )
        {
            const struct name_value *name = o[n].names;
            uint32_t value = m->table[i].option[n];

            while ( name && name->name && name->value != value )
                name++;
            if ( name && name->name )
                put(t, " %s=%s", o[n].key, name->name);
            else
                put(t, " %s=%u", o[n].key, value);
        }
        put(t, "\n");
    }
}

static void put_machine(struct text *t, const struct program *program)
{
    static const char *const types[] = { "ram", "rom", "hole", "mmio" };
    const struct program_machine *m = &program->machine;

    put_id(t, m, "", m->id);
    put_id(t, m, "host-", m->host_id);
    put(t, "haw %u\n", m->haw);
    if ( m->shadow_limit )
        put(t, "shadow-limit %u\n", m->shadow_limit);
    if ( m->budget )
        put(t, "budget %u\n", m->budget);
    if ( m->lag )
        put(t, "lag %u\n", m->lag);
    for ( unsigned int i = 0; m->arch->option[i].word; i++ )
        if ( m->options >> i & 1 )
            put(t, "%s\n", m->arch->option[i].word);
    if ( m->manual )
        put(t, "manual\n");
    for ( unsigned int i = 0; i < m->regions; i++ )
        put(t, "%s %#" PRIx64 " %#" PRIx64 "\n", types[m->region[i].type],
            m->region[i].base, m->region[i].size);
    put_devices(t, m);
    put_tables(t, m);
}

static void put_value(struct text *t, const struct program *program,
                      const struct op_field *field, uint64_t value)
{
    const struct program_machine *m = &program->machine;
    const char *name = name_of(m->arch, field->kind, value);
    char buffer[32];

    if ( field->kind == FIELD_DEVICE && value < m->devices )
        put(t, "%s", m->device[value].name);
    else if ( field->kind == FIELD_TABLE && value < m->tables )
        put(t, "%s", m->table[value].name);
    else if ( field->kind == FIELD_REGISTER )
        put(t, "%s", register_name(m, value, buffer, sizeof(buffer)));
    else if ( name )
        put(t, "%s", name);
    else
        put(t, value < 10 ? "%" PRIu64 : "%#" PRIx64, value);
}

static void put_operation(struct text *t, const struct program *program,
                          const struct operation *op)
{
    const struct op_spec *spec = op_spec(op);

    if ( op->inside )
        put(t, "@%s%u ", op->at_access ? "p" : "", op->inside);
    put(t, "%s%s", op->domain ? "b: " : "", spec->keyword);
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
    {
        uint64_t value = op_field_get(op, f);

        if ( !f->required && value == f->initial )
            continue;
        put(t, " ");
        if ( f->key )
            put(t, f->kind == FIELD_FLAG ? "%s" : "%s=", f->key);
        if ( f->kind != FIELD_FLAG )
            put_value(t, program, f, value);
    }
}

char *operation_text(const struct program *program, const struct operation *op,
                     char *buffer, size_t size)
{
    struct text t = { 0 };

    put_operation(&t, program, op);
    snprintf(buffer, size, "%s", t.data);
    free(t.data);
    return buffer;
}

/* ---- litmus tests ---- */

static void put_condition(struct text *t, const struct program_litmus *l,
                          const struct program_condition *c)
{
    put(t, " %s.%u=", l->actor[c->actor - 1], c->index);
    if ( c->outcome == OUTCOME_ABORT )
        put(t, "abort");
    else
        put(t, "%s:%#" PRIx64, c->outcome == OUTCOME_TO ? "to" : "fault",
            c->value);
}

static void put_verdicts(struct text *t, const struct program_litmus *l)
{
    if ( l->bound != PROGRAM_NO_BOUND )
        put(t, "bound %u\n", l->bound);
    if ( l->exhaustive )
        put(t, "exhaustive\n");
    if ( l->schedule )
        put(t, "schedule %s\n", l->schedule);
    for ( unsigned int i = 0; i < l->verdicts; i++ )
    {
        const struct program_verdict *v = &l->verdict[i];

        put(t, v->allow ? "allow" : "forbid");
        if ( v->finding )
            put(t, " finding%s%s", *v->property ? " " : "", v->property);
        for ( unsigned int c = 0; c < v->conditions; c++ )
            put_condition(t, l, &v->condition[c]);
        put(t, "\n");
    }
}

/* The lines before operation @op, where another actor begins. */
static void put_actors(struct text *t, const struct program *program,
                       size_t op)
{
    const struct program_litmus *l = &program->litmus;
    unsigned int now = program->op[op].actor;
    unsigned int before = op ? program->op[op - 1].actor : ACTOR_SETUP;

    if ( now == before )
        return;
    for ( ; before < l->actors && before < now; before++ )
        put(t, "actor %s\n", l->actor[before]);
    if ( now == ACTOR_FINALLY )
        put(t, "finally\n");
}

char *program_text(const struct program *program)
{
    struct text t = { 0 };

    put(&t, "arch %s\n", program->machine.arch->name);
    put(&t, "title %s\n", program->title ? program->title : program->name);
    if ( program->section )
        put(&t, "section %s\n", program->section);
    if ( program->oracle_only )
        put(&t, "oracle-only\n");
    put_mask(&t, "through", through_names, program->through);
    put_mask(&t, "retention", retention_names, program->retention);
    put_mask(&t, "p2m", shape_names, program->shapes);
    put_machine(&t, program);
    put(&t, "\n");
    for ( size_t i = 0; i < program->ops; i++ )
    {
        put_actors(&t, program, i);
        put_operation(&t, program, &program->op[i]);
        put(&t, "\n");
    }
    if ( program->kind == PROGRAM_LITMUS )
        put_verdicts(&t, &program->litmus);
    return t.data;
}

bool program_write(const struct program *program, const char *path)
{
    const char *extension = strrchr(path, '.');
    bool binary = extension && !strcmp(extension, ".bin");
    size_t size = 0;
    void *data = binary ? program_binary(program, &size) :
                          program_text(program);
    FILE *file = fopen(path, "wb");
    bool ok;

    if ( !binary )
        size = strlen(data);
    ok = file && fwrite(data, 1, size, file) == size;
    if ( file && fclose(file) )
        ok = false;
    free(data);
    return ok;
}
