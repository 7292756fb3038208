/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical IOMMU as a TLM-2.0 module around the C model: the same code as
 * untimed.  Its port is a transaction of the memory socket and a wait.
 *
 *   device     target, one binding a device: payload with a dma_extension;
 *              returns when data has been read or written
 *   registers  target: the address is the offset; transport_dbg reads without
 *              taking time (for observers)
 *   memory     initiator: walks, queues, status words, translated data
 *
 * Whoever calls may call from several SC_THREADs: the model allows another
 * activity at each of its port calls, and that is where this module waits.
 */
#ifndef MODELS_COMMON_IOMMU_HPP
#define MODELS_COMMON_IOMMU_HPP

#include <common/payload.hpp>
#include <common/pool.hpp>

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <vector>

namespace umbra
{

/* Approximately timed: whoever calls waits at once, and for others.  Loosely
 * timed: up to a quantum ahead of the others, and for nobody. */
struct time_style {
    sc_core::sc_time period; /* of the clock */
    bool approximate;
    sc_core::sc_time quantum; /* loosely timed only */

    sc_core::sc_time cycles(uint64_t count) const
    {
        return sc_core::sc_time::from_value(count * period.value());
    }

    /* Where a thread may let the others catch up. */
    void settle(sc_core::sc_time &delay) const
    {
        if ( approximate ? delay != sc_core::SC_ZERO_TIME : delay >= quantum )
            catch_up(delay);
    }

    static void catch_up(sc_core::sc_time &delay)
    {
        const sc_core::sc_time ahead = delay;

        if ( ahead == sc_core::SC_ZERO_TIME )
            return;
        delay = sc_core::SC_ZERO_TIME;
        sc_core::wait(ahead);
    }
};

struct iommu_config {
    time_style style;
    unsigned int walkers;   /* walks at once */
    unsigned int tlb_ports; /* lookups that begin in one cycle */
    /* Cycles to the part that walks, and back, on a miss (0: it is here). */
    unsigned int link_request, link_response;
};

/* What happens in the module, for whoever measures.  Times are of the clock of
 * the thread that did it. */
class iommu_watch
{
  public:
    virtual ~iommu_watch() = default;
    /* The calling thread goes on, inside the model: others have run. */
    virtual void resumed() = 0;
    /* Its write has changed a register: what follows is the unit's work. */
    virtual void register_arrived() = 0;
    struct request_event {
        sc_core::sc_time begin, end;
        const struct request *request;
        const struct response *response;
        sc_core::sc_time slot_wait; /* for a free slot */
        sc_core::sc_time walk;      /* walking, waiting for a walker too */
        unsigned int binding;       /* of the device socket */
    };
    virtual void request_ended(unsigned int unit, const request_event &e) = 0;

    struct register_event {
        sc_core::sc_time begin, end;
        uint32_t offset;
        bool write;
        unsigned int fetches;       /* descriptors or commands */
        unsigned int invalidations; /* executed meanwhile */
        sc_core::sc_time drain;     /* of it: waiting for requests in flight */
    };
    virtual void register_ended(unsigned int unit,
                                const register_event &e) = 0;
};

class iommu : public sc_core::sc_module
{
  public:
    tlm_utils::multi_passthrough_target_socket<iommu, 32,
                                               tlm::tlm_base_protocol_types, 0,
                                               sc_core::SC_ZERO_OR_MORE_BOUND>
        device;
    tlm_utils::simple_target_socket<iommu> registers;
    tlm_utils::simple_initiator_socket<iommu> memory;

    iommu(sc_core::sc_module_name name, unsigned int number,
          const iommu_config &config, iommu_watch *watch);

    /*
     * The ports to give to the model, instead of @unit and @below, the
     * contents of memory as the unit and the devices below it see them.
     * Outside any call into this module they are those: no time passes.
     */
    void set_contents(const struct port *unit, const struct port *below);
    const struct port *unit_port() const
    {
        return &own.c;
    }

