/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lockstep.h"

#include <stdarg.h>
#include <string.h>

void (*lockstep_progress)(const struct lockstep_result *result);

void lockstep_tell(struct lockstep_result *result, const char *format, ...)
{
    size_t at = strlen(result->disagreement);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(result->disagreement + at, sizeof(result->disagreement) - at,
              format, arguments);
    va_end(arguments);
}

static void tell_trail(struct lockstep_result *result, const char *side,
                       const struct trail *trail)
{
    lockstep_tell(result, "  %s read", side);
    for ( unsigned int i = 0; i < trail->reads && i < TRAIL_KEPT; i++ )
        lockstep_tell(result, " %llx", (unsigned long long)trail->address[i]);
    lockstep_tell(result, trail->reads ? "\n" : " nothing\n");
}

void lockstep_tell_trails(struct lockstep_result *result,
                          const struct trail *c, const struct trail *rtl)
{
    tell_trail(result, "the C model", c);
    tell_trail(result, "the RTL", rtl);
}
