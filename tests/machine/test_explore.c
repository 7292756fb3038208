/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coroutines, and where a unit may be left for others. */
#include "support.h"

#include <explore/coroutine.h>
#include <machine/interleave.h>

struct trace {
    struct coroutine *co[2];
    unsigned int count;
    char step[64];
};

static void log_step(struct trace *trace, char c)
{
    if ( trace->count < sizeof(trace->step) - 1 )
        trace->step[trace->count++] = c;
}

static void actor_a(struct coroutine *self, void *argument)
{
    unsigned int i;

    for ( i = 0; i < 3; i++ )
    {
        log_step(argument, (char)('a' + i));
        coroutine_yield(self);
    }
    log_step(argument, 'd');
}

static void actor_b(struct coroutine *self, void *argument)
{
    log_step(argument, 'X');
    coroutine_yield(self);
    log_step(argument, 'Y');
}

static void switches_follow_the_schedule(void **state)
{
    struct trace trace = { .count = 0 };
    struct coroutine *a, *b;

    (void)state;
    a = coroutine_create(actor_a, &trace, COROUTINE_STACK);
    b = coroutine_create(actor_b, &trace, COROUTINE_STACK);
    assert_true(coroutine_resume(a));
    assert_true(coroutine_resume(b));
    assert_true(coroutine_resume(a));
    assert_true(coroutine_resume(a));
    assert_false(coroutine_resume(b));
    assert_false(coroutine_resume(a));
    assert_true(coroutine_finished(a));
    assert_string_equal(trace.step, "aXbcYd");
    assert_false(coroutine_resume(a));
    coroutine_destroy(a);
    coroutine_destroy(b);
}

static void deep(struct coroutine *self, unsigned int level,
                 unsigned int *reached)
{
    volatile char frame[256];

    frame[level % 256] = 1;
    if ( level )
        deep(self, level - 1, reached);
    else
        coroutine_yield(self);
    *reached += (unsigned int)frame[level % 256];
}

static void actor_deep(struct coroutine *self, void *argument)
{
    deep(self, 100, argument);
}

static void stacks_survive_the_switch_at_any_depth(void **state)
{
    unsigned int reached = 0;
    struct coroutine *co = coroutine_create(actor_deep, &reached,
                                            COROUTINE_STACK);

    (void)state;
    assert_true(coroutine_resume(co));
    assert_int_equal(reached, 0);
    assert_false(coroutine_resume(co));
    assert_int_equal(reached, 101);
    coroutine_destroy(co);
}

static void a_coroutine_restarts_from_the_beginning(void **state)
{
    struct trace trace = { .count = 0 };
    struct coroutine *a = coroutine_create(actor_a, &trace, COROUTINE_STACK);
    unsigned int i;

    (void)state;
    for ( i = 0; i < 100; i++ )
    {
        trace.count = 0;
        memset(trace.step, 0, sizeof(trace.step));
        assert_true(coroutine_resume(a));
        assert_true(coroutine_resume(a));
        assert_string_equal(trace.step, "ab");
        coroutine_restart(a);
    }
    coroutine_destroy(a);
}

static void actor_outer(struct coroutine *self, void *argument)
{
    struct trace *trace = argument;
    struct coroutine *inner = coroutine_create(actor_b, trace,
                                               COROUTINE_STACK);

    log_step(trace, '1');
    coroutine_resume(inner);
    log_step(trace, '2');
    coroutine_yield(self);
    coroutine_resume(inner);
    log_step(trace, '3');
    coroutine_destroy(inner);
}

static void coroutines_nest(void **state)
{
    struct trace trace = { .count = 0 };
    struct coroutine *co = coroutine_create(actor_outer, &trace,
                                            COROUTINE_STACK);

    (void)state;
    assert_true(coroutine_resume(co));
    assert_false(coroutine_resume(co));
    assert_string_equal(trace.step, "1X2Y3");
    coroutine_destroy(co);
}

static void actor_forever(struct coroutine *self, void *argument)
{
    unsigned long *count = argument;

    for ( ;; )
    {
        ++*count;
        coroutine_yield(self);
    }
}

static void a_million_switches_leave_no_trace(void **state)
{
    unsigned long count = 0, i;
    struct coroutine *co = coroutine_create(actor_forever, &count,
                                            COROUTINE_STACK);

    (void)state;
    for ( i = 0; i < 1000000; i++ )
        assert_true(coroutine_resume(co));
    assert_int_equal(count, 1000000);
    coroutine_destroy(co); /* unfinished */
}

/* ---- the port of a unit, while activities run ---- */

#define WORD 0x3000

struct world {
    struct recorder recorder;
    struct machine *m;
    struct domain *d;
    const struct port *port;
    struct machine_interleave interleave;
    unsigned int yields, waits;
    const char *first;   /* where it stood since the last look */
    unsigned int events; /* that had been seen there */
};

