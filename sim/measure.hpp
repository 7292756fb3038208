/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions: every sample is kept, so that percentiles are exact. */
#ifndef SIM_MEASURE_HPP
#define SIM_MEASURE_HPP

#include <common/c_models.hpp>
#include <sim/platform.h>

#include <vector>

namespace umbra
{

class distribution
{
  public:
    void add(uint64_t value)
    {
        samples.push_back(value);
    }

    void summarise(platform_latency &latency, uint64_t *bins);

  private:
    std::vector<uint64_t> samples;
};

} // namespace umbra

#endif /* SIM_MEASURE_HPP */
