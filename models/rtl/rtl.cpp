// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl.h>

static const struct {
    unsigned int entries, ways;
} sizes[RTL_SIZES] = { { 16, 2 }, { 64, 4 }, { 2048, 4 } };

unsigned int rtl_entries(enum rtl_size size)
{
    return sizes[size].entries;
}

unsigned int rtl_ways(enum rtl_size size)
{
    return sizes[size].ways;
}
