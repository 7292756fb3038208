// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_sc_top.hpp>
#include <rtl/rtl_vtd_pins.hpp>

#include "Vvtd_sc.h"

// clang-format off
#define VTD_PINS(PIN) \
    PIN(uint32_t, cap_haw) PIN(uint32_t, cap_mgaw) PIN(uint32_t, cap_sllps) \
    PIN(bool, cap_sc) PIN(bool, cap_cm) \
    PIN(uint32_t, req_did) PIN(uint64_t, req_slptptr) PIN(bool, req_aw48) \
    PIN(uint64_t, req_address) PIN(bool, req_read) PIN(bool, req_write) \
    PIN(bool, req_any) \
    PIN(uint32_t, rsp_fault) PIN(bool, rsp_hit) PIN(uint64_t, rsp_address) \
    PIN(uint32_t, rsp_size) PIN(bool, rsp_right_read) \
    PIN(bool, rsp_right_write) \
    PIN(uint32_t, inv_g) PIN(uint32_t, inv_did) PIN(uint64_t, inv_address) \
    PIN(uint32_t, inv_am)
// clang-format on

namespace
{

struct VtdSc final : RtlSc<Vvtd_sc> {
    VTD_PINS(RTL_SC_SIGNAL)

    VtdSc(const rtl_sc_config &config, const rtl_vtd_config &capabilities)
        : RtlSc(config)
    {
        RTL_SC_PINS(RTL_SC_BIND)
        VTD_PINS(RTL_SC_BIND)
        put_pins(*this, capabilities);
    }

    void trace_pins(sc_core::sc_trace_file *waves) const override
    {
        RTL_SC_PINS(RTL_SC_TRACE)
        VTD_PINS(RTL_SC_TRACE)
    }

    void put_request(const rtl_sc_request &request) override
    {
        put_pins(*this, request.vtd);
    }

    void put_command(const rtl_sc_command &command) override
    {
        put_pins(*this, command.vtd);
    }

    void get_response(rtl_sc_response &response) const override
    {
        get_pins(*this, response.vtd);
    }
};

} // namespace

struct rtl_sc *rtl_sc_vtd(const struct rtl_sc_config *config,
                          const struct rtl_vtd_config *capabilities)
{
    return new VtdSc(*config, *capabilities);
}
