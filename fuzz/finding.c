/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finding: its name, its shortest program, its file. */

#include <fuzz/judge.h>

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The property and the rule: what stands before the first colon, or the
 * message without its figures. */
void finding_group(const struct finding *finding, char *group)
{
    size_t used = (size_t)snprintf(group, GROUP_LENGTH, "%s ",
                                   finding->property);
    bool number = false; /* the characters before are one */

    for ( const char *c = finding->message;
          *c && *c != ':' && used + 1 < GROUP_LENGTH; c++ )
    {
        number = isdigit((unsigned char)*c) ||
                 (number && isalnum((unsigned char)*c));
        if ( !number )
            group[used++] = *c;
        else if ( group[used - 1] != '#' )
            group[used++] = '#';
    }
    group[used] = 0;
}

/* ---- shrinking ---- */

/* Exit statuses of a try. */
enum { TRY_NOTHING, TRY_SAME = 42 };

static int compare_in_child(const struct program *program,
                            const struct world_config *config)
{
    struct world_config other = judge_other_caches(config);
    struct finding findings[WORLD_MAX_FINDINGS];
    struct run_result a, b;
    unsigned int count = 0;

    return program_run(program, config, &a, findings, &count) && !count &&
                   program_run(program, &other, &b, findings, &count) &&
                   !count && !a.suspended && !b.suspended &&
                   a.outcomes != b.outcomes ?
               TRY_SAME :
               TRY_NOTHING;
}

static int try_in_child(const struct program *program,
                        const struct world_config *config, const char *group)
{
    struct finding findings[WORLD_MAX_FINDINGS];
    struct run_result result;
    unsigned int count = 0;
    char is[GROUP_LENGTH];

    if ( group && !strcmp(group, "P2 " JUDGE_CACHES_MATTER) )
        return compare_in_child(program, config);
    if ( !program_run(program, config, &result, findings, &count) || !count ||
         !group )
        return TRY_NOTHING;
    finding_group(&findings[0], is);
    return strcmp(is, group) ? TRY_NOTHING : TRY_SAME;
}

/* A try that takes longer shows nothing. */
#define TRY_SECONDS 20

/* Does the program still do it?  Whatever it does, it does in a process of
 * its own. */
static bool still(const struct verdict *v, const struct program *program,
                  const char *group)
{
    pid_t child;
    int status;

    if ( v->rules->target->kind == TARGET_EQUIVALENCE &&
         !input_flushed(v->rules, program) )
        return false;
    fflush(NULL);
    child = fork();
    if ( child < 0 )
        return false;
    if ( !child )
    {
        if ( !group && !freopen("/dev/null", "w", stderr) )
            _exit(TRY_NOTHING);
        alarm(TRY_SECONDS);
        _exit(try_in_child(program, &v->config, group));
    }
    if ( waitpid(child, &status, 0) != child )
        return false;
    if ( WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM )
        return false;
    return group ? WIFEXITED(status) && WEXITSTATUS(status) == TRY_SAME :
                   !WIFEXITED(status) || WEXITSTATUS(status) != TRY_NOTHING;
}

static struct program *without(const struct program *program, size_t first,
                               size_t count)
{
    struct program *less = program_copy(program, program->ops);

    memmove(less->op + first, less->op + first + count,
            (less->ops - first - count) * sizeof(*less->op));
    less->ops -= count;
    return less;
}

#define MOST_TRIES 1500

/* Without blocks of operations, of half the program down to one (ddmin). */
static void remove_operations(struct verdict *v, const char *group)
{
    unsigned int tries = 0;
    bool again = true;

    for ( size_t block = v->program->ops / 2; block && tries < MOST_TRIES;
          block = again && block == 1 ? 1 : block / 2 )
    {
        again = false;
        for ( size_t at = v->program->ops; at-- > 0 && tries < MOST_TRIES; )
        {
            struct program *less;

            if ( at % block || at + block > v->program->ops )
                continue;
            less = without(v->program, at, block);
            tries++;
            if ( !still(v, less, group) )
            {
                program_free(less);
                continue;
            }
            program_free(v->program);
            v->program = less;
            again = true;
        }
    }
}

/* Operations by themselves that need not be inside others. */
static void straighten(struct verdict *v, const char *group)
{
    for ( size_t i = 0; i < v->program->ops; i++ )
    {
        struct operation *op = &v->program->op[i];
        uint16_t inside = op->inside;

        if ( !inside )
            continue;
        op->inside = 0;
        if ( !still(v, v->program, group) )
            op->inside = inside;
    }
}

bool finding_shrink(struct verdict *verdict, const char *group)
{
    if ( !still(verdict, verdict->program, group) )
        return false;
    remove_operations(verdict, group);
    straighten(verdict, group);
    return true;
}

/* ---- the file ---- */

static void slug(char *to, size_t size, const char *from)
{
    size_t used = 0;

    for ( ; *from && used + 1 < size; from++ )
        if ( isalnum((unsigned char)*from) )
            to[used++] = (char)tolower((unsigned char)*from);
        else if ( used && to[used - 1] != '-' )
            to[used++] = '-';
    while ( used && to[used - 1] == '-' )
        used--;
    to[used] = 0;
}

bool finding_write(const struct verdict *verdict, const char *target,
                   const char *group, const char *directory, char *path,
                   size_t size)
{
    struct program *program = program_copy(verdict->program,
                                           verdict->program->ops);
    char name[GROUP_LENGTH], title[320];
    bool ok;

    slug(name, sizeof(name), group);
    snprintf(path, size, "%s/%s-%s.scn", directory, target, name);
    snprintf(title, sizeof(title), "%s found %s: %.200s", target,
             verdict->finding.property, verdict->finding.message);
    for ( char *c = title; *c; c++ )
        if ( !isprint((unsigned char)*c) )
            *c = ' ';
    free(program->title);
    program->title = strdup(title);
    ok = make_directories(directory) && program_write(program, path);
    program_free(program);
    return ok;
}
