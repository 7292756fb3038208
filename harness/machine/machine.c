/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a machine out of its configuration. */
#include <machine/state.h>

#include <string.h>

#define FRAME_TABLE (FRAMES_MAX * sizeof(struct frame))
#define ARENA_SIZE  (STATE_SIZE + FRAME_TABLE + FRAMES_MAX * PAGE_SIZE)
#define MIN_POOL    1024 /* spare frames, or the machine is of no use */

/* Host frames stay clear of the interrupt range FEEx_xxxxh: above 4 GiB if
 * the host is large enough, below the range otherwise. */
#define LARGE_HAW     34
#define FRAMES_4G     (UINT64_C(1) << 20)
#define INTERRUPT_MFN UINT64_C(0xfee00)

void machine_config_default(struct machine_config *config)
{
    *config = (struct machine_config) {
        .seed = 1,
        .haw = 46,
        .domains = 1,
        .domain[0] = { .id = 1,
                       .shape = P2M_SCATTERED,
                       .regions = 1,
                       .region[0] = { .base = 0,
                                      .size = UINT64_C(512) << 20,
                                      .type = REGION_RAM } },
        .budget = 4096,
        .hard_budget = 32768,
        .memory_limit = UINT64_C(64) << 20,
    };
}

void *machine_alloc(struct machine *m, size_t size, size_t align)
{
    uint64_t at = (m->used + align - 1) & ~(uint64_t)(align - 1);

    if ( at > STATE_SIZE || size > STATE_SIZE - at )
        return NULL;
    m->used = at + size;
    /* After a restore there may be something there. */
    return memset((char *)m + at, 0, size);
}

static bool init_maps(struct machine *m)
{
    return map_init(&m->override, m, 16) && map_init(&m->changed, m, 16) &&
           map_init(&m->special, m, 64) && map_init(&m->references, m, 64);
}

/* The host's address space: bare metal at 0, then the other domains, each in
 * its own aligned part beyond every guest address, then the spare frames. */
static bool lay_out(struct machine *m)
{
    uint64_t next = 0, pages;
    unsigned int i;

    m->pool_end = UINT64_C(1) << (m->config.haw - PAGE_SHIFT);
    if ( m->config.haw < LARGE_HAW && m->pool_end > INTERRUPT_MFN )
        m->pool_end = INTERRUPT_MFN;
    if ( m->config.haw >= LARGE_HAW )
        next = FRAMES_4G;
    for ( i = 0; i < m->config.domains; i++ )
    {
        pages = domain_pages(&m->config.domain[i]);
        next = pages > next ? pages : next;
    }

    for ( i = 0; i < m->config.domains; i++ )
    {
        struct layout *layout = &m->domain[i].layout;

        if ( !domain_init(m, i, next) )
            return false;
        if ( layout->base + layout->pages > next )
            next = layout->base + layout->pages;
    }
    m->pool = m->pool_next = next;
    return m->pool + MIN_POOL <= m->pool_end;
}

static bool config_possible(const struct machine_config *config)
{
    unsigned int i;

    if ( config->haw < 32 || config->haw > 52 ||
         config->domains > MACHINE_MAX_DOMAINS )
        return false;
    for ( i = 0; i < config->domains; i++ )
        if ( config->domain[i].regions > MACHINE_MAX_REGIONS )
            return false;
    return true;
}

static bool init(struct machine *m, const struct machine_config *config)
{
    m->config = *config;
    m->used = sizeof(*m);
    m->host.machine = m;
    return memory_init(m) && init_maps(m) && lay_out(m) && incoherent_init(m);
}

struct machine *machine_create(const struct machine_config *config)
{
    struct arena arena;
    struct machine *m;

    if ( !config_possible(config) ||
         !arena_reserve(&arena, ARENA_ADDRESS, ARENA_SIZE) )
        return NULL;

    m = (struct machine *)arena.base;
    m->control.arena = arena;
    m->control.frame = (struct frame *)(arena.base + STATE_SIZE);
    m->control.frames = arena.base + STATE_SIZE + FRAME_TABLE;
    m->control.fills = 1;
    if ( !init(m, config) )
    {
        machine_destroy(m);
        return NULL;
    }
    return m;
}

void machine_destroy(struct machine *m)
{
    struct arena arena;

    if ( !m )
        return;
    machine_untrack(m);
    arena = m->control.arena;
    arena_release(&m->control.saved_state);
    arena_release(&m->control.saved_frames);
    arena_release(&arena);
}

const struct machine_config *machine_config(const struct machine *m)
{
    return &m->config;
}

struct host *machine_host(struct machine *m)
{
    return &m->host;
}

struct domain *machine_domain(struct machine *m, unsigned int index)
{
    return index < m->config.domains ? &m->domain[index] : NULL;
}

void machine_observe(struct machine *m,
                     const struct machine_observer *observer)
{
    m->control.observer = *observer;
}
