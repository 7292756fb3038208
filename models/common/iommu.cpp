/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IOMMU as a module: its sockets, and the port that takes time. */
#include <common/iommu.hpp>

#include <cstring>

namespace umbra
{

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using sc_core::SC_ZERO_TIME;

/* Somebody waits for something that nobody may ever do: looked at again after
 * so many cycles, as hardware that polls. */
static const unsigned int POLL = 256;

iommu::iommu(sc_core::sc_module_name name, unsigned int the_number,
             const iommu_config &the_config, iommu_watch *the_watch)
    : sc_core::sc_module(name), device("device"), registers("registers"),
      memory("memory"), number(the_number), config(the_config),
      watch(the_watch), own { this, nullptr, false, { &ops, &own } },
      below { this, nullptr, true, { &ops, &below } },
      walkers(the_config.walkers), tlb_ports(the_config.tlb_ports), link(1)
{
    for ( unsigned int i = 0; i < SMALL; i++ )
        small[i] = config.style.cycles(i);
    device.register_b_transport(this, &iommu::device_transport);
    registers.register_b_transport(this, &iommu::register_transport);
    registers.register_transport_dbg(this, &iommu::register_debug);
}

void iommu::set_contents(const struct port *unit, const struct port *the_below)
{
    own.contents = unit;
    below.contents = the_below;
}

/* ---- targets ---- */

static bool succeeded(const struct response &response)
{
    return response.status == RESPONSE_OK;
}

void iommu::device_transport(int binding, tlm::tlm_generic_payload &payload,
                             sc_time &delay)
{
    auto *dma = payload.get_extension<dma_extension>();
    flow f { &delay, true };
    const sc_time begin = f.now();

    requests++;
    current = &f;
    access(&dma->request, payload.get_data_ptr(), &dma->response);
    if ( f.holds_walker )
        walk_ends(f);
    current = nullptr;
    requests--;
    something_ended();
    payload.set_response_status(succeeded(dma->response) ?
                                    tlm::TLM_OK_RESPONSE :
                                    tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if ( watch )
        watch->request_ended(number, { begin, f.now(), &dma->request,
                                       &dma->response, f.relaxed, f.walked,
                                       static_cast<unsigned int>(binding) });
}

void iommu::register_transport(tlm::tlm_generic_payload &payload,
                               sc_time &delay)
{
    const auto offset = static_cast<uint32_t>(payload.get_address());
    const unsigned int size = payload.get_data_length();
    const bool write = payload.is_write();
    flow f { &delay, false };
    const sc_time begin = f.now();
    uint64_t value = 0;

    current = &f;
    if ( write )
    {
        memcpy(&value, payload.get_data_ptr(), size);
        mmio_write(offset, size, value);
    }
    else
    {
        value = mmio_read(offset, size);
        memcpy(payload.get_data_ptr(), &value, size);
    }
    if ( f.holds_walker )
        walk_ends(f);
    current = nullptr;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if ( watch )
        watch->register_ended(number,
                              { begin, f.now(), offset, write, f.fetches,
                                f.invalidations, f.relaxed });
}

unsigned int iommu::register_debug(tlm::tlm_generic_payload &payload)
{
    const auto offset = static_cast<uint32_t>(payload.get_address());
    const unsigned int size = payload.get_data_length();
    flow *const outer = current;
    uint64_t value;

    if ( !payload.is_read() )
        return 0;
    current = nullptr;
    value = mmio_read(offset, size);
    current = outer;
    memcpy(payload.get_data_ptr(), &value, size);
    return size;
}

/* @f goes on; others may have run. */
void iommu::resume(flow &f)
{
    current = &f;
    if ( watch )
        watch->resumed();
}

bool iommu::outside(void (*run)(void *argument), void *argument)
{
    flow *const f = current;

    if ( !f )
        return false;
    arrive(*f);
    time_style::catch_up(*f->delay);
    run(argument);
    resume(*f);
    return true;
}

/* The model has changed the register before its first port call. */
void iommu::arrive(flow &f)
{
    if ( f.is_request || f.arrived )
        return;
    f.arrived = true;
    if ( watch )
        watch->register_arrived();
}

/* ---- what is limited ---- */

void iommu::use_tlb_port(flow &f)
{
    if ( !config.style.approximate )
        return;
    config.style.settle(*f.delay);
    *f.delay += tlb_ports.book(sc_time_stamp(), config.style.period);
    resume(f);
}

/* A miss: over to the part that walks, one request a cycle, and there to a
 * walker that has nothing to do. */
void iommu::walk_begins(flow &f)
{
    f.walk_began = f.now();
    if ( config.link_request )
        *f.delay += config.style.cycles(config.link_request);
    if ( config.style.approximate )
    {
        config.style.settle(*f.delay);
        if ( config.link_request )
            *f.delay += link.book(sc_time_stamp(), config.style.period);
        config.style.settle(*f.delay);
        walkers.acquire();
        resume(f);
    }
    f.holds_walker = true;
    f.walker_got = f.now();
}

void iommu::walk_ends(flow &f)
{
    const sc_time busy = f.now() - f.walker_got;

    f.holds_walker = false;
    f.walked += f.now() - f.walk_began;
    if ( config.style.approximate )
    {
        config.style.settle(*f.delay);
        walkers.release(busy);
        resume(f);
    }
    else
        walkers.account(busy);
    *f.delay += config.style.cycles(config.link_response);
}

/* Whoever waits for requests in flight, or for a slot, looks again. */
void iommu::something_ended()
{
    if ( waiters )
        progress.notify();
}

/* ---- the port ---- */

bool iommu::transfer(const timed_port &port, tlm::tlm_command command,
                     uint64_t address, void *data, unsigned int len,
                     unsigned int atom)
{
    flow *const f = current;
    std::unique_ptr<message<memory_extension>> m;
    bool ok;

    arrive(*f);
    if ( port.is_device )
    {
        if ( f->holds_walker )
            walk_ends(*f);
        something_ended();
    }
    if ( spare.empty() )
        m = std::make_unique<message<memory_extension>>();
    else
    {
        m = std::move(spare.back());
        spare.pop_back();
    }
    m->set(command, address, data, len);
    m->more.contents = port.contents;
    m->more.atom = atom;
    if ( config.style.approximate )
    {
        config.style.settle(*f->delay);
        resume(*f);
    }
    memory->b_transport(m->payload, *f->delay);
    config.style.settle(*f->delay);
    resume(*f);
    ok = m->payload.is_response_ok();
    spare.push_back(std::move(m));
    return ok;
}

void iommu::spend(unsigned int cycles, enum cost what)
{
    flow *const f = current;

    arrive(*f);
    switch ( what )
    {
    case COST_TLB_LOOKUP:
        use_tlb_port(*f);
        break;
    case COST_WALK_START:
        if ( !f->holds_walker )
            walk_begins(*f);
        break;
    case COST_QUEUE_FETCH:
        f->fetches++;
        break;
    case COST_INVALIDATE:
        f->invalidations++;
        break;
    default:
        break;
    }
    *f->delay += cycles < SMALL ? small[cycles] : config.style.cycles(cycles);
}

void iommu::relax()
{
    flow *const f = current;
    const sc_time begin = f->now();

    arrive(*f);

    time_style::catch_up(*f->delay);
    waiters++;
    drains += !f->is_request;
    sc_core::wait(config.style.cycles(POLL), progress);
    drains -= !f->is_request;
    waiters--;
    resume(*f);
    f->relaxed += f->now() - begin;
}

bool iommu::c_read(void *world, uint64_t address, void *buffer,
                   unsigned int len, unsigned int atom)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( !port->module->current )
        return port_read(port->contents, address, buffer, len, atom);
    return port->module->transfer(*port, tlm::TLM_READ_COMMAND, address,
                                  buffer, len, atom);
}

bool iommu::c_write(void *world, uint64_t address, const void *buffer,
                    unsigned int len, unsigned int atom)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( !port->module->current )
        return port_write(port->contents, address, buffer, len, atom);
    return port->module->transfer(*port, tlm::TLM_WRITE_COMMAND, address,
                                  const_cast<void *>(buffer), len, atom);
}

