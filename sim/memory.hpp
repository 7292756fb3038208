/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory: channels that are interleaved by line, each with a latency and a
 * bandwidth.  What it holds is asked of the payload's memory_extension.
 */
#ifndef SIM_MEMORY_HPP
#define SIM_MEMORY_HPP

#include <common/payload.hpp>
#include <common/iommu.hpp>

#include <deque>

extern "C" {
#include <sim/timing.h>
}

namespace umbra
{

class memory : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<memory> target;

    memory(sc_core::sc_module_name name, const struct timing &timing,
           const time_style &style, const struct port *contents);

    uint64_t accesses() const
    {
        return served;
    }
    /* Of all channels together. */
    sc_core::sc_time busy_time() const;
    unsigned int channels() const
    {
        return static_cast<unsigned int>(channel.size());
    }

  private:
    void transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned int debug(tlm::tlm_generic_payload &payload);
    bool access(tlm::tlm_generic_payload &payload) const;

    const time_style style;
    const unsigned int width;       /* bytes a cycle */
    const sc_core::sc_time latency; /* beside the time on the channel */
    const struct port *const contents;
    std::deque<pool> channel;
    uint64_t served = 0;
};

} // namespace umbra

#endif /* SIM_MEMORY_HPP */
