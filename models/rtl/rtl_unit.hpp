// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the units' C interfaces are made of: one request or one invalidation
// put to the unit, and clocked until it is done.

#ifndef MODELS_RTL_RTL_UNIT_HPP
#define MODELS_RTL_RTL_UNIT_HPP

#include <rtl/rtl_clock.hpp>

struct rtl_unit {
    virtual ~rtl_unit() = default;
    virtual void set_latency(unsigned int min, unsigned int max) = 0;
    virtual uint64_t cycles() const = 0;
    virtual bool broken() const = 0;
    virtual bool trace(const char *file) = 0;
};

template <class Top> class Handshake
{
  public:
    explicit Handshake(const rtl_memory &memory)
        : clocked(memory), top(clocked.top)
    {
        top.req_valid = top.inv_valid = 0;
    }

    // The unit's inputs of the request are set.  Returns the cycles.
    uint64_t request()
    {
        uint64_t begin = clocked.cycles;

        put_request();
        while ( !top.rsp_valid )
            step();
        return clocked.cycles - begin;
    }

    // Its inputs are set; they change nothing before inv_valid is.  In a walk
    // that is at the latest in the cycle in which the walker would go on.
    void submit()
    {
        submitted = true;
        delay = clocked.any_delay();
    }

    // Until nothing is waited for.  Returns the cycles.
    uint64_t finish()
    {
        uint64_t begin = clocked.cycles;

        while ( submitted || top.inv_busy )
            step();
        return clocked.cycles - begin;
    }

    void reset()
    {
        top.req_valid = top.inv_valid = 0;
        submitted = false;
        clocked.reset();
        step();
        finish();
    }

    Clocked<Top> clocked;
    Top &top;

  private:
    bool submitted = false;
    unsigned int delay = 0; // cycles until it is put to the unit

    void put_request()
    {
        bool taken = false;

        top.req_valid = 1;
        while ( !taken )
        {
            clocked.settle();
            taken = top.req_ready;
            clocked.edge();
        }
        top.req_valid = 0;
    }

    void step()
    {
        bool taken;

        top.inv_valid = submitted && !delay;
        if ( delay )
            delay--;
        clocked.settle();
        taken = top.inv_valid && top.inv_ready;
        clocked.edge();
        if ( taken )
            submitted = top.inv_valid = 0;
    }
};

// What a unit's interface, a class below rtl_unit, does alike in both.
template <class Top, class Interface> class RtlUnit : public Interface
{
  public:
    explicit RtlUnit(const rtl_memory &memory)
        : handshake(memory), top(handshake.top)
    {
    }

    void set_latency(unsigned int min, unsigned int max) final
    {
        handshake.clocked.set_latency(min, max);
    }

    uint64_t cycles() const final
    {
        return handshake.clocked.cycles;
    }

    bool broken() const final
    {
        return handshake.clocked.context.gotError();
    }

    bool trace(const char *file) final
    {
        return handshake.clocked.trace(file);
    }

  protected:
    Handshake<Top> handshake;
    Top &top;
};

#endif // MODELS_RTL_RTL_UNIT_HPP
