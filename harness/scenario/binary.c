/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compact form of a program: "UMBRAPG1", then numbers as LEB128.
 *
 *   kind through retention shapes
 *   cap ecap host-cap host-ecap version haw shadow-limit budget flags domains
 *   n regions (type base size), n devices (name vsbdf domain),
 *   n tables (name levels), title, n operations
 *   (code | domain << 7, mask of the words that are not zero, those words)
 *
 * A name is its length and its bytes.
 */

#include <scenario/program.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[8] = "UMBRAPG1";

#define FLAG_COLLAPSE 0x1u
#define FLAG_REPLAY   0x2u
#define FLAG_MANUAL   0x4u

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

static void put_string(struct sink *s, const char *text)
{
    put_number(s, strlen(text));
    put_bytes(s, text, strlen(text));
}

static void put_machine(struct sink *s, const struct program_machine *m)
{
    put_number(s, m->cap);
    put_number(s, m->ecap);
    put_number(s, m->host_cap);
    put_number(s, m->host_ecap);
    put_number(s, m->version);
    put_number(s, m->haw);
    put_number(s, m->shadow_limit);
    put_number(s, m->budget);
    put_number(s, (m->collapse_faults ? FLAG_COLLAPSE : 0) |
                      (m->replay ? FLAG_REPLAY : 0) |
                      (m->manual ? FLAG_MANUAL : 0));
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
        put_number(s, m->device[i].vsbdf);
        put_number(s, m->device[i].domain);
    }
    put_number(s, m->tables);
    for ( unsigned int i = 0; i < m->tables; i++ )
    {
        put_string(s, m->table[i].name);
        put_number(s, m->table[i].levels);
    }
}

static void put_operation(struct sink *s, const struct operation *op)
{
    unsigned int mask = 0;

    put_number(s, op->code | (uint64_t)op->domain << 7);
    for ( unsigned int i = 0; i < 4; i++ )
        mask |= op->arg[i] ? 1u << i : 0;
    put_number(s, mask);
    for ( unsigned int i = 0; i < 4; i++ )
        if ( op->arg[i] )
            put_number(s, op->arg[i]);
}

void *program_binary(const struct program *program, size_t *size)
{
    struct sink s = { 0 };

    put_bytes(&s, magic, sizeof(magic));
    put_number(&s, program->kind);
    put_number(&s, program->through);
    put_number(&s, program->retention);
    put_number(&s, program->shapes);
    put_machine(&s, &program->machine);
    put_string(&s, program->title ? program->title : program->name);
    put_number(&s, program->ops);
    for ( size_t i = 0; i < program->ops; i++ )
        put_operation(&s, &program->op[i]);
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

static void get_machine(struct source *s, struct program_machine *m)
{
    unsigned int flags;

    m->cap = get_number(s, UINT64_MAX);
    m->ecap = get_number(s, UINT64_MAX);
    m->host_cap = get_number(s, UINT64_MAX);
    m->host_ecap = get_number(s, UINT64_MAX);
    m->version = (uint32_t)get_number(s, UINT32_MAX);
    m->haw = (uint8_t)get_number(s, 52);
    m->shadow_limit = (uint32_t)get_number(s, UINT32_MAX);
    m->budget = (uint32_t)get_number(s, UINT32_MAX);
    flags = (unsigned int)get_number(s, 7);
    m->collapse_faults = flags & FLAG_COLLAPSE;
    m->replay = flags & FLAG_REPLAY;
    m->manual = flags & FLAG_MANUAL;
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
        m->device[i].vsbdf = (uint16_t)get_number(s, UINT16_MAX);
        m->device[i].domain = (uint8_t)get_number(s, 1);
    }
    m->tables = (unsigned int)get_number(s, PROGRAM_MAX_TABLES);
    for ( unsigned int i = 0; i < m->tables; i++ )
    {
        get_string(s, m->table[i].name, PROGRAM_NAME_LENGTH);
        m->table[i].levels = (uint8_t)get_number(s, 6);
    }
}

static void get_operation(struct source *s, struct program *program)
{
    uint64_t head = get_number(s, 0xff);
    unsigned int mask = (unsigned int)get_number(s, 0xf);
    struct operation *op;

    if ( s->error )
        return;
    if ( (head & 0x7f) >= OP_COUNT )
    {
        s->error = "an operation has an unknown code";
        return;
    }
    op = program_append(program, (enum op)(head & 0x7f), 0);
    op->domain = head >> 7 & 1;
    for ( unsigned int i = 0; i < 4; i++ )
        if ( mask & 1u << i )
            op->arg[i] = get_number(s, UINT64_MAX);
}

static void get_program(struct source *s, struct program *program)
{
    char title[256];
    uint32_t line;
    size_t count;

    program->kind = (enum program_kind)get_number(s, PROGRAM_SESSION);
    program->through = (uint32_t)get_number(s, 3);
    program->retention = (uint32_t)get_number(s, 15);
    program->shapes = (uint32_t)get_number(s, 7);
    get_machine(s, &program->machine);
    get_string(s, title, sizeof(title));
    program->title = strdup(title);
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