/* Others write while the access waits for its turn. */
static void on_yield(void *context, const char *where,
                     const struct machine_await *await)
{
    struct world *w = context;
    uint64_t word;

    assert_null(await);
    if ( !w->yields++ )
    {
        w->first = where;
        w->events = w->recorder.count;
    }
    assert_true(domain_read64(w->d, WORD, &word));
    assert_true(domain_write64(w->d, WRITER_VCPU, WORD, word + 1));
}

static void on_wait(void *context, const char *where)
{
    struct world *w = context;

    (void)where;
    w->waits++;
}

static void on_touch(void *context, enum machine_resource resource,
                     uint64_t first, uint64_t last, bool write)
{
    (void)context;
    (void)resource;
    (void)first;
    (void)last;
    (void)write;
}

static int world_setup(void **state)
{
    static struct world w;
    unsigned int unit;

    memset(&w, 0, sizeof(w));
    w.m = small_machine(P2M_SCATTERED, &w.recorder);
    w.d = machine_domain(w.m, 0);
    unit = machine_add_unit(w.m, HOST_UNIT_VTD, 0);
    w.port = machine_unit_port(w.m, unit);
    w.interleave = (struct machine_interleave) {
        .yield = on_yield, .wait = on_wait, .touch = on_touch, .context = &w
    };
    assert_true(domain_write64(w.d, WRITER_VCPU, WORD, 10));
    machine_interleave(w.m, &w.interleave);
    *state = &w;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *w = *state;

    machine_destroy(w->m);
    return 0;
}

static void assert_stood(struct world *w, const char *where)
{
    assert_true(w->yields);
    assert_string_equal(w->first, where);
    w->yields = 0;
}

static void every_access_yields_before_it_happens(void **state)
{
    struct world *w = *state;
    uint64_t value, one = 1;
    bool swapped;

    assert_true(port_read(w->port, WORD, &value, 8, 8));
    assert_int_equal(value, 11);
    assert_stood(w, "read");

    assert_true(port_write(w->port, WORD, &one, 8, 8));
    assert_stood(w, "write");
    assert_true(domain_read64(w->d, WORD, &value));
    assert_int_equal(value, 1);

    assert_true(port_cmpxchg(w->port, WORD, &one, &value, 8, &swapped));
    assert_false(swapped); /* the other was faster */
    assert_stood(w, "cmpxchg");

    port_msi(w->port, 0xfee00000, 1);
    assert_stood(w, "msi");
    assert_int_equal(w->recorder.event[w->events].kind, EVENT_STORE);
    assert_int_equal(w->recorder.event[w->events + 1].kind, EVENT_INTERRUPT);
    port_wire(w->port, 3, true);
    assert_stood(w, "wire");
    assert_int_equal(w->recorder.event[w->events + 1].kind, EVENT_INTERRUPT);

    port_relax(w->port);
    assert_int_equal(w->waits, 1);
}

/* The hypervisor's, one after the other; -1: there are no more. */
static int call_nth(struct world *w, unsigned int n)
{
    struct host_p2m_entry entry;
    uint64_t value[2] = { 0, 0 };
    uint8_t bytes[64] = { 0 };

    switch ( n )
    {
    case 0:
        return host_guest_read(w->d, WORD, bytes, sizeof(bytes));
    case 1:
        return host_guest_read64(w->d, WORD, value);
    case 2:
        return host_guest_read128(w->d, WORD, value);
    case 3:
        return host_guest_write(w->d, WORD, bytes, sizeof(bytes));
    case 4:
        return host_guest_write32(w->d, WORD, 1);
    case 5:
        return host_guest_write64(w->d, WORD, 1);
    case 6:
        host_guest_cmpxchg64(w->d, WORD, value, 0); /* it is not 0 */
        return 0;
    case 7:
        return host_p2m_get(w->d, _gfn(WORD >> 12), 0, &entry);
    default:
        return -1;
    }
}

static void every_call_that_reaches_a_guest_yields_before(void **state)
{
    struct world *w = *state;
    unsigned int n = 0;

    while ( !call_nth(w, n) )
    {
        /* The first is of eight words, between which others run as well. */
        if ( w->yields != (n ? 1 : 8) )
            fail_msg("call %u yields %u times", n, w->yields);
        w->yields = 0;
        n++;
    }
    assert_int_equal(n, 8);
}

static void spending_time_does_not_yield(void **state)
{
    struct world *w = *state;
    const struct cost_table costs = { { [COST_TLB_LOOKUP] = 1 } };
    uint64_t before = host_now_ns(machine_host(w->m));

    port_spend(w->port, &costs, COST_TLB_LOOKUP);
    assert_int_equal(host_now_ns(machine_host(w->m)), before + 1);
    assert_int_equal(w->yields, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(switches_follow_the_schedule),
        cmocka_unit_test(stacks_survive_the_switch_at_any_depth),
        cmocka_unit_test(a_coroutine_restarts_from_the_beginning),
        cmocka_unit_test(coroutines_nest),
        cmocka_unit_test(a_million_switches_leave_no_trace),
        cmocka_unit_test_setup_teardown(every_access_yields_before_it_happens,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            every_call_that_reaches_a_guest_yields_before, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(spending_time_does_not_yield,
                                        world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
