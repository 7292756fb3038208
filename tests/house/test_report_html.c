/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page: what it must contain, and what it must not. */
#include "sample.h"

#include <stdlib.h>
#include <string.h>

static char *page_of_the_sample(void)
{
    struct report report;
    char *page;

    sample_report(&report, "run");
    page = written(report_html, &report);
    report_free(&report);
    return page;
}

static void assert_contains(const char *page, const char *text)
{
    if ( !strstr(page, text) )
        fail_msg("the page lacks: %s", text);
}

static void the_page_loads_nothing_from_outside(void **state)
{
    static const char *const forbidden[] = { "http:", "https:", "src=",
                                             "href=", "url(",   "@import" };
    char *page = page_of_the_sample();

    (void)state;
    for ( size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++ )
        assert_null(strstr(page, forbidden[i]));
    free(page);
}

static void text_of_others_is_escaped(void **state)
{
    char *page = page_of_the_sample();

    (void)state;
    assert_contains(page, "a &lt; b &amp; &quot;c&quot; isn&#39;t &gt; d");
    assert_contains(page, "vtd/a&amp;b&lt;c&gt;.scn");
    assert_contains(page, "line 7: dma &lt;read&gt;");
    assert_contains(page, "iotlb hit &lt;4K&gt;");
    assert_null(strstr(page, "a&b"));
    assert_null(strstr(page, "<read>"));
    free(page);
}

static void findings_come_before_the_cases_with_their_replay(void **state)
{
    char *page = page_of_the_sample();
    const char *finding = strstr(page, "./umbra replay build/report/1.scn");
    const char *cases = strstr(page, "id=\"cases\"");

    (void)state;
    assert_non_null(finding);
    assert_non_null(cases);
    assert_true(finding < cases);
    free(page);
}

static void a_phone_and_a_dark_room_are_thought_of(void **state)
{
    char *page = page_of_the_sample();

    (void)state;
    assert_contains(page, "width=device-width");
    assert_contains(page, "prefers-color-scheme:dark");
    free(page);
}

static void sessions_are_bars_and_open_when_unequal(void **state)
{
    char *page = page_of_the_sample();

    (void)state;
    assert_contains(page, "<details open><summary>");
    assert_contains(page, "ways: 1 of 2 as expected");
    assert_contains(page, "translations: 1199 of 1200 as expected");
    assert_contains(page, "IOTLB: 900 hits, 300 misses");
    free(page);
}

static void litmus_tests_have_their_verdict_and_their_order(void **state)
{
    char *page = page_of_the_sample();

    (void)state;
    assert_contains(page, "1 of 1 tests hold, 1 of them in every order");
    assert_contains(page, "holds in every order</span> litmus/drain.litmus");
    assert_contains(page, "<pre class=\"lanes\">cpu | nic\nsync |\n"
                          "    | dma &lt;nic&gt;\n</pre>");
    free(page);
}

static void charts_show_time_and_look_ups(void **state)
{
    char *page = page_of_the_sample();

    (void)state;
    assert_contains(page, "aria-label=\"Where the time went\"");
    assert_contains(page, ">1400 look-ups</text>");
    /* 1000 of 1400 look-ups hit: so much of the 370 px of the longest bar */
    assert_contains(page, "width=\"370.0\"");
    assert_contains(page, "width=\"264.3\"");
    free(page);
}

static void an_empty_report_is_a_page_too(void **state)
{
    struct report report;
    char *page;

    (void)state;
    report_init(&report, "run", "1", 0);
    page = written(report_html, &report);
    assert_contains(page, "no finding");
    assert_contains(page, "</html>");
    assert_null(strstr(page, "id=\"cases\""));
    free(page);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_loads_nothing_from_outside),
        cmocka_unit_test(text_of_others_is_escaped),
        cmocka_unit_test(findings_come_before_the_cases_with_their_replay),
        cmocka_unit_test(a_phone_and_a_dark_room_are_thought_of),
        cmocka_unit_test(sessions_are_bars_and_open_when_unequal),
        cmocka_unit_test(litmus_tests_have_their_verdict_and_their_order),
        cmocka_unit_test(charts_show_time_and_look_ups),
        cmocka_unit_test(an_empty_report_is_a_page_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
