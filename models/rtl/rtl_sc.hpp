// SPDX-License-Identifier: GPL-2.0-or-later
//
// A Verilated unit as a SystemC module: signals at its pins, a clock, and the
// requests and invalidations that are put to it.
//
// In a cycle, in this order: what threads have asked for by then is put to the
// pins; what the unit says to it is looked at; the clock rises.

#ifndef MODELS_RTL_RTL_SC_HPP
#define MODELS_RTL_RTL_SC_HPP

#include <rtl/rtl_sc.h>

#include <systemc>

#include <deque>

struct rtl_sc_call {
    rtl_sc *unit;
    rtl_sc_request request;
    rtl_sc_wish wish;
    rtl_sc_response response = {};
    bool wants = false, done = false, served = false;
    bool shared = false, late = false; // see rtl_sc_outcome
    unsigned int lane = 0;
    uint64_t address = 0; // that it wants
    sc_core::sc_event changed;
};

// Pins that both units have.
// clang-format off
#define RTL_SC_PINS(PIN) \
    PIN(bool, clk) PIN(bool, rst) \
    PIN(bool, req_valid) PIN(bool, req_ready) PIN(uint32_t, req_lane) \
    PIN(bool, rsp_valid) PIN(uint32_t, rsp_lane) \
    PIN(bool, inv_valid) PIN(bool, inv_ready) PIN(bool, inv_busy) \
    PIN(bool, mem_valid) PIN(bool, mem_ready) PIN(uint64_t, mem_address) \
    PIN(uint32_t, mem_lane) PIN(bool, mem_rvalid) PIN(uint32_t, mem_rlane) \
    PIN(uint64_t, mem_rdata) PIN(bool, mem_rerror)
// clang-format on

#define RTL_SC_SIGNAL(type, pin) sc_core::sc_signal<type> pin { #pin };
#define RTL_SC_BIND(type, pin)   top.pin(pin);
#define RTL_SC_TRACE(type, pin)  sc_core::sc_trace(waves, pin, pin.name());

struct rtl_sc : sc_core::sc_module {
    SC_HAS_PROCESS(rtl_sc);
    rtl_sc(sc_core::sc_module_name name, uint64_t period);

    rtl_sc_call *begin(const rtl_sc_request &request, const rtl_sc_wish &wish);
    void give(rtl_sc_call &call, uint64_t value, bool ok);
    void submit(const rtl_sc_command &command);
    void finish();
    bool invalidating() const
    {
        return !commands.empty();
    }
    virtual bool trace(const char *file) = 0;
    virtual void trace_pins(sc_core::sc_trace_file *waves) const = 0;

    uint64_t cycles = 0;

  protected:
    RTL_SC_PINS(RTL_SC_SIGNAL)

    virtual void put_request(const rtl_sc_request &request) = 0;
    virtual void put_command(const rtl_sc_command &command) = 0;
    virtual void get_response(rtl_sc_response &response) const = 0;

  private:
    void tick();
    void drop_unwanted();
    void put();
    void look();
    void take();
    bool serving() const;
    bool idle() const;

    const sc_core::sc_time half;
    std::deque<rtl_sc_call *> waiting;
    rtl_sc_call *lane[RTL_SC_LANES] = {};
    std::deque<rtl_sc_command> commands;
    bool sweeping = false; // a command was taken
    uint64_t taken_at = 0; // in this cycle
    struct answer {
        unsigned int lane;
        uint64_t word;
        bool ok;
    };
    std::deque<answer> answers; // that have come
    sc_core::sc_event something, finished;
};

#endif // MODELS_RTL_RTL_SC_HPP
