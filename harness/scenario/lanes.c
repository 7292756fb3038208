/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An order of events as lanes: in the terminal, as a page, as a trace. */

#include <scenario/lanes.h>
#include <scenario/litmus.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- recording ---- */

static struct lanes_row *add_row(struct lanes *lanes)
{
    if ( lanes->rows == lanes->room )
    {
        lanes->room = lanes->room ? 2 * lanes->room : 32;
        lanes->row = realloc(lanes->row, lanes->room * sizeof(*lanes->row));
        if ( !lanes->row )
            abort();
    }
    return &lanes->row[lanes->rows++];
}

static void on_step(void *context, unsigned int actor, size_t operation,
                    const char *name, const char *where)
{
    struct lanes *lanes = context;
    struct lanes_row *last = lanes->rows ? &lanes->row[lanes->rows - 1] : NULL;
    uint64_t at = last ? last->first + last->steps : 0;
    bool same = operation == lanes->last_operation[actor];
    struct lanes_row *row;
    char text[256];

    snprintf(lanes->lane[actor], LANES_NAME, "%s", name);
    lanes->used[actor] = true;
    if ( last && last->lane == actor && same )
    {
        last->steps++;
        return;
    }
    row = add_row(lanes);
    *row = (struct lanes_row) { .lane = actor, .first = at, .steps = 1 };
    row->resumes = same && operation < lanes->program->ops;
    if ( row->resumes || operation >= lanes->program->ops )
        snprintf(row->text, sizeof(row->text), "%s%s",
                 row->resumes ? "... " : "", where);
    else
        snprintf(row->text, sizeof(row->text), "%.*s", LANES_TEXT - 1,
                 operation_text(lanes->program, &lanes->program->op[operation],
                                text, sizeof(text)));
    lanes->last_operation[actor] = operation;
}

bool lanes_record(const struct program *program,
                  const struct world_config *way, const char *schedule,
                  struct lanes *lanes)
{
    const struct litmus_config config = { .strategy = EXPLORE_REPLAY,
                                          .preemptions = EXPLORE_NO_LIMIT,
                                          .schedule = schedule,
                                          .allow_counts = true,
                                          .step = on_step,
                                          .context = lanes };
    struct litmus_result result;
    bool ok;

    memset(lanes, 0, sizeof(*lanes));
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        lanes->last_operation[i] = SIZE_MAX - 1;
    lanes->program = program;
    lanes->title = strdup(program->title ? program->title : program->name);
    lanes->schedule = strdup(schedule);
    ok = litmus_explore(program, way, &config, &result) &&
         !result.explored.misfit;
    if ( ok && result.found )
        snprintf(lanes->finding, sizeof(lanes->finding), "%s %s",
                 result.finding.property, result.finding.message);
    litmus_result_free(&result);
    if ( !ok )
        lanes_free(lanes);
    return ok;
}

void lanes_free(struct lanes *lanes)
{
    free(lanes->row);
    free(lanes->title);
    free(lanes->schedule);
    *lanes = (struct lanes) { 0 };
}

/* ---- in the terminal ---- */

#define WIDTH 34

void lanes_print(const struct lanes *lanes, FILE *out)
{
    fputs("  ", out);
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( lanes->used[i] )
            fprintf(out, "%-*s| ", WIDTH, lanes->lane[i]);
    fputs("\n", out);
    for ( size_t r = 0; r < lanes->rows; r++ )
    {
        const struct lanes_row *row = &lanes->row[r];

        fputs("  ", out);
        for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
            if ( lanes->used[i] )
                fprintf(out, "%-*.*s| ", WIDTH, WIDTH,
                        i == row->lane ? row->text : "");
        fputs("\n", out);
    }
    if ( *lanes->finding )
        fprintf(out, "  => %s\n", lanes->finding);
}

/* ---- as a page ---- */

static void put_escaped(FILE *out, const char *text)
{
    for ( ; *text; text++ )
        if ( *text == '<' )
            fputs("&lt;", out);
        else if ( *text == '>' )
            fputs("&gt;", out);
        else if ( *text == '&' )
            fputs("&amp;", out);
        else
            fputc(*text, out);
}

static void html_row(FILE *out, const struct lanes *lanes,
                     const struct lanes_row *row)
{
    fprintf(out, "<tr><td class=\"n\">%" PRIu64 "</td>", row->first);
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( lanes->used[i] )
        {
            fputs(i != row->lane ? "<td></td>" :
                  row->resumes   ? "<td class=\"again\">" :
                                   "<td class=\"op\">",
                  out);
            if ( i == row->lane )
            {
                put_escaped(out, row->text);
                fputs("</td>", out);
            }
        }
    fputs("</tr>\n", out);
}

bool lanes_html(const struct lanes *lanes, const char *path)
{
    FILE *out = fopen(path, "w");

    if ( !out )
        return false;
    fputs("<!doctype html><meta charset=\"utf-8\"><title>", out);
    put_escaped(out, lanes->title);
    fputs("</title><style>body{font:14px sans-serif}table{border-collapse:"
          "collapse}td,th{border-left:1px solid #ccc;padding:2px 8px;"
          "text-align:left}td.op{background:#def}td.again{background:#eef}"
          "td.n{color:#888}p.f{color:#b00}</style><h1>",
          out);
    put_escaped(out, lanes->title);
    fputs("</h1><table><tr><th>step</th>", out);
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( lanes->used[i] )
        {
            fputs("<th>", out);
            put_escaped(out, lanes->lane[i]);
            fputs("</th>", out);
        }
    fputs("</tr>\n", out);
    for ( size_t r = 0; r < lanes->rows; r++ )
        html_row(out, lanes, &lanes->row[r]);
    fputs("</table><p class=\"f\">", out);
    put_escaped(out, lanes->finding);
    fprintf(out, "</p><p>schedule <code>%s</code></p>\n", lanes->schedule);
    return !fclose(out);
}

/* ---- for Perfetto: trace events, a thread for each lane ---- */

static void put_json(FILE *out, const char *text)
{
    fputc('"', out);
    for ( ; *text; text++ )
    {
        if ( *text == '"' || *text == '\\' )
            fputc('\\', out);
        fputc(*text < ' ' ? ' ' : *text, out);
    }
    fputc('"', out);
}

bool lanes_perfetto(const struct lanes *lanes, const char *path)
{
    FILE *out = fopen(path, "w");

    if ( !out )
        return false;
    fputs("{\"traceEvents\":[\n", out);
    for ( unsigned int i = 0; i < SCHED_MAX_ACTORS; i++ )
        if ( lanes->used[i] )
        {
            fprintf(out,
                    "{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":"
                    "\"thread_name\",\"args\":{\"name\":",
                    i + 1);
            put_json(out, lanes->lane[i]);
            fputs("}},\n", out);
        }
    for ( size_t r = 0; r < lanes->rows; r++ )
    {
        const struct lanes_row *row = &lanes->row[r];

        fprintf(out,
                "{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%" PRIu64
                ",\"dur\":%" PRIu64 ",\"name\":",
                row->lane + 1, row->first, row->steps);
        put_json(out, row->text);
        fputs("},\n", out);
    }
    fputs("{\"ph\":\"i\",\"pid\":1,\"tid\":1,\"s\":\"g\",\"ts\":", out);
    fprintf(out, "%" PRIu64 ",\"name\":",
            lanes->rows ? lanes->row[lanes->rows - 1].first +
                              lanes->row[lanes->rows - 1].steps :
                          0);
    put_json(out, *lanes->finding ? lanes->finding : "the end");
    fputs("}]}\n", out);
    return !fclose(out);
}