/* The base protocol has no such command: the time of an access, then the
 * exchange in one piece. */
bool iommu::c_cmpxchg(void *world, uint64_t address, void *expected,
                      const void *desired, unsigned int len, bool *swapped)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( port->module->current &&
         !port->module->transfer(*port, tlm::TLM_IGNORE_COMMAND, address,
                                 nullptr, len, len) )
        return false;
    return port_cmpxchg(port->contents, address, expected, desired, len,
                        swapped);
}

void iommu::c_msi(void *world, uint64_t address, uint32_t data)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( port->module->current )
        port->module->transfer(*port, tlm::TLM_IGNORE_COMMAND, address,
                               nullptr, sizeof(data), sizeof(data));
    port_msi(port->contents, address, data);
}

void iommu::c_wire(void *world, unsigned int line, bool level)
{
    const auto *port = static_cast<const timed_port *>(world);

    port_wire(port->contents, line, level);
}

void iommu::c_spend(void *world, unsigned int cycles, enum cost what)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( port->module->current )
        port->module->spend(cycles, what);
    else
        port->contents->ops->spend(port->contents->world, cycles, what);
}

void iommu::c_relax(void *world)
{
    const auto *port = static_cast<const timed_port *>(world);

    if ( port->module->current )
        port->module->relax();
    else
        port_relax(port->contents);
}

const struct port_ops iommu::ops = {
    c_read, c_write, c_cmpxchg, c_msi, c_wire, c_spend, c_relax, nullptr,
};

} // namespace umbra
