// SPDX-License-Identifier: GPL-2.0-or-later
//
// A Verilated unit with its clock, its waves, and memory behind its port.

#ifndef MODELS_RTL_RTL_CLOCK_HPP
#define MODELS_RTL_RTL_CLOCK_HPP

#include <rtl/rtl.h>

#include <verilated.h>
#include <verilated_vcd_c.h>

#if VM_COVERAGE
#include <verilated_cov.h>

#include <cstdlib>
#include <string>
#include <unistd.h>
#endif

#include <memory>
#include <type_traits>
#include <utility>

// Was this geometry Verilated with waves?
template <class Top, class = void> struct HasWaves : std::false_type {
};
template <class Top>
struct HasWaves<Top, std::void_t<decltype(std::declval<Top &>().trace(
                         static_cast<VerilatedVcdC *>(nullptr), 0))>>
    : std::true_type {
};

template <class Top> class Clocked
{
  public:
    explicit Clocked(const rtl_memory &memory)
        : top(&context, "unit"), memory(memory), random(memory.seed | 1)
    {
        // A failed assertion is told by gotError(), not by abort().
        context.fatalOnError(false);
        top.clk = 0;
        top.rst = 1;
    }

    ~Clocked()
    {
        top.final();
        if ( waves )
            waves->close();
        write_coverage();
    }

    // Inputs have been set, outputs may be looked at afterwards; edge() then
    // ends the cycle.
    void settle()
    {
        serve_memory();
        top.clk = 0;
        top.eval();
        take_request();
        dump(2 * cycles);
    }

    void edge()
    {
        top.clk = 1;
        top.eval();
        dump(2 * cycles + 1);
        cycles++;
    }

    void cycle()
    {
        settle();
        edge();
    }

    void reset()
    {
        top.rst = 1;
        answer_in = 0;
        cycle();
        top.rst = 0;
    }

    bool trace(const char *file)
    {
        if constexpr ( HasWaves<Top>::value )
        {
            context.traceEverOn(true);
            waves = std::make_unique<VerilatedVcdC>();
            top.trace(waves.get(), 99);
            waves->open(file);
        }
        return waves && waves->isOpen();
    }

    void set_latency(unsigned int min, unsigned int max)
    {
        memory.latency_min = min;
        memory.latency_max = max;
    }

    // From the memory's callback: some cycle until the walker has made
    // something of the answer, at random.
    unsigned int any_delay()
    {
        return answer_in ?
                   static_cast<unsigned int>(next_random() % (answer_in + 1)) :
                   0;
    }

    VerilatedContext context;
    Top top;
    uint64_t cycles = 0;

  private:
    rtl_memory memory;
    uint64_t random;
    unsigned int answer_in = 0; // cycles; 0: nobody waits
    uint64_t answer = 0;
    bool refused = false;
    std::unique_ptr<VerilatedVcdC> waves;

    void dump(uint64_t time)
    {
        if ( waves )
            waves->dump(time);
    }

    uint64_t next_random()
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return random;
    }

    // Into a file of its own in the directory $UMBRA_RTL_COVERAGE.
    void write_coverage()
    {
#if VM_COVERAGE
        static unsigned int count;
        const char *directory = std::getenv("UMBRA_RTL_COVERAGE");

        if ( !directory )
            return;
        const std::string file = std::string(directory) + "/" +
                                 std::to_string(getpid()) + "-" +
                                 std::to_string(count++) + ".dat";
        context.coveragep()->write(file.c_str());
#endif
    }

    void serve_memory()
    {
        top.mem_rvalid = answer_in == 1;
        if ( answer_in == 1 )
        {
            top.mem_rdata = answer;
            top.mem_rerror = refused;
        }
        if ( answer_in )
            answer_in--;
        top.mem_ready = !memory.busy || next_random() % memory.busy;
    }

    void take_request()
    {
        if ( top.rst || !top.mem_valid || !top.mem_ready )
            return;
        answer_in = memory.latency_min;
        if ( memory.latency_max > memory.latency_min )
            answer_in += static_cast<unsigned int>(
                next_random() % (memory.latency_max - memory.latency_min + 1));
        refused = !memory.read(memory.world, top.mem_address, &answer);
    }
};

#endif // MODELS_RTL_RTL_CLOCK_HPP
