/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What begins things: the processor, a thread that runs C code; and devices,
 * whose channels are threads that make requests.
 */
#ifndef SIM_REQUESTER_HPP
#define SIM_REQUESTER_HPP

#include <sim/bus.hpp>
#include <sim/platform.h>

namespace umbra
{

/* What all loads of a platform have in common. */
struct load_control {
    bool stop = false;
    sc_core::sc_event wake;    /* there may be something to do, or stop */
    sc_core::sc_event changed; /* a request has ended */

    void end()
    {
        stop = true;
        wake.notify();
    }
};

/* What runs on it are threads, whose clocks may be ahead of the simulation's:
 * see time_style. */
class processor : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<processor> initiator;

    processor(sc_core::sc_module_name name, const struct timing &timing,
              const time_style &style);

    void spend(uint64_t cycles, sc_core::sc_time &delay);
    uint64_t register_access(unsigned int unit, uint32_t offset,
                             unsigned int size, bool write, uint64_t value,
                             sc_core::sc_time &delay);
    uint64_t register_peek(unsigned int unit, uint32_t offset,
                           unsigned int size);
    /* From now on several threads run, and share what processors there are. */
    void share();

  private:
    const struct timing timing;
    const time_style style;
    const sc_core::sc_time patience; /* between two looks at the others */
    pool cores;
    bool shared = false;
};

class device : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<device> initiator;

    device(sc_core::sc_module_name name, const struct timing &timing,
           const time_style &style);

    /* One request of this device, on the calling thread. */
    void access(const struct request *request, void *data,
                struct response *response, sc_core::sc_time &delay);

    void start(const struct platform_load &load, load_control &control);

  private:
    void run(const struct platform_load &load, load_control &control);
    void pace(const struct platform_load &load, sc_core::sc_time &delay);

    const time_style style;
    const sc_core::sc_time link; /* one way */
    sc_core::sc_time next_issue;
    unsigned int in_burst = 0;
    std::vector<std::unique_ptr<message<dma_extension>>> spare;
};

} // namespace umbra

#endif /* SIM_REQUESTER_HPP */
