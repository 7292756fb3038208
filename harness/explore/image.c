/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <explore/image.h>

#include <stdlib.h>
#include <string.h>

void image_clear(struct image *image)
{
    image->pieces = 0;
    image->used = 0;
}

static void *grown(void *array, size_t bytes)
{
    void *bigger = realloc(array, bytes);

    if ( !bigger )
        abort();
    return bigger;
}

void image_add(struct image *image, void *at, size_t size)
{
    if ( image->pieces == image->piece_room )
    {
        image->piece_room = 2 * image->piece_room + 32;
        image->piece = grown(image->piece,
                             image->piece_room * sizeof(*image->piece));
    }
    if ( image->room - image->used < size )
    {
        image->room = 2 * image->room + size;
        image->data = grown(image->data, image->room);
    }
    image->piece[image->pieces++] = (struct image_piece) { at, size };
    memcpy(image->data + image->used, at, size);
    image->used += size;
}

void image_restore(const struct image *image)
{
    const uint8_t *from = image->data;

    for ( size_t i = 0; i < image->pieces; i++ )
    {
        memcpy(image->piece[i].at, from, image->piece[i].size);
        from += image->piece[i].size;
    }
}

void image_free(struct image *image)
{
    free(image->piece);
    free(image->data);
    *image = (struct image) { 0 };
}
