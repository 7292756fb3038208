/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sim/trace.hpp>

#include <cinttypes>

namespace umbra
{

timeline::timeline(const char *path) : stream(fopen(path, "w"))
{
    if ( stream )
        fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", stream);
}

timeline::~timeline()
{
    close();
}

bool timeline::close()
{
    if ( !stream )
        return false;
    fputs("\n]}\n", stream);
    ok = !ferror(stream);
    ok = !fclose(stream) && ok;
    stream = nullptr;
    return ok;
}

void timeline::next()
{
    fputs(first ? "\n" : ",\n", stream);
    first = false;
}

/* What JSON wants escaped does not occur in names but for these. */
static std::string escaped(const std::string &text)
{
    std::string out;

    for ( char c : text )
    {
        if ( c == '"' || c == '\\' )
            out += '\\';
        out += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
    return out;
}

void timeline::lane(unsigned int number, const std::string &name)
{
    if ( !stream )
        return;
    next();
    fprintf(stream,
            "{\"ph\": \"M\", \"pid\": 1, \"tid\": %u, \"name\": "
            "\"thread_name\", \"args\": {\"name\": \"%s\"}}",
            number, escaped(name).c_str());
}

void timeline::span(unsigned int number, const char *name, uint64_t begin,
                    uint64_t end, const std::string &details)
{
    if ( !stream )
        return;
    next();
    fprintf(stream,
            "{\"ph\": \"X\", \"pid\": 1, \"tid\": %u, \"name\": \"%s\", "
            "\"ts\": %" PRIu64 ", \"dur\": %" PRIu64 ", \"args\": {%s}}",
            number, escaped(name).c_str(), begin, end - begin,
            details.c_str());
}

void timeline::count(const char *name, uint64_t at, unsigned int value)
{
    if ( !stream )
        return;
    next();
    fprintf(stream,
            "{\"ph\": \"C\", \"pid\": 1, \"name\": \"%s\", \"ts\": %" PRIu64
            ", \"args\": {\"value\": %u}}",
            escaped(name).c_str(), at, value);
}

} // namespace umbra
