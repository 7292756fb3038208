/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/requester.hpp>

namespace umbra
{

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using sc_core::SC_ZERO_TIME;

/* ---- the processor ---- */

/* Approximately timed it lets the others catch up before whatever they could
 * notice, and after so many cycles of computing. */
static const unsigned int PATIENCE = 64;

processor::processor(sc_core::sc_module_name name,
                     const struct timing &the_timing,
                     const time_style &the_style)
    : sc_core::sc_module(name), initiator("initiator"), timing(the_timing),
      style(the_style),
      patience(style.approximate ? style.cycles(PATIENCE) : style.quantum),
      cores(timing.cpu_processors)
{
}

void processor::share()
{
    shared = true;
}

void processor::spend(uint64_t cycles, sc_time &delay)
{
    if ( shared && style.approximate )
    {
        style.settle(delay);
        delay += cores.book(sc_time_stamp(), style.cycles(cycles));
    }
    delay += style.cycles(cycles);
    if ( delay >= patience )
        time_style::catch_up(delay);
}

uint64_t processor::register_access(unsigned int unit, uint32_t offset,
                                    unsigned int size, bool write,
                                    uint64_t value, sc_time &delay)
{
    message<memory_extension> m;

    m.set(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
          REGISTERS + unit * REGISTER_WINDOW + offset, &value, size);
    delay += style.cycles(timing.cpu_register);
    style.settle(delay);
    initiator->b_transport(m.payload, delay);
    style.settle(delay);
    return value;
}

uint64_t processor::register_peek(unsigned int unit, uint32_t offset,
                                  unsigned int size)
{
    message<memory_extension> m;
    uint64_t value = 0;

    m.set(tlm::TLM_READ_COMMAND, REGISTERS + unit * REGISTER_WINDOW + offset,
          &value, size);
    initiator->transport_dbg(m.payload);
    return value;
}

/* ---- devices ---- */

device::device(sc_core::sc_module_name name, const struct timing &timing,
               const time_style &the_style)
    : sc_core::sc_module(name), initiator("initiator"), style(the_style),
      link(style.cycles(timing.device_link))
{
}

void device::access(const struct request *request, void *data,
                    struct response *response, sc_time &delay)
{
    static const tlm::tlm_command commands[] = {
        tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND,
        tlm::TLM_WRITE_COMMAND, /* an atomic one: data goes both ways */
    };
    std::unique_ptr<message<dma_extension>> m;

    if ( spare.empty() )
        m = std::make_unique<message<dma_extension>>();
    else
    {
        m = std::move(spare.back());
        spare.pop_back();
    }
    m->set(commands[request->access], request->address, data, request->size);
    m->more.request = *request;
    delay += link;
    style.settle(delay);
    initiator->b_transport(m->payload, delay);
    delay += link;
    style.settle(delay);
    *response = m->more.response;
    spare.push_back(std::move(m));
}

/* One request every gap; a burst's gaps come together, behind it. */
void device::pace(const struct platform_load &load, sc_time &delay)
{
    const sc_time now = sc_time_stamp() + delay;

    if ( now < next_issue )
        delay += next_issue - now;
    else
        next_issue = now;
    if ( ++in_burst >= load.burst )
    {
        next_issue += style.cycles(load.gap * in_burst);
        in_burst = 0;
    }
    if ( style.approximate )
        style.settle(delay);
}

void device::run(const struct platform_load &load, load_control &control)
{
    sc_time delay = SC_ZERO_TIME;
    unsigned char data[64];

    while ( !control.stop )
    {
        struct request request;
        struct response response;
        uint64_t cookie = 0;

        pace(load, delay);
        if ( control.stop )
            break;
        if ( !load.next(load.context, &request, &cookie) )
        {
            time_style::catch_up(delay);
            if ( !control.stop )
                sc_core::wait(control.wake);
            continue;
        }
        if ( load.began )
            load.began(load.context, &request, &cookie);
        access(&request, data, &response, delay);
        if ( load.ended )
            load.ended(load.context, &request, &response, cookie);
        control.changed.notify();
        if ( load.pause )
            delay += style.cycles(load.pause(load.context));
        style.settle(delay);
    }
    control.changed.notify();
}

void device::start(const struct platform_load &load, load_control &control)
{
    sc_core::sc_spawn_options options;

    options.set_stack_size(256 * 1024);
    for ( unsigned int i = 0; i < load.channels; i++ )
    {
        sc_core::sc_spawn([this, load, &control]() { run(load, control); },
                          sc_core::sc_gen_unique_name("channel"), &options);
    }
}

} // namespace umbra
