/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the toolstack does. */

#include <scenario/execute.h>

#include <public/viommu.h>

#include <string.h>

void execute_error(struct execution *e, const struct operation *op, int rc)
{
    const struct op_spec *spec = op_spec(op);
    const struct op_field *f = spec->field;

    while ( !f->key || strcmp(f->key, "error") )
        f++;
    if ( -rc != (int)op_field_get(op, f) )
        world_expect(e->world, "P7", "%s answered %d, expected %d",
                     spec->keyword, rc, -(int)op_field_get(op, f));
}

void execute_viommu_destroy(struct execution *e, const struct operation *op)
{
    execute_error(e, op, world_viommu_destroy(e->wd));
}

/* Nobody can name a domain any more that has been destroyed. */
static bool owner_lives(struct execution *e, const struct operation *op)
{
    const struct world_device *device = &e->world->device[op_arg(op, 0)];
    bool lives = !device->owner->destroyed;

    if ( !lives )
        world_refuse(e->world, "the device's domain has been destroyed");
    if ( device->is_virtual &&
         (op->code == OP_ASSIGN || op->code == OP_DEASSIGN) )
    {
        world_refuse(e->world, "a virtual device is the device model's");
        return false;
    }
    return lives;
}

void execute_assign(struct execution *e, const struct operation *op)
{
    if ( owner_lives(e, op) )
        execute_error(e, op,
                      world_assign(e->world, (unsigned int)op_arg(op, 0)));
}

void execute_deassign(struct execution *e, const struct operation *op)
{
    if ( owner_lives(e, op) )
        execute_error(e, op,
                      world_deassign(e->world, (unsigned int)op_arg(op, 0)));
}

void execute_attach(struct execution *e, const struct operation *op)
{
    if ( owner_lives(e, op) )
        execute_error(e, op,
                      world_attach(e->world, (unsigned int)op_arg(op, 0)));
}

void execute_detach(struct execution *e, const struct operation *op)
{
    if ( owner_lives(e, op) )
        execute_error(e, op,
                      world_detach(e->world, (unsigned int)op_arg(op, 0)));
}

void execute_domain_destroy(struct execution *e, const struct operation *op)
{
    execute_error(e, op, world_domain_destroy(e->wd));
}

/* The structure of the next hypercall; FIELD_HYPERCALL: offset | size << 8. */
void execute_hypercall_field(struct execution *e, const struct operation *op)
{
    unsigned int offset = op_arg(op, 0) & 0xff;
    unsigned int size = op_arg(op, 0) >> 8 & 0xff;
    uint64_t value = op_arg(op, 1);

    if ( offset + size <= sizeof(e->world->hypercall) && size <= 8 )
        memcpy(e->world->hypercall + offset, &value, size);
}

/*
 * A raw hypercall may have created, destroyed, attached or detached behind the
 * world's back.  Programs by hand know what they do; in one that only the
 * oracle judges nobody does, and from then on what the machine itself checks
 * is what is left: P1, P7 and P9.
 */
static void lose_track(struct world *world)
{
    for ( unsigned int i = 0; i < world->domains; i++ )
    {
        struct world_domain *wd = &world->domain[i];

        if ( wd->oracle )
            oracle_destroy(wd->oracle);
        wd->oracle = NULL;
        wd->viommu_live = false;
    }
    for ( unsigned int i = 0; i < world->program->machine.devices; i++ )
    {
        world->device[i].attached = false;
        world->device[i].lost = true;
    }
}

void execute_hypercall(struct execution *e, const struct operation *op)
{
    struct world *world = e->world;
    int rc = world->ops->hypercall(world->dut, world->hypercall,
                                   sizeof(struct xen_dmop_viommu_op));

    if ( !rc && world->program->oracle_only )
        lose_track(world);
    execute_error(e, op, rc);
    world_settle(world);
}

static void change_p2m(struct execution *e, const struct operation *op,
                       enum region_type type, const char *impossible)
{
    struct world *world = e->world;
    int rc;

    if ( !world_p2m_change(e->wd, op_arg(op, 0) >> 12, type, &rc) )
    {
        world_expect(world, "P9", "%s: %s", op_spec(op)->keyword, impossible);
        return;
    }
    if ( rc && world->program->oracle_only )
        world_find(world, "P9", "a change of the p2m was not accepted");
    else
        execute_error(e, op, rc);
    world_settle(world);
}

void execute_p2m_remove(struct execution *e, const struct operation *op)
{
    change_p2m(e, op, REGION_HOLE, "there is no page");
}

void execute_p2m_populate(struct execution *e, const struct operation *op)
{
    change_p2m(e, op, op_arg(op, 1) ? REGION_ROM : REGION_RAM,
               "there is a page, or can't be one");
}

void execute_p2m_release(struct execution *e, const struct operation *op)
{
    (void)op;
    p2m_release(e->wd->domain);
}

void execute_fail(struct execution *e, const struct operation *op)
{
    world_fail(e->world, (enum failure)op_arg(op, 0),
               (unsigned int)op_arg(op, 1));
}

void execute_shadow(struct execution *e, const struct operation *op)
{
    struct world *world = e->world;
    struct dut_query query;

    if ( world->ops->query(world->dut, &e->wd->viommu, &query) )
    {
        world_find(world, "P7", "the query hypercall failed");
        return;
    }
    if ( query.shadow_pages > op_arg(op, 0) ||
         query.shadow_pages < op_arg(op, 1) )
        world_expect(world, "P7",
                     "%u shadow pages are in use; bounds %u to %u",
                     query.shadow_pages, (unsigned int)op_arg(op, 1),
                     (unsigned int)op_arg(op, 0));
    if ( query.shadow_refused < op_arg(op, 2) ||
         query.shadow_refused > op_arg(op, 3) )
        world_expect(world, "P7",
                     "%llu entries were refused by the limit; bounds %u to %u",
                     (unsigned long long)query.shadow_refused,
                     (unsigned int)op_arg(op, 2), (unsigned int)op_arg(op, 3));
}

void execute_census(struct execution *e, const struct operation *op)
{
    (void)op;
    machine_census(e->world->machine, e->wd->domain);
}
