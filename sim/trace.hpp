/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline in the Chrome trace-event format, which Perfetto opens: complete
 * events and counters, a lane a thread.  Time is in cycles, shown as
 * microseconds.
 */
#ifndef SIM_TRACE_HPP
#define SIM_TRACE_HPP

#include <cstdint>
#include <cstdio>
#include <string>

namespace umbra
{

class timeline
{
  public:
    explicit timeline(const char *path);
    ~timeline();
    timeline(const timeline &) = delete;
    timeline &operator=(const timeline &) = delete;

    void lane(unsigned int number, const std::string &name);
    /* @details: members of a JSON object, or empty. */
    void span(unsigned int number, const char *name, uint64_t begin,
              uint64_t end, const std::string &details);
    void count(const char *name, uint64_t at, unsigned int value);

    /* False: something could not be written. */
    bool close();

  private:
    void next();

    FILE *stream;
    bool first = true, ok = true;
};

} // namespace umbra

#endif /* SIM_TRACE_HPP */
