/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

static uint64_t random_state;

unsigned int random_below(unsigned int n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned int)(random_state >> 8) % n;
}

/* Some commands, and what happens while they are executed. */
static void invalidate(const struct program_unit *unit)
{
    struct program_command command[3];
    unsigned int n = 1 + random_below(3);

    for ( unsigned int i = 0; i < n; i++ )
    {
        command[i] = unit->command();
        unit->submit(&command[i]);
    }
    unit->go();
    for ( unsigned int i = 0; i < n; i++ )
    {
        if ( random_below(2) )
            unit->dma();
        if ( !random_below(4) )
            unit->store();
        unit->execute(&command[i]);
    }
    unit->dma();
    unit->complete();
}

static void operate(const struct program_unit *unit)
{
    switch ( random_below(8) )
    {
    case 0:
    case 1:
        unit->store();
        break;
    case 2:
        invalidate(unit);
        break;
    case 3:
        if ( !random_below(4) )
            unit->structure();
        break;
    default:
        unit->dma();
        break;
    }
}

/* Returns the number of findings. */
static unsigned int run(const struct program_unit *unit, struct world *w,
                        unsigned int defect, bool variant, unsigned int seed)
{
    random_state = seed;
    unit->start(defect, variant);
    for ( unsigned int i = 0; i < unit->operations && !w->findings; i++ )
        operate(unit);
    if ( w->findings )
        print_message("seed %u: %s: %s\n", seed, w->finding[0].rule,
                      w->finding[0].message);
    world_end(w);
    return w->findings;
}

void program_legal(const struct program_unit *unit, struct world *w)
{
    for ( unsigned int variant = 0; variant < 2; variant++ )
        for ( unsigned int defect = 0; defect < unit->defects; defect++ )
            for ( unsigned int seed = 1;
                  seed <= unit->programs && !unit->is_defect(defect, variant);
                  seed++ )
                assert_int_equal(run(unit, w, defect, variant, seed), 0);
}

void program_defects(const struct program_unit *unit, struct world *w)
{
    for ( unsigned int variant = 0; variant < 2; variant++ )
        for ( unsigned int defect = 0; defect < unit->defects; defect++ )
        {
            unsigned int seed = 1;

            if ( !unit->is_defect(defect, variant) )
                continue;
            while ( seed < unit->patience &&
                    !run(unit, w, defect, variant, seed) )
                seed++;
            print_message("defect %u: after %u programs\n", defect, seed);
            assert_true(seed < unit->patience);
        }
}
