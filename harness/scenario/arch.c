/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The architectures that there are.  The first is what a scenario without an
 * "arch" line is about. */

#include <scenario/smmuv3/smmuv3.h>
#include <scenario/vtd/vtd.h>

#include <string.h>

const struct arch *const arch_table[] = { &arch_vtd, &arch_smmuv3, NULL };

const struct arch *arch_by_name(const char *name)
{
    for ( const struct arch *const *a = arch_table; *a; a++ )
        if ( !strcmp((*a)->name, name) )
            return *a;
    return NULL;
}

unsigned int arch_number(const struct arch *arch)
{
    unsigned int n = 0;

    while ( arch_table[n] != arch )
        n++;
    return n;
}
