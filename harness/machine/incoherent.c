/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Units that do not snoop the caches of the processors (ECAP.C = 0,
 * IDR0.COHACC = 0): of a table page they see what has been written back.
 *
 * The cache is direct mapped, one line a set.  A line that another displaces
 * is written back, as it would be by hardware: nobody may depend on either.
 */
#include <machine/state.h>

#include <string.h>

#define LINE 64u
#define SETS 1024u

struct hidden_line {
    uint64_t address;   /* of the line in host memory, 0: none */
    uint8_t seen[LINE]; /* by the units */
};

bool incoherent_init(struct machine *m)
{
    if ( !m->config.incoherent )
        return true;
    m->hidden = machine_alloc(m, SETS * sizeof(*m->hidden),
                              _Alignof(struct hidden_line));
    return m->hidden != NULL;
}

static struct hidden_line *set_of(struct machine *m, uint64_t hpa)
{
    return &m->hidden[hpa / LINE % SETS];
}

/* The hypervisor is about to store into the line. */
void incoherent_store(struct machine *m, uint64_t hpa)
{
    uint64_t address = hpa & ~(uint64_t)(LINE - 1);
    struct hidden_line *line;

    if ( !m->hidden )
        return;
    line = set_of(m, hpa);
    if ( line->address == address )
        return;
    line->address = address;
    memory_read(m, address, line->seen, LINE);
}

/* A page that was zeroed: units may still see what stood there. */
void incoherent_zeroed(struct machine *m, uint64_t hpa)
{
    for ( uint64_t at = hpa; m->hidden && at < hpa + PAGE_SIZE; at += LINE )
    {
        struct hidden_line *line = set_of(m, at);

        line->address = at;
        memset(line->seen, POISON_BYTE, LINE);
    }
}

/* Written back, or stored into by somebody else. */
void incoherent_settle(struct machine *m, uint64_t hpa, size_t len)
{
    uint64_t at = hpa & ~(uint64_t)(LINE - 1);

    for ( ; m->hidden && len && at < hpa + len; at += LINE )
        if ( set_of(m, at)->address == at )
            set_of(m, at)->address = 0;
}

/* What a unit has read at @hpa, put right. */
void incoherent_read(struct machine *m, uint64_t hpa, void *buffer, size_t len)
{
    uint8_t *to = buffer;
    size_t i;

    for ( i = 0; i < len; i++ )
    {
        const struct hidden_line *line = set_of(m, hpa + i);

        if ( line->address &&
             line->address == ((hpa + i) & ~(uint64_t)(LINE - 1)) )
            to[i] = line->seen[(hpa + i) % LINE];
    }
}
