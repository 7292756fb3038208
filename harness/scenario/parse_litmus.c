/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that litmus tests have beside those of scenarios. */

#include <scenario/arch.h>
#include <scenario/parse.h>

#include <stdlib.h>
#include <string.h>

/* ---- actors ---- */

static bool one_word(struct parser *p, char *name)
{
    if ( p->tokens != 2 )
        return parse_fail(p, "expected: %s NAME", p->token[0]);
    return parse_copy_name(p, name, p->token[1]);
}

static bool litmus_actor(struct parser *p)
{
    struct program_litmus *l = &p->program->litmus;

    if ( p->actor == ACTOR_FINALLY )
        return parse_fail(p, "what comes 'finally' comes last");
    if ( l->actors == PROGRAM_MAX_ACTORS )
        return parse_fail(p, "more than %d actors", PROGRAM_MAX_ACTORS);
    if ( !one_word(p, l->actor[l->actors]) )
        return false;
    for ( unsigned int i = 0; i < l->actors; i++ )
        if ( !strcmp(l->actor[i], l->actor[l->actors]) )
            return parse_fail(p, "there are two actors '%s'", l->actor[i]);
    p->actor = (uint8_t)++l->actors;
    p->program->kind = PROGRAM_LITMUS;
    return true;
}

static bool litmus_finally(struct parser *p)
{
    p->actor = ACTOR_FINALLY;
    return p->tokens == 1 ? true : parse_fail(p, "'finally' stands alone");
}

/* ---- what may, and what must not, come of it ---- */

/* ACTOR.N=to:GPA, =fault:REASON, =abort; splits @text. */
static bool parse_condition(struct parser *p, char *text,
                            struct program_condition *c)
{
    const struct program_litmus *l = &p->program->litmus;
    char *dot = strchr(text, '.'), *equal = strchr(text, '='), *colon;
    unsigned int actor = 0;
    uint64_t index;

    if ( !dot || !equal || equal < dot )
        return parse_fail(p,
                          "'%s': expected ACTOR.N=to:GPA, =fault:REASON or "
                          "=abort, the N-th DMA of an actor",
                          text);
    *dot = *equal = 0;
    while ( actor < l->actors && strcmp(l->actor[actor], text) )
        actor++;
    if ( actor == l->actors )
        return parse_fail(p, "there is no actor '%s' above", text);
    if ( !parse_number(p, dot + 1, &index) )
        return false;
    if ( !index || index > UINT8_MAX )
        return parse_fail(p, "DMAs of an actor count from 1");
    *c = (struct program_condition) { .actor = (uint8_t)(actor + 1),
                                      .index = (uint8_t)index,
                                      .outcome = OUTCOME_ABORT };
    colon = strchr(equal + 1, ':');
    if ( !strcmp(equal + 1, "abort") )
        return true;
    if ( colon )
        *colon = 0;
    c->outcome = !strcmp(equal + 1, "to") ? OUTCOME_TO : OUTCOME_FAULT;
    if ( !colon ||
         (c->outcome == OUTCOME_FAULT && strcmp(equal + 1, "fault")) )
        return parse_fail(p, "'%s': expected to:GPA, fault:REASON or abort",
                          equal + 1);
    return parse_number(p, colon + 1, &c->value);
}

static bool litmus_verdict(struct parser *p)
{
    struct program_litmus *l = &p->program->litmus;
    struct program_verdict *v = &l->verdict[l->verdicts];

    if ( l->verdicts == PROGRAM_MAX_VERDICTS )
        return parse_fail(p, "more than %d verdicts", PROGRAM_MAX_VERDICTS);
    *v = (struct program_verdict) { .allow = p->token[0][0] == 'a' };
    if ( p->tokens < 2 )
        return parse_fail(p, "expected: %s finding [PROPERTY], or outcomes",
                          p->token[0]);
    v->finding = !strcmp(p->token[1], "finding");
    if ( v->finding && p->tokens > 2 )
    {
        if ( p->tokens > 3 || strlen(p->token[2]) >= sizeof(v->property) )
            return parse_fail(p, "expected: %s finding [PROPERTY]",
                              p->token[0]);
        strcpy(v->property, p->token[2]);
    }
    for ( unsigned int i = 1; !v->finding && i < p->tokens; i++ )
    {
        if ( v->conditions == PROGRAM_MAX_CONDITIONS )
            return parse_fail(p, "more than %d outcomes together",
                              PROGRAM_MAX_CONDITIONS);
        if ( !parse_condition(p, p->token[i], &v->condition[v->conditions++]) )
            return false;
    }
    l->verdicts++;
    return true;
}

