/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines: the machine, and how the scenario runs. */

#include <scenario/parse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands behind the first word of a line. */
static char *rest_of(const char *line)
{
    const char *start = line + strspn(line, " \t");
    size_t length;

    start += strcspn(start, " \t");
    start += strspn(start, " \t");
    length = strcspn(start, "\r\n");
    return strndup(start, length);
}

static bool parse_mask(struct parser *p, const char *const *names,
                       const char *what, uint32_t *mask)
{
    *mask = 0;
    for ( unsigned int i = 1; i < p->tokens; i++ )
    {
        unsigned int n = 0;

        while ( names[n] && strcmp(names[n], p->token[i]) )
            n++;
        if ( !names[n] )
            return parse_fail(p,
                              "'%s' is no %s (see docs/scenario-language.md)",
                              p->token[i], what);
        *mask |= 1u << n;
    }
    return *mask ? true : parse_fail(p, "'%s' needs a value", p->token[0]);
}

/* cap nd=6 cm=1, or cap value=0xd2... */
static bool parse_capability(struct parser *p, bool extended, uint64_t *value)
{
    for ( unsigned int i = 1; i < p->tokens; i++ )
    {
        char *equals = strchr(p->token[i], '=');
        const struct name_value *f = capability_fields(extended);
        uint64_t v, mask;

        if ( !equals )
            return parse_fail(p, "'%s': expected FIELD=NUMBER", p->token[i]);
        *equals = 0;
        if ( !parse_number(p, equals + 1, &v) )
            return false;
        if ( !strcmp(p->token[i], "value") )
        {
            *value = v;
            continue;
        }
        while ( f->name && strcmp(f->name, p->token[i]) )
            f++;
        if ( !f->name )
            return parse_fail(p, "'%s' is no field of %s", p->token[i],
                              extended ? "ECAP" : "CAP");
        mask = (UINT64_C(1) << (f->value >> 8)) - 1;
        if ( v & ~mask )
            return parse_fail(p, "%s=%s does not fit its %u bits", p->token[i],
                              equals + 1, (unsigned int)(f->value >> 8));
        *value &= ~(mask << (f->value & 0xff));
        *value |= v << (f->value & 0xff);
    }
    return true;
}

static bool parse_region(struct parser *p, enum region_type type)
{
    struct program_machine *machine = &p->program->machine;
    struct region *region = &machine->region[machine->regions];

    if ( p->tokens != 3 )
        return parse_fail(p, "expected: %s BASE SIZE", p->token[0]);
    if ( machine->regions == MACHINE_MAX_REGIONS )
        return parse_fail(p, "more than %d regions", MACHINE_MAX_REGIONS);
    region->type = type;
    if ( !parse_number(p, p->token[1], &region->base) ||
         !parse_number(p, p->token[2], &region->size) )
        return false;
    if ( (region->base | region->size) & 0xfff || !region->size )
        return parse_fail(p, "base and size must be multiples of 0x1000");
    machine->regions++;
    return true;
}

static bool parse_device(struct parser *p)
{
    struct program_machine *machine = &p->program->machine;
    struct program_device *device = &machine->device[machine->devices];
    unsigned int bus, dev, fn;
    char end;

    if ( p->tokens < 3 ||
         sscanf(p->token[2], "%x:%x.%x%c", &bus, &dev, &fn, &end) != 3 ||
         bus > 255 || dev > 31 || fn > 7 )
        return parse_fail(p, "expected: device NAME BB:DD.F [b]");
    if ( machine->devices == PROGRAM_MAX_DEVICES )
        return parse_fail(p, "more than %d devices", PROGRAM_MAX_DEVICES);
    for ( unsigned int i = 0; i < machine->devices; i++ )
        if ( !strcmp(machine->device[i].name, p->token[1]) )
            return parse_fail(p, "device '%s' was declared before",
                              p->token[1]);
    if ( !parse_copy_name(p, device->name, p->token[1]) )
        return false;
    device->vsbdf = (uint16_t)(bus << 8 | dev << 3 | fn);
    device->domain = p->tokens > 3 && !strcmp(p->token[3], "b");
    if ( device->domain )
        machine->domains = 2;
    machine->devices++;
    return true;
}

static bool parse_table(struct parser *p)
{
    struct program_machine *machine = &p->program->machine;
    struct program_table *table = &machine->table[machine->tables];
    uint64_t levels = 4;

    if ( p->tokens < 2 )
        return parse_fail(p, "expected: table NAME [levels=3|4]");
    if ( machine->tables == PROGRAM_MAX_TABLES )
        return parse_fail(p, "more than %d tables", PROGRAM_MAX_TABLES);
    if ( !parse_copy_name(p, table->name, p->token[1]) )
        return false;
    if ( p->tokens > 2 )
    {
        const char *value = parse_keyed(p, 2, "levels");

        if ( !value || !parse_number(p, value, &levels) )
            return parse_fail(p, "expected: table NAME [levels=3|4]");
    }
    if ( levels < 2 || levels > 6 )
        return parse_fail(p, "a table has 2 to 6 levels");
    table->levels = (uint8_t)levels;
    machine->tables++;
    return true;
}