    /* Requests inside, whether they have got a slot or not. */
    unsigned int in_flight() const
    {
        return requests;
    }
    unsigned int walking() const
    {
        return walkers.busy_now();
    }
    const pool &walker_pool() const
    {
        return walkers;
    }
    /* An invalidation waits for requests in flight. */
    bool draining() const
    {
        return drains != 0;
    }

    /* From a port call: something else that takes time, from the time of the
     * thread inside on.  False: no thread is inside. */
    bool outside(void (*run)(void *argument), void *argument);

    /* Time as the thread inside sees it; outside of any call: of SystemC. */
    sc_core::sc_time now() const
    {
        return current ? current->now() : sc_core::sc_time_stamp();
    }

  protected:
    const struct port *device_port() const
    {
        return &below.c;
    }

    /* The C model. */
    virtual void access(const struct request *request, void *data,
                        struct response *response) = 0;
    virtual uint64_t mmio_read(uint32_t offset, unsigned int size) = 0;
    virtual void mmio_write(uint32_t offset, unsigned int size,
                            uint64_t value) = 0;

  private:
    /* One call into the model, by the thread that made it. */
    struct flow {
        sc_core::sc_time *delay;
        bool is_request;
        bool holds_walker = false;
        bool arrived = false; /* see iommu_watch */
        sc_core::sc_time walk_began = sc_core::SC_ZERO_TIME; /* to wait */
        sc_core::sc_time walker_got = sc_core::SC_ZERO_TIME;
        sc_core::sc_time walked = sc_core::SC_ZERO_TIME;
        sc_core::sc_time relaxed = sc_core::SC_ZERO_TIME;
        unsigned int fetches = 0, invalidations = 0;

        sc_core::sc_time now() const
        {
            return sc_core::sc_time_stamp() + *delay;
        }
    };

    struct timed_port {
        iommu *module;
        const struct port *contents;
        bool is_device;
        struct port c;
    };

    static const struct port_ops ops;
    static bool c_read(void *world, uint64_t address, void *buffer,
                       unsigned int len, unsigned int atom);
    static bool c_write(void *world, uint64_t address, const void *buffer,
                        unsigned int len, unsigned int atom);
    static bool c_cmpxchg(void *world, uint64_t address, void *expected,
                          const void *desired, unsigned int len,
                          bool *swapped);
    static void c_msi(void *world, uint64_t address, uint32_t data);
    static void c_wire(void *world, unsigned int line, bool level);
    static void c_spend(void *world, unsigned int cycles, enum cost what);
    static void c_relax(void *world);

    void device_transport(int binding, tlm::tlm_generic_payload &payload,
                          sc_core::sc_time &delay);
    void register_transport(tlm::tlm_generic_payload &payload,
                            sc_core::sc_time &delay);
    unsigned int register_debug(tlm::tlm_generic_payload &payload);

    bool transfer(const timed_port &port, tlm::tlm_command command,
                  uint64_t address, void *data, unsigned int len,
                  unsigned int atom);
    void spend(unsigned int cycles, enum cost what);
    void relax();
    void resume(flow &f);
    void arrive(flow &f);
    void walk_begins(flow &f);
    void walk_ends(flow &f);
    void use_tlb_port(flow &f);
    void something_ended();

    /* Costs are a few cycles: their times are made once. */
    static const unsigned int SMALL = 32;

    const unsigned int number;
    const iommu_config config;
    sc_core::sc_time small[SMALL];
    iommu_watch *const watch;
    timed_port own, below;
    flow *current = nullptr; /* of the thread that runs */
    unsigned int requests = 0, waiters = 0, drains = 0;
    pool walkers, tlb_ports, link;
    sc_core::sc_event progress;
    std::vector<std::unique_ptr<message<memory_extension>>> spare;
};

} // namespace umbra

#endif /* MODELS_COMMON_IOMMU_HPP */
