/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The readers of text: whatever they accept, they read again from what the
 * writers make of it, and it is the same program.
 */

#include <fuzz/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "input"

static bool is_binary(const uint8_t *data, size_t size)
{
    return size >= 8 && !memcmp(data, "UMBRAPG", 7);
}

static bool read_input(enum target_kind kind, const uint8_t *data, size_t size,
                       struct program_list *list)
{
    struct program_error error = { 0 };
    char *text;
    bool ok;

    *list = (struct program_list) { 0 };
    if ( kind == TARGET_TEXT && is_binary(data, size) )
        return program_parse_binary(data, size, FILE_NAME, "fuzz", list,
                                    &error);
    text = malloc(size + 1);
    if ( !text )
        abort();
    if ( size )
        memcpy(text, data, size);
    text[size] = 0;
    ok = kind == TARGET_TRACE ?
             program_parse_trace(text, size, FILE_NAME, "fuzz", list, &error) :
             program_parse_text(text, FILE_NAME, "fuzz", list, &error);
    free(text);
    return ok;
}

static bool same_binary(const struct program *a, const struct program *b)
{
    size_t a_size, b_size;
    void *a_data = program_binary(a, &a_size),
         *b_data = program_binary(b, &b_size);
    bool same = a_size == b_size && !memcmp(a_data, b_data, a_size);

    free(a_data);
    free(b_data);
    return same;
}

static bool same_operation(const struct operation *a,
                           const struct operation *b)
{
    return a->code == b->code && a->domain == b->domain &&
           a->actor == b->actor && a->inside == b->inside &&
           a->at_access == b->at_access &&
           !memcmp(a->arg, b->arg, sizeof(a->arg));
}

/* Machines by what a form says of them; operations not, lest a form hides what
 * it loses. */
static bool same(const struct program *a, const struct program *b)
{
    if ( a->ops != b->ops || !same_binary(a, b) )
        return false;
    for ( size_t i = 0; i < a->ops; i++ )
        if ( !same_operation(&a->op[i], &b->op[i]) )
            return false;
    return true;
}

/* What is wrong, or NULL. */
static const char *by_text(const struct program *program,
                           struct program_error *why)
{
    char *text = program_text(program);
    struct program_list again = { 0 };
    const char *wrong = NULL;

    if ( !program_parse_text(text, FILE_NAME, "fuzz", &again, why) )
        wrong = "what was written as text can't be read";
    else if ( again.count != 1 || !same(program, again.program[0]) )
        wrong = "text reads as another program";
    program_list_free(&again);
    free(text);
    return wrong;
}

static const char *by_binary(const struct program *program,
                             struct program_error *why)
{
    size_t size;
    void *data = program_binary(program, &size);
    struct program_list again = { 0 };
    const char *wrong = NULL;

    if ( !program_parse_binary(data, size, FILE_NAME, "fuzz", &again, why) )
        wrong = "what was written as binary can't be read";
    else if ( !same(program, again.program[0]) )
        wrong = "binary reads as another program";
    program_list_free(&again);
    free(data);
    return wrong;
}

const char *text_input(enum target_kind kind, const uint8_t *data, size_t size,
                       struct program_error *why)
{
    struct program_list list;
    const char *wrong = NULL;
    uint32_t line;

    if ( read_input(kind, data, size, &list) )
        for ( size_t i = 0; i < list.count && !wrong; i++ )
        {
            /* A head of a session need not make a machine. */
            if ( kind == TARGET_TRACE &&
                 program_check(list.program[i], &line) )
                continue;
            wrong = by_binary(list.program[i], why);
            /* Sessions keep numbers that text has no form for. */
            if ( !wrong && kind == TARGET_TEXT &&
                 list.program[i]->kind == PROGRAM_SCENARIO )
                wrong = by_text(list.program[i], why);
        }
    program_list_free(&list);
    return wrong;
}
