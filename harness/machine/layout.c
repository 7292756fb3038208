/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The computed part of the p2m. */
#include <machine/layout.h>

#define PAGES_2M         (UINT64_C(1) << ORDER_2M)
#define PAGES_1G         (UINT64_C(1) << ORDER_1G)
#define BLOCKS_1G        (PAGES_1G / PAGES_2M)
#define OFFSET(x, order) ((x) & ((UINT64_C(1) << (order)) - 1))

/* Vigna's splitmix64 step: one well-mixed word per call. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A permutation of 0..count-1; count is a power of two. */
static void affine_init(struct affine *affine, uint64_t count, uint64_t *seed)
{
    uint64_t mask = count - 1, a = 1;
    unsigned int i;

    if ( count >= 8 )
        do
        {
            a = (random_next(seed) | 1) & mask;
        } while ( a == 1 || a == mask );

    /* Newton's iteration doubles the right bits; an odd a starts with 3. */
    affine->inverse = a;
    for ( i = 0; i < 5; i++ )
        affine->inverse *= 2 - a * affine->inverse;
    affine->multiplier = a;
    affine->offset = random_next(seed);
    affine->mask = mask;
}

static uint64_t forward(const struct affine *affine, uint64_t x)
{
    return (x * affine->multiplier + affine->offset) & affine->mask;
}

static uint64_t backward(const struct affine *affine, uint64_t y)
{
    return ((y - affine->offset) * affine->inverse) & affine->mask;
}

/* Has the contiguous shape whole gigabytes to keep together? */
static bool has_gigabytes(const struct layout *layout)
{
    return layout->pages >= 2 * PAGES_1G;
}

void layout_init(struct layout *layout, enum p2m_shape shape, uint64_t pages,
                 uint64_t seed)
{
    uint64_t blocks = pages / PAGES_2M;

    layout->shape = shape;
    layout->pages = pages;

    if ( shape == P2M_MIXED ||
         (shape == P2M_CONTIGUOUS && has_gigabytes(layout)) )
        blocks /= 2;
    if ( shape == P2M_MIXED )
        pages /= 2;

    affine_init(&layout->page, pages, &seed);
    affine_init(&layout->block, blocks, &seed);
    affine_init(&layout->giga,
                has_gigabytes(layout) ? layout->pages / PAGES_1G / 2 : 1,
                &seed);
}

/*
 * All three permutations and their inverses have one form: split the number
 * into parts, permute a part, put it together.
 */
typedef uint64_t permute(const struct affine *affine, uint64_t x);

static uint64_t contiguous(const struct layout *layout, uint64_t x, permute *p)
{
    uint64_t giga = x >> ORDER_1G, block;

    if ( !has_gigabytes(layout) )
        return p(&layout->block, x >> ORDER_2M) << ORDER_2M |
               OFFSET(x, ORDER_2M);

    if ( giga & 1 )
        return (p(&layout->giga, giga / 2) * 2 + 1) << ORDER_1G |
               OFFSET(x, ORDER_1G);

    block = p(&layout->block,
              giga / 2 * BLOCKS_1G + (OFFSET(x, ORDER_1G) >> ORDER_2M));
    return (block / BLOCKS_1G * 2) << ORDER_1G |
           (block % BLOCKS_1G) << ORDER_2M | OFFSET(x, ORDER_2M);
}

static uint64_t mixed(const struct layout *layout, uint64_t x, permute *p)
{
    uint64_t block = x >> ORDER_2M, page;

    if ( !(block & 1) )
        return (p(&layout->block, block / 2) * 2) << ORDER_2M |
               OFFSET(x, ORDER_2M);

    page = p(&layout->page, (block / 2) << ORDER_2M | OFFSET(x, ORDER_2M));
    return ((page >> ORDER_2M) * 2 + 1) << ORDER_2M | OFFSET(page, ORDER_2M);
}

static uint64_t shaped(const struct layout *layout, uint64_t x, permute *p)
{
    switch ( layout->shape )
    {
    case P2M_SCATTERED:
        return p(&layout->page, x);
    case P2M_CONTIGUOUS:
        return contiguous(layout, x, p);
    case P2M_MIXED:
        return mixed(layout, x, p);
    case P2M_BARE:
        break;
    }
    return x;
}

uint64_t layout_mfn(const struct layout *layout, uint64_t gfn)
{
    return layout->base + shaped(layout, gfn, forward);
}

uint64_t layout_gfn(const struct layout *layout, uint64_t mfn)
{
    return shaped(layout, mfn - layout->base, backward);
}

unsigned int layout_order(const struct layout *layout, uint64_t gfn)
{
    switch ( layout->shape )
    {
    case P2M_SCATTERED:
        break;
    case P2M_CONTIGUOUS:
        return has_gigabytes(layout) && ((gfn >> ORDER_1G) & 1) ? ORDER_1G :
                                                                  ORDER_2M;
    case P2M_MIXED:
        return (gfn >> ORDER_2M) & 1 ? ORDER_4K : ORDER_2M;
    case P2M_BARE:
        return ORDER_1G;
    }
    return ORDER_4K;
}
