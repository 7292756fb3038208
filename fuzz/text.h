/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets whose inputs are text. */
#ifndef FUZZ_TEXT_H
#define FUZZ_TEXT_H

#include <fuzz/target.h>

/* Read it, write it, read it again.  What is wrong, or NULL; what the second
 * reader said is in @why. */
const char *text_input(enum target_kind kind, const uint8_t *data, size_t size,
                       struct program_error *why);

#endif /* FUZZ_TEXT_H */
