/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ucontext makes the first step onto a new stack; _setjmp and _longjmp do all
 * switches, and every later start, because they make no system call.
 */
/* The fortified longjmp takes a jump to another stack for an attack. */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <explore/coroutine.h>

#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#endif

#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* What a sanitizer knows of one of the two stacks of a switch. */
struct fiber {
    const void *bottom;
    size_t size;
    void *fake_stack; /* ASan */
    void *tsan;       /* TSan */
};

enum state { CREATED, SUSPENDED, RUNNING, FINISHED };

struct coroutine {
    void (*fn)(struct coroutine *self, void *argument);
    void *argument;
    size_t mapped; /* bytes, this header and the guard page included */
    enum state state;
    char *low;    /* SUSPENDED: nothing of the stack is used below */
    jmp_buf here; /* SUSPENDED */
    jmp_buf caller;
    jmp_buf start; /* if @begun: where the stack is empty */
    bool begun;
    ucontext_t first;
    struct fiber own, back;
};

/* ---- sanitizers ---- */

static void fiber_create(struct fiber *fiber)
{
#ifdef WITH_TSAN
    fiber->tsan = __tsan_create_fiber(0);
#endif
    fiber->fake_stack = NULL;
}

static void fiber_destroy(struct fiber *fiber)
{
#ifdef WITH_TSAN
    __tsan_destroy_fiber(fiber->tsan);
#endif
    fiber->tsan = NULL;
}

/* Just before a switch.  @leaving for good: its fake stack goes. */
static inline void switch_begin(struct fiber *from, const struct fiber *to,
                                bool leaving)
{
#ifdef WITH_ASAN
    __sanitizer_start_switch_fiber(leaving ? NULL : &from->fake_stack,
                                   to->bottom, to->size);
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    (void)from;
    (void)to;
    (void)leaving;
}

/* Just after it, on the new stack; @came, if not NULL, learns the old one. */
static inline void switch_end(struct fiber *now, struct fiber *came)
{
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(now->fake_stack,
                                    came ? &came->bottom : NULL,
                                    came ? &came->size : NULL);
#endif
    (void)now;
    (void)came;
}

/* ---- life ---- */

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t round_up(size_t bytes)
{
    return (bytes + page_size() - 1) & ~(page_size() - 1);
}

/* The header lies above the stack, which grows down towards the guard. */
struct coroutine *coroutine_create(void (*fn)(struct coroutine *self,
                                              void *argument),
                                   void *argument, size_t stack)
{
    size_t header = round_up(sizeof(struct coroutine));
    size_t guard = page_size(), mapped;
    struct coroutine *co;
    char *base;

    stack = round_up(stack);
    mapped = guard + stack + header;
    base = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if ( base == MAP_FAILED )
        return NULL;
    if ( mprotect(base, guard, PROT_NONE) )
    {
        munmap(base, mapped);
        return NULL;
    }

    co = (struct coroutine *)(base + guard + stack);
    co->fn = fn;
    co->argument = argument;
    co->mapped = mapped;
    co->own.bottom = base + guard;
    co->own.size = stack;
    fiber_create(&co->own);
    co->state = CREATED;
    return co;
}

void coroutine_destroy(struct coroutine *co)
{
    if ( !co )
        return;
    coroutine_restart(co);
    fiber_destroy(&co->own);
    munmap((char *)co->own.bottom - page_size(), co->mapped);
}

void coroutine_restart(struct coroutine *co)
{
    if ( co->state == CREATED )
        return;
#ifdef WITH_ASAN
    /* Frames that were left behind must not poison the new run. */
    __asan_unpoison_memory_region(co->own.bottom, co->own.size);
#endif
    fiber_destroy(&co->own);
    fiber_create(&co->own);
#ifdef WITH_TSAN
    co->begun = false; /* the new fiber knows no jump of the old one */
#endif
    co->state = CREATED;
}

bool coroutine_finished(const struct coroutine *co)
{
    return co->state == FINISHED;
}

/* ---- switches ---- */

/* makecontext passes ints: the pointer travels in two. */
static void trampoline(unsigned int high, unsigned int low)
{
    struct coroutine *co = (struct coroutine *)((uintptr_t)high << 32 |
                                                (uintptr_t)low);

    _setjmp(co->start);
    co->begun = true;
    switch_end(&co->own, &co->back);
    co->fn(co, co->argument);
    co->state = FINISHED;
    switch_begin(&co->own, &co->back, true);
    _longjmp(co->caller, 1);
}

static void start(struct coroutine *co)
{
    uintptr_t self = (uintptr_t)co;

    switch_begin(&co->back, &co->own, false);
    if ( co->begun )
        _longjmp(co->start, 1);
    getcontext(&co->first);
    co->first.uc_stack.ss_sp = (void *)co->own.bottom;
    co->first.uc_stack.ss_size = co->own.size;
    co->first.uc_link = NULL;
    makecontext(&co->first, (void (*)(void))trampoline, 2,
                (unsigned int)(self >> 32), (unsigned int)self);
    setcontext(&co->first);
}

bool coroutine_resume(struct coroutine *co)
{
    bool fresh = co->state == CREATED;

    if ( co->state == FINISHED || co->state == RUNNING )
        return false;
    co->state = RUNNING;
#ifdef WITH_TSAN
    co->back.tsan = __tsan_get_current_fiber();
#endif
    if ( !_setjmp(co->caller) )
    {
        if ( fresh )
            start(co);
        switch_begin(&co->back, &co->own, false);
        _longjmp(co->here, 1);
    }
    switch_end(&co->back, NULL);
    return co->state != FINISHED;
}

/* Below the frame of who calls it. */
static __attribute__((noinline)) char *end_of_stack(void)
{
    return __builtin_frame_address(0);
}

void coroutine_yield(struct coroutine *co)
{
    co->state = SUSPENDED;
    co->low = end_of_stack();
    if ( !_setjmp(co->here) )
    {
        switch_begin(&co->own, &co->back, false);
        _longjmp(co->caller, 1);
    }
    switch_end(&co->own, &co->back);
}

/* ---- images ---- */

bool coroutine_can_save(void)
{
#if defined(WITH_ASAN) || defined(WITH_TSAN)
    return false;
#else
    return true;
#endif
}

void coroutine_save(struct coroutine *co, struct image *image)
{
    const char *top = (const char *)co->own.bottom + co->own.size;

    image_add(image, &co->state, sizeof(co->state));
    if ( co->state != SUSPENDED )
        return;
    image_add(image, &co->low, sizeof(co->low));
    image_add(image, &co->here, sizeof(co->here));
    image_add(image, co->low, (size_t)(top - co->low));
}
