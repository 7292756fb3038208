/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

/* ---- life ---- */

static void switch_on(struct world *w)
{
    write_reg(w, 0x20, 8, ROOT);
    gcmd(w, 0x40000000);
    write_reg(w, 0x90, 8, QUEUE);
    gcmd(w, 0x04000000);
    gcmd(w, 0x84000000);
}

void world_start(struct world *w, const struct options *options)
{
    static const struct options none;
    const struct options *o = options ? options : &none;

    world_create(
        w, &(struct oracle_config) {
               .arch = &oracle_vtd,
               .id = { (CAP_BASE | o->cap) & ~o->cap_clear,
                       ECAP_BASE | o->ecap, o->version ? o->version : 0x10 },
               .haw = 48,
               .virtual_unit = o->virtual_unit,
               .options = (o->collapses ? ORACLE_VTD_COLLAPSES_FAULTS : 0) |
                          (o->replay ? ORACLE_VTD_REPLAY : 0) });
    w->type[HOLE >> 12] = ORACLE_HOLE;
    w->type[ROM >> 12] = ORACLE_ROM;
    set_reg(w, 0x00, 4, w->config.id[2]);
    set_reg(w, 0x08, 8, w->config.id[0]);
    set_reg(w, 0x10, 8, w->config.id[1]);
    set_reg(w, 0x38, 4, 0x80000000);
    set_reg(w, 0xa0, 4, 0x80000000);
    oracle_device_add(w->oracle, DEV_A);
    oracle_device_add(w->oracle, DEV_B);
    store(w, ROOT, CONTEXTS | 1);
    build_tables(w, TABLES_A, RW);
    build_tables(w, TABLES_B, RW);
    set_context(w, CONTEXTS, DEV_A, TABLES_A | 1, context_high(1, 1));
    set_context(w, CONTEXTS, DEV_B, TABLES_B | 1, context_high(1, 2));
    map_page(w, TABLES_A, IOVA, DATA | RW);
    if ( !o->off )
        switch_on(w);
}

/* ---- the software ---- */

void set_context(struct world *w, uint64_t table, uint32_t source,
                 uint64_t low, uint64_t high)
{
    store(w, table + 16 * source + 8, high);
    store(w, table + 16 * source, low);
}

uint64_t context_high(unsigned int aw, uint16_t did)
{
    return aw | (uint64_t)did << 8;
}

void gcmd(struct world *w, uint32_t value)
{
    uint32_t gsts = (uint32_t)get_reg(w, 0x1c, 4);

    oracle_register_write(w->oracle, 0x18, 4, value);
    /* TE and QIE follow, RTPS stays once set. */
    set_reg(w, 0x1c, 4, (gsts & 0x40000000) | (value & 0xc4000000));
    oracle_register_written(w->oracle, 0x18, 4, value);
}

void submit(struct world *w, uint64_t low, uint64_t high)
{
    store(w, QUEUE + w->tail, low);
    store(w, QUEUE + w->tail + 8, high);
    w->tail = (w->tail + 16) & 0xfff;
}

void tail(struct world *w)
{
    write_reg(w, 0x88, 8, w->tail);
}

/* ---- the unit ---- */

void status(struct world *w, uint64_t gpa, uint32_t value)
{
    oracle_unit_store(w->oracle, gpa, &value, sizeof(value));
}

void follow_queue(struct world *w)
{
    set_reg(w, 0x80, 8, w->tail);
}

void invalidate(struct world *w, uint64_t low, uint64_t high)
{
    submit(w, low, high);
    submit(w, WAIT(STATUS, 2));
    tail(w);
    follow_queue(w);
    status(w, STATUS, 2);
}
