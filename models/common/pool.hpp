/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something of which there are a few, each for one user at a time: the ports
 * of a TLB, walkers, a link, a channel of memory.
 *
 * Use it either by booking, when it is known beforehand how long it is busy,
 * or by acquire and release.  Who books first is served first: with the clock
 * of the caller at the simulation's (approximately timed) that is the order in
 * time.  Loosely timed nobody waits: see docs/timing.md.
 */
#ifndef MODELS_COMMON_POOL_HPP
#define MODELS_COMMON_POOL_HPP

#include <systemc>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace umbra
{

class pool
{
  public:
    explicit pool(unsigned int servers)
        : free_at(servers, sc_core::SC_ZERO_TIME)
    {
    }

    /* Busy for @busy from when one is free, at @from the earliest; returns how
     * long that is to be waited for. */
    sc_core::sc_time book(const sc_core::sc_time &from,
                          const sc_core::sc_time &busy)
    {
        auto first = std::min_element(free_at.begin(), free_at.end());
        const sc_core::sc_time start = std::max(from, *first);

        *first = start + busy;
        used += busy;
        return start - from;
    }

    /* Blocks the calling SC_THREAD. */
    void acquire()
    {
        while ( held == free_at.size() )
            sc_core::wait(released);
        held++;
    }

    void release(const sc_core::sc_time &busy)
    {
        held--;
        used += busy;
        released.notify();
    }

    void account(const sc_core::sc_time &busy)
    {
        used += busy;
    }

    unsigned int busy_now() const
    {
        return held;
    }

    unsigned int size() const
    {
        return static_cast<unsigned int>(free_at.size());
    }

    /* The time for which servers were busy, added up. */
    const sc_core::sc_time &busy_time() const
    {
        return used;
    }

  private:
    std::vector<sc_core::sc_time> free_at;
    unsigned int held = 0;
    sc_core::sc_time used;
    sc_core::sc_event released;
};

} // namespace umbra

#endif /* MODELS_COMMON_POOL_HPP */
