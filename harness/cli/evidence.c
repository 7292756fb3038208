/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Coverage and mutants in the page and in the summary. */
#include <cli/evidence.h>
#include <cli/report.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct evidence {
    json_t *cover, *mutants; /* NULL: there is none */
};

static json_t *load(const char *directory, const char *name, const char *verb)
{
    const char *written_by;
    char path[512];
    json_t *object;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    object = json_load_file(path, 0, NULL);
    written_by = json_string_value(json_object_get(object, "verb"));
    if ( object && (!written_by || strcmp(written_by, verb)) )
    {
        json_decref(object);
        object = NULL;
    }
    return object;
}

struct evidence *evidence_load(const char *directory)
{
    struct evidence *evidence = calloc(1, sizeof(*evidence));

    if ( !evidence )
        return NULL;
    evidence->cover = load(directory, "cover.json", "cover");
    evidence->mutants = load(directory, "mutants.json", "mutants");
    return evidence;
}

void evidence_free(struct evidence *evidence)
{
    if ( !evidence )
        return;
    json_decref(evidence->cover);
    json_decref(evidence->mutants);
    free(evidence);
}

/* ---- values; what is missing is 0 or empty ---- */

static long long figure(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static double decimal(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static const char *words(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* ---- the page ---- */

static void put_cell(FILE *stream, const char *text)
{
    fputs("<td>", stream);
    report_escape(stream, text);
    fputs("</td>", stream);
}

static void put_rates(FILE *stream, const json_t *cover)
{
    static const char *const kinds[] = { "lines", "branches", "functions" };
    json_t *lines = json_object_get(cover, kinds[0]), *rate;
    const char *room;

    fputs("<h2 id=\"code\">Code coverage</h2>\n<div class=\"scroll\"><table>"
          "<thead><tr><th>room</th><th class=\"n\">lines</th>"
          "<th class=\"n\">branches</th><th class=\"n\">functions</th></tr>"
          "</thead><tbody>\n",
          stream);
    json_object_foreach(lines, room, rate)
    {
        fputs("<tr>", stream);
        put_cell(stream, room);
        for ( size_t k = 0; k < 3; k++ )
            fprintf(stream, "<td class=\"n\">%.2f&#8239;%%</td>",
                    decimal(json_object_get(cover, kinds[k]), room));
        fputs("</tr>\n", stream);
    }
    fputs("</tbody></table></div>\n<p class=\"dim\">Line by line: "
          "<a href=\"coverage/index.html\">coverage/index.html</a>, where "
          "umbra cover has written it.</p>\n",
          stream);
}

static void put_list(FILE *stream, const json_t *cover, const char *key,
                     const char *title, const char *class)
{
    const json_t *list = json_object_get(cover, key);
    const json_t *one;
    size_t i;

    if ( !json_array_size(list) )
        return;
    fprintf(stream, "<details><summary class=\"%s\">%zu %s</summary>\n<ul>\n",
            class, json_array_size(list), title);
    json_array_foreach(list, i, one)
    {
        fputs("<li>", stream);
        report_escape(stream,
                      json_string_value(one) ? json_string_value(one) : "");
        fputs("</li>\n", stream);
    }
    fputs("</ul></details>\n", stream);
}

static void put_section_row(FILE *stream, const json_t *one)
{
    long long hit = figure(one, "hit"), total = figure(one, "total");
    long long explained = figure(one, "explained");

    fprintf(stream, "<tr class=\"%s\">",
            hit + explained == total ? "" : "bad");
    put_cell(stream, words(one, "list"));
    put_cell(stream, words(one, "section"));
    fprintf(stream,
            "<td class=\"n\">%lld</td><td class=\"n\">%lld</td>"
            "<td class=\"n\">%lld</td></tr>\n",
            hit, total, explained);
}

static void put_points(FILE *stream, const json_t *cover)
{
    const json_t *sections = json_object_get(cover, "sections"), *one;
    size_t i;

    fprintf(stream,
            "<h2 id=\"points\">Functional coverage</h2>\n<p>%lld of %lld "
            "points of the specifications were hit; of %lld the list says "
            "why nothing can.</p>\n<details><summary>by section</summary>\n"
            "<div class=\"scroll\"><table><thead><tr><th>list</th>"
            "<th>section</th><th class=\"n\">hit</th>"
            "<th class=\"n\">points</th><th class=\"n\">explained</th></tr>"
            "</thead><tbody>\n",
            figure(cover, "points_hit"), figure(cover, "points_total"),
            figure(cover, "points_explained"));
    json_array_foreach(sections, i, one) put_section_row(stream, one);
    fputs("</tbody></table></div></details>\n", stream);
    put_list(stream, cover, "points_unhit", "points that nothing hit", "bad");
    put_list(stream, cover, "short", "figures below their aim", "skip");
}

static void put_mutant_row(FILE *stream, const json_t *one)
{
    bool killed = json_is_true(json_object_get(one, "killed"));

    fputs("<tr>", stream);
    put_cell(stream, words(one, "slug"));
    put_cell(stream, words(one, "room"));
    fprintf(stream, "<td class=\"%s\">%s</td>", killed ? "good" : "bad",
            killed ? "caught" : "survived");
    put_cell(stream, words(one, "by"));
    put_cell(stream, words(one, "killer"));
    fprintf(stream, "<td class=\"n\">%.1f</td></tr>\n",
            decimal(one, "seconds"));
}

static void put_mutants(FILE *stream, const json_t *mutants)
{
    const json_t *results = json_object_get(mutants, "results"), *one;
    size_t i;

    fprintf(
        stream,
        "<h2 id=\"mutants\">Mutants</h2>\n<p>%lld of %lld known defects "
        "were caught with the property that they break, %lld of them by "
        "umbra run alone; %lld can't exist here.</p>\n<details%s><summary>each of them</summary>\n"
        "<div class=\"scroll\"><table><thead><tr><th>defect</th>"
        "<th>room</th><th>result</th><th>by</th><th>what was run</th>"
        "<th class=\"n\">seconds</th></tr></thead><tbody>\n",
        figure(mutants, "killed"), figure(mutants, "total"),
        figure(mutants, "by_suite"), figure(mutants, "not_applicable"),
        figure(mutants, "survived") ? " open" : "");
    json_array_foreach(results, i, one) put_mutant_row(stream, one);
    fputs("</tbody></table></div></details>\n", stream);
}

void evidence_html(FILE *stream, const struct evidence *evidence)
{
    if ( evidence->cover )
    {
        put_points(stream, evidence->cover);
        put_rates(stream, evidence->cover);
    }
    if ( evidence->mutants )
        put_mutants(stream, evidence->mutants);
}

/* ---- the summary ---- */

static void summarise_cover(FILE *stream, const json_t *cover)
{
    json_t *lines = json_object_get(cover, "lines"), *rate;
    const char *room;

    fprintf(stream,
            "* Functional coverage: %lld of %lld points of the "
            "specifications (%lld can't be hit, with a citation)\n",
            figure(cover, "points_hit"), figure(cover, "points_total"),
            figure(cover, "points_explained"));
    json_object_foreach(lines, room, rate) fprintf(
        stream, "* Code coverage of %s: %.1f %% lines, %.1f %% branches\n",
        room, json_number_value(rate),
        decimal(json_object_get(cover, "branches"), room));
}

void evidence_markdown(FILE *stream, const struct evidence *evidence)
{
    if ( evidence->cover )
        summarise_cover(stream, evidence->cover);
    if ( evidence->mutants )
        fprintf(stream, "* Mutants: %lld of %lld known defects caught\n",
                figure(evidence->mutants, "killed"),
                figure(evidence->mutants, "total"));
}
