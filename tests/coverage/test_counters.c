/* SPDX-License-Identifier: GPL-2.0-or-later */
/* COVER() in a build that counts. */
#include <coverage/cover.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/umbra-cover-XXXXXX";

/* What the process @pid wrote, into @text. */
static void written_by(pid_t pid, char *text, size_t size)
{
    char path[128];
    FILE *stream;
    size_t got;

    snprintf(path, sizeof(path), "%s/%ld.hits", directory, (long)pid);
    stream = fopen(path, "r");
    assert_non_null(stream);
    got = fread(text, 1, size - 1, stream);
    text[got] = '\0';
    fclose(stream);
    assert_int_equal(unlink(path), 0);
}

static pid_t in_a_child(void (*body)(void))
{
    pid_t child = fork();

    assert_true(child >= 0);
    if ( !child )
    {
        body();
        exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    return child;
}

static void hit_three_times(void)
{
    for ( unsigned int i = 0; i < 3; i++ )
        COVER("test.%s.%u", "point", 7u);
}

static void a_process_writes_its_counts_at_its_end(void **state)
{
    char text[256];

    (void)state;
    written_by(in_a_child(hit_three_times), text, sizeof(text));
    assert_string_equal(text, "3\ttest.point.7\n");
}

static void hit_by_name(void)
{
    for ( unsigned int i = 0; i < 3; i++ )
    {
        COVER_NAMED("test.", "one");
        COVER_NAMED("test.", "two");
    }
    COVER("test.%s", "one");
}

static void both_ways_count_the_same_point(void **state)
{
    char text[256];

    (void)state;
    written_by(in_a_child(hit_by_name), text, sizeof(text));
    assert_non_null(strstr(text, "4\ttest.one\n"));
    assert_non_null(strstr(text, "3\ttest.two\n"));
}

static void what_the_parent_counted_is_not_the_childs(void **state)
{
    char text[256];

    (void)state;
    COVER("test.of-the-parent");
    written_by(in_a_child(hit_three_times), text, sizeof(text));
    assert_null(strstr(text, "parent"));
}

static int set_up(void **state)
{
    (void)state;
    return !mkdtemp(directory) || setenv("UMBRA_COVER_POINTS", directory, 1);
}

static int tear_down(void **state)
{
    (void)state;
    return unsetenv("UMBRA_COVER_POINTS") || rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_writes_its_counts_at_its_end),
        cmocka_unit_test(both_ways_count_the_same_point),
        cmocka_unit_test(what_the_parent_counted_is_not_the_childs),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
