/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of a run, and what the program says of it. */

#include <scenario/litmus_private.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- what DMAs became ---- */

void litmus_dma_ended(struct litmus *l, unsigned int actor,
                      const struct dma_result *result, uint64_t reason)
{
    const struct response *first = &result->piece[0].response;
    struct litmus_dma *dma = &l->dma[actor][l->dmas[actor]];
    struct domain *owner;
    uint64_t gfn;

    if ( l->dmas[actor] == LITMUS_MAX_DMAS )
        return;
    l->dmas[actor]++;
    *dma = (struct litmus_dma) { .outcome = OUTCOME_ABORT };
    if ( response_reached(first) )
    {
        dma->outcome = OUTCOME_TO;
        dma->value = m2p_lookup(l->world->machine, first->address >> 12,
                                &owner, &gfn) ?
                         gfn << 12 | (first->address & 0xfff) :
                         UINT64_MAX;
    }
    else if ( reason )
        *dma = (struct litmus_dma) { OUTCOME_FAULT, reason };
}

/* ---- what it counts, and what it is like ---- */

void litmus_add_stats(struct litmus *l)
{
    for ( unsigned int i = 0; i < l->world->domains; i++ )
    {
        struct oracle_stats stats = { 0 };

        if ( l->world->domain[i].oracle )
            oracle_stats(l->world->domain[i].oracle, &stats);
        l->result->dma += stats.dma;
        l->result->invalidations += stats.invalidations;
        l->result->unjudged += stats.suspended;
    }
}

void litmus_hash_end(struct litmus *l)
{
    uint64_t memory[2];

    machine_hash(l->world->machine, memory);
    l->result->hash[0] = l->hash[0] ^ memory[0] ^ l->world->outcomes;
    l->result->hash[1] = l->hash[1] ^ memory[1];
}

/* All that is the same wherever things lie: memory, what DMAs became, what the
 * oracles counted. */
void litmus_add_hash(struct litmus *l)
{
    uint64_t memory[2];

    machine_hash(l->world->machine, memory);
    for ( unsigned int i = 0; i < l->world->domains; i++ )
    {
        struct oracle_stats stats = { 0 };
        XXH128_hash_t hash;

        if ( l->world->domain[i].oracle )
            oracle_stats(l->world->domain[i].oracle, &stats);
        hash = XXH3_128bits_withSeed(&stats, sizeof(stats),
                                     memory[0] ^ l->world->outcomes);
        l->result->hash[0] += hash.low64 + memory[0];
        l->result->hash[1] += hash.high64 + memory[1];
    }
}

/* ---- as text ---- */

static size_t put_dma(const struct litmus_dma *dma, char *text, size_t size)
{
    int used;

    switch ( dma->outcome )
    {
    case OUTCOME_TO:
        used = snprintf(text, size, "to:%#" PRIx64, dma->value);
        break;
    case OUTCOME_FAULT:
        used = snprintf(text, size, "fault:%#" PRIx64, dma->value);
        break;
    default:
        used = snprintf(text, size, "abort");
        break;
    }
    return (size_t)used;
}

static void outcome_text(const struct litmus *l, char *text, size_t size)
{
    const struct program_litmus *p = &l->program->litmus;
    const struct world *world = l->world;
    size_t used = 0;

    *text = 0;
    for ( unsigned int a = 0; a < p->actors; a++ )
        for ( unsigned int d = 0; d < l->dmas[a] && used < size; d++ )
        {
            used += (size_t)snprintf(text + used, size - used,
                                     "%s%s.%u=", used ? " " : "", p->actor[a],
                                     d + 1);
            if ( used < size )
                used += put_dma(&l->dma[a][d], text + used, size - used);
        }
    if ( world->findings && used < size )
        snprintf(text + used, size - used, "%sfinding:%s", used ? " " : "",
                 world->finding[0].property);
}

