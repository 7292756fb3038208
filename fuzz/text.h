/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets whose inputs are text. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <fuzz/target.h>

/* Read it, write it, read it again.  What is wrong, or NULL; what the second
 * reader said is in @why. */
const char *text_input(enum target_kind kind, const uint8_t *data, size_t size,
                       struct program_error *why);

/* ---- mutate_text.c ---- */

/* A mutant of @data[0..@size) in its place, at most @room long: lines, words,
 * names and numbers are other ones.  Its length; @size may be 0. */
size_t text_mutate(char *data, size_t size, size_t room, unsigned int seed);

/* Lines of @a, then lines of @b.  Its length, at most @room. */
size_t text_cross(const char *a, size_t a_size, const char *b, size_t b_size,
                  char *out, size_t room, unsigned int seed);

#endif /* FUZZ_TEXT_H */
