/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a scenario -> words, numbers, names. */

#include <scenario/parse.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool parse_fail(struct parser *p, const char *fmt, ...)
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
bool parse_substitute(struct parser *p, const char *line)
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
                return parse_fail(p,
                                  "'%.*s' is not a name of this file's matrix",
                                  (int)length, line);
        }
        if ( out + (value ? strlen(value) : 1) >= sizeof(p->expanded) )
            return parse_fail(p,
                              "the line is too long (%d characters at most)",
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

bool parse_tokenize(struct parser *p)
{
    char *save = NULL, *comment = strchr(p->expanded, '#');

    if ( comment )
        *comment = 0;
    p->tokens = 0;
    for ( char *t = strtok_r(p->expanded, " \t\r", &save); t;
          t = strtok_r(NULL, " \t\r", &save) )
    {
        if ( p->tokens == MAX_TOKENS )
            return parse_fail(p, "more than %d words in a line", MAX_TOKENS);
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

bool parse_number(struct parser *p, const char *text, uint64_t *value)
{
    const char *error = expression_parse(text, lookup_name, p, value);

    return error ? parse_fail(p, "'%s': %s", text, error) : true;
}

/* The value that follows "key=" in token @i, or NULL. */
const char *parse_keyed(const struct parser *p, unsigned int i,
                        const char *key)
{
    size_t length = strlen(key);

    return !strncmp(p->token[i], key, length) && p->token[i][length] == '=' ?
               p->token[i] + length + 1 :
               NULL;
}

bool parse_name(struct parser *p, const char *text,
                const struct name_tables *names, const char *what,
                uint64_t *value)
{
    char known[256] = "";

    if ( name_find(names, text, value) )
        return true;
    for ( unsigned int i = 0; i < 2; i++ )
        for ( const struct name_value *n = names->table[i]; n && n->name; n++ )
            if ( strlen(known) + strlen(n->name) + 2 < sizeof(known) )
                strcat(strcat(known, " "), n->name);
    return parse_fail(p, "'%s' is no %s; one of:%s", text, what, known);
}

bool parse_copy_name(struct parser *p, char *to, const char *from)
{
    if ( strlen(from) >= PROGRAM_NAME_LENGTH )
        return parse_fail(p, "'%s': a name has at most %d characters", from,
                          PROGRAM_NAME_LENGTH - 1);
    strcpy(to, from);
    return true;
}