static bool parse_let(struct parser *p)
{
    struct let *let = &p->let[p->lets];

    if ( p->tokens != 4 || strcmp(p->token[2], "=") )
        return parse_fail(p, "expected: let NAME = NUMBER");
    if ( p->lets == MAX_NAMES )
        return parse_fail(p, "more than %d names", MAX_NAMES);
    if ( !parse_copy_name(p, let->name, p->token[1]) ||
         !parse_number(p, p->token[3], &let->value) )
        return false;
    p->lets++;
    return true;
}

/* ---- the table of header lines ---- */

/* "title TEXT": into the string at @offset of the program. */
static bool parse_text(struct parser *p, const char *line, char **to)
{
    if ( *to )
        return parse_fail(p, "'%s' stands here for the second time",
                          p->token[0]);
    *to = rest_of(line);
    return **to ? true : parse_fail(p, "'%s' needs a text", p->token[0]);
}

/* One number from @least to @most. */
static bool parse_single(struct parser *p, uint64_t least, uint64_t most,
                         uint64_t *value)
{
    if ( p->tokens != 2 )
        return parse_fail(p, "expected: %s NUMBER", p->token[0]);
    if ( !parse_number(p, p->token[1], value) )
        return false;
    return *value >= least && *value <= most ?
               true :
               parse_fail(p, "%s: %#llx to %#llx", p->token[0],
                          (unsigned long long)least, (unsigned long long)most);
}

static bool header_title(struct parser *p, const char *line)
{
    return parse_text(p, line, &p->program->title);
}

static bool header_section(struct parser *p, const char *line)
{
    return parse_text(p, line, &p->program->section);
}

static bool header_through(struct parser *p, const char *line)
{
    (void)line;
    return parse_mask(p, through_names, "way", &p->program->through);
}

static bool header_retention(struct parser *p, const char *line)
{
    (void)line;
    return parse_mask(p, retention_names, "retention policy",
                      &p->program->retention);
}

static bool header_p2m(struct parser *p, const char *line)
{
    (void)line;
    return parse_mask(p, shape_names, "p2m shape", &p->program->shapes);
}

static bool header_capability(struct parser *p, const char *line)
{
    struct program_machine *m = &p->program->machine;
    bool host = !strncmp(p->token[0], "host-", 5);
    bool extended = strstr(p->token[0], "ecap") != NULL;

    (void)line;
    if ( extended )
        return parse_capability(p, true, host ? &m->host_ecap : &m->ecap);
    return parse_capability(p, false, host ? &m->host_cap : &m->cap);
}

static bool header_region(struct parser *p, const char *line)
{
    static const char *const names[] = { "ram", "rom", "hole", "mmio" };
    unsigned int type = 0;

    (void)line;
    while ( strcmp(names[type], p->token[0]) )
        type++;
    return parse_region(p, (enum region_type)type);
}

static bool header_device(struct parser *p, const char *line)
{
    (void)line;
    return parse_device(p);
}

static bool header_table(struct parser *p, const char *line)
{
    (void)line;
    return parse_table(p);
}

static bool header_let(struct parser *p, const char *line)
{
    (void)line;
    return parse_let(p);
}

/* Into a 32-bit field of the machine. */
static bool header_number(struct parser *p, const char *line)
{
    struct program_machine *m = &p->program->machine;
    const char *word = p->token[0];
    uint64_t value;

    (void)line;
    if ( !parse_single(p, 0, UINT32_MAX, &value) )
        return false;
    *(!strcmp(word, "version")      ? &m->version :
      !strcmp(word, "shadow-limit") ? &m->shadow_limit :
                                      &m->budget) = (uint32_t)value;
    return true;
}

static bool header_haw(struct parser *p, const char *line)
{
    uint64_t value;

    (void)line;
    if ( !parse_single(p, 32, 52, &value) )
        return false;
    p->program->machine.haw = (uint8_t)value;
    return true;
}

static bool header_flag(struct parser *p, const char *line)
{
    struct program_machine *m = &p->program->machine;
    const char *word = p->token[0];

    (void)line;
    *(!strcmp(word, "replay") ? &m->replay :
      !strcmp(word, "manual") ? &m->manual :
                                &m->collapse_faults) = true;
    return p->tokens == 1 ? true : parse_fail(p, "'%s' stands alone", word);
}

/* Read before everything else, by scan_matrix(). */
static bool header_matrix(struct parser *p, const char *line)
{
    (void)p;
    (void)line;
    return true;
}

static const struct {
    const char *word;
    bool (*parse)(struct parser *p, const char *line);
} headers[] = {
    { "title", header_title },
    { "section", header_section },
    { "through", header_through },
    { "retention", header_retention },
    { "p2m", header_p2m },
    { "cap", header_capability },
    { "ecap", header_capability },
    { "host-cap", header_capability },
    { "host-ecap", header_capability },
    { "ram", header_region },
    { "rom", header_region },
    { "hole", header_region },
    { "mmio", header_region },
    { "device", header_device },
    { "table", header_table },
    { "let", header_let },
    { "version", header_number },
    { "shadow-limit", header_number },
    { "budget", header_number },
    { "haw", header_haw },
    { "collapse-faults", header_flag },
    { "replay", header_flag },
    { "manual", header_flag },
    { "matrix", header_matrix },
};

/* True with *known = false: the line is no header line. */
bool parse_header(struct parser *p, const char *line, bool *known)
{
    *known = true;
    for ( unsigned int i = 0; i < sizeof(headers) / sizeof(headers[0]); i++ )
        if ( !strcmp(headers[i].word, p->token[0]) )
            return headers[i].parse(p, line);
    *known = false;
    return true;
}
