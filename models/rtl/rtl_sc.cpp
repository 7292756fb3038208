// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_sc.hpp>

#include <verilated.h>

using sc_core::SC_ZERO_TIME;

// Threads that go on at the same time have said by then what they want.
static const unsigned int DELTAS = 4;
static const uint64_t RESET_CYCLES = 1;

rtl_sc::rtl_sc(sc_core::sc_module_name name, uint64_t period)
    : sc_core::sc_module(name), half(sc_core::sc_time::from_value(period / 2))
{
    // A failed assertion is told by gotError(), not by abort().
    Verilated::threadContextp()->fatalOnError(false);
    Verilated::traceEverOn(true); // there may be waves
    SC_THREAD(tick);
}

// ---- what is asked ----

rtl_sc_call *rtl_sc::begin(const rtl_sc_request &request,
                           const rtl_sc_wish &wish)
{
    auto *call = new rtl_sc_call;

    call->unit = this;
    call->request = request;
    call->wish = wish;
    waiting.push_back(call);
    something.notify();
    return call;
}

void rtl_sc::give(rtl_sc_call &call, uint64_t value, bool ok)
{
    call.wants = false;
    answers.push_back({ call.lane, value, ok });
}

void rtl_sc::submit(const rtl_sc_command &command)
{
    // Before time begins: a reset comes yet.
    if ( !sc_core::sc_is_running() )
        return;
    commands.push_back(command);
    something.notify();
}

void rtl_sc::finish()
{
    while ( !commands.empty() || sweeping )
        sc_core::wait(finished);
}

// ---- its clock ----

bool rtl_sc::serving() const
{
    for ( const rtl_sc_call *call : lane )
        if ( call )
            return true;
    return false;
}

bool rtl_sc::idle() const
{
    return cycles > RESET_CYCLES && waiting.empty() && !serving() &&
           commands.empty() && !sweeping && !inv_busy;
}

static void end(rtl_sc_call &call)
{
    call.done = true;
    call.changed.notify();
}

void rtl_sc::drop_unwanted()
{
    while ( !waiting.empty() )
    {
        rtl_sc_call &call = *waiting.front();

        if ( call.wish.wanted(call.wish.what) )
            return;
        waiting.pop_front();
        end(call);
    }
}

void rtl_sc::put()
{
    drop_unwanted();
    rst = cycles < RESET_CYCLES;
    req_valid = !waiting.empty();
    if ( !waiting.empty() )
        put_request(waiting.front()->request);
    inv_valid = !commands.empty();
    if ( !commands.empty() )
        put_command(commands.front());
    mem_ready = true;
    mem_rvalid = !answers.empty();
    if ( answers.empty() )
        return;
    mem_rlane = answers.front().lane;
    mem_rdata = answers.front().word;
    mem_rerror = !answers.front().ok;
    answers.pop_front();
}

// The first of those that wait is the unit's.
void rtl_sc::take()
{
    rtl_sc_call &call = *waiting.front();

    waiting.pop_front();
    call.shared = serving();
    for ( rtl_sc_call *other : lane )
        if ( other )
            other->shared = true;
    call.lane = req_lane;
    lane[call.lane] = &call;
}

void rtl_sc::look()
{
    if ( rst )
        return;
    if ( rsp_valid )
    {
        rtl_sc_call &call = *lane[rsp_lane];

        get_response(call.response);
        call.served = true;
        // It left its lane in the cycle before.
        call.late = taken_at + 1 >= cycles;
        lane[rsp_lane] = nullptr;
        end(call);
    }
    if ( mem_valid && mem_ready )
    {
        rtl_sc_call &call = *lane[mem_lane];

        call.wants = true;
        call.address = mem_address;
        call.changed.notify();
    }
    if ( sweeping && !inv_busy )
    {
        sweeping = false;
        finished.notify();
    }
    if ( req_valid && req_ready )
        take();
    if ( inv_valid && inv_ready )
    {
        sweeping = true;
        taken_at = cycles;
        commands.pop_front();
    }
}

void rtl_sc::tick()
{
    for ( ;; )
    {
        while ( idle() )
            sc_core::wait(something);
        for ( unsigned int i = 0; i < DELTAS; i++ )
            sc_core::wait(SC_ZERO_TIME);
        put();
        // The pins, then what follows from them.
        sc_core::wait(SC_ZERO_TIME);
        sc_core::wait(SC_ZERO_TIME);
        look();
        clk = true;
        cycles++;
        sc_core::wait(half);
        clk = false;
        sc_core::wait(half);
    }
}

// ---- for C ----

void rtl_sc_destroy(struct rtl_sc *unit)
{
    delete unit;
}

uint64_t rtl_sc_cycles(const struct rtl_sc *unit)
{
    return unit->cycles;
}

bool rtl_sc_broken(const struct rtl_sc *unit)
{
    (void)unit;
    return Verilated::threadContextp()->gotError();
}

bool rtl_sc_trace(struct rtl_sc *unit, const char *file)
{
    return unit->trace(file);
}

void rtl_sc_trace_pins(const struct rtl_sc *unit, void *waves)
{
    unit->trace_pins(static_cast<sc_core::sc_trace_file *>(waves));
}

struct rtl_sc_call *rtl_sc_begin(struct rtl_sc *unit,
                                 const union rtl_sc_request *request,
                                 const struct rtl_sc_wish *wish)
{
    return unit->begin(*request, *wish);
}

bool rtl_sc_wants(struct rtl_sc_call *call, uint64_t *address)
{
    while ( !call->wants && !call->done )
        sc_core::wait(call->changed);
    *address = call->address;
    return !call->done;
}

void rtl_sc_give(struct rtl_sc_call *call, uint64_t value, bool ok)
{
    call->unit->give(*call, value, ok);
}

struct rtl_sc_outcome rtl_sc_end(struct rtl_sc_call *call,
                                 union rtl_sc_response *response)
{
    const rtl_sc_outcome outcome = {
        call->served, call->shared, call->late || call->unit->invalidating()
    };

    *response = call->response;
    delete call;
    return outcome;
}

void rtl_sc_submit(struct rtl_sc *unit, const union rtl_sc_command *command)
{
    unit->submit(*command);
}

void rtl_sc_finish(struct rtl_sc *unit)
{
    unit->finish();
}
