/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the numbers of operations are drawn from: few values, so that
 * operations meet each other, and those at the edges.
 */

#include <fuzz/input.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- addresses ---- */

/* Pages that share tables and blocks, and the ends of the widths that there
 * are.  The first ones are taken most. */
static const uint64_t iovas[] = {
    0x10000,
    0x11000,
    0x12000,
    0x13000,
    0x17000,
    0x1f000,
    0x20000,
    0x200000,
    0x201000,
    0x3ff000,
    0x400000,
    0x40000000,
    0x7fe00000,
    0,
    0xfee00000,
    UINT64_C(0x7ffffff000),
    UINT64_C(0x8000000000),
    UINT64_C(0xfffffffff000),
    UINT64_C(0x1000000000000),
    UINT64_C(0xffff000000010000),
    UINT64_C(0xfffffffffffff000),
};

/* Of the machine that the bases describe (arch_*.c): plain pages, a hole, ROM,
 * MMIO, what the driver allocates, the ends. */
static const uint64_t gpas[] = {
    0x200000,
    0x201000,
    0x202000,
    0x203000,
    0x400000,
    0x3ff000,
    0x600000,
    0x1000000,
    0x11ff000,
    0x1400000,
    0x1800000,
    0x1fff000,
    0x2000000,
    0x2001000,
    0x2002000,
    0x2003000,
    0x2004000,
    0x2005000,
    0x2006000,
    0x2008000,
    0x3fff000,
    0x4000000,
    0xfed90000,
    0xfee00000,
    UINT64_C(0x3ffffffff000),
    UINT64_C(0x400000000000),
};

static uint64_t raw(struct choices *c)
{
    uint64_t value = 0;

    for ( unsigned int i = 0; i < 8; i++ )
        value |= (uint64_t)choice(c) << 8 * i;
    return value;
}

unsigned int choice(struct choices *c)
{
    if ( !c->left )
        return 0;
    c->left--;
    return *c->byte++;
}

/* Three of four are among the first quarter of the pool. */
static uint64_t pick(const uint64_t *pool, unsigned int count, unsigned int n)
{
    return n < 192 ? pool[n % (count / 4 + 1)] : pool[(n - 192) % count];
}

static void said_add(struct said *said, enum role role, uint64_t address)
{
    uint64_t page = address & ~UINT64_C(0xfff);
    unsigned int at = 0;

    while ( at < said->count &&
            (said->page[at].page != page || said->page[at].role != role) )
        at++;
    if ( at == SAID_MOST )
        at = 0;
    if ( at < said->count )
        memmove(&said->page[at], &said->page[at + 1],
                (--said->count - at) * sizeof(said->page[0]));
    said->page[said->count].page = page;
    said->page[said->count++].role = role;
}

/* A quarter of the addresses are those of an earlier operation; half of them
 * may be of the other kind: what is not translated is both. */
#define SAID_FIRST 160
#define SAID_END   224

/* @page, if nothing like it has been said. */
static uint64_t said_before(const struct said *said, enum role role,
                            unsigned int n, uint64_t page)
{
    bool any = n >> 3 & 1;
    unsigned int count = 0;

    for ( unsigned int i = 0; i < said->count; i++ )
        count += any || said->page[i].role == role;
    n = count ? n % 8 % count : 0;
    for ( unsigned int i = said->count; i > 0; i-- )
        if ( (any || said->page[i - 1].role == role) && !n-- )
            return said->page[i - 1].page;
    return page;
}

static uint64_t address(enum role role, struct choices *c)
{
    unsigned int low, n = choice(c);
    uint64_t page = role == ROLE_IOVA ? pick(iovas, COUNT(iovas), n) :
                                        pick(gpas, COUNT(gpas), n);

    if ( n == 255 )
        return raw(c);
    low = choice(c);
    if ( n >= SAID_FIRST && n < SAID_END && c->said )
        page = said_before(c->said, role, n, page);
    /* Within the page: mostly its beginning. */
    return page + (low < 192 ? 0 : (low & 0x3f) * 0x40u + 8);
}

/* ---- words: entries, descriptors, register values ---- */

static uint64_t word(const struct input_rules *rules, struct choices *c)
{
    unsigned int kind = choice(c), n = choice(c);
    uint64_t value;

    switch ( kind % 8 )
    {
    case 0:
    case 1:
    case 2: /* of the architecture, perhaps with an address or one bit more */
        value = rules->arch->word[n % rules->arch->words];
        n = choice(c);
        if ( kind & 0x10 )
            value |= pick(gpas, COUNT(gpas), n);
        if ( kind & 0x20 )
            value ^= UINT64_C(1) << n % 64;
        return value;
    case 3: /* an address with low bits */
        return pick(gpas, COUNT(gpas), n) | choice(c);
    case 4: /* one bit */
        return UINT64_C(1) << n % 64;
    case 5: /* a pointer into a queue */
        return (uint64_t)n << (kind & 0x10 ? 4 : 0);
    case 6: /* two bits */
        return UINT64_C(1) << n % 64 | UINT64_C(1) << choice(c) % 64;
    default:
        return kind & 0x10 ? raw(c) : kind & 0x20 ? UINT64_MAX : 0;
    }
}

/* ---- smaller numbers ---- */

