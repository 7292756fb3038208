/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world that a guest's driver sees, whichever its unit. */

#include <scenario/execute.h>

void guest_store64(void *context, uint64_t gpa, uint64_t value)
{
    world_store64(context, gpa, value);
}

uint64_t guest_read64(void *context, uint64_t gpa)
{
    uint64_t value = 0;

    world_load64(context, gpa, &value);
    return value;
}

static void write_register(void *context, uint32_t offset, unsigned int size,
                           uint64_t value)
{
    world_write(context, offset, size, value);
}

static uint64_t read_register(void *context, uint32_t offset,
                              unsigned int size)
{
    struct world_domain *wd = context;

    wd->driver_ready = true;
    return world_read(wd, offset, size);
}

static uint64_t alloc_run(void *context, uint64_t bytes, uint64_t align)
{
    struct world_domain *wd = context;
    const struct region *ram = &wd->world->program->machine.region[0];
    uint64_t run;

    if ( !wd->next_page )
        wd->next_page = ram->base + (ram->size / 2 & ~UINT64_C(0xfff));
    run = (wd->next_page + align - 1) & ~(align - 1);
    bytes = (bytes + 0xfff) & ~UINT64_C(0xfff);
    if ( run < wd->next_page || run > ram->base + ram->size ||
         bytes > ram->base + ram->size - run )
        return 0;
    wd->next_page = run + bytes;
    return run;
}

static uint64_t alloc_page(void *context)
{
    return alloc_run(context, 0x1000, 0x1000);
}

static void look(void *context)
{
    const struct world_domain *wd = context;

    world_look(wd->world);
}

static void idle(void *context)
{
    const struct world_domain *wd = context;

    world_idle(wd->world);
}

const struct guest_ops guest_ops = {
    .store64 = guest_store64,
    .read64 = guest_read64,
    .write_register = write_register,
    .read_register = read_register,
    .alloc_page = alloc_page,
    .alloc_run = alloc_run,
    .look = look,
    .idle = idle,
};

void driver_must(struct execution *e, bool ok, const char *what)
{
    if ( !ok )
        world_expect(e->world, "P5", "the driver: %s", what);
}

void driver_possible(struct execution *e, bool ok, const char *what)
{
    if ( !ok )
        world_refuse(e->world, "%s", what);
}
