// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the pins of umbra_vtd.sv mean, whether they are members of a class
// (--cc) or signals (--sc).

#ifndef MODELS_RTL_RTL_VTD_PINS_HPP
#define MODELS_RTL_RTL_VTD_PINS_HPP

#include <rtl/rtl_vtd.h>

template <class Pins> void put_pins(Pins &pins, const rtl_vtd_config &config)
{
    pins.cap_haw = config.haw;
    pins.cap_mgaw = config.mgaw;
    pins.cap_sllps = config.sllps;
    pins.cap_sc = config.sc;
    pins.cap_cm = config.cm;
}

template <class Pins> void put_pins(Pins &pins, const rtl_vtd_request &request)
{
    pins.req_did = request.did;
    pins.req_slptptr = request.slptptr >> 12 & 0xffffffffff;
    pins.req_aw48 = request.aw48;
    pins.req_address = request.address;
    pins.req_read = request.read;
    pins.req_write = request.write;
    pins.req_any = request.any;
}

template <class Pins>
void put_pins(Pins &pins, const rtl_vtd_invalidation &command)
{
    pins.inv_g = command.g;
    pins.inv_did = command.did;
    pins.inv_address = command.address;
    pins.inv_am = command.am;
}

template <class Pins>
void get_pins(const Pins &pins, rtl_vtd_response &response)
{
    response.fault = static_cast<uint8_t>(pins.rsp_fault);
    response.hit = pins.rsp_hit;
    response.address = pins.rsp_address;
    response.size = pins.rsp_size;
    response.read = pins.rsp_right_read;
    response.write = pins.rsp_right_write;
}

#endif // MODELS_RTL_RTL_VTD_PINS_HPP
