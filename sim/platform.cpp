/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a platform, and running it. */
#include <sim/platform.hpp>

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using sc_core::SC_ZERO_TIME;
using umbra::time_style;

static const int STACK = 4 * 1024 * 1024; /* of a thread that runs C */

/* SystemC's library has a main() that asks for it; ours comes first. */
int sc_main(int argc, char **argv);
int sc_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 1;
}

static time_style style_of(const platform_config &config)
{
    time_style style = { sc_time(config.timing.period, sc_core::SC_PS),
                         config.style == PLATFORM_APPROXIMATE,
                         sc_core::SC_ZERO_TIME };

    style.quantum = style.cycles(config.quantum);
    return style;
}

static std::unique_ptr<umbra::iommu> make_unit(platform &p,
                                               unsigned int number)
{
    const struct timing &t = p.config.timing;
    const umbra::iommu_config config = {
        p.style, t.walkers, t.tlb_ports, t.link_request, t.link_response,
    };
    const std::string name = "unit" + std::to_string(number);

    if ( p.config.unit[number] == PLATFORM_VTD )
        return std::make_unique<umbra::vtd_module>(name.c_str(), number,
                                                   config, &p);
    return std::make_unique<umbra::smmuv3_module>(name.c_str(), number, config,
                                                  &p);
}

platform::platform(const platform_config &the_config)
    : config(the_config), style(style_of(the_config))
{
    const struct timing &t = config.timing;

    bus = std::make_unique<umbra::bus>("bus", t, style, config.units);
    memory = std::make_unique<umbra::memory>("memory", t, style,
                                             config.contents);
    cpu = std::make_unique<umbra::processor>("cpu", t, style);
    bus->memory.bind(memory->target);
    cpu->initiator.bind(bus->initiators);
    for ( unsigned int i = 0; i < config.units; i++ )
    {
        unit.push_back(make_unit(*this, i));
        unit[i]->memory.bind(bus->initiators);
        bus->registers[i]->bind(unit[i]->registers);
    }
    for ( unsigned int i = 0; i < config.devices; i++ )
    {
        device.push_back(std::make_unique<umbra::device>(
            ("device" + std::to_string(i)).c_str(), t, style));
        device[i]->initiator.bind(unit[config.device[i].unit]->device);
    }
    if ( config.trace )
        trace = std::make_unique<umbra::timeline>(config.trace);
    thread.push_back(std::make_unique<umbra::thread>());
    thread.resize(PLATFORM_MAX_THREADS);
    lane_free.resize(config.devices);
    signal.resize(config.units);
    if ( config.wave )
        add_wave();
}

void platform::add_wave()
{
    wave = sc_core::sc_create_vcd_trace_file(config.wave);
    wave->set_time_unit(1, sc_core::SC_PS); /* of half cycles, too */
    for ( unsigned int i = 0; i < config.units; i++ )
    {
        const std::string name = "unit" + std::to_string(i) + ".";

        sc_trace(wave, signal[i].inside, name + "requests_inside", 8);
        sc_trace(wave, signal[i].walking, name + "walkers_busy", 8);
        sc_trace(wave, signal[i].draining, name + "drain");
    }
}

/* ---- running ---- */

/* Cycles between two looks: a prime, so that nothing keeps step with it.
 * Loosely timed there is nothing to see between two quanta. */
static const uint64_t SAMPLE = 101;

/* Looks at the units from outside: occupancy, and the waves. */
void platform::sample()
{
    const sc_time pause = wave ? style.period :
                          style.approximate ?
                                 style.cycles(SAMPLE) :
                                 std::max(style.quantum, style.cycles(SAMPLE));

    while ( !program_ended )
    {
        unsigned int inside = 0;

        for ( unsigned int i = 0; i < config.units; i++ )
        {
            signal[i] = { unit[i]->in_flight(), unit[i]->walking(),
                          unit[i]->draining() };
            inside += signal[i].inside;
        }
        samples++;
        sum_inside += inside;
        stats.most_inside = std::max(stats.most_inside, inside);
        sc_core::wait(pause);
    }
}

void platform::run_cpu()
{
    program(program_context);
    thread[0]->catch_up();
    ended = sc_time_stamp();
    program_ended = true;
    control.end();
}

struct platform *platform_create(const struct platform_config *config)
{
    return new platform(*config);
}

const struct port *platform_unit_port(struct platform *p, unsigned int unit,
                                      const struct port *own,
                                      const struct port *below)
{
    p->unit[unit]->set_contents(own, below);
    return p->unit[unit]->unit_port();
}

void *platform_wave(const struct platform *p)
{
    return p->wave;
}

uint64_t platform_unit_now(const struct platform *p, unsigned int unit)
{
    return p->in_cycles(p->unit[unit]->now());
}

bool platform_unit_outside(struct platform *p, unsigned int unit,
                           void (*run)(void *argument), void *argument)
{
    return p->unit[unit]->outside(run, argument);
}

void platform_set_model(struct platform *p, unsigned int unit, void *model)
{
    if ( p->config.unit[unit] == PLATFORM_VTD )
        static_cast<umbra::vtd_module &>(*p->unit[unit])
            .set_model(static_cast<struct vtd *>(model));
    else
        static_cast<umbra::smmuv3_module &>(*p->unit[unit])
            .set_model(static_cast<struct smmuv3 *>(model));
}

