/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interconnect: any number of initiators, memory and the registers of the
 * units as targets.  One request a cycle, data of each direction on a path of
 * its own; whoever comes first is served first.
 */
#ifndef SIM_BUS_HPP
#define SIM_BUS_HPP

#include <common/iommu.hpp>

extern "C" {
#include <sim/timing.h>
}

namespace umbra
{

/* Registers of unit N begin at REGISTERS + N * REGISTER_WINDOW; everything
 * below is memory. */
static const uint64_t REGISTERS = UINT64_C(1) << 60;
static const uint64_t REGISTER_WINDOW = UINT64_C(1) << 24;

class bus : public sc_core::sc_module
{
  public:
    tlm_utils::multi_passthrough_target_socket<bus> initiators;
    tlm_utils::simple_initiator_socket<bus> memory;
    std::vector<std::unique_ptr<tlm_utils::simple_initiator_socket<bus>>>
        registers;

    bus(sc_core::sc_module_name name, const struct timing &timing,
        const time_style &style, unsigned int units);

    sc_core::sc_time busy_time() const
    {
        return towards.busy_time();
    }

  private:
    void transport(int id, tlm::tlm_generic_payload &payload,
                   sc_core::sc_time &delay);
    unsigned int debug(int id, tlm::tlm_generic_payload &payload);
    sc_core::sc_time use(pool &path, const sc_core::sc_time &at,
                         unsigned int bytes);
    tlm_utils::simple_initiator_socket<bus> &decode(
        tlm::tlm_generic_payload &payload);

    const time_style style;
    const unsigned int width; /* bytes a cycle */
    const sc_core::sc_time request, response;
    pool towards, back;
};

} // namespace umbra

#endif /* SIM_BUS_HPP */
