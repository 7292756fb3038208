/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include <stdio.h>

static struct event *next(void *context, enum event_kind kind)
{
    struct recorder *recorder = context;
    struct event *event =
        &recorder->event[recorder->count < EVENTS_MAX ? recorder->count++ :
                                                        EVENTS_MAX - 1];

    *event = (struct event) { .kind = kind };
    return event;
}

static void on_store(void *context, enum writer who, struct domain *d,
                     uint64_t gpa, uint64_t old, uint64_t value)
{
    struct event *event = next(context, EVENT_STORE);

    event->who = who;
    event->d = d;
    event->address = gpa;
    event->old = old;
    event->value = value;
}

static void on_unit_store(void *context, struct domain *d, uint64_t gpa,
                          const void *data, size_t len)
{
    struct event *event = next(context, EVENT_UNIT_STORE);

    event->d = d;
    event->address = gpa;
    event->value = len;
    memcpy(event->text, data, len < 16 ? len : 16);
}

static void on_interrupt(void *context, struct domain *d, uint64_t address,
                         uint32_t data)
{
    struct event *event = next(context, EVENT_INTERRUPT);

    event->d = d;
    event->address = address;
    event->value = data;
}

static void on_p2m(void *context, struct domain *d, uint64_t gfn,
                   const struct p2m_entry *old, const struct p2m_entry *now)
{
    struct event *event = next(context, EVENT_P2M);

    event->d = d;
    event->address = gfn;
    event->old = old->type;
    event->value = now->type;
}

static void on_violation(void *context, const char *property,
                         const char *message)
{
    struct event *event = next(context, EVENT_VIOLATION);

    snprintf(event->text, sizeof(event->text), "%s %s", property, message);
}

struct machine_observer recorder_observer(struct recorder *recorder)
{
    return (struct machine_observer) {
        .store = on_store,
        .unit_store = on_unit_store,
        .interrupt = on_interrupt,
        .p2m_change = on_p2m,
        .violation = on_violation,
        .context = recorder,
    };
}

unsigned int recorder_violations(const struct recorder *recorder,
                                 const char *property, const char *text)
{
    unsigned int i, n = 0;

    for ( i = 0; i < recorder->count; i++ )
    {
        const struct event *event = &recorder->event[i];

        n += event->kind == EVENT_VIOLATION &&
             !strncmp(event->text, property, strlen(property)) &&
             strstr(event->text, text);
    }
    return n;
}

struct machine_config small_config(enum p2m_shape shape, uint64_t ram)
{
    struct machine_config config;

    machine_config_default(&config);
    config.domain[0] = (struct domain_config) {
        .id = 1,
        .shape = shape,
        .regions = 4,
        .region = { { 0, ram, REGION_RAM },
                    { 0xa0000, 0x20000, REGION_HOLE },
                    { 0xd0000, 0x1000, REGION_MMIO },
                    { 0xf0000, 0x1000, REGION_ROM } },
    };
    return config;
}

struct machine *small_machine(enum p2m_shape shape, struct recorder *recorder)
{
    struct machine_config config = small_config(shape, 64 * MIB);
    struct machine *m = machine_create(&config);
    struct machine_observer observer = recorder_observer(recorder);

    assert_non_null(m);
    recorder->count = 0;
    machine_observe(m, &observer);
    return m;
}

int small_setup(void **state, enum p2m_shape shape)
{
    static struct small small;

    small.m = small_machine(shape, &small.recorder);
    small.host = machine_host(small.m);
    small.d = machine_domain(small.m, 0);
    *state = &small;
    return 0;
}

int small_teardown(void **state)
{
    struct small *f = *state;

    machine_destroy(f->m);
    return 0;
}
