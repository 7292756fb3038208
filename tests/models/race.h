/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two requests and one change of a structure word with its invalidation, in
 * every order of their port calls.  A port call that nobody else's can depend
 * on (the read of a word that does not change) is no place to switch: it
 * commutes with everything.  Once the invalidation is complete
 *
 *   - no cache answers with what it removed, and
 *   - no request that begins uses it.
 *
 * What else must not happen then the architecture says: struct race_unit.
 *
 * That these checks can fail is shown with units that forget to poison walks
 * or to wait for accesses: inflight_poison() and inflight_pending() are
 * wrapped by the linker.
 */
#ifndef TESTS_MODELS_RACE_H
#define TESTS_MODELS_RACE_H

#include "fibers.h"
#include "ram.h"

/* What the requests' address leads to, with the old word and the new one. */
#define OLD_PAGE UINT64_C(0x7f0000)
#define NEW_PAGE UINT64_C(0x7f1000)

struct race;

struct race_unit {
    /* A request with its access, by the race's port. */
    struct response (*access)(struct race *race,
                              const struct request *request);
    /* What the caches and tables answer now. */
    struct response (*probe)(struct race *race, const struct request *request);
    /* Power-on; the tables stand in memory, translation gets on. */
    void (*restart)(struct race *race);
    /* The invalidation, until it is complete. */
    void (*invalidate)(struct race *race);
    /* The unit comes to @address behind the completion. */
    void (*late)(struct race *race, uint64_t address, bool write);
};

struct race {
    struct ram *ram;
    const struct race_unit *unit;
    void *world;  /* the test's */
    uint32_t sid; /* of the requests */
    uint64_t iova;
    uint64_t word; /* the structure word that changes */
    uint64_t old_value, new_value;
    uint64_t status; /* the unit's store here tells the completion; 0: none */
    bool everywhere; /* one request only, that yields at every port call */

    struct port_ops ops;
    struct port port; /* the ram's, yielding */
    struct fibers *fibers;
    bool complete;      /* the invalidation, as software sees it */
    const char *broken; /* what happened afterwards that must not */
    unsigned int runs;
};

/* Seeded twins. */
extern bool race_forget_to_poison, race_forget_to_wait;

/* @ram's unit is still to be put on @race's port. */
void race_create(struct race *race, struct ram *ram,
                 const struct race_unit *unit);
void race_destroy(struct race *race);

/* What broke in the first run in which something did; NULL: nothing. */
const char *race_explore(struct race *race);

/* Somebody else may go on; @waits as with fibers_yield(). */
void race_yield(struct race *race, bool waits);

#endif /* TESTS_MODELS_RACE_H */
