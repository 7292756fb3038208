/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <threads/races.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_RACES 64

/* One of the two accesses of a race; the stack's innermost place. */
struct access {
    void *pc;
    int size, write;
};

/* The hook has no context of its own. */
static struct {
    struct access access[MAX_RACES][2];
    unsigned int count;
} races;

/* ---- the sanitizer's own interface, of which there is no header ---- */

int __tsan_get_report_mop(void *report, unsigned long index, int *thread,
                          void **address, int *size, int *write, int *atomic,
                          void **trace, unsigned long trace_size);
void __tsan_on_report(void *report);
void __sanitizer_symbolize_pc(void *pc, const char *format, char *text,
                              size_t size);
void __sanitizer_set_report_path(const char *path);
const char *__tsan_default_options(void);

/* Races are told by main.c, with an exit status of its own. */
const char *__tsan_default_options(void)
{
    return "exitcode=0 history_size=4";
}

/* Here nothing may be done but to write it down. */
void __tsan_on_report(void *report)
{
    struct access *access;
    void *address, *trace[1];
    int thread, atomic;

    if ( races.count == MAX_RACES )
        return;
    access = races.access[races.count++];
    for ( unsigned int i = 0; i < 2; i++ )
        if ( __tsan_get_report_mop(report, i, &thread, &address,
                                   &access[i].size, &access[i].write, &atomic,
                                   trace, 1) )
            access[i].pc = trace[0];
}

void races_to(const char *path)
{
    __sanitizer_set_report_path(path);
}

unsigned int races_seen(void)
{
    return races.count;
}

/* ---- in words ---- */

/* Of a path in the tree what begins with its room. */
static const char *shortened(const char *file)
{
    const char *room = strstr(file, "hypervisor/");

    return room ? room : file;
}

static size_t access_text(const struct access *access, char *text, size_t size)
{
    char function[80] = "?", file[200] = "?";

    if ( access->pc )
    {
        __sanitizer_symbolize_pc(access->pc, "%f", function, sizeof(function));
        __sanitizer_symbolize_pc(access->pc, "%s:%l", file, sizeof(file));
    }
    return (size_t)snprintf(text, size, "%s (%s) %s %d byte%s", function,
                            shortened(file),
                            access->write ? "writes" : "reads", access->size,
                            access->size == 1 ? "" : "s");
}

void race_text(unsigned int race, char *text, size_t size)
{
    const struct access *access = races.access[race];
    size_t used = (size_t)snprintf(text, size, "no lock orders: ");

    used += access_text(&access[0], text + used, size - used);
    if ( used < size )
        used += (size_t)snprintf(text + used, size - used, "; ");
    if ( used < size )
        access_text(&access[1], text + used, size - used);
}