/* Domain-ids, ASIDs, VMIDs. */
static uint64_t identifier(struct choices *c, uint64_t most)
{
    static const uint64_t ids[] = { 1, 2, 3, 0, 4, 5, 0xff, 0x100, 0xffff };
    unsigned int n = choice(c);

    return pick(ids, COUNT(ids), n) & most;
}

/* Large ones are many accesses: few, lest an input weighs more than others. */
#define LARGE 248

static uint64_t size(struct choices *c)
{
    static const uint64_t small[] = { 8, 1, 4, 64, 8, 16, 0, 2 },
                          large[] = { 4096, 4095, 100, 300 };
    unsigned int n = choice(c);

    return n < LARGE ? small[n % COUNT(small)] : large[n % COUNT(large)];
}

/* Shifts, levels, masks: small ones, and all others now and then. */
static uint64_t small(struct choices *c, uint64_t most)
{
    unsigned int n = choice(c);

    return n < 160 ? n % 4 & most : (n - 160) % 96 & most;
}

static uint64_t medium(struct choices *c, uint64_t most)
{
    unsigned int n = choice(c);

    return (n < 128 ? n : (uint64_t)n << (n & 31)) & most;
}

/* Those that the devices have, mostly. */
static uint64_t model(struct choices *c, uint64_t most)
{
    static const uint8_t models[] = { 0, 1, 0, 1, 0, 1, 2, 3 };
    unsigned int n = choice(c);

    return n < 248 ? models[n % COUNT(models)] : n & most;
}

/* ---- the fields ---- */

static uint64_t number(const struct input_rules *rules, unsigned int code,
                       unsigned int field, struct choices *c)
{
    const struct op_field *f =
        &op_spec_of(rules->arch->arch, code)->field[field];
    uint64_t most = f->bits >= 64 ? UINT64_MAX : (UINT64_C(1) << f->bits) - 1;

    enum role role = (enum role)rules->plan[code].role[field];

    if ( role == ROLE_SIZE )
        return size(c) & most;
    if ( role == ROLE_MODEL )
        return model(c, most);
    if ( f->bits == 64 && role != ROLE_COUNT )
        return role == ROLE_WORD ? word(rules, c) : address(role, c);
    return f->bits == 16 ? identifier(c, most) :
           f->bits > 8   ? medium(c, most) :
                           small(c, most);
}

/* One of the names that the kind has. */
static uint64_t named(const struct input_rules *rules, unsigned int kind,
                      struct choices *c)
{
    const struct name_tables names = names_of(rules->arch->arch, kind);
    unsigned int count = 0, n;

    for ( unsigned int t = 0; t < 2; t++ )
        for ( const struct name_value *v = names.table[t]; v && v->name; v++ )
            count++;
    if ( !count )
        return choice(c);
    n = choice(c);
    /* Small pages three times of four. */
    n = kind == FIELD_SIZE && n < 192 ? 0 : n % count;
    for ( unsigned int t = 0; t < 2; t++ )
        for ( const struct name_value *v = names.table[t]; v && v->name; v++ )
            if ( !n-- )
                return v->value;
    return 0;
}

static uint64_t reg(const struct input_rules *rules, struct choices *c)
{
    static const uint8_t sizes[] = { 4, 8, 4, 4, 1, 2, 4, 8 };
    unsigned int n = choice(c), offset;

    if ( n < 224 && rules->regs )
        return rules->reg[n % rules->regs];
    offset = choice(c) * 4 + (n & 16 ? choice(c) : 0);
    return REG_ENCODE(offset % rules->arch->arch->register_space,
                      sizes[n % 8]);
}

bool device_fits(const struct program_machine *machine, unsigned int device,
                 enum device_kind kind)
{
    return kind == DEVICE_ANY ||
           !machine->device[device].model == (kind == DEVICE_REAL);
}

/* One of those that the operation is for; of all, where there is none. */
static uint64_t device(const struct program_machine *machine,
                       enum device_kind kind, struct choices *c)
{
    unsigned int n = choice(c), count = 0;

    for ( unsigned int i = 0; i < machine->devices; i++ )
        count += device_fits(machine, i, kind);
    n %= count ? count : machine->devices;
    for ( unsigned int i = 0; count && i < machine->devices; i++ )
        if ( device_fits(machine, i, kind) && !n-- )
            return i;
    return n;
}

uint64_t pool_value(const struct input_rules *rules,
                    const struct program_machine *machine, unsigned int code,
                    unsigned int field, struct choices *c)
{
    const struct op_field *f =
        &op_spec_of(rules->arch->arch, code)->field[field];

    switch ( f->kind )
    {
    case FIELD_NUMBER:
        return number(rules, code, field, c);
    case FIELD_DEVICE:
        return machine->devices ?
                   device(machine, rules->plan[code].device, c) :
                   0;
    case FIELD_TABLE:
        return machine->tables ? choice(c) % machine->tables : 0;
    case FIELD_REGISTER:
        return reg(rules, c);
    case FIELD_FLAG:
        return 1;
    default:
        return named(rules, f->kind, c);
    }
}

void pool_said(const struct input_rules *rules, unsigned int code,
               unsigned int field, uint64_t value, struct said *said)
{
    const struct op_field *f =
        &op_spec_of(rules->arch->arch, code)->field[field];
    enum role role = (enum role)rules->plan[code].role[field];

    if ( f->kind == FIELD_NUMBER && f->bits == 64 &&
         (role == ROLE_IOVA || role == ROLE_GPA) )
        said_add(said, role, value);
}