void platform_add_load(struct platform *p, const struct platform_load *load)
{
    p->load.push_back(*load);
}

void platform_stop_loads(struct platform *p)
{
    p->control.end();
}

void platform_wake_loads(struct platform *p)
{
    p->control.wake.notify();
}

static void name_lanes(platform &p)
{
    if ( !p.trace )
        return;
    p.trace->lane(umbra::LANE_THREAD, "processor");
    for ( unsigned int i = 0; i < p.config.units; i++ )
        p.trace->lane(umbra::LANE_UNIT + i,
                      "unit " + std::to_string(i) + " registers, queue");
}

void platform_run(struct platform *p, void (*cpu)(void *context),
                  void *context)
{
    sc_core::sc_spawn_options options;

    p->program = cpu;
    p->program_context = context;
    options.set_stack_size(STACK);
    name_lanes(*p);
    sc_core::sc_spawn([p]() { p->run_cpu(); }, "program", &options);
    sc_core::sc_spawn([p]() { p->sample(); }, "sampler");
    for ( const platform_load &load : p->load )
        p->device[load.device]->start(load, p->control);
    sc_core::sc_start();
}

/* ---- threads ---- */

umbra::thread &platform::running() const
{
    const sc_core::sc_object *process;

    if ( !threads )
        return *thread[0];
    process = sc_core::sc_get_current_process_b();
    for ( const auto &one : thread )
        if ( one && one->process && one->process == process )
            return *one;
    return *thread[0];
}

void platform::resumed()
{
    if ( threads )
        goes_on(running());
}

void platform::goes_on(const umbra::thread &one)
{
    if ( one.number && config.resumed )
        config.resumed(config.context, one.number);
}

namespace
{

/* The running thread does something that takes time: others may run. */
class turn
{
  public:
    explicit turn(platform &the_p) : p(the_p), me(the_p.running())
    {
        if ( me.number && p.config.left )
            p.config.left(p.config.context, me.number);
    }
    ~turn()
    {
        p.goes_on(me);
    }
    turn(const turn &) = delete;
    turn &operator=(const turn &) = delete;

  private:
    platform &p;

  public:
    umbra::thread &me;
};

} // namespace

void platform::register_arrived()
{
    if ( threads )
        running().arrive();
}

/* It begins at the time that the spawner has itself. */
static void spawn(struct platform *p, unsigned int number, const char *name,
                  void (*run)(void *argument), void *argument, bool posted)
{
    sc_core::sc_spawn_options options;
    turn t(*p);
    auto &one = p->thread[number];

    t.me.catch_up();
    one = std::make_unique<umbra::thread>();
    one->number = number;
    options.set_stack_size(STACK);
    if ( p->trace )
        p->trace->lane(umbra::LANE_THREAD + number, name);
    p->threads = true;
    p->cpu->share();
    sc_core::sc_spawn(
        [p, number, run, argument]() {
            umbra::thread &me = *p->thread[number];

            me.process = sc_core::sc_get_current_process_b();
            p->goes_on(me);
            run(argument);
            me.arrive();
            me.process = nullptr; /* another one may get its place */
        },
        sc_core::sc_gen_unique_name("thread"), &options);
    while ( posted && !one->arrived )
        sc_core::wait(one->arrival);
}

void platform_spawn(struct platform *p, unsigned int number, const char *name,
                    void (*run)(void *argument), void *argument)
{
    spawn(p, number, name, run, argument, false);
}

void platform_post(struct platform *p, unsigned int number, const char *name,
                   void (*run)(void *argument), void *argument)
{
    spawn(p, number, name, run, argument, true);
}

unsigned int platform_thread(const struct platform *p)
{
    return p->running().number;
}

void platform_spend(struct platform *p, uint64_t cycles)
{
    turn t(*p);

    p->cpu->spend(cycles, t.me.delay);
}

uint64_t platform_register_read(struct platform *p, unsigned int unit,
                                uint32_t offset, unsigned int size)
{
    turn t(*p);

    return p->cpu->register_access(unit, offset, size, false, 0, t.me.delay);
}

void platform_register_write(struct platform *p, unsigned int unit,
                             uint32_t offset, unsigned int size,
                             uint64_t value)
{
    turn t(*p);

    p->cpu->register_access(unit, offset, size, true, value, t.me.delay);
}

uint64_t platform_register_peek(struct platform *p, unsigned int unit,
                                uint32_t offset, unsigned int size)
{
    return p->cpu->register_peek(unit, offset, size);
}

void platform_access(struct platform *p, unsigned int device,
                     const struct request *request, void *data,
                     struct response *response)
{
    turn t(*p);

    p->device[device]->access(request, data, response, t.me.delay);
}

void platform_wait(struct platform *p, bool (*done)(void *context),
                   void *context)
{
    turn t(*p);

    while ( !done(context) )
    {
        t.me.catch_up();
        if ( !done(context) )
            sc_core::wait(p->control.changed);
    }
}

void platform_notify(struct platform *p)
{
    p->control.changed.notify();
}

uint64_t platform_now(const struct platform *p)
{
    return p->now();
}
