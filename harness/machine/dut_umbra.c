/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own device under test: hypervisor/viommu on the machine's units. */
#include <machine/dut_umbra.h>
#include <machine/interleave.h>

#include <coverage/cover.h>
#include <viommu/viommu.h>

/* Continuations of one operation, and work items until idle, before we say
 * that it never ends. */
#define MAX_CONTINUATIONS 100000
#define MAX_WORK_ITEMS    100000

struct dut {
    struct machine *machine;
    struct viommu_registry *registry;
    dut_probe *probe;
    void *probe_context;
};

void dut_umbra_set_probe(struct dut *dut, dut_probe *probe, void *context)
{
    dut->probe = probe;
    dut->probe_context = context;
}

/* ---- functional coverage (coverage/viommu.points) ---- */

static const char *error_name(int rc)
{
    static const struct {
        int number;
        const char *name;
    } errors[] = {
        { 0, "done" },
        { -XEN_EPERM, "EPERM" },
        { -XEN_ENOENT, "ENOENT" },
        { -XEN_EIO, "EIO" },
        { -XEN_ENOMEM, "ENOMEM" },
        { -XEN_EFAULT, "EFAULT" },
        { -XEN_EBUSY, "EBUSY" },
        { -XEN_EEXIST, "EEXIST" },
        { -XEN_ENODEV, "ENODEV" },
        { -XEN_EINVAL, "EINVAL" },
        { -XEN_ENOSPC, "ENOSPC" },
        { -XEN_ERESTART, "ERESTART" },
        { -XEN_EOPNOTSUPP, "EOPNOTSUPP" },
    };

    for ( size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++ )
        if ( errors[i].number == rc )
            return errors[i].name;
    return "other";
}

static int cover_hypercall(const struct xen_dmop_viommu_op *op, int rc)
{
    static const char *const names[] = {
        [XEN_DMOP_viommu_query_capability] = "query",
        [XEN_DMOP_viommu_create] = "create",
        [XEN_DMOP_viommu_destroy] = "destroy",
        [XEN_DMOP_viommu_dma_translation_for_vpdev] = "translation",
        [XEN_DMOP_viommu_dma_drain_completed] = "drain",
        [XEN_DMOP_viommu_attach] = "attach",
        [XEN_DMOP_viommu_detach] = "detach",
        [XEN_DMOP_viommu_attach_vpdev] = "attach-vpdev",
        [XEN_DMOP_viommu_dma_copy_for_vpdev] = "copy",
    };

    COVER("viommu.%s.%s",
          op->cmd < sizeof(names) / sizeof(*names) ? names[op->cmd] :
                                                     "unknown",
          error_name(rc));
    return rc;
}

static int cover_call(const char *what, int rc)
{
    COVER("viommu.%s.%s", what, error_name(rc));
    return rc;
}

static bool run_deferred(struct dut *dut)
{
    return machine_run_until_idle(dut->machine, MAX_WORK_ITEMS);
}

static struct domain *domain_of(struct dut *dut, unsigned int index)
{
    return machine_domain(dut->machine, index);
}

static void unit_interrupt(void *context, unsigned int unit)
{
    struct dut *dut = context;

    viommu_unit_interrupt(dut->registry, unit);
}

/* ---- life ---- */

static struct dut *create(const struct dut_config *config, const char **reason)
{
    struct machine *m = config->machine;
    struct dut *dut = machine_alloc(m, sizeof(*dut), 16);

    if ( !dut )
    {
        *reason = "the machine has no memory left";
        return NULL;
    }
    dut->machine = m;
    if ( viommu_init(machine_host(m), &dut->registry) )
    {
        *reason = "viommu_init refused the physical units of the machine";
        return NULL;
    }
    machine_on_unit_interrupt(m, unit_interrupt, dut);
    return dut;
}

static void destroy(struct dut *dut)
{
    machine_on_unit_interrupt(dut->machine, NULL, NULL);
    viommu_fini(dut->registry);
}

/* ---- toolstack ---- */

static int hypercall(struct dut *dut, void *op, size_t size)
{
    int rc;

    if ( size != sizeof(struct xen_dmop_viommu_op) )
        return -XEN_EINVAL;
    machine_enter(dut->machine, "hypercall");
    rc = viommu_hypercall(dut->registry, op);
    machine_leave(dut->machine);
    return cover_hypercall(op, rc);
}

