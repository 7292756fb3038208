// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the pins of umbra_smmu.sv mean, whether they are members of a class
// (--cc) or signals (--sc); but for the command, which is wider than a word.

#ifndef MODELS_RTL_RTL_SMMU_PINS_HPP
#define MODELS_RTL_RTL_SMMU_PINS_HPP

#include <rtl/rtl_smmu.h>

template <class Pins> void put_pins(Pins &pins, const rtl_smmu_config &config)
{
    pins.idr_s2p = config.idr0 & 1;
    pins.idr_hyp = config.idr0 >> 9 & 1;
    pins.idr_attr_perms_ovr = config.idr1 >> 26 & 1;
    pins.idr_had = config.idr3 >> 2 & 1;
    pins.idr_xnx = config.idr3 >> 4 & 1;
    pins.idr_ril = config.idr3 >> 10 & 1;
    pins.idr_bbm = (config.idr3 >> 11 & 3) != 0;
    pins.idr_oas = config.idr5 & 7;
    pins.cr2_e2h = config.e2h;
}

template <class Pins>
void put_pins(Pins &pins, const rtl_smmu_request &request)
{
    pins.req_address = request.address;
    pins.req_read = request.read;
    pins.req_write = request.write;
    pins.req_privileged = request.privileged;
    pins.req_execute = request.execute;
    pins.req_ste0 = request.ste[0];
    pins.req_ste1 = request.ste[1];
    pins.req_ste2 = request.ste[2];
    pins.req_ste3 = request.ste[3];
    pins.req_cd0 = request.cd[0];
    pins.req_cd1 = request.cd[1];
    pins.req_cd2 = request.cd[2];
}

template <class Pins>
void get_pins(const Pins &pins, rtl_smmu_response &response)
{
    response.fault = static_cast<uint8_t>(pins.rsp_fault);
    response.fault_class = pins.rsp_class;
    response.s2 = pins.rsp_s2;
    response.fault_address = pins.rsp_fault_address;
    response.privileged = pins.rsp_privileged;
    response.execute = pins.rsp_execute;
    response.hit = pins.rsp_hit;
    response.address = pins.rsp_address;
    response.size = pins.rsp_size;
    response.rights = pins.rsp_rights;
}

#endif // MODELS_RTL_RTL_SMMU_PINS_HPP
