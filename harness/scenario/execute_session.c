/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every recorded session expects (FORMAT.md: D and F lines). */

#include <scenario/arch.h>

#include <stdio.h>
#include <string.h>

static bool find_device(struct execution *e, uint64_t sid, unsigned int *index)
{
    const struct program_machine *m = &e->world->program->machine;

    for ( *index = 0; *index < m->devices; (*index)++ )
        if ( m->device[*index].source == sid )
            return true;
    world_expect(e->world, "P2",
                 "the session names device %llx, which this "
                 "machine does not have",
                 (unsigned long long)sid);
    return false;
}

/* Put @value at a host address, returning what was there. */
static uint64_t exchange(struct world *world, uint64_t hpa, uint64_t value)
{
    uint64_t old = 0;

    memory_read(world->machine, hpa, &old, sizeof(old));
    memory_write(world->machine, WRITER_TOOLSTACK, hpa, &value, sizeof(value));
    return old;
}

struct expectation {
    unsigned int device;
    uint64_t iova, gpa, mask, hpa;
    unsigned int rights;
};

#define MASK_2M UINT64_C(0x1fffff)

/* Does the host have the 2 MiB of the guest around @gpa in one piece? */
static bool in_one_piece(struct world_domain *wd, uint64_t gpa)
{
    uint64_t first = gpa & ~MASK_2M, start, hpa;

    if ( !guest_to_host(wd, first, &start) || start & MASK_2M )
        return false;
    for ( uint64_t at = 0x1000; at <= MASK_2M; at += 0x1000 )
        if ( !guest_to_host(wd, first + at, &hpa) || hpa != start + at )
            return false;
    return true;
}

/*
 * The page must be as large as the recorded one; behind a vIOMMU as large as
 * guest memory in the host allows (of a 1 GiB page at least 2 MiB then).
 * Where sessions don't know the size any will do.
 */
static bool mask_agrees(struct execution *e,
                        const struct expectation *expected,
                        const struct response *response)
{
    if ( response->mask == expected->mask ||
         !e->world->program->machine.arch->pages_recorded )
        return true;
    if ( e->world->config.through == THROUGH_MODEL ||
         response->mask > expected->mask )
        return false;
    return response->mask >= MASK_2M || !in_one_piece(e->wd, expected->gpa);
}

/*
 * One access in one direction.  A token placed from outside must be read, or
 * one written must be found, where the session says; memory is left as it was,
 * for the session knows nothing of these bytes.
 */
static bool probe_direction(struct execution *e,
                            const struct expectation *expected, bool write)
{
    const uint64_t token = UINT64_C(0x756d62726120646d) ^ expected->iova;
    uint64_t at = expected->hpa & ~UINT64_C(7), data = token, old, found;
    const struct dma_transfer transfer = {
        .access = write ? REQUEST_WRITE : REQUEST_READ,
        .pasid = REQUEST_NO_PASID,
        .address = expected->iova & ~UINT64_C(7),
        .size = sizeof(token),
        .data = &data,
    };
    const struct response *response;
    struct dma_result result;

    old = exchange(e->world, at, write ? ~token : token);
    if ( !write )
        data = 0;
    world_dma(e->world, expected->device, &transfer, &result);
    memory_read(e->world->machine, at, &found, sizeof(found));
    exchange(e->world, at, old);
    e->result->dma++;
    response = &result.piece[0].response;
    if ( !response_reached(response) || response->address != at )
        return false;
    return (write ? found : data) == token &&
           (response->rights & (RIGHT_READ | RIGHT_WRITE)) ==
               expected->rights &&
           mask_agrees(e, expected, response);
}

void execute_expect_dma(struct execution *e, const struct operation *op)
{
    struct expectation expected = {
        .iova = op_arg(op, 1),
        .gpa = op_arg(op, 2),
        .mask = op_arg(op, 3),
        .rights = (unsigned int)op_arg(op, 4),
    };
    bool ok;

    e->result->expected++;
    if ( !find_device(e, op_arg(op, 0), &expected.device) )
        return;
    ok = guest_to_host(e->wd, expected.gpa, &expected.hpa);
    if ( ok && expected.rights & RIGHT_READ )
        ok = probe_direction(e, &expected, false);
    if ( ok && expected.rights & RIGHT_WRITE )
        ok = probe_direction(e, &expected, true);
    if ( ok )
        e->result->equal++;
    else
        world_expect(e->world, "P2",
                     "the session's DMA at %#llx went to guest address %#llx "
                     "(page %#llx, rights %u); here it did not",
                     (unsigned long long)expected.iova,
                     (unsigned long long)expected.gpa,
                     (unsigned long long)expected.mask + 1, expected.rights);
}

void execute_expect_fault(struct execution *e, const struct operation *op)
{
    uint64_t reason = op_arg(op, 2);
    uint32_t data = 0;
    const struct dma_transfer transfer = {
        .access = op_arg(op, 3) ? REQUEST_WRITE : REQUEST_READ,
        .pasid = REQUEST_NO_PASID,
        .address = op_arg(op, 1),
        .size = sizeof(data),
        .data = &data,
    };
    const struct response *response;
    struct dma_result result;
    struct oracle_walk walk;
    unsigned int device;
    char text[64];

    e->result->faults_expected++;
    e->result->dma++;
    if ( !find_device(e, op_arg(op, 0), &device) )
        return;
    world_dma(e->world, device, &transfer, &result);
    response = &result.piece[0].response;
    walk_of(e, device, &transfer, &walk);
    if ( !response_reached(response) && !walk.ok && walk.reason == reason &&
         (e->world->dut || response->reason == reason) )
        e->result->faults_equal++;
    else
        world_expect(
            e->world, "P4",
            "the session's DMA at %#llx faulted with reason %llx; here "
            "it became %s",
            (unsigned long long)transfer.address, (unsigned long long)reason,
            response_text(response, text, sizeof(text)));
}
