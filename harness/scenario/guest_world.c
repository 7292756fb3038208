/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world that a guest's driver sees, whichever its unit. */

#include <scenario/execute.h>

void guest_store64(void *context, uint64_t gpa, uint64_t value)
{
    struct world_domain *wd = context;

    domain_write64(wd->domain, WRITER_VCPU, gpa, value);
}

uint64_t guest_read64(void *context, uint64_t gpa)
{
    struct world_domain *wd = context;
    uint64_t value = 0;

    domain_read64(wd->domain, gpa, &value);
    return value;
}

void guest_write_register(void *context, uint32_t offset, unsigned int size,
                          uint64_t value)
{
    world_write(context, offset, size, value);
}

uint64_t guest_read_register(void *context, uint32_t offset, unsigned int size)
{
    struct world_domain *wd = context;

    wd->driver_ready = true;
    return world_read(wd, offset, size);
}

uint64_t guest_alloc_run(void *context, uint64_t bytes, uint64_t align)
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

uint64_t guest_alloc_page(void *context)
{
    return guest_alloc_run(context, 0x1000, 0x1000);
}

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