/* What an operation of the toolstack acts upon. */
struct call {
    struct domain *d;
    uint32_t psbdf;
    unsigned int dm;
    uint64_t gfn;
    unsigned int order;
    struct xen_dmop_viommu_op op;
};

typedef int step_fn(struct dut *dut, struct call *call);

/* Call @step again as often as it asks for, with deferred work in between. */
static int complete(struct dut *dut, const char *what, step_fn *step,
                    struct call *call)
{
    unsigned int i;
    int rc = -XEN_ERESTART;

    for ( i = 0; i < MAX_CONTINUATIONS && rc == -XEN_ERESTART; i++ )
    {
        if ( i )
            run_deferred(dut);
        machine_enter(dut->machine, what);
        rc = step(dut, call);
        machine_leave(dut->machine);
    }
    return rc;
}

static int step_hypercall(struct dut *dut, struct call *call)
{
    return cover_hypercall(&call->op,
                           viommu_hypercall(dut->registry, &call->op));
}

static int step_assign(struct dut *dut, struct call *call)
{
    return cover_call("assign",
                      viommu_assign(dut->registry, call->d, call->psbdf));
}

static int step_deassign(struct dut *dut, struct call *call)
{
    return cover_call("deassign",
                      viommu_deassign(dut->registry, call->d, call->psbdf));
}

static int step_domain_destroy(struct dut *dut, struct call *call)
{
    return cover_call("domain-destroy",
                      viommu_domain_destroy(dut->registry, call->d));
}

static int step_p2m_changed(struct dut *dut, struct call *call)
{
    return cover_call("p2m-changed",
                      viommu_p2m_changed(dut->registry, call->d,
                                         _gfn(call->gfn), call->order));
}

static int step_dm_disconnect(struct dut *dut, struct call *call)
{
    return cover_call("dm-disconnect",
                      viommu_dm_disconnect(dut->registry, call->d, call->dm));
}

struct xen_dmop_viommu_op dut_umbra_op(struct dut *dut, uint32_t cmd,
                                       const struct dut_viommu *viommu)
{
    const struct machine_config *config = machine_config(dut->machine);

    return (struct xen_dmop_viommu_op) {
        .cmd = cmd,
        .domid = config->domain[viommu->domain].id,
        .viommu_id = viommu->id,
    };
}

static void prepare(struct dut *dut, struct call *call, uint32_t cmd,
                    const struct dut_viommu *viommu)
{
    *call = (struct call) { .op = dut_umbra_op(dut, cmd, viommu) };
}

static int do_create(struct dut *dut, struct dut_viommu *viommu)
{
    const struct dut_umbra_type *type = dut_umbra_type(viommu->type);
    struct call call;
    int rc;

    if ( !type )
        return -XEN_EOPNOTSUPP;
    prepare(dut, &call, XEN_DMOP_viommu_create, viommu);
    call.op.viommu_id = 0;
    type->create(viommu, &call.op);
    rc = complete(dut, "create", step_hypercall, &call);
    if ( !rc )
        viommu->id = type->created_id(&call.op);
    return rc;
}

static int do_destroy(struct dut *dut, const struct dut_viommu *viommu)
{
    struct call call;

    prepare(dut, &call, XEN_DMOP_viommu_destroy, viommu);
    return complete(dut, "destroy", step_hypercall, &call);
}

static int do_query(struct dut *dut, const struct dut_viommu *viommu,
                    struct dut_query *query)
{
    const struct dut_umbra_type *type = dut_umbra_type(viommu->type);
    struct call call;
    int rc;

    if ( !type )
        return -XEN_EOPNOTSUPP;
    prepare(dut, &call, XEN_DMOP_viommu_query_capability, viommu);
    call.op.viommu_id = 0;
    call.op.u.query.type = viommu->type;
    rc = complete(dut, "query", step_hypercall, &call);
    if ( !rc )
        type->query(&call.op, query);
    return rc;
}

static int do_attach(struct dut *dut, const struct dut_viommu *viommu,
                     uint32_t vsbdf, uint32_t psbdf)
{
    struct call call;

    prepare(dut, &call, XEN_DMOP_viommu_attach, viommu);
    call.op.u.attach.vsbdf = vsbdf;
    call.op.u.attach.psbdf = psbdf;
    return complete(dut, "attach", step_hypercall, &call);
}

static int do_detach(struct dut *dut, const struct dut_viommu *viommu,
                     uint32_t vsbdf)
{
    struct call call;

    prepare(dut, &call, XEN_DMOP_viommu_detach, viommu);
    call.op.u.detach.vsbdf = vsbdf;
    return complete(dut, "detach", step_hypercall, &call);
}

