/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compact form of a program: "UMBRAPG4", then numbers as LEB128.
 *
 *   architecture, kind through retention shapes
 *   id words, host id words, haw shadow-limit budget options flags domains
 *   n regions (type base size), n devices (name source domain unit
 *   model options),
 *   n tables (name, options), title, n operations
 *   of a litmus test: n actors (name), bound + 1 (0: none), exhaustive, twin,
 *   schedule (if empty: none), n verdicts (allow, finding, property,
 *   n conditions (actor index outcome value)); before each operation its actor
 *   (code << 2 | inside != 0 << 1 | domain, inside (and at_access << 16) if
 * not 0, mask of the words that are not zero, those words)
 *
 * A name is its length and its bytes.
 */

#include <scenario/arch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = "UMBRAPG4";

#define FLAG_MANUAL      0x1u
#define FLAG_ORACLE_ONLY 0x2u
#define FLAG_LAG         0x4u /* a number follows */
#define FLAGS            (FLAG_MANUAL | FLAG_ORACLE_ONLY | FLAG_LAG)

/* ---- writing ---- */

struct sink {
    uint8_t *data;
    size_t used, room;
};

static void put_bytes(struct sink *s, const void *data, size_t size)
{
    if ( s->used + size > s->room )
    {
        s->room = 2 * (s->room + size);
        s->data = realloc(s->data, s->room);
        if ( !s->data )
            abort();
    }
    memcpy(s->data + s->used, data, size);
    s->used += size;
}

static void put_number(struct sink *s, uint64_t value)
{
    do
    {
        uint8_t byte = value & 0x7f;

        value >>= 7;
        if ( value )
            byte |= 0x80;
        put_bytes(s, &byte, 1);
    } while ( value );
}

#define MAX_SCHEDULE 16384
#define MAX_TITLE    1024 /* with its 0; what is longer is cut */

/* What is longer than @room, with its 0, is cut. */
static void put_text(struct sink *s, const char *text, size_t room)
{
    size_t length = strlen(text);

    if ( length >= room )
        length = room - 1;

    put_number(s, length);
    put_bytes(s, text, length);
}

static void put_string(struct sink *s, const char *text)
{
    put_text(s, text, MAX_TITLE);
}

static void put_machine(struct sink *s, const struct program *program)
{
    const struct program_machine *m = &program->machine;

    for ( unsigned int i = 0; i < PROGRAM_ID_WORDS; i++ )
    {
        put_number(s, m->id[i]);
        put_number(s, m->host_id[i]);
    }
    put_number(s, m->haw);
    put_number(s, m->shadow_limit);
    put_number(s, m->budget);
    put_number(s, m->options);
    put_number(s, (m->manual ? FLAG_MANUAL : 0) |
                      (program->oracle_only ? FLAG_ORACLE_ONLY : 0) |
                      (m->lag ? FLAG_LAG : 0));
    if ( m->lag )
        put_number(s, m->lag);
    put_number(s, m->domains);
    put_number(s, m->regions);
    for ( unsigned int i = 0; i < m->regions; i++ )
    {
        put_number(s, m->region[i].type);
        put_number(s, m->region[i].base);
        put_number(s, m->region[i].size);
    }
    put_number(s, m->devices);
    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        put_string(s, m->device[i].name);
        put_number(s, m->device[i].source);
        put_number(s, m->device[i].domain);
        put_number(s, m->device[i].unit);
        put_number(s, m->device[i].model);
        put_number(s, m->device[i].options);
    }
    put_number(s, m->tables);
    for ( unsigned int i = 0; i < m->tables; i++ )
    {
        put_string(s, m->table[i].name);
        for ( unsigned int n = 0; n < PROGRAM_TABLE_OPTIONS; n++ )
            put_number(s, m->table[i].option[n]);
    }
}

/* Beside the number of operation.inside: operation.at_access. */
#define INSIDE_ACCESS 0x10000u

static void put_operation(struct sink *s, const struct operation *op)
{
    unsigned int mask = 0;

    put_number(s, (uint64_t)op->code << 2 | (op->inside ? 2 : 0) | op->domain);
    if ( op->inside )
        put_number(s, op->inside | (op->at_access ? INSIDE_ACCESS : 0));
    for ( unsigned int i = 0; i < 4; i++ )
        mask |= op->arg[i] ? 1u << i : 0;
    put_number(s, mask);
    for ( unsigned int i = 0; i < 4; i++ )
        if ( op->arg[i] )
            put_number(s, op->arg[i]);
}

