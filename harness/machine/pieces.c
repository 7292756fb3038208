/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <machine/pieces.h>

#include <stdbool.h>
#include <string.h>

#define BLOCK 1024 /* bytes that are compared at a time, */
#define LINE  128  /* and that are copied */

static bool same(const char *a, const char *b, size_t from, size_t length)
{
    return !memcmp(a + from, b + from, length);
}

static size_t line_at(size_t from, size_t size)
{
    return size - from < LINE ? size - from : LINE;
}

/* Bytes from *@from on in which the two differ, in whole lines; *@from is
 * moved to the first.  0: they don't any more. */
static size_t difference(const char *a, const char *b, size_t size,
                         size_t *from)
{
    size_t end;

    while ( size - *from >= BLOCK && same(a, b, *from, BLOCK) )
        *from += BLOCK;
    while ( *from < size && same(a, b, *from, line_at(*from, size)) )
        *from += line_at(*from, size);
    for ( end = *from; end < size && !same(a, b, end, line_at(end, size)); )
        end += line_at(end, size);
    return end - *from;
}

void pieces_give(void *now, const void *saved, size_t size,
                 machine_piece *piece, void *context)
{
    size_t length;

    for ( size_t at = 0; (length = difference(now, saved, size, &at));
          at += length )
        piece(context, (char *)now + at, length);
}

void pieces_take_back(void *now, const void *saved, size_t size)
{
    size_t length;

    for ( size_t at = 0; (length = difference(now, saved, size, &at));
          at += length )
        memcpy((char *)now + at, (const char *)saved + at, length);
}
