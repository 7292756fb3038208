/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Former runs: kept as JSON, shown in the page. */
#include <cli/history.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_CASES   20
#define KEPT_FIGURES 40

struct history {
    json_t *cases;   /* by name: a string */
    json_t *figures; /* by name: { unit, values } */
};

/* What is no object becomes an empty one. */
static json_t *take(json_t *file, const char *key)
{
    json_t *object = json_object_get(file, key);

    return json_is_object(object) ? json_incref(object) : json_object();
}

struct history *history_load(const char *directory)
{
    struct history *history = calloc(1, sizeof(*history));
    char path[512];
    json_t *file;

    if ( !history )
        return NULL;
    snprintf(path, sizeof(path), "%s/history.json", directory);
    file = json_load_file(path, 0, NULL);
    history->cases = take(file, "cases");
    history->figures = take(file, "figures");
    json_decref(file);
    return history;
}

void history_free(struct history *history)
{
    if ( !history )
        return;
    json_decref(history->cases);
    json_decref(history->figures);
    free(history);
}

/* ---- adding ---- */

static void add_case(struct history *history, const struct report_case *one)
{
    const char *old = history_of(history, one->name);
    char text[KEPT_CASES + 1] = "";
    size_t length = old ? strlen(old) : 0;

    if ( length >= KEPT_CASES )
    {
        old += length - (KEPT_CASES - 1);
        length = KEPT_CASES - 1;
    }
    if ( length )
        memcpy(text, old, length);
    text[length] = one->skipped ? '.' : one->ok ? '+' : '-';
    text[length + 1] = 0;
    json_object_set_new(history->cases, one->name, json_string(text));
}

static void add_figure(struct history *history,
                       const struct report_result *result)
{
    json_t *one = json_object_get(history->figures, result->name);
    json_t *values = json_object_get(one, "values");

    if ( !json_is_array(values) )
    {
        one = json_pack("{s:s, s:[]}", "unit", result->unit, "values");
        json_object_set_new(history->figures, result->name, one);
        values = json_object_get(one, "values");
    }
    json_array_append_new(values, json_real(result->value));
    while ( json_array_size(values) > KEPT_FIGURES )
        json_array_remove(values, 0);
}

void history_add(struct history *history, const struct report *report)
{
    for ( size_t i = 0; i < report->case_count; i++ )
        add_case(history, &report->cases[i]);
    for ( size_t i = 0; i < report->result_count; i++ )
        add_figure(history, &report->results[i]);
}

int history_save(const struct history *history, const char *directory)
{
    json_t *file = json_pack("{s:O, s:O}", "cases", history->cases, "figures",
                             history->figures);
    char path[512];

    snprintf(path, sizeof(path), "%s/history.json", directory);
    return file ? report_dump(file, path, JSON_SORT_KEYS) : -ENOMEM;
}

/* ---- showing ---- */

const char *history_of(const struct history *history, const char *name)
{
    return json_string_value(json_object_get(history->cases, name));
}

#define LINE_WIDTH  240
#define LINE_HEIGHT 36

static double largest(const json_t *values)
{
    double most = 0;
    const json_t *one;
    size_t i;

    json_array_foreach(values, i, one)
    {
        if ( json_number_value(one) > most )
            most = json_number_value(one);
    }
    return most;
}

/* From zero: half the speed is half the height. */
static void put_line(FILE *stream, const json_t *values)
{
    size_t count = json_array_size(values), i;
    double most = largest(values);
    const json_t *one;

    fprintf(stream,
            "<svg class=\"inline\" width=\"%d\" height=\"%d\" role=\"img\" "
            "aria-label=\"%zu runs\"><polyline class=\"line\" points=\"",
            LINE_WIDTH, LINE_HEIGHT, count);
    json_array_foreach(values, i, one)
    {
        double share = most > 0 ? json_number_value(one) / most : 0;

        fprintf(stream, "%.1f,%.1f ",
                count > 1 ?
                    2 + (double)i * (LINE_WIDTH - 4) / (double)(count - 1) :
                    2.0,
                2 + (LINE_HEIGHT - 4) * (1 - share));
    }
    fputs("\"/></svg>", stream);
}

void history_html(FILE *stream, const struct history *history)
{
    json_t *one;
    const char *name;

    if ( !json_object_size(history->figures) )
        return;
    fputs("<h2 id=\"benchmarks\">Benchmarks</h2>\n<p class=\"dim\">The "
          "runs of umbra bench on this machine, the oldest first; each line "
          "begins at zero.</p>\n<div class=\"scroll\"><table><thead><tr>"
          "<th>name</th><th class=\"n\">latest</th><th>unit</th><th>runs</th>"
          "</tr></thead><tbody>\n",
          stream);
    json_object_foreach(history->figures, name, one)
    {
        const json_t *values = json_object_get(one, "values");
        const char *unit = json_string_value(json_object_get(one, "unit"));
        size_t count = json_array_size(values);

        if ( !count )
            continue;
        fputs("<tr><td>", stream);
        report_escape(stream, name);
        fprintf(stream, "</td><td class=\"n\">%.4g</td><td>",
                json_number_value(json_array_get(values, count - 1)));
        report_escape(stream, unit ? unit : "");
        fputs("</td><td>", stream);
        put_line(stream, values);
        fputs("</td></tr>\n", stream);
    }
    fputs("</tbody></table></div>\n", stream);
}
