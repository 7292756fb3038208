/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMMUv3 programs: what they claim falsely is found, what they ask for in vain
 * is refused with its line. */

#include <scenario/suite.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A device under stage 1 with a page at 0x1000, and one that can't be
 * written at 0x2000. */
#define HEAD                                                                  \
    "arch smmuv3\ntitle t\nthrough model\ndevice nic 00:02.0\n"               \
    "device gpu 00:03.0\ntable A\n"
#define BODY                                                                  \
    "start evtq=1\nste nic s1\ncd nic table=A\n"                              \
    "map A 0x1000 0x300000 4k rw\nmap A 0x2000 0x301000 4k r\n"               \
    "cfgi-ste nic\nsync\n"
#define LINES 13 /* of both */

struct outcome_of_run {
    bool ran;
    unsigned int count;
    struct run_result result;
    struct finding finding[WORLD_MAX_FINDINGS];
};

static struct outcome_of_run run(const char *operations)
{
    const struct world_config config = { .through = THROUGH_MODEL };
    struct outcome_of_run outcome;
    struct program_list list = { 0 };
    struct program_error error = { 0 };
    char text[2048] = HEAD BODY;

    strncat(text, operations, sizeof(text) - strlen(text) - 1);
    if ( !program_parse_text(text, "x.scn", "x", &list, &error) )
        fail_msg("%s", error.text);
    outcome.ran = program_run(list.program[0], &config, &outcome.result,
                              outcome.finding, &outcome.count);
    program_list_free(&list);
    return outcome;
}

static void what_is_true_is_no_finding(void **state)
{
    static const char *const rows[] = {
        "",
        "dma nic read 0x1000 to=0x300000\nevents 0\n",
        "dma nic write 0x2008 priv fault=0x13\n"
        "event F_PERMISSION nic address=0x2008 class=2 write priv\n",
        "dma nic read 0x5000 fault=0x10\nevents 1\n"
        "handle-events records=1\n",
        "repeat 3 dma nic read 0x5000\nhandle-events records=2 overflow\n",
        "command 0xff 0\nsync error\ngerror-ack is=0\n",
        "command 0xff 0\nsubmit\ngerror-ack is=1\n",
        "interrupts 0\nsync irq\ninterrupts 1 data=76\n",
        "dma nic read 0x5000 exec pasid=3\n"
        "event C_BAD_SUBSTREAMID nic ssid=3\n",
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct outcome_of_run outcome = run(rows[i]);

        assert_true(outcome.ran);
        if ( outcome.count )
            fail_msg("%s: %s", rows[i], outcome.finding[0].message);
    }
}

static void what_is_claimed_falsely_is_found(void **state)
{
    static const struct {
        const char *operations, *property;
    } rows[] = {
        { "dma nic read 0x1000 to=0x301000\n", "P2" },
        { "dma nic read 0x1000 fault=0x10\n", "P4" },
        { "dma nic read 0x5000 fault=0x13\n", "P4" },
        { "event F_TRANSLATION nic\n", "P4" },
        { "dma nic read 0x5000\nevent F_PERMISSION nic read\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION gpu read\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic write\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic priv\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic exec\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic s2\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic class=1\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic address=1\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic ipa=0x1000\n", "P4" },
        { "dma nic read 0x5000\nevent F_TRANSLATION nic ssid=0\n", "P4" },
        { "dma nic read 0x5000\nevents 0\n", "P4" },
        { "dma nic read 0x5000\nhandle-events records=2\n", "P4" },
        { "dma nic read 0x5000\nhandle-events overflow\n", "P4" },
        { "repeat 3 dma nic read 0x5000\nhandle-events\n", "P4" },
        { "gerror-ack is=1\n", "P4" },
        { "command 0xff 0\nsubmit\ngerror-ack is=4\n", "P4" },
        { "command 0xff 0\nsync\n", "P5" },
        { "sync error\n", "P5" },
        { "sync irq\ninterrupts 1 data=74\n", "P4" },
        { "read CR0ACK is=0\n", "P10" },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct outcome_of_run outcome = run(rows[i].operations);

        assert_true(outcome.ran);
        if ( !outcome.count )
            fail_msg("%s: nothing was found", rows[i].operations);
        assert_string_equal(outcome.finding[0].property, rows[i].property);
    }
}

static void what_can_not_be_done_is_refused_with_its_line(void **state)
{
    static const char *const rows[] = {
        "map A 0x1000 0 64k rw\n",     "map A 0x1000 0 32m rw\n",
        "unmap A 0x40000000 4k\n",     "cd nic ssid=1\n",
        "cd-raw nic 0 0 ssid=5\n",     "l1cd nic 0\n",
        "cd-table nic cdmax=20\n",     "entry A 0 3 3 target-table\n",
        "start sid-bits=20 split=0\n",
    };
    char line[16];
    size_t i;

    (void)state;
    snprintf(line, sizeof(line), "x.scn:%u:", LINES + 1);
    for ( i = 0; i < sizeof(rows) / sizeof(rows[0]); i++ )
    {
        struct outcome_of_run outcome = run(rows[i]);

        if ( outcome.ran )
            fail_msg("%s: it was not refused", rows[i]);
        if ( !strstr(outcome.result.why, line) )
            fail_msg("%s: %s", rows[i], outcome.result.why);
    }
}

/* One word of a structure after the other. */
static void words_are_written_alone(void **state)
{
    struct outcome_of_run outcome = run(
        "cd nic table=A asid=7 words=2\ncfgi-cd nic\nsync\n"
        "dma nic read 0x1000 to=0x300000\n"
        "cd nic absent words=1\ncfgi-cd nic\nsync\n"
        "dma nic read 0x1000 fault=0xa\n"
        "ste nic bypass words=1\ncfgi-ste nic\nsync\n"
        "dma nic read 0x300000 to=0x300000\n"
        "ste-flip nic 0\ncfgi-ste nic\nsync\n"
        "dma nic read 0x300000 fault=4\n");

    (void)state;
    assert_true(outcome.ran);
    if ( outcome.count )
        fail_msg("%s", outcome.finding[0].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_true_is_no_finding),
        cmocka_unit_test(what_is_claimed_falsely_is_found),
        cmocka_unit_test(what_can_not_be_done_is_refused_with_its_line),
        cmocka_unit_test(words_are_written_alone),
    };

    return cmocka_run_group_tests_name("scenario/smmuv3", tests, NULL, NULL);
}
