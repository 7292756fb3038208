/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Its checks take a switch of stacks for an overflow. */
#undef _FORTIFY_SOURCE

#include "fibers.h"

#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#define ASAN 1
#else
#define ASAN 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define TSAN 1
#else
#define TSAN 0
#endif

#define STACK_SIZE (256u * 1024u)

enum state { DONE, READY, WAITING };

struct fiber {
    ucontext_t context;
    enum state state;
    void *stack;
    fiber_fn *function;
    void *tsan;
};

struct fibers {
    ucontext_t scheduler;
    struct fiber fiber[FIBERS_MAX];
    unsigned int count;
    struct fiber *current; /* NULL: the scheduler */
    void *argument;
    const void *scheduler_stack;
    size_t scheduler_size;
    void *scheduler_tsan;
};

bool choices_next(struct choices *choices)
{
    while ( choices->length )
    {
        unsigned int last = choices->length - 1;

        if ( choices->taken[last] + 1 < choices->options[last] )
        {
            choices->taken[last]++;
            return true;
        }
        choices->length--;
    }
    return false;
}

/* ---- switching, and telling the sanitizers of it ---- */

static void switch_to_fiber(struct fibers *fibers, struct fiber *fiber)
{
#if ASAN
    void *fake;

    __sanitizer_start_switch_fiber(&fake, fiber->stack, STACK_SIZE);
#endif
#if TSAN
    fibers->scheduler_tsan = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber->tsan, 0);
#endif
    fibers->current = fiber;
    swapcontext(&fibers->scheduler, &fiber->context);
    fibers->current = NULL;
#if ASAN
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

static void switch_to_scheduler(struct fibers *fibers)
{
    struct fiber *fiber = fibers->current;
#if ASAN
    void *fake = NULL;

    __sanitizer_start_switch_fiber(fiber->state == DONE ? NULL : &fake,
                                   fibers->scheduler_stack,
                                   fibers->scheduler_size);
#endif
#if TSAN
    __tsan_switch_to_fiber(fibers->scheduler_tsan, 0);
#endif
    swapcontext(&fiber->context, &fibers->scheduler);
#if ASAN
    __sanitizer_finish_switch_fiber(fake, &fibers->scheduler_stack,
                                    &fibers->scheduler_size);
#endif
}

/* makecontext() passes ints: the pointer comes in two. */
static void entry(unsigned int high, unsigned int low)
{
    struct fibers *fibers = (struct fibers *)((uintptr_t)high << 32 |
                                              (uintptr_t)low);

#if ASAN
    __sanitizer_finish_switch_fiber(NULL, &fibers->scheduler_stack,
                                    &fibers->scheduler_size);
#endif
    fibers->current->function(fibers->argument);
    fibers->current->state = DONE;
    switch_to_scheduler(fibers);
}

static void prepare(struct fibers *fibers, struct fiber *fiber,
                    fiber_fn *function)
{
    uintptr_t pointer = (uintptr_t)fibers;

    fiber->state = READY;
    fiber->function = function;
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = STACK_SIZE;
    fiber->context.uc_link = NULL;
    makecontext(&fiber->context, (void (*)(void))entry, 2,
                (unsigned int)(pointer >> 32), (unsigned int)pointer);
}

/* ---- the scheduler ---- */

struct fibers *fibers_create(void)
{
    struct fibers *fibers = calloc(1, sizeof(*fibers));

    for ( unsigned int i = 0; i < FIBERS_MAX; i++ )
    {
        fibers->fiber[i].stack = malloc(STACK_SIZE);
#if TSAN
        fibers->fiber[i].tsan = __tsan_create_fiber(0);
#endif
    }
    return fibers;
}

void fibers_destroy(struct fibers *fibers)
{
    for ( unsigned int i = 0; i < FIBERS_MAX; i++ )
    {
#if TSAN
        __tsan_destroy_fiber(fibers->fiber[i].tsan);
#endif
        free(fibers->fiber[i].stack);
    }
    free(fibers);
}

static unsigned int count_ready(const struct fibers *fibers)
{
    unsigned int ready = 0;

    for ( unsigned int i = 0; i < fibers->count; i++ )
        ready += fibers->fiber[i].state == READY;
    return ready;
}

static struct fiber *nth_ready(struct fibers *fibers, unsigned int n)
{
    struct fiber *fiber = fibers->fiber;

    while ( fiber->state != READY || n-- )
        fiber++;
    return fiber;
}

static unsigned int choose(struct choices *choices, unsigned int *at,
                           unsigned int options)
{
    if ( options == 1 )
        return 0;
    if ( *at == CHOICES_MAX )
        abort();
    if ( *at == choices->length )
    {
        choices->taken[*at] = 0;
        choices->options[*at] = (unsigned char)options;
        choices->length++;
    }
    return choices->taken[(*at)++];
}

bool fibers_run(struct fibers *fibers, fiber_fn *const *functions,
                unsigned int count, void *argument, struct choices *choices)
{
    unsigned int at = 0, ready;

    fibers->count = count;
    fibers->argument = argument;
    for ( unsigned int i = 0; i < count; i++ )
        prepare(fibers, &fibers->fiber[i], functions[i]);

    while ( (ready = count_ready(fibers)) )
    {
        struct fiber *fiber = nth_ready(fibers, choose(choices, &at, ready));

        switch_to_fiber(fibers, fiber);
        /* It did something: who waited may look again. */
        for ( unsigned int i = 0; i < count; i++ )
            if ( &fibers->fiber[i] != fiber && fiber->state != WAITING &&
                 fibers->fiber[i].state == WAITING )
                fibers->fiber[i].state = READY;
    }
    for ( unsigned int i = 0; i < count; i++ )
        if ( fibers->fiber[i].state != DONE )
            return false;
    return true;
}

void fibers_yield(struct fibers *fibers, bool waits)
{
    fibers->current->state = waits ? WAITING : READY;
    switch_to_scheduler(fibers);
}

bool fibers_inside(const struct fibers *fibers)
{
    return fibers->current;
}
