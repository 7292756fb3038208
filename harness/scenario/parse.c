/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario text -> programs, one for each point of its matrix. */

#include <scenario/program.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TOKENS  80
#define MAX_LINE    512
#define MAX_NAMES   64
#define MAX_MATRIX  6
#define MAX_COLUMNS 4
#define MAX_ROWS    160

/* A dimension: some names, and the values they take together. */
struct matrix {
    char name[MAX_COLUMNS][PROGRAM_NAME_LENGTH];
    unsigned int columns;
    char value[MAX_ROWS][MAX_COLUMNS][PROGRAM_NAME_LENGTH];
    unsigned int rows;
};

struct let {
    char name[PROGRAM_NAME_LENGTH];
    uint64_t value;
};

struct parser {
    const char *file;
    unsigned int line;
    struct program *program;
    struct program_error *error;
    bool failed;

    struct matrix *matrix; /* MAX_MATRIX of them */
    unsigned int dimensions;
    unsigned int point[MAX_MATRIX]; /* the row taken of each */

    struct let let[MAX_NAMES + 1]; /* one more: repeat's counter */
    unsigned int lets;
    char expanded[MAX_LINE];
    char *token[MAX_TOKENS];
    unsigned int tokens;
};

static bool fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *fmt, ...)
{
    size_t used;
    va_list args;

    if ( p->failed )
        return false;
    p->failed = true;
    used = (size_t)snprintf(p->error->text, sizeof(p->error->text),
                            "%s:%u: ", p->file, p->line);
    if ( used >= sizeof(p->error->text) )
        return false;
    va_start(args, fmt);
    vsnprintf(p->error->text + used, sizeof(p->error->text) - used, fmt, args);
    va_end(args);
    return false;
}

/* ---- tokens ---- */

/* The value of a matrix name, or NULL. */
static const char *matrix_value(const struct parser *p, const char *name,
                                size_t length)
{
    for ( unsigned int i = 0; i < p->dimensions; i++ )
        for ( unsigned int c = 0; c < p->matrix[i].columns; c++ )
            if ( strlen(p->matrix[i].name[c]) == length &&
                 !memcmp(p->matrix[i].name[c], name, length) )
                return p->matrix[i].value[p->point[i]][c];
    return NULL;
}

/* Replace $name by the value it has at this point of the matrix. */
static bool substitute(struct parser *p, const char *line)
{
    size_t out = 0;

    while ( *line )
    {
        const char *value = NULL;
        size_t length = 1;

        if ( *line == '$' )
        {
            while ( isalnum((unsigned char)line[length]) ||
                    line[length] == '_' )
                length++;
            value = matrix_value(p, line + 1, length - 1);
            if ( !value )
                return fail(p, "'%.*s' is not a name of this file's matrix",
                            (int)length, line);
        }
        if ( out + (value ? strlen(value) : 1) >= sizeof(p->expanded) )
            return fail(p, "the line is too long (%d characters at most)",
                        MAX_LINE - 1);
        if ( value )
            out += (size_t)sprintf(p->expanded + out, "%s", value);
        else
            p->expanded[out++] = *line;
        line += length;
    }
    p->expanded[out] = 0;
    return true;
}

static bool tokenize(struct parser *p)
{
    char *save = NULL, *comment = strchr(p->expanded, '#');

    if ( comment )
        *comment = 0;
    p->tokens = 0;
    for ( char *t = strtok_r(p->expanded, " \t\r", &save); t;
          t = strtok_r(NULL, " \t\r", &save) )
    {
        if ( p->tokens == MAX_TOKENS )
            return fail(p, "more than %d words in a line", MAX_TOKENS);
        p->token[p->tokens++] = t;
    }
    return true;
}

static bool lookup_name(void *context, const char *name, size_t length,
                        uint64_t *value)
{
    const struct parser *p = context;

    for ( unsigned int i = 0; i < p->lets; i++ )
        if ( strlen(p->let[i].name) == length &&
             !memcmp(p->let[i].name, name, length) )
        {
            *value = p->let[i].value;
            return true;
        }
    return false;
}

static bool number(struct parser *p, const char *text, uint64_t *value)
{
    const char *error = expression_parse(text, lookup_name, p, value);

    return error ? fail(p, "'%s': %s", text, error) : true;
}

/* The value that follows "key=" in token @i, or NULL. */
static const char *keyed(const struct parser *p, unsigned int i,
                         const char *key)
{
    size_t length = strlen(key);

    return !strncmp(p->token[i], key, length) && p->token[i][length] == '=' ?
               p->token[i] + length + 1 :
               NULL;
}

