/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What many cases must have exercised, so that agreement means something. */

#include <qemu/diff.h>

/* Of every architecture. */
static const struct diff_bin common[] = {
    { "DMA with one legal result", DIFF_FIGURE(exact), 0, 0 },
    { "DMA in stale windows", DIFF_FIGURE(stale), 0, 0 },
    { "older results in stale windows", DIFF_FIGURE(stale_old), 0, 0 },
    { "DMA that reached memory", DIFF_FIGURE(reached), 0, 0 },
    { "hits in the IOTLB", DIFF_FIGURE(hits), 0, 0 },
    { "interrupts", DIFF_FIGURE(events), 0, 0 },
    { NULL, 0, 0, 0 },
};

static void look(const struct diff_bin *bin,
                 const struct program_machine *machine,
                 const struct diff_figures *figures, struct diff_gaps *gaps)
{
    const uint64_t *figure = (const uint64_t *)figures;

    for ( ; bin->name; bin++ )
        if ( (machine->id[bin->id] & bin->feature) == bin->feature &&
             !figure[bin->figure] && gaps->count < DIFF_MAX_BINS )
            gaps->name[gaps->count++] = bin->name;
}

void diff_find_gaps(const struct diff_arch *arch,
                    const struct program_machine *machine,
                    const struct diff_figures *figures, struct diff_gaps *gaps)
{
    gaps->count = 0;
    look(common, machine, figures, gaps);
    look(arch->bin, machine, figures, gaps);
}
