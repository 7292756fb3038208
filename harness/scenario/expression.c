/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with operators, as they stand in scenarios. */

#include <scenario/program.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct scanner {
    const char *at;
    bool (*lookup)(void *context, const char *name, size_t length,
                   uint64_t *value);
    void *context;
    const char *error;
};

static uint64_t parse_level(struct scanner *s, unsigned int level);

static uint64_t parse_number(struct scanner *s)
{
    char *end;
    uint64_t value;

    errno = 0;
    value = strtoull(s->at, &end, 0);
    if ( errno == ERANGE )
        s->error = "a number has more than 64 bits";
    if ( isalnum((unsigned char)*end) || *end == '_' )
        s->error = "a number has a letter in it";
    s->at = end;
    return value;
}

static uint64_t parse_name(struct scanner *s)
{
    const char *start = s->at;
    uint64_t value = 0;

    while ( isalnum((unsigned char)*s->at) || *s->at == '_' || *s->at == '.' )
        s->at++;
    if ( !s->lookup ||
         !s->lookup(s->context, start, (size_t)(s->at - start), &value) )
        s->error = "a name is not known here (declare it with 'let')";
    return value;
}

static uint64_t parse_atom(struct scanner *s)
{
    uint64_t value;

    if ( *s->at == '~' )
    {
        s->at++;
        return ~parse_atom(s);
    }
    if ( *s->at == '(' )
    {
        s->at++;
        value = parse_level(s, 0);
        if ( *s->at == ')' )
            s->at++;
        else
            s->error = "a ')' is missing";
        return value;
    }
    if ( isdigit((unsigned char)*s->at) )
        return parse_number(s);
    if ( isalpha((unsigned char)*s->at) || *s->at == '_' )
        return parse_name(s);
    s->error = "a number is missing";
    return 0;
}

/* Binary operators by precedence, as in C; the lowest first. */
static const char *const operators[] = { "|", "&", "<< >>", "+ -", "*" };

/* The operator of @level that stands at @at, or 0. */
static char match_operator(const char *at, unsigned int level)
{
    if ( level == 2 )
        return (at[0] == '<' || at[0] == '>') && at[1] == at[0] ? at[0] : 0;
    return *at && *at != ' ' && strchr(operators[level], *at) ? *at : 0;
}

static uint64_t apply(char operator, uint64_t a, uint64_t b)
{
    switch ( operator)
    {
    case '|':
        return a | b;
    case '&':
        return a & b;
    case '<':
        return b < 64 ? a << b : 0;
    case '>':
        return b < 64 ? a >> b : 0;
    case '+':
        return a + b;
    case '-':
        return a - b;
    default:
        return a * b;
    }
}

static uint64_t parse_level(struct scanner *s, unsigned int level)
{
    uint64_t value;
    char operator;

    if ( level == sizeof(operators) / sizeof(operators[0]) )
        return parse_atom(s);
    value = parse_level(s, level + 1);
    while ( !s->error && (operator= match_operator(s->at, level)) != 0 )
    {
        s->at += level == 2 ? 2 : 1;
        value = apply(operator, value, parse_level(s, level + 1));
    }
    return value;
}

const char *expression_parse(const char *text,
                             bool (*lookup)(void *context, const char *name,
                                            size_t length, uint64_t *value),
                             void *context, uint64_t *value)
{
    struct scanner s = { .at = text, .lookup = lookup, .context = context };

    *value = parse_level(&s, 0);
    if ( !s.error && *s.at )
        s.error = "something stands behind the number";
    return s.error;
}
