// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_sc_top.hpp>
#include <rtl/rtl_smmu_pins.hpp>

#include "Vsmmu_sc.h"

// clang-format off
#define SMMU_PINS(PIN) \
    PIN(bool, idr_s2p) PIN(bool, idr_hyp) PIN(bool, idr_had) \
    PIN(bool, idr_xnx) PIN(bool, idr_ril) PIN(bool, idr_bbm) \
    PIN(bool, idr_attr_perms_ovr) PIN(uint32_t, idr_oas) PIN(bool, cr2_e2h) \
    PIN(uint64_t, req_address) PIN(bool, req_read) PIN(bool, req_write) \
    PIN(bool, req_privileged) PIN(bool, req_execute) \
    PIN(uint64_t, req_ste0) PIN(uint64_t, req_ste1) PIN(uint64_t, req_ste2) \
    PIN(uint64_t, req_ste3) PIN(uint64_t, req_cd0) PIN(uint64_t, req_cd1) \
    PIN(uint64_t, req_cd2) \
    PIN(uint32_t, rsp_fault) PIN(uint32_t, rsp_class) PIN(bool, rsp_s2) \
    PIN(uint64_t, rsp_fault_address) PIN(bool, rsp_privileged) \
    PIN(bool, rsp_execute) PIN(bool, rsp_hit) PIN(uint64_t, rsp_address) \
    PIN(uint32_t, rsp_size) PIN(uint32_t, rsp_rights) \
    PIN(bool, inv_illegal) PIN(sc_dt::sc_bv<128>, inv_command)
// clang-format on

namespace
{

struct SmmuSc final : RtlSc<Vsmmu_sc> {
    SMMU_PINS(RTL_SC_SIGNAL)

    SmmuSc(const rtl_sc_config &config, const rtl_smmu_config &capabilities)
        : RtlSc(config)
    {
        RTL_SC_PINS(RTL_SC_BIND)
        SMMU_PINS(RTL_SC_BIND)
        put_pins(*this, capabilities);
    }

    void trace_pins(sc_core::sc_trace_file *waves) const override
    {
        RTL_SC_PINS(RTL_SC_TRACE)
        SMMU_PINS(RTL_SC_TRACE)
    }

    void put_request(const rtl_sc_request &request) override
    {
        put_pins(*this, request.smmu);
    }

    void put_command(const rtl_sc_command &command) override
    {
        sc_dt::sc_bv<128> bits;

        for ( int i = 0; i < 4; i++ )
            bits.set_word(i, static_cast<uint32_t>(command.smmu.word[i / 2] >>
                                                   i % 2 * 32));
        inv_command = bits;
    }

    void get_response(rtl_sc_response &response) const override
    {
        get_pins(*this, response.smmu);
    }
};

} // namespace

struct rtl_sc *rtl_sc_smmu(const struct rtl_sc_config *config,
                           const struct rtl_smmu_config *capabilities)
{
    return new SmmuSc(*config, *capabilities);
}
