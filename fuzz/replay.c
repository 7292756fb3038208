/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs inputs from files, under any compiler: corpora as a test, and for
 * gcov.
 *
 *   fuzz_replay [-r N] TARGET FILE|DIRECTORY...
 *
 * Exit status: 0 nothing was found, 1 something was, 2 usage.
 */

#include <fuzz/session.h>

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (1 << 20)

struct replay {
    struct session session;
    uint8_t data[MOST_BYTES];
    unsigned int repeat;
    uint64_t inputs;
};

/* False: it could not be read. */
static bool run_file(struct replay *replay, const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    if ( !file )
    {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    size = fread(replay->data, 1, MOST_BYTES, file);
    fclose(file);
    for ( unsigned int i = 0; i < replay->repeat; i++ )
        session_input(&replay->session, replay->data, size);
    replay->inputs++;
    return true;
}

static bool run_tree(struct replay *replay, char *path)
{
    char *roots[] = { path, NULL };
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    bool ok = tree != NULL;

    for ( FTSENT *f; ok && (f = fts_read(tree)) != NULL; )
        if ( f->fts_info == FTS_F )
            ok = run_file(replay, f->fts_path);
        else if ( f->fts_info == FTS_NS )
            ok = run_file(replay, f->fts_path); /* says why it can't be */
    if ( tree )
        fts_close(tree);
    return ok;
}

static int usage(void)
{
    fprintf(stderr, "Usage: fuzz_replay [-r N] TARGET FILE|DIRECTORY...\n"
                    "The targets are:\n");
    for ( const struct fuzz_target *t = fuzz_targets; t->name; t++ )
        fprintf(stderr, "  %-22s %s\n", t->name, t->help);
    return 2;
}

static int report(const struct replay *replay, double seconds)
{
    const struct judge_totals *t = &replay->session.judge.total;

    printf("%" PRIu64 " inputs, %" PRIu64 " executions, %" PRIu64
           " operations, %" PRIu64 " DMA (%" PRIu64 " suspended), %" PRIu64
           " findings, %.0f executions/s\n",
           replay->inputs, t->executions, t->operations, t->dma, t->suspended,
           t->findings, seconds > 0 ? (double)t->executions / seconds : 0);
    return t->findings ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct replay *replay = calloc(1, sizeof(*replay));
    struct session_config config = { .findings = getenv("UMBRA_FINDINGS") };
    double start = wall_seconds();
    int first = 1, status = 0;

    if ( !replay )
        abort();
    replay->repeat = 1;
    if ( argc > 2 && !strcmp(argv[1], "-r") )
    {
        replay->repeat = (unsigned int)strtoul(argv[2], NULL, 0);
        first = 3;
    }
    if ( argc < first + 2 )
        return usage();
    config.target = argv[first];
    if ( !session_open(&replay->session, &config) )
        return usage();
    for ( int i = first + 1; i < argc && !status; i++ )
        status = run_tree(replay, argv[i]) ? 0 : 2;
    if ( !status )
        status = report(replay, wall_seconds() - start);
    session_close(&replay->session);
    free(replay);
    return status;
}
