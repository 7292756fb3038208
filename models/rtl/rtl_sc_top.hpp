// SPDX-License-Identifier: GPL-2.0-or-later
//
// What remains of a unit's module, once its signals and what they mean are
// there: the Verilated module itself, and its waves.

#ifndef MODELS_RTL_RTL_SC_TOP_HPP
#define MODELS_RTL_RTL_SC_TOP_HPP

#include <rtl/rtl_sc.hpp>

#include <verilated_fst_sc.h>

#include <memory>

template <class Top> struct RtlSc : rtl_sc {
    explicit RtlSc(const rtl_sc_config &config)
        : rtl_sc(config.name, config.period), top("unit")
    {
    }

    ~RtlSc() override
    {
        if ( waves )
            waves->close();
        top.final();
    }

    bool trace(const char *file) final
    {
        waves = std::make_unique<VerilatedFstSc>();
        top.trace(waves.get(), 99);
        waves->open(file);
        return waves->isOpen();
    }

    Top top;
    std::unique_ptr<VerilatedFstSc> waves;
};

#endif // MODELS_RTL_RTL_SC_TOP_HPP
