/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of differential runs share. */
#ifndef TESTS_QEMU_SUPPORT_H
#define TESTS_QEMU_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <qemu/diff.h>
#include <scenario/arch.h>

#include <string.h>

/* A machine of QEMU; false: there is no QEMU here. */
static inline bool start_machine(struct qemu_machine *m,
                                 const struct qemu_arch *arch)
{
    char version[64];

    return qemu_version(arch->program, version, sizeof(version)) &&
           qemu_start(m, arch, arch->program);
}

static inline struct program *parse(const char *text)
{
    struct program_list list = { 0 };
    struct program_error error = { 0 };
    struct program *program;

    if ( !program_parse_text(text, "test", "test", &list, &error) )
        fail_msg("%s", error.text);
    assert_int_equal(list.count, 1);
    program = list.program[0];
    list.count = 0;
    program_list_free(&list);
    return program;
}

#endif /* TESTS_QEMU_SUPPORT_H */
