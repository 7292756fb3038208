/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cases exercised, so that agreement can't come from empty ones. */

#include <qemu/diff.h>

void diff_figures_add(struct diff_figures *to, const struct diff_figures *from)
{
    const uint64_t *more = (const uint64_t *)from;
    uint64_t *sum = (uint64_t *)to;

    for ( size_t i = 0; i < sizeof(*to) / sizeof(*sum); i++ )
        sum[i] += more[i];
}
_Static_assert(sizeof(struct diff_figures) % sizeof(uint64_t) == 0,
               "figures are counters only");

static bool is_newest(const struct diff_case *c, size_t i)
{
    const struct diff_dma *dma = &c->dma[i];
    uint64_t data = c->run[SIDE_QEMU].seen[i].data;

    /* The newest result is the first of the set. */
    return dma->legal.count &&
           (dma->legal.result[0].ok ?
                data && (data == dma->legal.result[0].gpa ||
                         data == dma->value[0]) :
                !data);
}

static void count_dma(const struct diff_case *c, size_t i,
                      struct diff_figures *f)
{
    const struct diff_dma *dma = &c->dma[i];
    bool stale = !dma->legal.open && dma->legal.count > 1;

    f->dma++;
    f->reached += dma->reached;
    f->hits += dma->hit;
    f->open += dma->legal.open;
    f->exact += !dma->legal.open && !stale;
    f->stale += stale;
    f->stale_old += stale && !is_newest(c, i);
    f->differ += stale && c->run[SIDE_QEMU].seen[i].data !=
                              c->run[SIDE_MODEL].seen[i].data;
    if ( dma->reached )
        f->page[64 - __builtin_clzll(dma->mask | 1) - 1 + (dma->mask > 1)]++;
    else
        f->reason[dma->reason & 0xff]++;
}

void diff_figures_count(const struct diff_case *c, struct diff_figures *f)
{
    for ( unsigned int i = 0; i < 64; i++ )
        f->undefined[i] += c->undefined >> i & 1;
    for ( size_t i = 0; i < c->program->ops; i++ )
    {
        f->operation[c->program->op[i].code]++;
        f->events += c->run[SIDE_QEMU].seen[i].events;
        if ( c->dma[i].made )
            count_dma(c, i, f);
    }
}
