/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that scenarios use for numbers: one table a kind. */

#include <scenario/program.h>

#include <public/viommu.h>

#include <stdio.h>
#include <string.h>

const char *const through_names[] = { "model", "stack", NULL };
const char *const retention_names[] = { "normal", "never-evict", "always-miss",
                                        "random", NULL };
const char *const shape_names[] = { "scattered", "contiguous", "mixed", NULL };

/* clang-format off */
static const struct name_value sizes[] = {
    { "4k", 0 }, { "2m", 9 }, { "1g", 18 }, { NULL, 0 }
};
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
    { "guest-write", FAIL_GUEST_WRITE }, { NULL, 0 }
};
/* GCMD_REG: bit numbers. */
static const struct name_value commands[] = {
    { "te", 31 }, { "srtp", 30 }, { "sfl", 29 }, { "eafl", 28 },
    { "wbf", 27 }, { "qie", 26 }, { "ire", 25 }, { "sirtp", 24 },
    { "cfi", 23 }, { NULL, 0 }
};

/* Byte offset and size, as offset | size << 8. */
#define HC(name, member, size) \
    { name, offsetof(struct xen_dmop_viommu_op, member) | (size) << 8 }
static const struct name_value hypercall_fields[] = {
    HC("cmd", cmd, 4), HC("domid", domid, 2), HC("pad", pad, 2),
    HC("viommu_id", viommu_id, 4), HC("pad2", pad2, 4),
    HC("query.type", u.query.type, 4),
    HC("create.type", u.create.type, 4),
    HC("create.capabilities", u.create.capabilities, 4),
    HC("create.base_address", u.create.base_address, 8),
    HC("create.cap", u.create.vtd_cap, 8),
    HC("create.ecap", u.create.vtd_ecap, 8),
    HC("create.flags", u.create.flags, 4),
    HC("create.shadow_limit", u.create.shadow_limit, 4),
    HC("create.address_width", u.create.address_width, 4),
    HC("attach.vsbdf", u.attach.vsbdf, 4),
    HC("attach.psbdf", u.attach.psbdf, 4),
    HC("detach.vsbdf", u.detach.vsbdf, 4),
    HC("detach.pad3", u.detach.pad3, 4),
    { NULL, 0 }
};

#define BITS(shift, bits) ((shift) | (bits) << 8)
static const struct name_value cap_fields[] = {
    { "nd", BITS(0, 3) }, { "afl", BITS(3, 1) }, { "rwbf", BITS(4, 1) },
    { "plmr", BITS(5, 1) }, { "phmr", BITS(6, 1) }, { "cm", BITS(7, 1) },
    { "sagaw", BITS(8, 5) }, { "mgaw", BITS(16, 6) }, { "zlr", BITS(22, 1) },
    { "fro", BITS(24, 10) }, { "sllps", BITS(34, 4) }, { "psi", BITS(39, 1) },
    { "nfr", BITS(40, 8) }, { "mamv", BITS(48, 6) }, { "dwd", BITS(54, 1) },
    { "drd", BITS(55, 1) }, { "fl1gp", BITS(56, 1) }, { "pi", BITS(59, 1) },
    { "fl5lp", BITS(60, 1) }, { "esirtps", BITS(62, 1) },
    { "esrtps", BITS(63, 1) }, { NULL, 0 }
};
static const struct name_value ecap_fields[] = {
    { "c", BITS(0, 1) }, { "qi", BITS(1, 1) }, { "dt", BITS(2, 1) },
    { "ir", BITS(3, 1) }, { "eim", BITS(4, 1) }, { "pt", BITS(6, 1) },
    { "sc", BITS(7, 1) }, { "iro", BITS(8, 10) }, { "mhmv", BITS(20, 4) },
    { "mts", BITS(25, 1) }, { "nest", BITS(26, 1) }, { "prs", BITS(29, 1) },
    { "pasid", BITS(40, 1) }, { "smts", BITS(43, 1) }, { "slts", BITS(46, 1) },
    { "flts", BITS(47, 1) }, { NULL, 0 }
};

