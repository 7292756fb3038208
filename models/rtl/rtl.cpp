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

bool rtl_steps_wants(const struct rtl_steps *unit, uint64_t *address)
{
    return unit->wants(address);
}

void rtl_steps_word(struct rtl_steps *unit, uint64_t value, bool ok,
                    unsigned int latency)
{
    unit->word(value, ok, latency);
}

bool rtl_steps_invalidating(const struct rtl_steps *unit)
{
    return unit->invalidating();
}

void rtl_steps_finish(struct rtl_steps *unit)
{
    unit->finish();
}

uint64_t rtl_steps_cycles(const struct rtl_steps *unit)
{
    return unit->cycles();
}

bool rtl_steps_broken(const struct rtl_steps *unit)
{
    return unit->broken();
}
