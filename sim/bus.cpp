/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/bus.hpp>

#include <string>

namespace umbra
{

using socket = tlm_utils::simple_initiator_socket<bus>;

bus::bus(sc_core::sc_module_name name, const struct timing &timing,
         const time_style &the_style, unsigned int units)
    : sc_core::sc_module(name), initiators("initiators"), memory("memory"),
      style(the_style), width(timing.bus_width),
      request(style.cycles(timing.bus_request)),
      response(style.cycles(timing.bus_response)), towards(1), back(1)
{
    initiators.register_b_transport(this, &bus::transport);
    initiators.register_transport_dbg(this, &bus::debug);
    for ( unsigned int i = 0; i < units; i++ )
        registers.push_back(std::make_unique<socket>(
            ("registers" + std::to_string(i)).c_str()));
}

/* Whose it is; its address becomes an offset there. */
socket &bus::decode(tlm::tlm_generic_payload &payload)
{
    const uint64_t address = payload.get_address();
    const uint64_t unit = (address - REGISTERS) / REGISTER_WINDOW;

    if ( address < REGISTERS || unit >= registers.size() )
        return memory;
    payload.set_address(address % REGISTER_WINDOW);
    return *registers[unit];
}

/* How long it takes until the last byte is on the path. */
sc_core::sc_time bus::use(pool &path, const sc_core::sc_time &at,
                          unsigned int bytes)
{
    const unsigned int beats = bytes ? (bytes + width - 1) / width : 1;
    const sc_core::sc_time busy = style.cycles(beats);

    if ( style.approximate )
        return path.book(at, busy) + busy;
    path.account(busy);
    return busy;
}

void bus::transport(int id, tlm::tlm_generic_payload &payload,
                    sc_core::sc_time &delay)
{
    const unsigned int length = payload.get_data_length();
    const bool write = payload.is_write();
    const uint64_t address = payload.get_address();
    socket &target = decode(payload);

    (void)id;
    delay += use(towards, sc_core::sc_time_stamp() + delay,
                 write ? length : 0);
    delay += request;
    target->b_transport(payload, delay);
    payload.set_address(address);
    delay += use(back, sc_core::sc_time_stamp() + delay, write ? 0 : length);
    delay += response;
}

unsigned int bus::debug(int id, tlm::tlm_generic_payload &payload)
{
    const uint64_t address = payload.get_address();
    socket &target = decode(payload);
    unsigned int done;

    (void)id;
    done = target->transport_dbg(payload);
    payload.set_address(address);
    return done;
}

} // namespace umbra
