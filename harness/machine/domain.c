/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains: what the configuration says is at each guest-physical page. */
#include <machine/state.h>

static bool backed(enum region_type type)
{
    return type == REGION_RAM || type == REGION_ROM;
}

static uint64_t region_first(const struct region *region)
{
    return region->base >> PAGE_SHIFT;
}

/* At most the end of the address space. */
static uint64_t region_end(const struct region *region)
{
    const uint64_t limit = UINT64_C(1) << (64 - PAGE_SHIFT);
    uint64_t end = region_first(region) + (region->size >> PAGE_SHIFT);

    return end < limit ? end : limit;
}

/* The frame behind the last one of RAM or ROM. */
static uint64_t domain_span(const struct domain_config *config)
{
    uint64_t span = 0;
    unsigned int i;

    for ( i = 0; i < config->regions; i++ )
        if ( backed(config->region[i].type) &&
             region_end(&config->region[i]) > span )
            span = region_end(&config->region[i]);
    return span;
}

uint64_t domain_pages(const struct domain_config *config)
{
    uint64_t span = domain_span(config), pages = LAYOUT_MIN_PAGES;

    while ( pages < span )
        pages *= 2;
    return pages;
}

/* The region listed last wins. */
static enum region_type configured(const struct domain_config *config,
                                   uint64_t gfn)
{
    unsigned int i = config->regions;

    while ( i-- )
        if ( gfn >= region_first(&config->region[i]) &&
             gfn < region_end(&config->region[i]) )
            return config->region[i].type;
    return REGION_HOLE;
}

/* The first boundary of a region above @gfn, or UINT64_MAX. */
static uint64_t next_boundary(const struct domain_config *config, uint64_t gfn)
{
    uint64_t next = UINT64_MAX;
    unsigned int i;

    for ( i = 0; i < config->regions; i++ )
    {
        uint64_t first = region_first(&config->region[i]);
        uint64_t end = region_end(&config->region[i]);

        if ( first > gfn && first < next )
            next = first;
        if ( end > gfn && end < next )
            next = end;
    }
    return next;
}

static void build_segments(struct domain *d)
{
    uint64_t gfn = 0, end;

    for ( ; (end = next_boundary(d->config, gfn)) != UINT64_MAX; gfn = end )
    {
        enum region_type type = configured(d->config, gfn);
        struct segment *last = &d->segment[d->segments];

        if ( d->segments && last[-1].type == type )
            last[-1].end = end;
        else
        {
            *last = (struct segment) { gfn, end, type };
            d->segments++;
        }
    }
}

bool domain_init(struct machine *m, unsigned int index, uint64_t base)
{
    struct domain *d = &m->domain[index];
    uint64_t pages = domain_pages(&m->config.domain[index]);
    uint64_t seed = m->config.seed + index;

    d->machine = m;
    d->index = index;
    d->config = &m->config.domain[index];
    d->limit = domain_span(d->config);
    build_segments(d);
    domain_forget_hints(d);

    d->layout.base = d->config->shape == P2M_BARE ?
                         0 :
                         (base + pages - 1) & ~(pages - 1);
    layout_init(&d->layout, d->config->shape, pages, seed);
    return d->layout.base + pages <= m->pool_end;
}

static const struct segment *segment_of(const struct domain *d, uint64_t gfn)
{
    unsigned int low = 0, high = d->segments;

    while ( low < high )
    {
        unsigned int middle = (low + high) / 2;

        if ( gfn < d->segment[middle].first )
            high = middle;
        else if ( gfn >= d->segment[middle].end )
            low = middle + 1;
        else
            return &d->segment[middle];
    }
    return NULL;
}

enum region_type domain_type(const struct domain *d, uint64_t gfn)
{
    const struct segment *segment = segment_of(d, gfn);

    return segment ? segment->type : REGION_HOLE;
}

bool domain_range_uniform(const struct domain *d, uint64_t first,
                          uint64_t pages)
{
    const struct segment *segment = segment_of(d, first);

    return segment && first + pages <= segment->end;
}

bool domain_range_empty(const struct domain *d, uint64_t first, uint64_t pages)
{
    unsigned int i;

    for ( i = 0; i < d->segments; i++ )
        if ( backed(d->segment[i].type) &&
             d->segment[i].first < first + pages && d->segment[i].end > first )
            return false;
    return true;
}

void domain_gone(struct domain *d)
{
    d->gone = true;
}

unsigned int domain_index(const struct domain *d)
{
    return d->index;
}

struct machine *domain_machine(const struct domain *d)
{
    return d->machine;
}
