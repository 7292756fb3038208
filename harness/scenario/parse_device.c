/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of devices, physical and virtual. */

#include <scenario/parse.h>

#include <stdio.h>
#include <string.h>

/* What stands behind a device's number. */
static bool parse_device_rest(struct parser *p, struct program_device *device)
{
    for ( unsigned int i = 3; i < p->tokens; i++ )
    {
        const char *unit = parse_keyed(p, i, "unit");
        uint64_t number;

        if ( unit )
        {
            if ( !parse_number(p, unit, &number) )
                return false;
            if ( number >= PROGRAM_MAX_UNITS )
                return parse_fail(p, "units are 0 to %d",
                                  PROGRAM_MAX_UNITS - 1);
            device->unit = (uint8_t)number;
        }
        else if ( !strcmp(p->token[i], "b") )
            device->domain = 1;
        else
            return parse_fail(p,
                              "'%s' means nothing to 'device'; expected b "
                              "or unit=N",
                              p->token[i]);
    }
    return true;
}

/* What follows the number of a virtual device. */
static bool parse_vdevice_rest(struct parser *p, struct program_device *device)
{
    static const struct {
        const char *word;
        uint8_t option;
    } options[] = { { "drain", VDEVICE_DRAIN },
                    { "ats", VDEVICE_ATS },
                    { "answers", VDEVICE_ANSWERS } };
    uint64_t number = 0;

    for ( unsigned int i = 3; i < p->tokens; i++ )
    {
        const char *dm = parse_keyed(p, i, "dm");
        unsigned int n = 0;

        while ( n < 3 && strcmp(p->token[i], options[n].word) )
            n++;
        if ( dm && !parse_number(p, dm, &number) )
            return false;
        if ( n < 3 )
            device->options |= options[n].option;
        else if ( !strcmp(p->token[i], "b") )
            device->domain = 1;
        else if ( !dm )
            return parse_fail(p,
                              "'%s' means nothing to 'vdevice'; expected b, "
                              "dm=N, drain, ats or answers",
                              p->token[i]);
    }
    if ( number >= MACHINE_MAX_DMS )
        return parse_fail(p, "device models are 0 to %d", MACHINE_MAX_DMS - 1);
    device->model = (uint8_t)(number + 1);
    return true;
}

/* BB:DD.F, or a plain number. */
static bool parse_source(struct parser *p, const char *text, uint32_t *source)
{
    unsigned int bus, dev, fn;
    uint64_t number;
    char end;

    if ( strchr(text, ':') )
    {
        if ( sscanf(text, "%x:%x.%x%c", &bus, &dev, &fn, &end) != 3 ||
             bus > 255 || dev > 31 || fn > 7 )
            return parse_fail(p, "expected: device NAME BB:DD.F [b] [unit=N]");
        *source = bus << 8 | dev << 3 | fn;
        return true;
    }
    if ( !parse_number(p, text, &number) )
        return false;
    *source = (uint32_t)number;
    return number <= UINT32_MAX ? true :
                                  parse_fail(p, "no number of a device "
                                                "is so large");
}

bool parse_device(struct parser *p)
{
    struct program_machine *machine = &p->program->machine;
    struct program_device *device = &machine->device[machine->devices];
    bool is_virtual = p->token[0][0] == 'v';

    if ( p->tokens < 3 )
        return parse_fail(p, "expected: %s NAME BB:DD.F [b] [%s=N]",
                          p->token[0], is_virtual ? "dm" : "unit");
    if ( machine->devices == PROGRAM_MAX_DEVICES )
        return parse_fail(p, "more than %d devices", PROGRAM_MAX_DEVICES);
    for ( unsigned int i = 0; i < machine->devices; i++ )
        if ( !strcmp(machine->device[i].name, p->token[1]) )
            return parse_fail(p, "device '%s' was declared before",
                              p->token[1]);
    if ( !parse_copy_name(p, device->name, p->token[1]) ||
         !parse_source(p, p->token[2], &device->source) ||
         !(is_virtual ? parse_vdevice_rest(p, device) :
                        parse_device_rest(p, device)) )
        return false;
    if ( device->domain )
        machine->domains = 2;
    machine->devices++;
    return true;
}
