/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenario text -> programs, one for each point of its matrix. */

#include <scenario/parse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
            return parse_fail(
                p,
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

/* first..last, a range of decimal numbers.  False: *is_range tells whether
 * it was meant as one, and is impossible. */
static bool expand_range(struct parser *p, struct matrix *m, const char *text,
                         bool *is_range)
{
    unsigned int first, last;
    char end;

    *is_range = strstr(text, "..") != NULL;
    if ( !*is_range )
        return false;
    if ( sscanf(text, "%u..%u%c", &first, &last, &end) != 2 || first > last ||
         last - first >= MAX_ROWS - m->rows )
        return parse_fail(p,
                          "'%s': a range goes up, FIRST..LAST, and a matrix "
                          "line has at most %d values",
                          text, MAX_ROWS);
    for ( unsigned int v = first; v <= last; v++ )
        snprintf(m->value[m->rows++][0], PROGRAM_NAME_LENGTH, "%u", v);
    return true;
}

static bool parse_matrix(struct parser *p)
{
    struct matrix *m = &p->matrix[p->dimensions];
    unsigned int columns;

    if ( p->tokens < 4 || strcmp(p->token[2], "=") )
        return parse_fail(p,
                          "expected: matrix NAME[,NAME] = VALUE[,VALUE] ...");
    if ( p->dimensions == MAX_MATRIX )
        return parse_fail(p, "more than %d dimensions", MAX_MATRIX);
    memset(m, 0, sizeof(*m));
    if ( !split_columns(p, p->token[1], m->name, &m->columns) )
        return false;
    for ( unsigned int i = 3; i < p->tokens; i++ )
    {
        bool is_range = false;

        if ( m->columns == 1 && expand_range(p, m, p->token[i], &is_range) )
            continue;
        if ( is_range )
            return false;
        if ( m->rows == MAX_ROWS )
            return parse_fail(p, "more than %d values", MAX_ROWS);
        if ( !split_columns(p, p->token[i], m->value[m->rows], &columns) )
            return false;
        if ( columns != m->columns )
            return parse_fail(p, "'%s' has %u values for %u names",
                              p->token[i], columns, m->columns);
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
            return parse_fail(p,
                              "the line is too long (%d characters at most)",
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
    if ( !parse_tokenize(p) )
        return false;
    if ( p->tokens && !strcmp(p->token[0], "twin") )
        return parse_scan_twin(p);
    return !p->tokens || strcmp(p->token[0], "matrix") || parse_matrix(p);
}

static bool parse_line(struct parser *p, const char *line)
{
    bool known;

    if ( !parse_substitute(p, line) || !parse_tokenize(p) )
        return false;
    if ( !p->tokens )
        return true;
    /* title and section keep their words as they stand, $ and all. */
    if ( !parse_header(p, line, &known) )
        return false;
    if ( !known && !parse_litmus(p, &known) )
        return false;
    if ( known )
        return true;
    p->machine_lines = true;
    return parse_operation(p);
}

/* More than that is a slip, and would take the reader's memory. */
#define MAX_CASES 65536

static bool few_cases(struct parser *p)
{
    uint64_t cases = 1;

    for ( unsigned int i = 0; i < p->dimensions; i++ )
        cases = cases > MAX_CASES ? cases : cases * p->matrix[i].rows;
    return cases <= MAX_CASES ? true :
                                parse_fail(p, "more than %d cases", MAX_CASES);
}

static char *case_name(const struct parser *p, const char *name)
{
    char buffer[512];
    size_t used = (size_t)snprintf(buffer, sizeof(buffer), "%s", name);

    bool more = p->dimensions || p->present_twin;

    for ( unsigned int i = 0; i < p->dimensions && used < sizeof(buffer); i++ )
        for ( unsigned int c = 0; c < p->matrix[i].columns; c++ )
            used += (size_t)snprintf(buffer + used, sizeof(buffer) - used,
                                     "%s%s=%s", i + c ? "," : "[",
                                     p->matrix[i].name[c],
                                     p->matrix[i].value[p->point[i]][c]);
    if ( p->present_twin && used < sizeof(buffer) )
        used += (size_t)snprintf(buffer + used, sizeof(buffer) - used,
                                 "%stwin=%s", p->dimensions ? "," : "[",
                                 p->twin[p->present_twin - 1]);
    if ( more && used + 1 < sizeof(buffer) )
        strcat(buffer, "]");
    return strdup(buffer);
}

static bool finish(struct parser *p)
{
    struct program *program = p->program;
    const char *why;
    uint32_t line;

    p->line = 1;
    if ( !program->title )
        return parse_fail(
            p, "the scenario has no 'title': the rule that it proves");
    if ( !program->ops )
        return parse_fail(p, "the scenario has no operation");
    if ( !program->machine.regions )
        program->machine.region[program->machine.regions++] = (struct region) {
            .size = 64 << 20, .type = REGION_RAM
        };
    if ( !parse_litmus_end(p) )
        return false;
    why = program_check(program, &line);
    if ( line )
        p->line = line;
    return why ? parse_fail(p, "%s", why) : true;
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
    p->machine_lines = false;
    p->actor = ACTOR_SETUP;
    p->litmus_line = 0;
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
    ok = for_each_line(p, text, scan_matrix) && few_cases(p);
    while ( ok )
    {
        for ( p->present_twin = 0; ok && p->present_twin <= p->twins;
              p->present_twin++ )
            ok = parse_point(p, text, name, list);
        if ( !ok || !next_point(p) )
            break;
    }
    free(p->matrix);
    free(p);
    return ok;
}
