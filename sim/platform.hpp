/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The platform from inside: all modules, wired, and what is measured. */
#ifndef SIM_PLATFORM_HPP
#define SIM_PLATFORM_HPP

#include <sim/measure.hpp>
#include <sim/memory.hpp>
#include <sim/requester.hpp>
#include <sim/trace.hpp>

#include <smmuv3/module.hpp>
#include <vtd/module.hpp>

#include <string>

namespace umbra
{

/* Lanes of the timeline. */
enum lane { LANE_UNIT = 1, LANE_THREAD = 10, LANE_DEVICE = 100 };

/* Software, on one of the processors. */
struct thread {
    unsigned int number = 0;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;      /* ahead */
    std::vector<std::pair<std::string, uint64_t>> spans; /* open */
    const sc_core::sc_object *process = nullptr;
    bool arrived = false; /* has written a register, or ended */
    sc_core::sc_event arrival;

    void arrive()
    {
        arrived = true;
        arrival.notify();
    }

    void catch_up()
    {
        if ( delay != sc_core::SC_ZERO_TIME )
            time_style::catch_up(delay);
    }
};

} // namespace umbra

struct platform final : public umbra::iommu_watch {
    explicit platform(const platform_config &config);

    void resumed() override;
    void register_arrived() override;
    void request_ended(unsigned int unit, const request_event &e) override;
    void register_ended(unsigned int unit, const register_event &e) override;

    uint64_t in_cycles(const sc_core::sc_time &time) const
    {
        return time.value() / style.period.value();
    }
    /* Outside of all threads: the program's. */
    umbra::thread &running() const;
    void goes_on(const umbra::thread &one);
    uint64_t now() const
    {
        return in_cycles(sc_core::sc_time_stamp() + running().delay);
    }
    void add_wave();
    void sample();
    void run_cpu();

    platform_config config;
    umbra::time_style style;
    std::unique_ptr<umbra::bus> bus;
    std::unique_ptr<umbra::memory> memory;
    std::unique_ptr<umbra::processor> cpu;
    std::vector<std::unique_ptr<umbra::iommu>> unit;
    std::vector<std::unique_ptr<umbra::device>> device;
    std::vector<platform_load> load;

    /* What runs on the processor. */
    void (*program)(void *context) = nullptr;
    void *program_context = nullptr;
    bool program_ended = false;
    umbra::load_control control;
    std::vector<std::unique_ptr<umbra::thread>> thread; /* by number */
    bool threads = false; /* there are others than the program's */
    sc_core::sc_time ended;

    /* Measures. */
    umbra::distribution measure[PLATFORM_MEASURES];
    struct platform_stats stats = {};
    uint64_t samples = 0, sum_inside = 0;
    std::unique_ptr<umbra::timeline> trace;
    std::vector<std::vector<uint64_t>> lane_free; /* of devices: until when */
    sc_core::sc_trace_file *wave = nullptr;
    bool trace_failed = false;
    struct signals {
        unsigned int inside, walking;
        bool draining;
    };
    std::vector<signals> signal;
};

#endif /* SIM_PLATFORM_HPP */
