/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters behind COVER(), in coverage builds only.  They belong to the
 * process, not to a machine: a snapshot that is restored takes none back.
 * When the process ends they are written to the directory that
 * $UMBRA_COVER_POINTS names, a file for each process, a point a line: how
 * often, a tab, its name.  A worker counts for itself.
 */
#include <coverage/cover.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More names than all the points there are: what no list has is shown. */
#define SLOTS 8192

static struct counter {
    char name[COVER_NAME];
    uint64_t hits;
} counters[SLOTS];

static pid_t counted_by; /* the process whose counts these are */

static void write_counts(void)
{
    const char *directory = getenv("UMBRA_COVER_POINTS");
    char path[512];
    FILE *stream;

    if ( !directory || counted_by != getpid() )
        return;
    snprintf(path, sizeof(path), "%s/%ld.hits", directory, (long)getpid());
    stream = fopen(path, "a");
    if ( !stream )
    {
        perror(path);
        return;
    }
    for ( unsigned int i = 0; i < SLOTS; i++ )
        if ( counters[i].hits )
            fprintf(stream, "%llu\t%s\n", (unsigned long long)counters[i].hits,
                    counters[i].name);
    fclose(stream);
}

/* What a parent has counted before the fork, it writes itself. */
static void begin_counting(void)
{
    static bool registered;

    memset(counters, 0, sizeof(counters));
    counted_by = getpid();
    if ( !registered )
        atexit(write_counts);
    registered = true;
}

static uint32_t hash(const char *name)
{
    uint32_t h = 2166136261u;

    for ( ; *name; name++ )
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static struct counter *find(const char *name)
{
    struct counter *counter;
    uint32_t at = hash(name);

    for ( unsigned int i = 0; i < SLOTS; i++ )
    {
        counter = &counters[(at + i) % SLOTS];
        if ( !counter->hits )
            snprintf(counter->name, sizeof(counter->name), "%s", name);
        if ( strcmp(counter->name, name) )
            continue;
        return counter;
    }
    abort(); /* SLOTS is too small */
}

void cover_hit(const char *format, ...)
{
    char name[COVER_NAME];
    va_list args;

    if ( counted_by != getpid() )
        begin_counting();
    va_start(args, format);
    vsnprintf(name, sizeof(name), format, args);
    va_end(args);
    find(name)->hits++;
}

/* By the addresses of both literals: no text is put together. */
void cover_hit_name(const char *prefix, const char *name)
{
    static struct {
        const char *prefix, *name;
        struct counter *counter;
    } known[256];
    uint32_t at = (uint32_t)((uintptr_t)prefix / 8 * 31 +
                             (uintptr_t)name / 4) %
                  256;
    char text[COVER_NAME];

    if ( counted_by != getpid() )
        begin_counting();
    if ( known[at].prefix != prefix || known[at].name != name ||
         !known[at].counter->hits )
    {
        snprintf(text, sizeof(text), "%s%s", prefix, name);
        known[at].prefix = prefix;
        known[at].name = name;
        known[at].counter = find(text);
    }
    known[at].counter->hits++;
}
