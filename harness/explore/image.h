/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of pieces of memory, to be put back where they were. */
#ifndef HARNESS_EXPLORE_IMAGE_H
#define HARNESS_EXPLORE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct image_piece {
    void *at;
    size_t size; /* bytes */
};

/* All zeroes: empty. */
struct image {
    struct image_piece *piece;
    size_t pieces, piece_room;
    uint8_t *data; /* of all pieces, one behind the other */
    size_t used, room;
};

/* Empty again; its memory is kept for the next. */
void image_clear(struct image *image);
/* Pieces may not overlap. */
void image_add(struct image *image, void *at, size_t size);
void image_restore(const struct image *image);
void image_free(struct image *image);

#endif /* HARNESS_EXPLORE_IMAGE_H */