static void put_litmus(struct sink *s, const struct program_litmus *l)
{
    put_number(s, l->actors);
    for ( unsigned int i = 0; i < l->actors; i++ )
        put_string(s, l->actor[i]);
    put_number(s, l->bound + UINT64_C(1));
    put_number(s, l->exhaustive);
    put_string(s, l->twin);
    put_text(s, l->schedule ? l->schedule : "", MAX_SCHEDULE);
    put_number(s, l->verdicts);
    for ( unsigned int i = 0; i < l->verdicts; i++ )
    {
        const struct program_verdict *v = &l->verdict[i];

        put_number(s, v->allow);
        put_number(s, v->finding);
        put_string(s, v->property);
        put_number(s, v->conditions);
        for ( unsigned int c = 0; c < v->conditions; c++ )
        {
            put_number(s, v->condition[c].actor);
            put_number(s, v->condition[c].index);
            put_number(s, v->condition[c].outcome);
            put_number(s, v->condition[c].value);
        }
    }
}

void *program_binary(const struct program *program, size_t *size)
{
    struct sink s = { 0 };

    put_bytes(&s, magic, sizeof(magic));
    put_string(&s, program->machine.arch->name);
    put_number(&s, program->kind);
    put_number(&s, program->through);
    put_number(&s, program->retention);
    put_number(&s, program->shapes);
    put_machine(&s, program);
    put_string(&s, program->title ? program->title : program->name);
    if ( program->kind == PROGRAM_LITMUS )
        put_litmus(&s, &program->litmus);
    put_number(&s, program->ops);
    for ( size_t i = 0; i < program->ops; i++ )
    {
        if ( program->kind == PROGRAM_LITMUS )
            put_number(&s, program->op[i].actor);
        put_operation(&s, &program->op[i]);
    }
    *size = s.used;
    return s.data;
}

/* ---- reading ---- */

struct source {
    const uint8_t *data;
    size_t at, size;
    const char *error; /* the first thing that is wrong */
};

static uint64_t get_number(struct source *s, uint64_t most)
{
    uint64_t value = 0;
    unsigned int shift = 0;

    for ( ;; )
    {
        uint8_t byte;

        if ( s->error || s->at == s->size || shift > 63 )
            break;
        byte = s->data[s->at++];
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ( !(byte & 0x80) )
        {
            if ( value <= most )
                return value;
            s->error = "a number is out of range";
            return 0;
        }
        shift += 7;
    }
    if ( !s->error )
        s->error = "the file ends too early";
    return 0;
}

static void get_string(struct source *s, char *text, size_t room)
{
    size_t length = get_number(s, room - 1);

    if ( !s->error && length > s->size - s->at )
        s->error = "the file ends too early";
    if ( s->error )
        length = 0;
    memcpy(text, s->data + s->at, length);
    text[length] = 0;
    s->at += length;
}

static void get_machine(struct source *s, struct program *program)
{
    struct program_machine *m = &program->machine;
    uint64_t flags;

    for ( unsigned int i = 0; i < PROGRAM_ID_WORDS; i++ )
    {
        m->id[i] = get_number(s, UINT64_MAX);
        m->host_id[i] = get_number(s, UINT64_MAX);
    }
    m->haw = (uint8_t)get_number(s, 52);
    m->shadow_limit = (uint32_t)get_number(s, UINT32_MAX);
    m->budget = (uint32_t)get_number(s, UINT32_MAX);
    m->options = (uint32_t)get_number(s, UINT32_MAX);
    flags = get_number(s, FLAGS);
    m->manual = flags & FLAG_MANUAL;
    program->oracle_only = flags & FLAG_ORACLE_ONLY;
    m->lag = flags & FLAG_LAG ? (uint32_t)get_number(s, UINT32_MAX) : 0;
    m->domains = (unsigned int)get_number(s, 2);
    m->regions = (unsigned int)get_number(s, MACHINE_MAX_REGIONS);
    for ( unsigned int i = 0; i < m->regions; i++ )
    {
        m->region[i].type = (enum region_type)get_number(s, REGION_MMIO);
        m->region[i].base = get_number(s, UINT64_MAX);
        m->region[i].size = get_number(s, UINT64_MAX);
    }
    m->devices = (unsigned int)get_number(s, PROGRAM_MAX_DEVICES);
    for ( unsigned int i = 0; i < m->devices; i++ )
    {
        get_string(s, m->device[i].name, PROGRAM_NAME_LENGTH);
        m->device[i].source = (uint32_t)get_number(s, UINT32_MAX);
        m->device[i].domain = (uint8_t)get_number(s, 1);
        m->device[i].unit = (uint8_t)get_number(s, PROGRAM_MAX_UNITS - 1);
        m->device[i].model = (uint8_t)get_number(s, MACHINE_MAX_DMS);
        m->device[i].options = (uint8_t)get_number(s, VDEVICE_OPTIONS);
    }
    m->tables = (unsigned int)get_number(s, PROGRAM_MAX_TABLES);
    for ( unsigned int i = 0; i < m->tables; i++ )
    {
        get_string(s, m->table[i].name, PROGRAM_NAME_LENGTH);
        for ( unsigned int n = 0; n < PROGRAM_TABLE_OPTIONS; n++ )
            m->table[i].option[n] = (uint32_t)get_number(s, UINT32_MAX);
    }
}

