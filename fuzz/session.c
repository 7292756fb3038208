/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of a target: inputs in, findings and figures out. */

#include <fuzz/session.h>
#include <fuzz/text.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool session_open(struct session *session, const struct session_config *config)
{
    memset(session, 0, sizeof(*session));
    session->config = *config;
    session->target = fuzz_target_by_name(config->target);
    if ( !session->target )
    {
        fprintf(stderr, "there is no fuzz target '%s'\n", config->target);
        return false;
    }
    return judge_init(&session->judge, session->target);
}

void session_close(struct session *session)
{
    judge_free(&session->judge);
}

bool session_is_text(const struct session *session)
{
    return session->target->kind == TARGET_TEXT ||
           session->target->kind == TARGET_TRACE;
}

/* ---- figures ---- */

void session_status(const struct session *session)
{
    const struct judge_totals *t = &session->judge.total;
    char path[512];
    FILE *file;

    if ( !session->config.status )
        return;
    snprintf(path, sizeof(path), "%s.new", session->config.status);
    file = fopen(path, "w");
    if ( !file )
        return;
    fprintf(file,
            "executions %" PRIu64 "\noperations %" PRIu64 "\ndma %" PRIu64
            "\nsuspended %" PRIu64 "\nrefused %" PRIu64 "\nfindings %" PRIu64
            "\n",
            t->executions, t->operations, t->dma, t->suspended, t->refused,
            t->findings);
    for ( unsigned int n = 0; n < 64; n++ )
        if ( t->undefined[n] )
            fprintf(file, "undefined %u %" PRIu64 "\n", n, t->undefined[n]);
    for ( unsigned int i = 0; i < session->groups; i++ )
        fprintf(file, "group %" PRIu64 " %" PRIu64 " %s\n",
                session->group[i].count, session->group[i].first,
                session->group[i].name);
    fclose(file);
    rename(path, session->config.status);
}

/* ---- findings ---- */

/* False: it was known, or there are too many. */
static bool new_group(struct session *session, const char *name)
{
    struct session_group *group = session->group;

    for ( ; group < session->group + session->groups; group++ )
        if ( !strcmp(group->name, name) )
        {
            group->count++;
            return false;
        }
    if ( session->groups == SESSION_GROUPS )
        return false;
    session->groups++;
    snprintf(group->name, sizeof(group->name), "%s", name);
    group->count = 1;
    group->first = session->judge.total.executions;
    return true;
}

static void tell(const struct verdict *verdict, const char *path)
{
    fprintf(stderr, "FINDING %s: %s\n  %zu operations: %s\n",
            verdict->finding.property, verdict->finding.message,
            verdict->program->ops, path);
}

static void keep_input(const char *path, const uint8_t *data, size_t size)
{
    char name[600];
    FILE *file;

    snprintf(name, sizeof(name), "%s.input", path);
    file = fopen(name, "wb");
    if ( !file )
        return;
    fwrite(data, 1, size, file);
    fclose(file);
}

static void collect(struct session *session, struct verdict *verdict,
                    const uint8_t *data, size_t size)
{
    char group[GROUP_LENGTH], path[512];

    finding_group(&verdict->finding, group);
    if ( !new_group(session, group) )
        return;
    if ( !finding_shrink(verdict, group) )
        fprintf(stderr, "it does not happen in a new world: ");
    if ( finding_write(verdict, session->target->name, group,
                       session->config.findings, path, sizeof(path)) )
    {
        tell(verdict, path);
        keep_input(path, data, size);
    }
    session_status(session);
}

/* For engines that know crashes only. */
static void give_up(const struct session *session,
                    const struct verdict *verdict)
{
    char *text = program_text(verdict->program);

    fprintf(stderr, "FINDING %s: %s\nafter %" PRIu64 " executions\n%s",
            verdict->finding.property, verdict->finding.message,
            session->judge.total.executions, text);
    free(text);
    abort();
}

/* ---- inputs ---- */

static void program_input(struct session *session, const uint8_t *data,
                          size_t size)
{
    struct verdict verdict;

    judge_input(&session->judge, data, size, &verdict);
    if ( verdict.found && !session->config.findings )
        give_up(session, &verdict);
    if ( verdict.found )
        collect(session, &verdict, data, size);
    program_free(verdict.program);
}

/* There is no program to shrink: the input itself is the finding. */
static void text_finding(struct session *session, const char *wrong,
                         const uint8_t *data, size_t size)
{
    struct finding finding = { .property = "text" };
    char group[GROUP_LENGTH], path[512];

    if ( !session->config.findings )
    {
        fprintf(stderr, "FINDING text: %s\nafter %" PRIu64 " executions\n",
                wrong, session->judge.total.executions);
        abort();
    }
    session->judge.total.findings++;
    snprintf(finding.message, sizeof(finding.message), "%.399s", wrong);
    finding_group(&finding, group);
    if ( !new_group(session, group) )
        return;
    snprintf(path, sizeof(path), "%s/%s-%u", session->config.findings,
             session->target->name, session->groups);
    make_directories(session->config.findings);
    keep_input(path, data, size);
    fprintf(stderr, "FINDING text: %s\n  0 operations: %s.input\n", wrong,
            path);
}

static void some_text(struct session *session, const uint8_t *data,
                      size_t size)
{
    struct program_error why = { 0 };
    const char *wrong = text_input(session->target->kind, data, size, &why);
    char message[600];

    session->judge.total.executions++;
    snprintf(message, sizeof(message), "%s: %s", wrong ? wrong : "", why.text);
    if ( wrong )
        text_finding(session, message, data, size);
}

#define STATUS_SECONDS 0.5

void session_input(struct session *session, const uint8_t *data, size_t size)
{
    if ( session_is_text(session) )
        some_text(session, data, size);
    else
        program_input(session, data, size);
    if ( session->judge.total.executions % 64 == 0 &&
         wall_seconds() - session->shown > STATUS_SECONDS )
    {
        session->shown = wall_seconds();
        session_status(session);
    }
}

/* ---- crashes ---- */

#define MOST_BYTES 65536

static size_t read_file(const char *path, uint8_t *data, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;

    if ( file )
    {
        size = fread(data, 1, room, file);
        fclose(file);
    }
    return size;
}

bool session_shrink_crash(struct session *session, const char *input,
                          const char *output)
{
    uint8_t *data = malloc(MOST_BYTES);
    struct verdict verdict = { .rules = &session->judge.rules };
    size_t size;
    bool ok;

    if ( !data )
        abort();
    size = read_file(input, data, MOST_BYTES);
    verdict.program = input_decode(&session->judge.rules, data, size,
                                   &verdict.config, &verdict.prologue);
    ok = finding_shrink(&verdict, NULL);
    free(verdict.program->title);
    verdict.program->title = strdup("A crash");
    ok = program_write(verdict.program, output) && ok;
    program_free(verdict.program);
    free(data);
    return ok;
}