static bool name_of(struct parser *p, const char *text,
                    const struct name_value *names, const char *what,
                    uint64_t *value)
{
    char known[256] = "";

    for ( const struct name_value *n = names; n->name; n++ )
    {
        if ( !strcmp(n->name, text) )
        {
            *value = n->value;
            return true;
        }
        if ( strlen(known) + strlen(n->name) + 2 < sizeof(known) )
            strcat(strcat(known, " "), n->name);
    }
    return fail(p, "'%s' is no %s; one of:%s", text, what, known);
}

/* ---- header lines ---- */

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
            return fail(p, "'%s' is no %s (see docs/scenario-language.md)",
                        p->token[i], what);
        *mask |= 1u << n;
    }
    return *mask ? true : fail(p, "'%s' needs a value", p->token[0]);
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
            return fail(p, "'%s': expected FIELD=NUMBER", p->token[i]);
        *equals = 0;
        if ( !number(p, equals + 1, &v) )
            return false;
        if ( !strcmp(p->token[i], "value") )
        {
            *value = v;
            continue;
        }
        while ( f->name && strcmp(f->name, p->token[i]) )
            f++;
        if ( !f->name )
            return fail(p, "'%s' is no field of %s", p->token[i],
                        extended ? "ECAP" : "CAP");
        mask = (UINT64_C(1) << (f->value >> 8)) - 1;
        if ( v & ~mask )
            return fail(p, "%s=%s does not fit its %u bits", p->token[i],
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
        return fail(p, "expected: %s BASE SIZE", p->token[0]);
    if ( machine->regions == MACHINE_MAX_REGIONS )
        return fail(p, "more than %d regions", MACHINE_MAX_REGIONS);
    region->type = type;
    if ( !number(p, p->token[1], &region->base) ||
         !number(p, p->token[2], &region->size) )
        return false;
    if ( (region->base | region->size) & 0xfff || !region->size )
        return fail(p, "base and size must be multiples of 0x1000");
    machine->regions++;
    return true;
}

static bool copy_name(struct parser *p, char *to, const char *from)
{
    if ( strlen(from) >= PROGRAM_NAME_LENGTH )
        return fail(p, "'%s': a name has at most %d characters", from,
                    PROGRAM_NAME_LENGTH - 1);
    strcpy(to, from);
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
        return fail(p, "expected: device NAME BB:DD.F [b]");
    if ( machine->devices == PROGRAM_MAX_DEVICES )
        return fail(p, "more than %d devices", PROGRAM_MAX_DEVICES);
    for ( unsigned int i = 0; i < machine->devices; i++ )
        if ( !strcmp(machine->device[i].name, p->token[1]) )
            return fail(p, "device '%s' was declared before", p->token[1]);
    if ( !copy_name(p, device->name, p->token[1]) )
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
        return fail(p, "expected: table NAME [levels=3|4]");
    if ( machine->tables == PROGRAM_MAX_TABLES )
        return fail(p, "more than %d tables", PROGRAM_MAX_TABLES);
    if ( !copy_name(p, table->name, p->token[1]) )
        return false;
    if ( p->tokens > 2 )
    {
        const char *value = keyed(p, 2, "levels");

        if ( !value || !number(p, value, &levels) )
            return fail(p, "expected: table NAME [levels=3|4]");
    }
    if ( levels < 2 || levels > 6 )
        return fail(p, "a table has 2 to 6 levels");
    table->levels = (uint8_t)levels;
    machine->tables++;
    return true;
}

static bool parse_let(struct parser *p)
{
    struct let *let = &p->let[p->lets];

    if ( p->tokens != 4 || strcmp(p->token[2], "=") )
        return fail(p, "expected: let NAME = NUMBER");
    if ( p->lets == MAX_NAMES )
        return fail(p, "more than %d names", MAX_NAMES);
    if ( !copy_name(p, let->name, p->token[1]) ||
         !number(p, p->token[3], &let->value) )
        return false;
    p->lets++;
    return true;
}

/* ---- the table of header lines ---- */

/* "title TEXT": into the string at @offset of the program. */
static bool parse_text(struct parser *p, const char *line, char **to)
{
    free(*to);
    *to = rest_of(line);
    return **to ? true : fail(p, "'%s' needs a text", p->token[0]);
}

