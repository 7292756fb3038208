/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Schedules as text. */
#include <explore/explore.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 16 /* of one letter with its number */

void schedule_clear(struct schedule *schedule)
{
    schedule->used = 0;
    schedule->times = 0;
    schedule->last = -1;
    if ( schedule->text )
        schedule->text[0] = 0;
}

static void flush(struct schedule *schedule)
{
    if ( schedule->used + LONGEST > schedule->room )
    {
        schedule->room = 2 * schedule->room + LONGEST;
        schedule->text = realloc(schedule->text, schedule->room);
        if ( !schedule->text )
            abort();
    }
    if ( !schedule->times )
        schedule->text[schedule->used] = 0;
    else if ( schedule->times == 1 )
        schedule->used += (size_t)snprintf(schedule->text + schedule->used,
                                           LONGEST, "%c",
                                           'a' + schedule->last);
    else
        schedule->used += (size_t)snprintf(
            schedule->text + schedule->used, LONGEST, "%c%u",
            'a' + schedule->last, schedule->times);
    schedule->times = 0;
}

void schedule_add(struct schedule *schedule, unsigned int actor)
{
    if ( schedule->times && schedule->last != (int)actor )
        flush(schedule);
    schedule->last = (int)actor;
    schedule->times++;
}

const char *schedule_text(struct schedule *schedule)
{
    flush(schedule);
    return schedule->text;
}

void schedule_free(struct schedule *schedule)
{
    free(schedule->text);
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
