/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timing files: one table of keys, and a reader that says where it stopped. */
#include <sim/timing.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const timing_presets[] = { "small-soc", "server", "mmu600-like",
                                       "vtd-like", NULL };

#define MANY_CYCLES 1000000u

struct key {
    const char *section, *name;
    size_t offset;
    uint32_t initial, least, most;
    bool power_of_two;
};

#define KEY(section, name, member, initial, least, most)                      \
    {                                                                         \
        section, name, offsetof(struct timing, member), initial, least, most, \
            false                                                             \
    }
#define SIZE(section, name, member, initial, most)                            \
    {                                                                         \
        section, name, offsetof(struct timing, member), initial, 0, most,     \
            true                                                              \
    }
/* Initially what models/common/cost.c has. */
#define COST(name, id)                                                        \
    { "cost",      #name, offsetof(struct timing, costs.cycles[id]), 0, 0,    \
      MANY_CYCLES, false },

/* clang-format off */
static const struct key keys[] = {
    KEY("clock", "period", period, 1000, 1, 1000000),
    COST_LIST(COST)
    KEY("unit", "slots", slots, 16, 1, 64),
    KEY("unit", "walkers", walkers, 4, 1, 64),
    KEY("unit", "tlb-ports", tlb_ports, 1, 1, 64),
    KEY("unit", "link-request", link_request, 0, 0, MANY_CYCLES),
    KEY("unit", "link-response", link_response, 0, 0, MANY_CYCLES),
    SIZE("unit", "config-cache-entries", config_cache.entries, 0, 1u << 16),
    SIZE("unit", "config-cache-ways", config_cache.ways, 4, 64),
    SIZE("unit", "tlb-entries", tlb.entries, 0, 1u << 20),
    SIZE("unit", "tlb-ways", tlb.ways, 4, 64),
    SIZE("unit", "walk-cache-entries", walk_cache.entries, 0, 1u << 20),
    SIZE("unit", "walk-cache-ways", walk_cache.ways, 4, 64),
    KEY("bus", "request", bus_request, 2, 0, MANY_CYCLES),
    KEY("bus", "response", bus_response, 2, 0, MANY_CYCLES),
    KEY("bus", "width", bus_width, 16, 1, 4096),
    KEY("memory", "latency", memory_latency, 60, 1, MANY_CYCLES),
    KEY("memory", "width", memory_width, 8, 1, 4096),
    KEY("memory", "channels", memory_channels, 1, 1, 64),
    KEY("cpu", "processors", cpu_processors, 4, 1, 64),
    KEY("cpu", "access", cpu_access, 4, 0, MANY_CYCLES),
    KEY("cpu", "register", cpu_register, 30, 0, MANY_CYCLES),
    KEY("cpu", "trap", cpu_trap, 1500, 0, MANY_CYCLES),
    KEY("cpu", "call", cpu_call, 20, 0, MANY_CYCLES),
    KEY("cpu", "dispatch", cpu_dispatch, 500, 0, MANY_CYCLES),
    KEY("dm", "call", dm_call, 3000, 0, MANY_CYCLES),
    KEY("dm", "access", dm_access, 30, 0, MANY_CYCLES),
    KEY("dm", "message", dm_message, 10000, 0, MANY_CYCLES),
    KEY("device", "link", device_link, 10, 0, MANY_CYCLES),
    KEY("device", "channels", device_channels, 8, 1, 64),
};
/* clang-format on */

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static uint32_t *member(struct timing *timing, const struct key *key)
{
    return (uint32_t *)(void *)((char *)timing + key->offset);
}

void timing_default(struct timing *timing)
{
    for ( size_t i = 0; i < KEYS; i++ )
        *member(timing, &keys[i]) = keys[i].initial;
    timing->costs = cost_defaults;
}

/* ---- reading ---- */

struct reader {
    struct timing *timing;
    const char *file;
    unsigned int line;
    char section[32];
    bool seen[KEYS];
    char *error;
};

#define FAIL(r, ...) fail(r, (char[TIMING_ERROR]) { 0 }, __VA_ARGS__)

static bool fail(struct reader *r, char *what, const char *format,
                 const char *detail)
{
    snprintf(what, TIMING_ERROR, format, detail);
    snprintf(r->error, TIMING_ERROR, "%.200s:%u: %.280s", r->file, r->line,
             what);
    return false;
}

/* The names of a section, or of all sections, into @text. */
static const char *list_of(const char *section, char *text, size_t size)
{
    const char *last = NULL;
    size_t used = 0;

    *text = 0;
    for ( size_t i = 0; i < KEYS && used < size; i++ )
    {
        const char *name = section ? keys[i].name : keys[i].section;

        if ( section ? strcmp(keys[i].section, section) != 0 :
                       last && !strcmp(last, name) )
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 used ? ", " : "", name);
        last = name;
    }
    return text;
}