/* One number from @least to @most. */
static bool parse_single(struct parser *p, uint64_t least, uint64_t most,
                         uint64_t *value)
{
    if ( p->tokens != 2 )
        return fail(p, "expected: %s NUMBER", p->token[0]);
    if ( !number(p, p->token[1], value) )
        return false;
    return *value >= least && *value <= most ?
               true :
               fail(p, "%s: %#llx to %#llx", p->token[0],
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
    return p->tokens == 1 ? true : fail(p, "'%s' stands alone", word);
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
static bool parse_header(struct parser *p, const char *line, bool *known)
{
    *known = true;
    for ( unsigned int i = 0; i < sizeof(headers) / sizeof(headers[0]); i++ )
        if ( !strcmp(headers[i].word, p->token[0]) )
            return headers[i].parse(p, line);
    *known = false;
    return true;
}

/* ---- operations ---- */

static bool find_declared(struct parser *p, enum field_kind kind,
                          const char *text, uint64_t *value)
{
    const struct program_machine *machine = &p->program->machine;
    bool device = kind == FIELD_DEVICE;
    unsigned int count = device ? machine->devices : machine->tables;

    for ( unsigned int i = 0; i < count; i++ )
        if ( !strcmp(device ? machine->device[i].name : machine->table[i].name,
                     text) )
        {
            *value = i;
            return true;
        }
    return fail(p, "%s '%s' is not declared; write '%s %s ...' above",
                device ? "device" : "table", text, device ? "device" : "table",
                text);
}

/* NAME, or OFFSET/SIZE. */
static bool parse_register(struct parser *p, const char *text, uint64_t *value)
{
    const char *slash = strchr(text, '/');
    char offset[64];
    uint64_t at, size;

    if ( register_by_name(&p->program->machine, text, strlen(text), value) )
        return true;
    if ( !slash || (size_t)(slash - text) >= sizeof(offset) )
        return fail(p,
                    "'%s' is no register; expected its name, or "
                    "OFFSET/SIZE",
                    text);
    memcpy(offset, text, (size_t)(slash - text));
    offset[slash - text] = 0;
    if ( !number(p, offset, &at) || !number(p, slash + 1, &size) )
        return false;
    if ( at > 0xfff || (size != 1 && size != 2 && size != 4 && size != 8) ||
         at + size > 0x1000 )
        return fail(p, "'%s': offset below 0x1000, size 1, 2, 4 or 8", text);
    *value = reg_encode((uint32_t)at, (unsigned int)size);
    return true;
}

static bool parse_field(struct parser *p, struct operation *op,
                        const struct op_field *field, const char *text)
{
    uint64_t value = 1;
    bool ok;

    switch ( field->kind )
    {
    case FIELD_NUMBER:
        ok = number(p, text, &value);
        break;
    case FIELD_DEVICE:
    case FIELD_TABLE:
        ok = find_declared(p, field->kind, text, &value);
        break;
    case FIELD_REGISTER:
        ok = parse_register(p, text, &value);
        break;
    case FIELD_FLAG:
        ok = true;
        break;
    default:
        ok = name_of(p, text, names_of(field->kind), "value here", &value);
        break;
    }
    if ( ok && !op_field_set(op, field, value) )
        ok = fail(p, "%#llx does not fit %u bits", (unsigned long long)value,
                  field->bits);
    return ok;
}

/* The keyed field or flag that token @i names, and its value. */
static const struct op_field *find_field(const struct parser *p,
                                         const struct op_spec *spec,
                                         unsigned int i, const char **text)
{
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
    {
        if ( !f->key )
            continue;
        if ( f->kind == FIELD_FLAG && !strcmp(p->token[i], f->key) )
            return f;
        if ( f->kind != FIELD_FLAG && (*text = keyed(p, i, f->key)) )
            return f;
    }
    return NULL;
}

static bool parse_fields(struct parser *p, const struct op_spec *spec,
                         struct operation *op, unsigned int first)
{
    const struct op_field *positional = spec->field;
    uint32_t seen = 0;

    for ( unsigned int i = first; i < p->tokens; i++ )
    {
        const char *text = NULL;
        const struct op_field *field = find_field(p, spec, i, &text);

        if ( !field )
        {
            field = positional++;
            text = p->token[i];
            if ( field->kind == FIELD_END || field->key )
                return fail(p, "'%s' means nothing to '%s' (%s)", text,
                            spec->keyword, spec->help);
        }
        if ( !parse_field(p, op, field, text) )
            return false;
        seen |= 1u << (field - spec->field);
    }
    for ( const struct op_field *f = spec->field; f->kind != FIELD_END; f++ )
        if ( f->required && !(seen & 1u << (f - spec->field)) )
            return fail(p, "'%s' misses its %s: %s", spec->keyword,
                        f->key ? f->key : "next argument", spec->help);
    return true;
}

/* The operation that begins at token @first. */
static bool parse_one(struct parser *p, unsigned int first)
{
    bool second = first < p->tokens && !strcmp(p->token[first], "b:");
    unsigned int code;
    struct operation *op;

    first += second;
    if ( first >= p->tokens )
        return fail(p, "an operation is missing here");
    for ( code = 0; code < OP_COUNT; code++ )
        if ( op_table[code].keyword &&
             !strcmp(op_table[code].keyword, p->token[first]) )
            break;
    if ( code == OP_COUNT )
        return fail(p,
                    "'%s' is neither a header line nor an operation "
                    "(docs/scenario-language.md lists them)",
                    p->token[first]);
    if ( p->program->through & ~op_table[code].through )
        return fail(p,
                    "'%s' has a meaning through the stack only; write "
                    "'through stack'",
                    p->token[first]);
    op = program_append(p->program, (enum op)code, p->line);
    op->domain = second;
    if ( second )
        p->program->machine.domains = 2;
    for ( const struct op_field *f = op_table[code].field;
          f->kind != FIELD_END; f++ )
        op_field_set(op, f, f->initial);
    return parse_fields(p, &op_table[code], op, first + 1);
}

#define MAX_REPEAT 100000

/* OPERATION, or repeat N OPERATION, in which i counts from 0. */
static bool parse_operation(struct parser *p)
{
    struct let *counter = &p->let[p->lets];
    uint64_t times;
    bool ok = true;

    if ( strcmp(p->token[0], "repeat") )
        return parse_one(p, 0);
    if ( p->tokens < 3 )
        return fail(p, "expected: repeat NUMBER OPERATION");
    if ( !number(p, p->token[1], &times) )
        return false;
    if ( !times || times > MAX_REPEAT )
        return fail(p, "repeat: 1 to %d times", MAX_REPEAT);
    *counter = (struct let) { .name = "i" };
    p->lets++;
    for ( ; ok && counter->value < times; counter->value++ )
        ok = parse_one(p, 2);
    p->lets--;
    return ok;
}

/* ---- the whole file ---- */

/* Values of a name's column: "a,b" for two columns. */
static bool split_columns(struct parser *p, const char *text,
                          char (*out)[PROGRAM_NAME_LENGTH],
                          unsigned int *columns)
{
    *columns = 0;
    for ( ;; )
    {
        size_t length = strcspn(text, ",");

        if ( *columns == MAX_COLUMNS || !length ||
             length >= PROGRAM_NAME_LENGTH )
            return fail(p,
                        "'%s': 1 to %d values, separated by commas, of at "
                        "most %d characters",
                        text, MAX_COLUMNS, PROGRAM_NAME_LENGTH - 1);
        memcpy(out[*columns], text, length);
        out[(*columns)++][length] = 0;
        if ( !text[length] )
            return true;
        text += length + 1;
    }
}

/* first..last, a range of decimal numbers. */
static bool expand_range(struct matrix *m, const char *text)
{
    unsigned int first, last;
    char end;

    if ( sscanf(text, "%u..%u%c", &first, &last, &end) != 2 )
        return false;
    for ( unsigned int v = first; v <= last && m->rows < MAX_ROWS; v++ )
        snprintf(m->value[m->rows++][0], PROGRAM_NAME_LENGTH, "%u", v);
    return true;
}

static bool parse_matrix(struct parser *p)
{
    struct matrix *m = &p->matrix[p->dimensions];
    unsigned int columns;

    if ( p->tokens < 4 || strcmp(p->token[2], "=") )
        return fail(p, "expected: matrix NAME[,NAME] = VALUE[,VALUE] ...");
    if ( p->dimensions == MAX_MATRIX )
        return fail(p, "more than %d dimensions", MAX_MATRIX);
    memset(m, 0, sizeof(*m));
    if ( !split_columns(p, p->token[1], m->name, &m->columns) )
        return false;
    for ( unsigned int i = 3; i < p->tokens; i++ )
    {
        if ( m->columns == 1 && expand_range(m, p->token[i]) )
            continue;
        if ( m->rows == MAX_ROWS )
            return fail(p, "more than %d values", MAX_ROWS);
        if ( !split_columns(p, p->token[i], m->value[m->rows], &columns) )
            return false;
        if ( columns != m->columns )
            return fail(p, "'%s' has %u values for %u names", p->token[i],
                        columns, m->columns);
        m->rows++;
    }
    p->dimensions++;
    return true;
}

/* Calls @each for every line; stops at the first failure. */
static bool for_each_line(struct parser *p, const char *text,
                          bool (*each)(struct parser *p, const char *line))
{
    char line[MAX_LINE];

    for ( p->line = 1; *text; p->line++ )
    {
        size_t length = strcspn(text, "\n");

        if ( length >= sizeof(line) )
            return fail(p, "the line is too long (%d characters at most)",
                        MAX_LINE - 1);
        memcpy(line, text, length);
        line[length] = 0;
        if ( !each(p, line) )
            return false;
        text += length + (text[length] == '\n');
    }
    return true;
}

static bool scan_matrix(struct parser *p, const char *line)
{
    strcpy(p->expanded, line);
    if ( !tokenize(p) )
        return false;
    return !p->tokens || strcmp(p->token[0], "matrix") || parse_matrix(p);
}

static bool parse_line(struct parser *p, const char *line)
{
    bool known;

    if ( !substitute(p, line) || !tokenize(p) )
        return false;
    if ( !p->tokens )
        return true;
    /* title and section keep their words as they stand, $ and all. */
    if ( !parse_header(p, line, &known) )
        return false;
    return known || parse_operation(p);
}

static void defaults(struct program_machine *machine)
{
    /* ND 6, CM, SAGAW 39|48, MGAW 48, FRO 220h, 2M|1G, PSI, 4 FRCDs, MAMV 18,
     * DWD, DRD */
    machine->cap = UINT64_C(0x00d2038c222f0686);
    /* QI, PT, IRO 0f0h */
    machine->ecap = UINT64_C(0xf42);
    machine->version = 0x10;
    /* The same without CM, 8 FRCDs, walks snoop. */
    machine->host_cap = UINT64_C(0x00d2078c222f0606);
    machine->host_ecap = UINT64_C(0xf43);
    machine->haw = 46;
    machine->domains = 1;
}

static char *case_name(const struct parser *p, const char *name)
{
    char buffer[512];
    size_t used = (size_t)snprintf(buffer, sizeof(buffer), "%s", name);

    for ( unsigned int i = 0; i < p->dimensions && used < sizeof(buffer); i++ )
        for ( unsigned int c = 0; c < p->matrix[i].columns; c++ )
            used += (size_t)snprintf(buffer + used, sizeof(buffer) - used,
                                     "%s%s=%s", i + c ? "," : "[",
                                     p->matrix[i].name[c],
                                     p->matrix[i].value[p->point[i]][c]);
    if ( p->dimensions && used + 1 < sizeof(buffer) )
        strcat(buffer, "]");
    return strdup(buffer);
}

static bool finish(struct parser *p)
{
    struct program *program = p->program;

    p->line = 1;
    if ( !program->title )
        return fail(p, "the scenario has no 'title': the rule that it proves");
    if ( !program->ops )
        return fail(p, "the scenario has no operation");
    if ( !program->machine.regions )
        program->machine.region[program->machine.regions++] = (struct region) {
            0, 64 << 20, REGION_RAM
        };
    return true;
}

static bool parse_point(struct parser *p, const char *text, const char *name,
                        struct program_list *list)
{
    char *full = case_name(p, name);
    bool ok;

    p->program = program_new(PROGRAM_SCENARIO, full);
    free(full);
    p->program->file = strdup(p->file);
    p->lets = 0;
    defaults(&p->program->machine);
    ok = for_each_line(p, text, parse_line) && finish(p);
    if ( !ok )
    {
        program_free(p->program);
        return false;
    }
    list->program = realloc(list->program,
                            (list->count + 1) * sizeof(*list->program));
    if ( !list->program )
        abort();
    list->program[list->count++] = p->program;
    return true;
}

/* Advance to the next point; false after the last. */
static bool next_point(struct parser *p)
{
    for ( unsigned int i = p->dimensions; i-- > 0; )
    {
        if ( ++p->point[i] < p->matrix[i].rows )
            return true;
        p->point[i] = 0;
    }
    return false;
}

bool program_parse_text(const char *text, const char *file, const char *name,
                        struct program_list *list, struct program_error *error)
{
    struct parser *p = calloc(1, sizeof(*p));
    bool ok;

    if ( !p || !(p->matrix = calloc(MAX_MATRIX, sizeof(*p->matrix))) )
        abort();
    p->file = file;
    p->error = error;
    ok = for_each_line(p, text, scan_matrix);
    while ( ok )
    {
        ok = parse_point(p, text, name, list);
        if ( !ok || !next_point(p) )
            break;
    }
    free(p->matrix);
    free(p);
    return ok;
}
