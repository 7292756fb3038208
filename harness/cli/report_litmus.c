/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Litmus tests in the page: verdicts, and each counterexample as lanes. */
#include <cli/report.h>

#include <string.h>

/* The same test with a defect: "NAME[twin=DEFECT]". */
static bool is_twin(const struct report_case *one)
{
    return strstr(one->name, "[twin=") || strstr(one->name, ",twin=");
}

struct verdicts {
    size_t tests, hold, exhaustive, twins, found;
};

static void count(struct verdicts *v, const struct report_case *one)
{
    if ( is_twin(one) )
    {
        v->twins++;
        v->found += one->ok;
        return;
    }
    v->tests++;
    v->hold += one->ok;
    v->exhaustive += one->ok && one->exhaustive;
}

static void put_case(FILE *stream, const struct report_case *one)
{
    const char *verdict = is_twin(one)    ? "found" :
                          one->exhaustive ? "holds in every order" :
                                            "holds in the orders tried";

    fprintf(stream, "<details><summary><span class=\"%s\">%s</span> ",
            one->ok ? "good" : "bad", one->ok ? verdict : "failed");
    report_escape(stream, one->name);
    fprintf(stream, "</summary>\n<p class=\"dim\">%llu schedules</p>\n",
            (unsigned long long)one->schedules);
    if ( one->order )
    {
        fputs("<div class=\"scroll\"><pre class=\"lanes\">", stream);
        report_escape(stream, one->order);
        fputs("</pre></div>\n", stream);
    }
    fputs("</details>\n", stream);
}

void report_litmus_html(FILE *stream, const struct report *report)
{
    struct verdicts v = { 0 };

    for ( size_t i = 0; i < report->case_count; i++ )
        if ( report->cases[i].kind == REPORT_LITMUS )
            count(&v, &report->cases[i]);
    if ( !v.tests && !v.twins )
        return;
    fprintf(stream,
            "<h2 id=\"litmus\">Litmus tests</h2>\n<p>%zu of %zu tests hold, "
            "%zu of them in every order of their events; of %zu twins with a "
            "defect %zu were found, each shown as lanes.</p>\n"
            "<details><summary>each of them</summary>\n",
            v.hold, v.tests, v.exhaustive, v.twins, v.found);
    for ( size_t i = 0; i < report->case_count; i++ )
        if ( report->cases[i].kind == REPORT_LITMUS )
            put_case(stream, &report->cases[i]);
    fputs("</details>\n", stream);
}