static bool litmus_bound(struct parser *p)
{
    uint64_t bound;

    if ( p->tokens != 2 || !parse_number(p, p->token[1], &bound) ||
         bound >= PROGRAM_NO_BOUND )
        return parse_fail(p, "expected: bound PREEMPTIONS");
    p->program->litmus.bound = (uint32_t)bound;
    return true;
}

static bool litmus_exhaustive(struct parser *p)
{
    p->program->litmus.exhaustive = true;
    return p->tokens == 1 ? true : parse_fail(p, "'exhaustive' stands alone");
}

static bool litmus_schedule(struct parser *p)
{
    if ( p->tokens != 2 || p->program->litmus.schedule )
        return parse_fail(p, "expected, once: schedule LETTERS");
    p->program->litmus.schedule = strdup(p->token[1]);
    return true;
}

/* ---- twins: the same program with one defect ---- */

static bool declared(const struct parser *p, const char *name)
{
    for ( unsigned int i = 0; i < p->twins; i++ )
        if ( !strcmp(p->twin[i], name) )
            return true;
    return false;
}

bool parse_scan_twin(struct parser *p)
{
    if ( p->twins == MAX_TWINS )
        return parse_fail(p, "more than %d twins", MAX_TWINS);
    if ( p->tokens < 2 )
        return parse_fail(p, "expected: twin NAME, and what its defect is");
    if ( declared(p, p->token[1]) )
        return parse_fail(p, "there are two twins '%s'", p->token[1]);
    return parse_copy_name(p, p->twin[p->twins++], p->token[1]);
}

static bool litmus_twin(struct parser *p)
{
    (void)p; /* parse_scan_twin() has seen it */
    return true;
}

/* Is the present case one of these twins ("A,B")?  Splits @names. */
static bool is_one_of(struct parser *p, char *names, bool *in)
{
    const char *present = p->present_twin ? p->twin[p->present_twin - 1] : "";

    *in = false;
    for ( char *name = strtok(names, ","); name; name = strtok(NULL, ",") )
    {
        if ( !declared(p, name) )
            return parse_fail(p, "there is no line 'twin %s ...'", name);
        *in |= !strcmp(name, present);
    }
    return true;
}

/* "without NAMES LINE", "only NAMES LINE": in all but those twins, or in them
 * alone. */
static bool litmus_choice(struct parser *p)
{
    bool only = p->token[0][0] == 'o', in, known;

    if ( p->tokens < 3 )
        return parse_fail(p, "expected: %s TWIN[,TWIN] LINE", p->token[0]);
    if ( !is_one_of(p, p->token[1], &in) )
        return false;
    if ( in != only )
        return true;
    p->tokens -= 2;
    memmove(p->token, p->token + 2, p->tokens * sizeof(p->token[0]));
    if ( !parse_header(p, "", &known) || (!known && !parse_litmus(p, &known)) )
        return false;
    return known || parse_operation(p);
}

bool parse_litmus(struct parser *p, bool *known)
{
    static const struct {
        const char *word;
        bool (*parse)(struct parser *p);
    } lines[] = {
        { "actor", litmus_actor },       { "finally", litmus_finally },
        { "forbid", litmus_verdict },    { "allow", litmus_verdict },
        { "bound", litmus_bound },       { "exhaustive", litmus_exhaustive },
        { "schedule", litmus_schedule }, { "twin", litmus_twin },
        { "without", litmus_choice },    { "only", litmus_choice },
    };

    for ( unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++ )
        if ( !strcmp(lines[i].word, p->token[0]) )
        {
            *known = true;
            p->litmus_line = p->line;
            return lines[i].parse(p);
        }
    *known = false;
    return true;
}

/* ---- at the end of the text ---- */

/* What a litmus test says by saying nothing: no finding, in any order. */
bool parse_litmus_end(struct parser *p)
{
    struct program *program = p->program;
    struct program_litmus *l = &program->litmus;

    if ( program->kind != PROGRAM_LITMUS )
    {
        if ( !p->litmus_line )
            return true;
        p->line = p->litmus_line;
        return parse_fail(p, "only a litmus test says that: it has 'actor' "
                             "lines");
    }
    /* Who misses always, or at random, shows few defects. */
    if ( program->retention == (1u << RETENTION_COUNT) - 1 )
        program->retention = 1u << CACHE_NORMAL;
    if ( !l->verdicts )
        l->verdict[l->verdicts++].finding = true;
    if ( p->present_twin )
        strcpy(l->twin, p->twin[p->present_twin - 1]);
    return true;
}