static void count_outcome(struct litmus *l)
{
    struct litmus_result *result = l->result;
    char text[LITMUS_OUTCOME];
    unsigned int i = 0;

    outcome_text(l, text, sizeof(text));
    while ( i < result->outcomes && strcmp(result->outcome[i].text, text) )
        i++;
    if ( i == LITMUS_MAX_OUTCOMES )
        return;
    if ( i == result->outcomes )
    {
        result->outcomes++;
        strcpy(result->outcome[i].text, text);
    }
    result->outcome[i].runs++;
}

/* ---- verdicts ---- */

static bool meets(const struct litmus *l, const struct program_condition *c)
{
    unsigned int actor = c->actor - 1u;
    const struct litmus_dma *dma = &l->dma[actor][c->index - 1u];

    return c->index <= l->dmas[actor] && dma->outcome == c->outcome &&
           (c->outcome == OUTCOME_ABORT || dma->value == c->value);
}

/* Has this run come to it?  *finding: the one that it is. */
static bool reaches(const struct litmus *l, const struct program_verdict *v,
                    unsigned int *finding)
{
    const struct world *world = l->world;

    if ( v->finding )
    {
        for ( *finding = 0; *finding < world->findings; (*finding)++ )
            if ( !*v->property ||
                 !strcmp(world->finding[*finding].property, v->property) )
                return true;
        return false;
    }
    for ( unsigned int i = 0; i < v->conditions; i++ )
        if ( !meets(l, &v->condition[i]) )
            return false;
    *finding = 0;
    return true;
}

static void keep(struct litmus *l, unsigned int verdict, unsigned int finding)
{
    struct litmus_result *result = l->result;
    const struct program_verdict *v = &l->program->litmus.verdict[verdict];

    if ( result->found )
        return;
    result->found = true;
    result->verdict = verdict;
    if ( v->finding )
        result->finding = l->world->finding[finding];
    else
        outcome_text(l, result->finding.message,
                     sizeof(result->finding.message));
    free(result->schedule);
    result->schedule = schedule_text(&l->schedule);
}

/* Nothing is forbidden, and what was asked for has been seen. */
static bool enough(const struct litmus *l)
{
    const struct program_litmus *p = &l->program->litmus;
    unsigned int left = p->exhaustive;

    for ( unsigned int i = 0; i < p->verdicts; i++ )
        left += !p->verdict[i].allow || !(l->result->allowed >> i & 1);
    return !left;
}

bool litmus_judge(struct litmus *l)
{
    const struct program_litmus *p = &l->program->litmus;
    struct litmus_result *result = l->result;
    unsigned int finding = 0;

    count_outcome(l);
    for ( unsigned int i = 0; i < p->verdicts; i++ )
    {
        bool reached = reaches(l, &p->verdict[i], &finding);

        if ( reached )
            result->allowed |= 1u << i;
        if ( reached && (!p->verdict[i].allow || l->config->allow_counts) )
            keep(l, i, finding);
    }
    return (result->found || enough(l)) && !l->config->all;
}

/* ---- the end ---- */

const char *litmus_disagrees(const struct program *program,
                             const struct litmus_result *result, char *buffer,
                             size_t size)
{
    const struct program_litmus *p = &program->litmus;

    if ( *p->twin )
    {
        snprintf(buffer, size,
                 "the defect of twin '%s' does not show in %" PRIu64
                 " schedules",
                 p->twin, result->explored.schedules);
        return result->found ? NULL : buffer;
    }
    if ( result->found )
    {
        snprintf(buffer, size, "%s %s", result->finding.property,
                 result->finding.message);
        return buffer;
    }
    for ( unsigned int i = 0; i < p->verdicts; i++ )
        if ( p->verdict[i].allow && !(result->allowed >> i & 1) )
        {
            snprintf(buffer, size,
                     "no order of %" PRIu64 " comes to what verdict %u allows",
                     result->explored.schedules, i + 1);
            return buffer;
        }
    if ( p->exhaustive && !result->exhaustive )
    {
        snprintf(buffer, size,
                 "not exhaustive: %" PRIu64 " schedules, %" PRIu64
                 " cut, %" PRIu64 " that looked again, %" PRIu64
                 " that went round in a circle",
                 result->explored.schedules, result->explored.cut,
                 result->explored.looked, result->explored.circles);
        return buffer;
    }
    return NULL;
}
