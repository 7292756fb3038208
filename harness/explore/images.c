/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images of everything on the present path, so that the next one need not be
 * followed from its start. */
#include <explore/coroutine.h>
#include <explore/tree.h>

/* Steps from one image of a new path to the next. */
#define SPACING 64

/*
 * On a new path some, so that not too many steps are made again; on one that
 * is followed again, where another path will leave it.
 */
static bool worth_keeping(const struct explorer *e)
{
    size_t last = e->kepts ? e->kept[e->kepts - 1].node : 0;
    const struct node *node = &e->node[e->depth];

    if ( !e->system->save || e->config->from_start || !coroutine_can_save() )
        return false;
    if ( !e->kepts )
        return true;
    if ( e->depth == e->nodes )
        return e->depth - last >= SPACING;
    return e->depth > last &&
           node->todo & ~node->done & ~node->asleep & ~BIT(node->actor);
}

/* There is no room: every other one goes. */
static void thin_out(struct explorer *e)
{
    for ( size_t i = 0; i < IMAGES / 2; i++ )
    {
        struct kept odd = e->kept[i];

        e->kept[i] = e->kept[2 * i];
        e->kept[2 * i] = odd;
    }
    e->kepts = IMAGES / 2;
}

void explore_keep_image(struct explorer *e, struct sched *s)
{
    struct kept *kept;

    if ( !worth_keeping(e) )
        return;
    if ( e->kepts == IMAGES )
        thin_out(e);
    kept = &e->kept[e->kepts++];
    kept->node = e->depth;
    image_clear(&kept->image);
    sched_save(s, &kept->image);
    if ( e->past )
        past_save(e->past, &kept->image);
    kept->mark = e->system->save(e->system->context, &kept->image);
}

bool explore_tree_resume(struct explorer *e)
{
    const struct kept *kept;

    while ( e->kepts && e->kept[e->kepts - 1].node >= e->nodes )
        e->kepts--;
    if ( !e->kepts )
        return false;
    kept = &e->kept[e->kepts - 1];
    e->system->rewind(e->system->context, kept->mark);
    image_restore(&kept->image);
    e->depth = kept->node;
    e->last = e->node[e->depth].before;
    return true;
}

void explore_free_images(struct explorer *e)
{
    for ( size_t i = 0; i < IMAGES; i++ )
        image_free(&e->kept[i].image);
}
