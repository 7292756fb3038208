/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between memory as it is and a copy of it, in pieces: where only
 * little of much has changed they are what is worth copying.
 */
#ifndef HARNESS_MACHINE_PIECES_H
#define HARNESS_MACHINE_PIECES_H

#include <stddef.h>

/* @at: in the memory as it is. */
typedef void machine_piece(void *context, void *at, size_t size);

/* All that has changed since @saved was a copy of @now. */
void pieces_give(void *now, const void *saved, size_t size,
                 machine_piece *piece, void *context);
/* As it was then. */
void pieces_take_back(void *now, const void *saved, size_t size);

#endif /* HARNESS_MACHINE_PIECES_H */
