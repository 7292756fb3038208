/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests in flight.
 *
 * Every request holds a slot from its first lookup until its access to memory
 * has ended.  An invalidation poisons the slots that might have read what it
 * removes: a poisoned walk fills no cache.  The invalidation completes only
 * when no slot that it must wait for is left.
 *
 * A slot is an index, never a pointer; the table is part of the unit's state.
 */
#ifndef MODELS_COMMON_INFLIGHT_H
#define MODELS_COMMON_INFLIGHT_H

#include <common/port.h>

#include <stdbool.h>
#include <stdint.h>

#define INFLIGHT_MAX 64

enum inflight_phase {
    INFLIGHT_FREE,
    INFLIGHT_WALK,  /* not translated yet */
    INFLIGHT_READ,  /* translated, a read of memory is under way */
    INFLIGHT_WRITE, /* likewise a write or an atomic access */
};

struct inflight_slot {
    enum inflight_phase phase;
    bool poisoned;
    bool tagged;     /* tag is known */
    uint32_t source; /* SID or StreamID */
    uint32_t tag;    /* DID or VMID, once the walk knows it */
    uint32_t tag2;   /* PASID or ASID */
    uint64_t address;
    uint32_t generation; /* counts the slot's uses */
};

struct inflight {
    unsigned int slots; /* in use of the array, 1..INFLIGHT_MAX */
    struct port port;   /* is told of what is looked at, as PORT_SLOT */
    struct inflight_slot slot[INFLIGHT_MAX];
};

/* Which phases an invalidation waits for, as a mask of 1 << phase. */
#define INFLIGHT_WAIT_WALK  (1u << INFLIGHT_WALK)
#define INFLIGHT_WAIT_READ  (1u << INFLIGHT_READ)
#define INFLIGHT_WAIT_WRITE (1u << INFLIGHT_WRITE)

typedef bool inflight_match(const struct inflight_slot *slot,
                            const void *context);

/* @port: NULL, or who is told. */
void inflight_init(struct inflight *inflight, unsigned int slots,
                   const struct port *port);

/* For those who look at a slot themselves, or change it. */
static inline void inflight_touch(const struct inflight *inflight, int slot,
                                  bool write)
{
    port_touch(&inflight->port, PORT_SLOT, (uint64_t)slot, (uint64_t)slot,
               write);
}

/* A free slot, or -1: all are taken, relax and try again. */
int inflight_begin(struct inflight *inflight, uint32_t source,
                   uint64_t address);
void inflight_end(struct inflight *inflight, int slot);

/* Poison the walks that @match accepts (an untagged walk may match anything).
 */
void inflight_poison(struct inflight *inflight, inflight_match *match,
                     const void *context);

/*
 * The slots that an invalidation must wait for, as a bit mask of those in one
 * of @phases that @match accepts; and which of @mask are still the same use in
 * one of @phases.  A slot that was reused meanwhile no longer counts.
 */
struct inflight_set {
    uint64_t mask;
    uint32_t generation[INFLIGHT_MAX];
};
void inflight_collect(const struct inflight *inflight, inflight_match *match,
                      const void *context, unsigned int phases,
                      struct inflight_set *set);
bool inflight_pending(const struct inflight *inflight,
                      const struct inflight_set *set, unsigned int phases);

#endif /* MODELS_COMMON_INFLIGHT_H */