static void get_operation(struct source *s, struct program *program)
{
    bool litmus = program->kind == PROGRAM_LITMUS;
    uint64_t actor = litmus ? get_number(s, ACTOR_FINALLY) : 0;
    uint64_t head = get_number(s, 0x3ff);
    uint64_t inside = head & 2 ? get_number(s, INSIDE_ACCESS | UINT16_MAX) : 0;
    unsigned int mask = (unsigned int)get_number(s, 0xf);
    struct operation *op;

    if ( s->error )
        return;
    if ( !op_spec_of(program->machine.arch, (unsigned int)(head >> 2)) )
    {
        s->error = "an operation has an unknown code";
        return;
    }
    op = program_append(program, (unsigned int)(head >> 2), 0);
    op->domain = head & 1;
    op->inside = (uint16_t)inside;
    op->at_access = op->inside && inside & INSIDE_ACCESS;
    op->actor = (uint8_t)actor;
    if ( actor != ACTOR_FINALLY && actor > program->litmus.actors )
        s->error = "an operation is of an actor that is not there";
    for ( unsigned int i = 0; i < 4; i++ )
        if ( mask & 1u << i )
            op->arg[i] = get_number(s, UINT64_MAX);
}

static void get_verdict(struct source *s, struct program_litmus *l)
{
    struct program_verdict *v = &l->verdict[l->verdicts++];

    v->allow = get_number(s, 1);
    v->finding = get_number(s, 1);
    get_string(s, v->property, sizeof(v->property));
    v->conditions = (unsigned int)get_number(s, PROGRAM_MAX_CONDITIONS);
    for ( unsigned int c = 0; c < v->conditions; c++ )
    {
        v->condition[c].actor = (uint8_t)get_number(s, l->actors);
        v->condition[c].index = (uint8_t)get_number(s, UINT8_MAX);
        v->condition[c].outcome = (uint8_t)get_number(s, OUTCOME_ABORT);
        v->condition[c].value = get_number(s, UINT64_MAX);
        if ( !v->condition[c].actor && !s->error )
            s->error = "an outcome is of an actor that is not there";
    }
}

static void get_litmus(struct source *s, struct program_litmus *l)
{
    char schedule[MAX_SCHEDULE];
    unsigned int verdicts;

    l->actors = (unsigned int)get_number(s, PROGRAM_MAX_ACTORS);
    for ( unsigned int i = 0; i < l->actors; i++ )
        get_string(s, l->actor[i], PROGRAM_NAME_LENGTH);
    l->bound = (uint32_t)(get_number(s, UINT64_C(1) << 32) - 1);
    l->exhaustive = get_number(s, 1);
    get_string(s, l->twin, PROGRAM_NAME_LENGTH);
    get_string(s, schedule, sizeof(schedule));
    l->schedule = *schedule ? strdup(schedule) : NULL;
    verdicts = (unsigned int)get_number(s, PROGRAM_MAX_VERDICTS);
    while ( verdicts-- && !s->error )
        get_verdict(s, l);
}

static void get_program(struct source *s, struct program *program)
{
    char title[MAX_TITLE], name[PROGRAM_NAME_LENGTH];
    const struct arch *arch;
    uint32_t line;
    size_t count;

    get_string(s, name, sizeof(name));
    arch = arch_by_name(name);
    if ( !arch && !s->error )
        s->error = "the architecture is unknown";
    if ( s->error )
        return;
    program_set_arch(program, arch);

    program->kind = (enum program_kind)get_number(s, PROGRAM_LITMUS);
    program->through = (uint32_t)get_number(s, 3);
    program->retention = (uint32_t)get_number(s, 15);
    program->shapes = (uint32_t)get_number(s, 7);
    get_machine(s, program);
    get_string(s, title, sizeof(title));
    program->title = strdup(title);
    if ( program->kind == PROGRAM_LITMUS )
        get_litmus(s, &program->litmus);
    count = get_number(s, SIZE_MAX);
    for ( size_t i = 0; i < count && !s->error; i++ )
        get_operation(s, program);
    if ( !s->error && s->at != s->size )
        s->error = "something stands behind the last operation";
    if ( !s->error )
        s->error = program_check(program, &line);
}

bool program_parse_binary(const void *data, size_t size, const char *file,
                          const char *name, struct program_list *list,
                          struct program_error *error)
{
    struct source s = { .data = data, .at = sizeof(magic), .size = size };
    struct program *program = program_new(PROGRAM_SCENARIO, name);

    program->file = strdup(file);
    get_program(&s, program);
    if ( s.error )
    {
        snprintf(error->text, sizeof(error->text),
                 "%s: byte %zu: %s; write the file anew with 'umbra convert'",
                 file, s.at, s.error);
        program_free(program);
        return false;
    }
    list->program = malloc(sizeof(*list->program));
    if ( !list->program )
        abort();
    list->program[0] = program;
    list->count = 1;
    return true;
}