static int do_assign(struct dut *dut, unsigned int domain, uint32_t psbdf)
{
    struct call call = { .d = domain_of(dut, domain), .psbdf = psbdf };

    return complete(dut, "assign", step_assign, &call);
}

static int do_deassign(struct dut *dut, unsigned int domain, uint32_t psbdf)
{
    struct call call = { .d = domain_of(dut, domain), .psbdf = psbdf };

    return complete(dut, "deassign", step_deassign, &call);
}

static int do_domain_destroy(struct dut *dut, unsigned int domain)
{
    struct call call = { .d = domain_of(dut, domain) };
    int rc = complete(dut, "domain destroy", step_domain_destroy, &call);

    if ( !rc )
        domain_gone(call.d);
    return rc;
}

static int do_p2m_changed(struct dut *dut, unsigned int domain, uint64_t gfn,
                          unsigned int order)
{
    struct call call = { .d = domain_of(dut, domain),
                         .gfn = gfn,
                         .order = order };

    return complete(dut, "p2m change", step_p2m_changed, &call);
}

static int do_dm_disconnect(struct dut *dut, unsigned int domain,
                            unsigned int dm)
{
    struct call call = { .d = domain_of(dut, domain), .dm = dm };

    return complete(dut, "dm disconnect", step_dm_disconnect, &call);
}

struct machine *dut_umbra_machine(struct dut *dut)
{
    return dut->machine;
}

/* ---- the guest's CPU ---- */

static enum dut_result result_of(enum viommu_result result)
{
    switch ( result )
    {
    case VIOMMU_DONE:
        return DUT_DONE;
    case VIOMMU_RETRY:
        return DUT_RETRY;
    case VIOMMU_TO_DEVICE_MODEL:
        return DUT_TO_DEVICE_MODEL;
    }
    return DUT_ERROR;
}

static enum dut_result mmio_read(struct dut *dut,
                                 const struct dut_viommu *viommu,
                                 uint32_t offset, unsigned int size,
                                 uint64_t *value)
{
    struct domain *d = domain_of(dut, viommu->domain);
    enum viommu_result result;

    /* Who only looks need not ask first: what is nobody's says so. */
    if ( !machine_is_quiet(dut->machine) &&
         !viommu_mmio_accept(d, viommu->base + offset) )
        return DUT_TO_DEVICE_MODEL;
    machine_enter_look(dut->machine, "register read");
    result = viommu_mmio_read(d, viommu->base + offset, size, value);
    machine_leave(dut->machine);
    return result_of(result);
}

static enum dut_result mmio_write(struct dut *dut,
                                  const struct dut_viommu *viommu,
                                  uint32_t offset, unsigned int size,
                                  uint64_t value)
{
    struct domain *d = domain_of(dut, viommu->domain);
    enum viommu_result result;

    if ( !viommu_mmio_accept(d, viommu->base + offset) )
        return DUT_TO_DEVICE_MODEL;
    machine_enter(dut->machine, "register write");
    result = viommu_mmio_write(d, viommu->base + offset, size, value);
    machine_leave(dut->machine);
    return result_of(result);
}

static uint64_t entries(const struct dut *dut)
{
    return machine_entries(dut->machine);
}

static void effective_map(struct dut *dut, const struct dut_access *access,
                          bool hardware, struct dut_mapping *mapping)
{
    *mapping = (struct dut_mapping) { .present = false };
    if ( dut->probe )
        dut->probe(dut->probe_context, access, hardware, mapping);
}

const struct dut_ops dut_umbra = {
    .name = "umbra",
    .create = create,
    .destroy = destroy,
    .hypercall = hypercall,
    .viommu_create = do_create,
    .viommu_destroy = do_destroy,
    .query = do_query,
    .assign = do_assign,
    .deassign = do_deassign,
    .attach = do_attach,
    .detach = do_detach,
    .domain_destroy = do_domain_destroy,
    .mmio_read = mmio_read,
    .mmio_write = mmio_write,
    .p2m_changed = do_p2m_changed,
    .attach_vpdev = dut_umbra_attach_vpdev,
    .translate = dut_umbra_translate,
    .copy = dut_umbra_copy,
    .drain_completed = dut_umbra_drain_completed,
    .dm_disconnect = do_dm_disconnect,
    .run_deferred = run_deferred,
    .entries = entries,
    .effective_map = effective_map,
};
