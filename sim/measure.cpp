/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/measure.hpp>

#include <algorithm>
#include <numeric>

namespace umbra
{

/* Below PLATFORM_BINS_OCTAVE a bin a value, above that so many an octave. */
static unsigned int bin_of(uint64_t value)
{
    unsigned int octave = 0;

    while ( value >> octave >= 2 * PLATFORM_BINS_OCTAVE )
        octave++;
    return std::min(octave * PLATFORM_BINS_OCTAVE +
                        static_cast<unsigned int>(value >> octave),
                    static_cast<unsigned int>(PLATFORM_BINS) - 1);
}

/* The nearest rank: the least sample that so many are not above. */
static uint64_t percentile(const std::vector<uint64_t> &sorted,
                           unsigned int percent)
{
    const size_t rank = (sorted.size() * percent + 99) / 100;

    return sorted[rank ? rank - 1 : 0];
}

void distribution::summarise(platform_latency &latency, uint64_t *bins)
{
    latency = {};
    if ( samples.empty() )
        return;
    std::sort(samples.begin(), samples.end());
    latency.count = samples.size();
    latency.p50 = percentile(samples, 50);
    latency.p90 = percentile(samples, 90);
    latency.p99 = percentile(samples, 99);
    latency.max = samples.back();
    latency.mean = std::accumulate(samples.begin(), samples.end(), 0.0) /
                   static_cast<double>(samples.size());
    for ( uint64_t sample : samples )
        bins[bin_of(sample)]++;
}

} // namespace umbra

uint64_t platform_bin_start(unsigned int bin)
{
    const unsigned int octave = bin < 2 * PLATFORM_BINS_OCTAVE ?
                                    0 :
                                    bin / PLATFORM_BINS_OCTAVE - 1;

    return static_cast<uint64_t>(bin - octave * PLATFORM_BINS_OCTAVE)
           << octave;
}
