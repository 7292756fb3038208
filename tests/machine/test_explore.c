/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coroutines and the yielding port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include <explore/coroutine.h>
#include <explore/port_yield.h>

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

/* ---- the yielding port ---- */

struct world {
    uint64_t word;
    unsigned int calls; /* of the inner port */
    unsigned int yields;
    struct port_resource last;
};

static bool inner_read(void *context, uint64_t address, void *buffer,
                       unsigned int len, unsigned int atom)
{
    struct world *w = context;

    (void)address;
    (void)atom;
    w->calls++;
    memcpy(buffer, &w->word, len);
    return true;
}

static bool inner_write(void *context, uint64_t address, const void *buffer,
                        unsigned int len, unsigned int atom)
{
    struct world *w = context;

    (void)address;
    (void)atom;
    w->calls++;
    memcpy(&w->word, buffer, len);
    return true;
}

static bool inner_cmpxchg(void *context, uint64_t address, void *expected,
                          const void *desired, unsigned int len, bool *swapped)
{
    *swapped = !memcmp(&((struct world *)context)->word, expected, len);
    return !*swapped || inner_write(context, address, desired, len, len);
}

static void inner_msi(void *context, uint64_t address, uint32_t data)
{
    (void)address;
    (void)data;
    ((struct world *)context)->calls++;
}

static void inner_wire(void *context, unsigned int line, bool level)
{
    (void)line;
    (void)level;
    ((struct world *)context)->calls++;
}

static void inner_spend(void *context, unsigned int cycles, enum cost what)
{
    (void)cycles;
    (void)what;
    ((struct world *)context)->calls++;
}

static void inner_relax(void *context)
{
    ((struct world *)context)->calls++;
}

static const struct port_ops inner_ops = {
    .read = inner_read,
    .write = inner_write,
    .cmpxchg = inner_cmpxchg,
    .msi = inner_msi,
    .wire = inner_wire,
    .spend = inner_spend,
    .relax = inner_relax,
};

/* Others write while the access waits for its turn. */
static void on_yield(void *context, const struct port_resource *resource)
{
    struct world *w = context;

    w->yields++;
    w->last = *resource;
    w->word++;
}

static void every_access_yields_before_it_happens(void **state)
{
    struct world w = { .word = 10 };
    const struct port inner = { &inner_ops, &w };
    struct port_yield wrapper = { .inner = &inner,
                                  .yield = on_yield,
                                  .context = &w };
    const struct port *port = port_yield_init(&wrapper);
    uint64_t value, one = 1;
    bool swapped;

    (void)state;
    assert_true(port_read(port, 0x1000, &value, 8, 8));
    assert_int_equal(value, 11);
    assert_int_equal(w.last.kind, PORT_MEMORY_READ);
    assert_int_equal(w.last.address, 0x1000);
    assert_int_equal(w.last.len, 8);

    assert_true(port_write(port, 0x1008, &one, 8, 8));
    assert_int_equal(w.word, 1);
    assert_int_equal(w.last.kind, PORT_MEMORY_WRITE);

    assert_true(port_cmpxchg(port, 0x1000, &one, &value, 8, &swapped));
    assert_false(swapped); /* the other was faster */
    assert_int_equal(w.last.kind, PORT_MEMORY_WRITE);

    port_msi(port, 0xfee00000, 1);
    assert_int_equal(w.last.kind, PORT_INTERRUPT);
    port_wire(port, 3, true);
    assert_int_equal(w.last.address, 3);
    port_relax(port);
    assert_int_equal(w.last.kind, PORT_WAIT);
    assert_int_equal(w.yields, 6);
    assert_int_equal(w.calls, 5);
}

static void spending_time_does_not_yield(void **state)
{
    struct world w = { .word = 10 };
    const struct port inner = { &inner_ops, &w };
    struct port_yield wrapper = { .inner = &inner,
                                  .yield = on_yield,
                                  .context = &w };
    const struct cost_table costs = { { 1 } };

    (void)state;
    port_spend(port_yield_init(&wrapper), &costs, COST_TLB_LOOKUP);
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.yields, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(switches_follow_the_schedule),
        cmocka_unit_test(stacks_survive_the_switch_at_any_depth),
        cmocka_unit_test(a_coroutine_restarts_from_the_beginning),
        cmocka_unit_test(coroutines_nest),
        cmocka_unit_test(a_million_switches_leave_no_trace),
        cmocka_unit_test(every_access_yields_before_it_happens),
        cmocka_unit_test(spending_time_does_not_yield),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