static bool take_section(struct reader *r, char *line)
{
    char text[256], *end = strchr(line, ']');

    if ( !end || end[1] )
        return FAIL(r, "a section is [NAME], this is '%s'", line);
    *end = 0;
    for ( size_t i = 0; i < KEYS; i++ )
        if ( !strcmp(keys[i].section, line + 1) )
        {
            snprintf(r->section, sizeof(r->section), "%s", line + 1);
            return true;
        }
    return FAIL(r, "there is no such section; there are: %s",
                list_of(NULL, text, sizeof(text)));
}

static bool set(struct reader *r, size_t index, const char *value)
{
    const struct key *key = &keys[index];
    char text[96], *end;
    unsigned long number;

    if ( r->seen[index] )
        return FAIL(r, "'%s' has been said before", key->name);
    r->seen[index] = true;
    errno = 0;
    number = strtoul(value, &end, 10);
    if ( *value < '0' || *value > '9' || *end || errno )
        return FAIL(r, "'%s' is no decimal number", value);
    if ( number < key->least || number > key->most ||
         (key->power_of_two && (number & (number - 1))) )
    {
        snprintf(text, sizeof(text), "%s is %u to %u%s", key->name, key->least,
                 key->most, key->power_of_two ? ", a power of two" : "");
        return FAIL(r, "%s", text);
    }
    *member(r->timing, key) = (uint32_t)number;
    return true;
}

static bool take_value(struct reader *r, char *line, char *equals)
{
    char text[400], *end = equals;
    const char *value = equals + 1 + strspn(equals + 1, " \t");

    while ( end > line && strchr(" \t", end[-1]) )
        end--;
    *end = 0;
    if ( !*r->section )
        return FAIL(r, "'%s' stands before any [section]", line);
    for ( size_t i = 0; i < KEYS; i++ )
        if ( !strcmp(keys[i].section, r->section) &&
             !strcmp(keys[i].name, line) )
            return set(r, i, value);
    return FAIL(r, "no such key in this section; it has: %s",
                list_of(r->section, text, sizeof(text)));
}

static bool take_line(struct reader *r, char *line)
{
    size_t length;
    char *equals;

    line[strcspn(line, "#;")] = 0;
    line += strspn(line, " \t");
    length = strlen(line);
    while ( length && strchr(" \t\r", line[length - 1]) )
        line[--length] = 0;
    if ( !length )
        return true;
    if ( *line == '[' )
        return take_section(r, line);
    equals = strchr(line, '=');
    if ( !equals )
        return FAIL(r, "a line is [SECTION] or KEY = NUMBER, this is '%s'",
                    line);
    return take_value(r, line, equals);
}

/* Not more ways than entries. */
static bool check_cache(struct reader *r, const char *name,
                        const struct timing_cache *cache)
{
    if ( !cache->ways )
        return FAIL(r, "%s-ways is 1 or more", name);
    if ( cache->entries && cache->ways > cache->entries )
        return FAIL(r, "%s has more ways than entries", name);
    return true;
}

bool timing_parse(struct timing *timing, const char *text, const char *file,
                  char *error)
{
    struct reader r = { .timing = timing, .file = file, .error = error };
    char line[256];

    timing_default(timing);
    while ( *text )
    {
        size_t length = strcspn(text, "\n");

        r.line++;
        if ( length >= sizeof(line) )
            return FAIL(&r, "the line is longer than %s characters", "255");
        memcpy(line, text, length);
        line[length] = 0;
        if ( !take_line(&r, line) )
            return false;
        text += length + (text[length] == '\n');
    }
    return check_cache(&r, "config-cache", &timing->config_cache) &&
           check_cache(&r, "tlb", &timing->tlb) &&
           check_cache(&r, "walk-cache", &timing->walk_cache);
}

/* ---- files ---- */

static FILE *open_file(const char *name, char *path, size_t size)
{
    const char *directory = getenv("UMBRA_TIMING");

    snprintf(path, size, "%s", name);
    for ( size_t i = 0; timing_presets[i]; i++ )
        if ( !strcmp(timing_presets[i], name) )
            snprintf(path, size, "%s/%s.ini",
                     directory ? directory : "sim/timing", name);
    return fopen(path, "r");
}

#define LARGEST 65536

bool timing_read(struct timing *timing, const char *name, char *error)
{
    char path[400], *text;
    FILE *stream = open_file(name, path, sizeof(path));
    size_t length;
    bool ok;

    if ( !stream )
    {
        snprintf(error, TIMING_ERROR,
                 "%.300s: %s; it is a file, or one of small-soc, server, "
                 "mmu600-like, vtd-like",
                 path, strerror(errno));
        return false;
    }
    text = calloc(1, LARGEST);
    if ( !text )
        abort();
    length = fread(text, 1, LARGEST - 1, stream);
    ok = !ferror(stream) && feof(stream) && strlen(text) == length;
    if ( !ok )
        snprintf(error, TIMING_ERROR, "%.400s: no text of less than %d bytes",
                 path, LARGEST);
    fclose(stream);
    ok = ok && timing_parse(timing, text, path, error);
    free(text);
    return ok;
}
