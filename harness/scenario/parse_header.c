/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header lines: the machine, and how the scenario runs. */

#include <scenario/arch.h>
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

/* "cap nd=6 cm=1", or "cap value=0xd2...", into *value. */
static bool parse_fields_of(struct parser *p, const struct arch_id *id,
                            uint64_t *value)
{
    for ( unsigned int i = 1; i < p->tokens; i++ )
    {
        char *equals = strchr(p->token[i], '=');
        const struct name_value *f = id->field;
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
            return parse_fail(p, "'%s' is no field of '%s'", p->token[i],
                              id->name);
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

/* KEY=VALUE of a table line. */
static bool parse_table_option(struct parser *p, unsigned int token,
                               struct program_table *table)
{
    const struct arch_table_option *o = p->program->machine.arch->table_option;
    struct name_tables names = { { NULL } };
    const char *text = NULL;
    uint64_t value = 0;
    unsigned int n = 0;

    while ( o[n].key && !(text = parse_keyed(p, token, o[n].key)) )
        n++;
    if ( !o[n].key )
        return parse_fail(p, "'%s' means nothing to 'table'", p->token[token]);
    names.table[0] = o[n].names;
    if ( o[n].names ? !parse_name(p, text, &names, "kind of table", &value) :
                      !parse_number(p, text, &value) )
        return false;
    if ( value < o[n].least || value > o[n].most )
        return parse_fail(p, "%s is %u to %u", o[n].key, o[n].least,
                          o[n].most);
    table->option[n] = (uint32_t)value;
    return true;
}

static bool parse_table(struct parser *p)
{
    struct program_machine *machine = &p->program->machine;
    struct program_table *table = &machine->table[machine->tables];

    if ( p->tokens < 2 )
        return parse_fail(p, "expected: table NAME [KEY=VALUE ...]");
    if ( machine->tables == PROGRAM_MAX_TABLES )
        return parse_fail(p, "more than %d tables", PROGRAM_MAX_TABLES);
    if ( !parse_copy_name(p, table->name, p->token[1]) )
        return false;
    for ( unsigned int n = 0; machine->arch->table_option[n].key; n++ )
        table->option[n] = machine->arch->table_option[n].initial;
    for ( unsigned int i = 2; i < p->tokens; i++ )
        if ( !parse_table_option(p, i, table) )
            return false;
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
    *(!strcmp(word, "budget") ? &m->budget :
      !strcmp(word, "lag")    ? &m->lag :
                                &m->shadow_limit) = (uint32_t)value;
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

static bool alone(struct parser *p)
{
    return p->tokens == 1 ? true :
                            parse_fail(p, "'%s' stands alone", p->token[0]);
}

static bool header_manual(struct parser *p, const char *line)
{
    (void)line;
    p->program->machine.manual = true;
    return alone(p);
}

static bool header_oracle_only(struct parser *p, const char *line)
{
    (void)line;
    p->program->oracle_only = true;
    return alone(p);
}

/* It sets the defaults of everything else. */
static bool header_arch(struct parser *p, const char *line)
{
    const struct arch *arch = NULL;

    (void)line;
    if ( p->tokens == 2 )
        arch = arch_by_name(p->token[1]);
    if ( !arch )
        return parse_fail(p, "expected: arch NAME, a directory of scenarios/");
    if ( p->machine_lines )
        return parse_fail(p, "'arch' stands before all that is said of the "
                             "machine");
    program_set_arch(p->program, arch);
    return true;
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
    bool machine; /* it says something of the machine */
} headers[] = {
    { "arch", header_arch, false },
    { "title", header_title, false },
    { "section", header_section, false },
    { "oracle-only", header_oracle_only, false },
    { "through", header_through, false },
    { "retention", header_retention, false },
    { "p2m", header_p2m, false },
    { "ram", header_region, true },
    { "rom", header_region, true },
    { "hole", header_region, true },
    { "mmio", header_region, true },
    { "device", header_device, true },
    { "vdevice", header_device, true },
    { "table", header_table, true },
    { "let", header_let, false },
    { "shadow-limit", header_number, true },
    { "budget", header_number, true },
    { "lag", header_number, true },
    { "haw", header_haw, true },
    { "manual", header_manual, true },
    { "matrix", header_matrix, false },
};

/* ---- what the architecture adds ---- */

/* An identification register, of the unit that the guest sees or of the
 * host's. */
static bool header_id(struct parser *p, bool *known)
{
    struct program_machine *m = &p->program->machine;
    const char *word = p->token[0];
    bool host = !strncmp(word, "host-", 5);
    unsigned int n = 0;
    uint64_t *value;

    word += host ? 5 : 0;
    while ( m->arch->id[n].name && strcmp(m->arch->id[n].name, word) )
        n++;
    *known = m->arch->id[n].name && (!host || m->arch->id[n].host);
    if ( !*known )
        return true;
    value = host ? &m->host_id[n] : &m->id[n];
    return m->arch->id[n].field ? parse_fields_of(p, &m->arch->id[n], value) :
                                  parse_single(p, 0, UINT32_MAX, value);
}

static bool header_option(struct parser *p, bool *known)
{
    struct program_machine *m = &p->program->machine;
    unsigned int n = 0;

    while ( m->arch->option[n].word &&
            strcmp(m->arch->option[n].word, p->token[0]) )
        n++;
    *known = m->arch->option[n].word;
    if ( !*known )
        return true;
    m->options |= 1u << n;
    return alone(p);
}

bool parse_header(struct parser *p, const char *line, bool *known)
{
    bool ok;

    *known = true;
    for ( unsigned int i = 0; i < sizeof(headers) / sizeof(headers[0]); i++ )
        if ( !strcmp(headers[i].word, p->token[0]) )
        {
            ok = headers[i].parse(p, line);
            p->machine_lines |= headers[i].machine;
            return ok;
        }
    ok = header_id(p, known);
    if ( ok && !*known )
        ok = header_option(p, known);
    p->machine_lines |= *known;
    return ok;
}
