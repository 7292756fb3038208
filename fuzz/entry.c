/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target as libFuzzer, ClusterFuzzLite and OSS-Fuzz call it.  The name
 * is compiled in (FUZZ_TARGET).
 *
 * $UMBRA_FINDINGS   a directory: findings are shrunk, written there, and the
 *                   run goes on.  Without it the first one ends the process.
 * $UMBRA_STATUS     a file that is rewritten with the figures of the run.
 */

#include <fuzz/session.h>
#include <fuzz/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
                               unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t room, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

static struct session session;

static void at_exit(void)
{
    session_status(&session);
    session_close(&session);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct session_config config = {
        .target = FUZZ_TARGET,
        .findings = getenv("UMBRA_FINDINGS"),
        .status = getenv("UMBRA_STATUS"),
    };

    if ( !session_open(&session, &config) )
        exit(2);
    if ( *argc == 4 && !strcmp((*argv)[1], "--shrink-crash") )
        exit(session_shrink_crash(&session, (*argv)[2], (*argv)[3]) ? 0 : 1);
    atexit(at_exit);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    session_input(&session, data, size);
    return 0;
}

/* One mutation of sixteen is libFuzzer's own: it knows what was compared.  Of
 * text it is half of them, for its dictionary. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room,
                               unsigned int seed)
{
    bool text = session_is_text(&session);

    if ( getenv("UMBRA_RAW") || seed % (text ? 2 : 16) == 0 )
        return LLVMFuzzerMutate(data, size, room);
    return text ? text_mutate((char *)data, size, room, seed) :
                  input_mutate(data, size, room, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
                                 const uint8_t *b, size_t b_size, uint8_t *out,
                                 size_t room, unsigned int seed)
{
    if ( !session_is_text(&session) )
        return input_cross(a, a_size, b, b_size, out, room, seed);
    return text_cross((const char *)a, a_size, (const char *)b, b_size,
                      (char *)out, room, seed);
}