static const struct name_value registers[] = {
    { "VER", 0x000 | 4 << 16 }, { "CAP", 0x008 | 8 << 16 },
    { "ECAP", 0x010 | 8 << 16 }, { "GCMD", 0x018 | 4 << 16 },
    { "GSTS", 0x01c | 4 << 16 }, { "RTADDR", 0x020 | 8 << 16 },
    { "CCMD", 0x028 | 8 << 16 }, { "FSTS", 0x034 | 4 << 16 },
    { "FECTL", 0x038 | 4 << 16 }, { "FEDATA", 0x03c | 4 << 16 },
    { "FEADDR", 0x040 | 4 << 16 }, { "FEUADDR", 0x044 | 4 << 16 },
    { "AFLOG", 0x058 | 8 << 16 }, { "PMEN", 0x064 | 4 << 16 },
    { "IQH", 0x080 | 8 << 16 }, { "IQT", 0x088 | 8 << 16 },
    { "IQA", 0x090 | 8 << 16 }, { "ICS", 0x09c | 4 << 16 },
    { "IECTL", 0x0a0 | 4 << 16 }, { "IEDATA", 0x0a4 | 4 << 16 },
    { "IEADDR", 0x0a8 | 4 << 16 }, { "IEUADDR", 0x0ac | 4 << 16 },
    { "IQERCD", 0x0b0 | 8 << 16 }, { "IRTA", 0x0b8 | 8 << 16 },
    { NULL, 0 }
};
/* clang-format on */

const struct name_value *names_of(enum field_kind kind)
{
    switch ( kind )
    {
    case FIELD_SIZE:
        return sizes;
    case FIELD_RIGHTS:
        return rights;
    case FIELD_ACCESS:
        return accesses;
    case FIELD_TYPE:
        return types;
    case FIELD_FAILURE:
        return failures;
    case FIELD_COMMAND:
        return commands;
    case FIELD_HYPERCALL:
        return hypercall_fields;
    default:
        return NULL;
    }
}

const struct name_value *capability_fields(bool extended)
{
    return extended ? ecap_fields : cap_fields;
}

/* The registers whose place CAP and ECAP give. */
uint32_t frcd_offset(const struct program_machine *machine, unsigned int index)
{
    return (uint32_t)(machine->cap >> 24 & 0x3ff) * 16 + index * 16;
}

static unsigned int iotlb_base(const struct program_machine *machine)
{
    return (unsigned int)(machine->ecap >> 8 & 0x3ff) * 16;
}

bool register_by_name(const struct program_machine *machine, const char *name,
                      size_t length, uint64_t *encoded)
{
    char half[3], copy[16];
    unsigned int index;

    if ( length >= sizeof(copy) )
        return false;
    memcpy(copy, name, length);
    copy[length] = 0;

    for ( const struct name_value *r = registers; r->name; r++ )
        if ( !strcmp(r->name, copy) )
        {
            *encoded = r->value;
            return true;
        }
    if ( !strcmp(copy, "IVA") || !strcmp(copy, "IOTLB") )
    {
        *encoded = reg_encode(iotlb_base(machine) + (copy[1] == 'O' ? 8 : 0),
                              8);
        return true;
    }
    if ( sscanf(copy, "FRCD%u_%2s", &index, half) == 2 && index < 256 &&
         (!strcmp(half, "LO") || !strcmp(half, "HI")) )
    {
        *encoded = reg_encode(
            frcd_offset(machine, index) + (half[0] == 'H' ? 8 : 0), 8);
        return true;
    }
    return false;
}

const char *register_name(const struct program_machine *machine,
                          uint64_t encoded, char *buffer, size_t size)
{
    uint32_t offset = REG_OFFSET(encoded);
    unsigned int records = (unsigned int)(machine->cap >> 40 & 0xff) + 1;
    uint32_t frcd = frcd_offset(machine, 0), iotlb = iotlb_base(machine);

    for ( const struct name_value *r = registers; r->name; r++ )
        if ( r->value == encoded )
            return r->name;
    if ( REG_SIZE(encoded) == 8 && (offset & 7) == 0 )
    {
        if ( offset == iotlb )
            return "IVA";
        if ( offset == iotlb + 8 )
            return "IOTLB";
        if ( offset >= frcd && offset < frcd + records * 16 )
        {
            snprintf(buffer, size, "FRCD%u_%s", (offset - frcd) / 16,
                     offset & 8 ? "HI" : "LO");
            return buffer;
        }
    }
    snprintf(buffer, size, "0x%x/%u", offset, REG_SIZE(encoded));
    return buffer;
}
