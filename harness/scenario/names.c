/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that scenarios use for numbers: one table a kind. */

#include <scenario/arch.h>

#include <public/viommu.h>

#include <stdio.h>
#include <string.h>

const char *const through_names[] = { "model", "stack", NULL };
const char *const retention_names[] = { "normal", "never-evict", "always-miss",
                                        "random", NULL };
const char *const shape_names[] = { "scattered", "contiguous", "mixed", NULL };

/* clang-format off */
static const struct name_value rights[] = {
    { "none", 0 }, { "r", 1 }, { "w", 2 }, { "rw", 3 }, { NULL, 0 }
};
static const struct name_value accesses[] = {
    { "read", 0 }, { "write", 1 }, { "atomic", 2 }, { NULL, 0 }
};
static const struct name_value types[] = {
    { "untranslated", 0 }, { "translation", 1 }, { "translated", 2 },
    { NULL, 0 }
};
static const struct name_value failures[] = {
    { "alloc", FAIL_ALLOC }, { "table-alloc", FAIL_TABLE_ALLOC },
    { "p2m-get", FAIL_P2M_GET }, { "guest-read", FAIL_GUEST_READ },
    { "guest-write", FAIL_GUEST_WRITE }, { "unit", FAIL_UNIT }, { NULL, 0 }
};
static const struct name_value messages[] = {
    { "drain", 0 }, { "invalidate", 1 }, { NULL, 0 }
};

static const struct name_value hypercall_fields[] = {
    NAME_HYPERCALL("cmd", cmd, 4), NAME_HYPERCALL("domid", domid, 2),
    NAME_HYPERCALL("pad", pad, 2),
    NAME_HYPERCALL("viommu_id", viommu_id, 4),
    NAME_HYPERCALL("pad2", pad2, 4),
    NAME_HYPERCALL("query.type", u.query.type, 4),
    NAME_HYPERCALL("create.type", u.create.type, 4),
    NAME_HYPERCALL("create.capabilities", u.create.capabilities, 4),
    NAME_HYPERCALL("create.base_address", u.create.base_address, 8),
    NAME_HYPERCALL("attach.vsbdf", u.attach.vsbdf, 4),
    NAME_HYPERCALL("attach.psbdf", u.attach.psbdf, 4),
    NAME_HYPERCALL("detach.vsbdf", u.detach.vsbdf, 4),
    NAME_HYPERCALL("detach.pad3", u.detach.pad3, 4),
    NAME_HYPERCALL("attach_vpdev.vsbdf", u.attach_vpdev.vsbdf, 4),
    NAME_HYPERCALL("attach_vpdev.dm", u.attach_vpdev.dm, 4),
    NAME_HYPERCALL("attach_vpdev.flags", u.attach_vpdev.flags, 4),
    NAME_HYPERCALL("attach_vpdev.pad3", u.attach_vpdev.pad3, 4),
    NAME_HYPERCALL("translation.vsbdf", u.translation.vsbdf, 4),
    NAME_HYPERCALL("translation.dm", u.translation.dm, 4),
    NAME_HYPERCALL("translation.iova", u.translation.iova, 8),
    NAME_HYPERCALL("translation.access", u.translation.access, 4),
    NAME_HYPERCALL("translation.pasid", u.translation.pasid, 4),
    NAME_HYPERCALL("translation.pad3", u.translation.pad3, 4),
    NAME_HYPERCALL("copy.buffer", u.copy.buffer, 8),
    NAME_HYPERCALL("copy.size", u.copy.size, 4),
    NAME_HYPERCALL("copy.pad3", u.copy.pad3, 4),
    NAME_HYPERCALL("drain_completed.sequence", u.drain_completed.sequence, 8),
    NAME_HYPERCALL("drain_completed.dm", u.drain_completed.dm, 4),
    NAME_HYPERCALL("drain_completed.pad3", u.drain_completed.pad3, 4),
    { NULL, 0 }
};

static const struct name_value *const tables[FIELD_ARCH] = {
    [FIELD_RIGHTS] = rights,
    [FIELD_ACCESS] = accesses,
    [FIELD_TYPE] = types,
    [FIELD_FAILURE] = failures,
    [FIELD_HYPERCALL] = hypercall_fields,
    [FIELD_MESSAGE] = messages,
};
/* clang-format on */

struct name_tables names_of(const struct arch *arch, unsigned int kind)
{
    return (struct name_tables) {
        { arch->names(kind), kind < FIELD_ARCH ? tables[kind] : NULL }
    };
}

bool value_of(const struct name_value *table, const char *name,
              uint64_t *value)
{
    for ( const struct name_value *n = table; n && n->name; n++ )
        if ( !strcmp(n->name, name) )
        {
            *value = n->value;
            return true;
        }
    return false;
}

const char *name_in(const struct name_value *table, uint64_t value)
{
    for ( const struct name_value *n = table; n && n->name; n++ )
        if ( n->value == value )
            return n->name;
    return NULL;
}

bool name_find(const struct name_tables *names, const char *name,
               uint64_t *value)
{
    return value_of(names->table[0], name, value) ||
           value_of(names->table[1], name, value);
}

const char *name_of(const struct arch *arch, unsigned int kind, uint64_t value)
{
    const struct name_tables names = names_of(arch, kind);

    const char *name = name_in(names.table[0], value);

    return name ? name : name_in(names.table[1], value);
}

const char *register_name(const struct program_machine *machine,
                          uint64_t encoded, char *buffer, size_t size)
{
    const char *name = machine->arch->register_name(machine, encoded, buffer,
                                                    size);

    if ( name )
        return name;
    snprintf(buffer, size, "0x%x/%u", REG_OFFSET(encoded), REG_SIZE(encoded));
    return buffer;
}
