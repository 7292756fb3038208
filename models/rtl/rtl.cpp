// SPDX-License-Identifier: GPL-2.0-or-later

#include <rtl/rtl_unit.hpp>

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

void rtl_unit_set_latency(struct rtl_unit *unit, unsigned int min,
                          unsigned int max)
{
    unit->set_latency(min, max);
}

uint64_t rtl_unit_cycles(const struct rtl_unit *unit)
{
    return unit->cycles();
}

bool rtl_unit_broken(const struct rtl_unit *unit)
{
    return unit->broken();
}

bool rtl_unit_trace(struct rtl_unit *unit, const char *file)
{
    return unit->trace(file);
}
