/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a platform measures and records. */
#include <sim/platform.hpp>

using sc_core::sc_time;

/* Requests of a device overlap: each in the first lane that is free. */
static unsigned int lane_of(platform &p, unsigned int device, uint64_t begin,
                            uint64_t end)
{
    auto &free = p.lane_free[device];
    unsigned int i = 0;

    while ( i < free.size() && free[i] > begin )
        i++;
    if ( i == free.size() )
    {
        free.push_back(0);
        p.trace->lane(umbra::LANE_DEVICE + device * 64 + i,
                      std::string(p.config.device[device].name) + " " +
                          std::to_string(i));
    }
    free[i] = end;
    return umbra::LANE_DEVICE + device * 64 + i;
}

static unsigned int device_of(const platform &p, unsigned int unit,
                              unsigned int binding)
{
    unsigned int i = 0;

    for ( ;; i++ )
        if ( p.config.device[i].unit == unit && !binding-- )
            return i;
}

static std::string hexadecimal(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%#llx",
             static_cast<unsigned long long>(value));
    return text;
}

static void draw_request(platform &p, unsigned int unit,
                         const umbra::iommu_watch::request_event &e)
{
    const uint64_t begin = p.in_cycles(e.begin), end = p.in_cycles(e.end);
    const bool ok = e.response->status == RESPONSE_OK;
    const unsigned int lane = lane_of(p, device_of(p, unit, e.binding), begin,
                                      end);

    p.trace->span(
        lane,
        !ok             ? "abort" :
        e.response->hit ? "hit" :
                          "miss",
        begin, end,
        "\"address\": \"" + hexadecimal(e.request->address) +
            "\", \"walk\": " + std::to_string(p.in_cycles(e.walk)) +
            ", \"slot_wait\": " + std::to_string(p.in_cycles(e.slot_wait)));
}

void platform::request_ended(unsigned int unit_number, const request_event &e)
{
    const uint64_t took = in_cycles(e.end - e.begin);
    const bool ok = e.response->status == RESPONSE_OK;

    stats.transactions++;
    stats.aborted += !ok;
    stats.slot_wait += in_cycles(e.slot_wait);
    if ( ok )
    {
        stats.bytes += e.request->size;
        stats.hits += e.response->hit;
        measure[PLATFORM_DMA].add(took);
        measure[e.response->hit ? PLATFORM_DMA_HIT : PLATFORM_DMA_MISS].add(
            took);
    }
    if ( trace )
        draw_request(*this, unit_number, e);
}

void platform::register_ended(unsigned int unit_number,
                              const register_event &e)
{
    const uint64_t begin = in_cycles(e.begin), end = in_cycles(e.end);

    stats.register_writes += e.write;
    stats.fetches += e.fetches;
    stats.invalidations += e.invalidations;
    if ( e.invalidations )
    {
        measure[PLATFORM_HARDWARE].add(end - begin);
        measure[PLATFORM_DRAIN].add(in_cycles(e.drain));
    }
    if ( trace && (e.write || e.fetches) )
        trace->span(
            umbra::LANE_UNIT + unit_number,
            e.invalidations ? "invalidate" :
            e.fetches       ? "commands" :
                              "register write",
            begin, end,
            "\"offset\": \"" + hexadecimal(e.offset) +
                "\", \"invalidations\": " + std::to_string(e.invalidations) +
                ", \"drain\": " + std::to_string(in_cycles(e.drain)));
}

void platform_sample(struct platform *p, enum platform_measure which,
                     uint64_t cycles)
{
    p->measure[which].add(cycles);
}

void platform_span_begin(struct platform *p, const char *name)
{
    if ( p->trace )
        p->running().spans.emplace_back(name, p->now());
}

void platform_span_end(struct platform *p)
{
    umbra::thread &me = p->running();

    if ( !p->trace || me.spans.empty() )
        return;
    p->trace->span(umbra::LANE_THREAD + me.number,
                   me.spans.back().first.c_str(), me.spans.back().second,
                   p->now(), "");
    me.spans.pop_back();
}

static double share(const sc_time &busy, const sc_time &all,
                    unsigned int servers)
{
    if ( all == sc_core::SC_ZERO_TIME )
        return 0;
    return static_cast<double>(busy.value()) /
           (static_cast<double>(all.value()) * servers);
}

void platform_stats(struct platform *p, struct platform_stats *stats)
{
    sc_time walking;

    for ( const auto &unit : p->unit )
        walking += unit->walker_pool().busy_time();
    p->stats.cycles = p->in_cycles(p->ended);
    p->stats.memory_accesses = p->memory->accesses();
    if ( p->samples )
        p->stats.occupancy = static_cast<double>(p->sum_inside) /
                             static_cast<double>(p->samples);
    p->stats.walkers_busy = share(walking, p->ended,
                                  p->config.timing.walkers * p->config.units);
    p->stats.memory_busy = share(p->memory->busy_time(), p->ended,
                                 p->memory->channels());
    p->stats.bus_busy = share(p->bus->busy_time(), p->ended, 1);
    for ( unsigned int i = 0; i < PLATFORM_MEASURES; i++ )
        p->measure[i].summarise(p->stats.latency[i], p->stats.bins[i]);
    *stats = p->stats;
}

bool platform_destroy(struct platform *p)
{
    bool ok = true;

    if ( p->trace )
        ok = p->trace->close();
    if ( p->wave )
        sc_core::sc_close_vcd_trace_file(p->wave);
    delete p;
    return ok;
}
