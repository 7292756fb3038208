/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/memory.hpp>

namespace umbra
{

static const uint64_t LINE = 64;

memory::memory(sc_core::sc_module_name name, const struct timing &timing,
               const time_style &the_style, const struct port *the_contents)
    : sc_core::sc_module(name), target("target"), style(the_style),
      width(timing.memory_width), latency(style.cycles(timing.memory_latency)),
      contents(the_contents)
{
    for ( unsigned int i = 0; i < timing.memory_channels; i++ )
        channel.emplace_back(1);
    target.register_b_transport(this, &memory::transport);
    target.register_transport_dbg(this, &memory::debug);
}

sc_core::sc_time memory::busy_time() const
{
    sc_core::sc_time sum;

    for ( const pool &one : channel )
        sum += one.busy_time();
    return sum;
}

bool memory::access(tlm::tlm_generic_payload &payload) const
{
    const auto *more = payload.get_extension<memory_extension>();
    const struct port *port = more && more->contents ? more->contents :
                                                       contents;
    const unsigned int atom = more ? more->atom : 1;

    if ( payload.get_command() == tlm::TLM_IGNORE_COMMAND )
        return true;
    if ( !port )
        return false;
    return payload.is_write() ?
               port_write(port, payload.get_address(), payload.get_data_ptr(),
                          payload.get_data_length(), atom) :
               port_read(port, payload.get_address(), payload.get_data_ptr(),
                         payload.get_data_length(), atom);
}

void memory::transport(tlm::tlm_generic_payload &payload,
                       sc_core::sc_time &delay)
{
    const unsigned int length = payload.get_data_length();
    const unsigned int cycles = (length + width - 1) / width;
    const sc_core::sc_time busy = style.cycles(cycles);
    pool &one = channel[payload.get_address() / LINE % channel.size()];

    served++;
    if ( style.approximate )
        delay += one.book(sc_core::sc_time_stamp() + delay, busy);
    else
        one.account(busy);
    delay += latency;
    payload.set_response_status(access(payload) ?
                                    tlm::TLM_OK_RESPONSE :
                                    tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned int memory::debug(tlm::tlm_generic_payload &payload)
{
    return access(payload) ? payload.get_data_length() : 0;
}

} // namespace umbra
