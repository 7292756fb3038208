/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Schedules as text. */
#include <explore/explore.h>

#include <stdio.h>
#include <stdlib.h>

#define LONGEST 16 /* of one letter with its number */

void schedule_add(struct schedule *schedule, unsigned int actor)
{
    if ( schedule->steps == schedule->room )
    {
        schedule->room = schedule->room ? 2 * schedule->room : 256;
        schedule->actor = realloc(schedule->actor, schedule->room);
        if ( !schedule->actor )
            abort();
    }
    schedule->actor[schedule->steps++] = (uint8_t)actor;
}

/* How many steps the actor at @at makes in a row. */
static size_t in_a_row(const struct schedule *schedule, size_t at)
{
    size_t end = at + 1;

    while ( end < schedule->steps &&
            schedule->actor[end] == schedule->actor[at] )
        end++;
    return end - at;
}

char *schedule_text(const struct schedule *schedule)
{
    char *text = calloc(schedule->steps + 1, LONGEST), *to = text;

    if ( !text )
        abort();
    for ( size_t at = 0, times; at < schedule->steps; at += times )
    {
        times = in_a_row(schedule, at);
        *to++ = (char)('a' + schedule->actor[at]);
        if ( times > 1 )
            to += snprintf(to, LONGEST, "%zu", times);
    }
    return text;
}

void schedule_free(struct schedule *schedule)
{
    free(schedule->actor);
    *schedule = (struct schedule) { 0 };
}

int schedule_next(struct schedule_reader *reader)
{
    char *end;
    unsigned long count = 1;

    if ( !reader->left )
    {
        if ( !*reader->at )
            return -1;
        if ( *reader->at < 'a' || *reader->at >= 'a' + SCHED_MAX_ACTORS )
            return -2;
        reader->actor = *reader->at++ - 'a';
        if ( *reader->at >= '0' && *reader->at <= '9' )
        {
            count = strtoul(reader->at, &end, 10);
            reader->at = end;
        }
        if ( !count || count > UINT32_MAX )
            return -2;
        reader->left = (unsigned int)count;
    }
    reader->left--;
    return reader->actor;
}
