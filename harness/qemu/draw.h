/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generators of all architectures draw with. */
#ifndef HARNESS_QEMU_DRAW_H
#define HARNESS_QEMU_DRAW_H

#include <qemu/diff.h>
#include <qemu/fields.h>
#include <scenario/arch.h>

/* An operation at the end of @program: its first @count fields are @value[],
 * the others what they are when they are left out. */
struct operation *draw_operation(struct program *program, unsigned int code,
                                 const uint64_t *value, unsigned int count);

/* Of a generator @g that has a program: with fields, and without any. */
#define GEN_EMIT(g, code, ...)                                                \
    draw_operation((g)->program, code, (const uint64_t[]) { __VA_ARGS__ },    \
                   sizeof((const uint64_t[]) { __VA_ARGS__ }) /               \
                       sizeof(uint64_t))
#define GEN_PLAIN(g, code) draw_operation((g)->program, code, NULL, 0)

#endif /* HARNESS_QEMU_DRAW_H */
