/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtl_sessions FILE...: see session.h. */
#include "session.h"

#include <scenario/suite.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct session_result session;
struct session_reads session_reads;

/* ---- reads ---- */

static struct port behind;
static struct port_ops recording_ops;

static bool recording_read(void *world, uint64_t address, void *buffer,
                           unsigned int len, unsigned int atom)
{
    bool ok = behind.ops->read(world, address, buffer, len, atom);
    struct session_reads *reads = &session_reads;

    /* Others than descriptors are of no concern. */
    if ( !reads->recording || len != 8 || reads->count == SESSION_READS )
        return ok;
    reads->read[reads->count].address = address;
    reads->read[reads->count].ok = ok;
    if ( ok )
        memcpy(&reads->read[reads->count].value, buffer, 8);
    reads->count++;
    return ok;
}

void session_port(struct port *port)
{
    behind = *port;
    recording_ops = *port->ops;
    recording_ops.read = recording_read;
    port->ops = &recording_ops;
}

void session_record(bool on)
{
    session_reads.recording = on;
    if ( !on )
        return;
    session_reads.count = session_reads.taken = 0;
    session_reads.strayed = false;
}

bool session_replay(void *world, uint64_t address, uint64_t *value)
{
    struct session_reads *reads = &session_reads;
    unsigned int at = reads->taken++;

    (void)world;
    *value = 0;
    if ( at >= reads->count || reads->read[at].address != address )
    {
        reads->strayed = true;
        return false;
    }
    *value = reads->read[at].value;
    return reads->read[at].ok;
}

void session_disagree(const char *format, ...)
{
    va_list arguments;

    if ( *session.disagreement )
        return;
    va_start(arguments, format);
    vsnprintf(session.disagreement, sizeof(session.disagreement), format,
              arguments);
    va_end(arguments);
}

/* ---- programs ---- */

static bool run_file(const char *file)
{
    const struct world_config config = { .through = THROUGH_MODEL,
                                         .shape = P2M_CONTIGUOUS,
                                         .seed = 1 };
    static struct finding findings[WORLD_MAX_FINDINGS];
    struct program_list list;
    struct program_error error;
    struct run_result result;
    unsigned int count = 0;
    bool ok;

    session = (struct session_result) { 0 };
    if ( !program_read(file, NULL, &list, &error) )
    {
        fprintf(stderr, "rtl_sessions: %s\n", error.text);
        return false;
    }
    ok = program_run(list.program[0], &config, &result, findings, &count);
    program_list_free(&list);
    session_vtd_end();
    session_smmuv3_end();
    printf("%s: %llu translations, %llu hits, %llu reads, %llu faults, %llu "
           "invalidations\n",
           file, (unsigned long long)session.translations,
           (unsigned long long)session.hits, (unsigned long long)session.reads,
           (unsigned long long)session.faults,
           (unsigned long long)session.invalidations);
    if ( !ok || count )
        printf("%s: the session itself has %u findings\n", file, count);
    if ( *session.disagreement )
        printf("%s: translation %llu: %s\n", file,
               (unsigned long long)session.translations, session.disagreement);
    /* A session that translates nothing proves nothing. */
    if ( !session.translations )
        printf("%s: nothing was translated\n", file);
    return ok && !count && !*session.disagreement && session.translations;
}

int main(int argc, char **argv)
{
    bool ok = true;

    if ( argc < 2 || argv[1][0] == '-' )
    {
        fprintf(stderr, "usage: rtl_sessions FILE...\n");
        return 2;
    }
    for ( int i = 1; i < argc; i++ )
        ok &= run_file(argv[i]);
    return !ok;
}
