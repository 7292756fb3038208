/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-d's names in scenarios: capabilities, registers, commands. */

#include <scenario/vtd/vtd.h>

#include <public/viommu.h>

#include <stdio.h>
#include <string.h>

/* clang-format off */
/* As orders of 4 KiB pages. */
static const struct name_value sizes[] = {
    { "4k", 0 }, { "2m", 9 }, { "1g", 18 }, { NULL, 0 }
};
/* GCMD_REG: bit numbers. */
static const struct name_value commands[] = {
    { "te", 31 }, { "srtp", 30 }, { "sfl", 29 }, { "eafl", 28 },
    { "wbf", 27 }, { "qie", 26 }, { "ire", 25 }, { "sirtp", 24 },
    { "cfi", 23 }, { NULL, 0 }
};

static const struct name_value hypercall_fields[] = {
    NAME_HYPERCALL("create.cap", u.create.vtd_cap, 8),
    NAME_HYPERCALL("create.ecap", u.create.vtd_ecap, 8),
    NAME_HYPERCALL("create.flags", u.create.flags, 4),
    NAME_HYPERCALL("create.shadow_limit", u.create.shadow_limit, 4),
    NAME_HYPERCALL("create.address_width", u.create.address_width, 4),
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

const struct arch_id vtd_id[] = {
    [VTD_ID_CAP] = { "cap", cap_fields, true },
    [VTD_ID_ECAP] = { "ecap", ecap_fields, true },
    [VTD_ID_VERSION] = { "version", NULL, false },
    { NULL, NULL, false }
};

static const struct name_value registers[] = {
    { "VER", REG_ENCODE(0x000u, 4) }, { "CAP", REG_ENCODE(0x008u, 8) },
    { "ECAP", REG_ENCODE(0x010u, 8) }, { "GCMD", REG_ENCODE(0x018u, 4) },
    { "GSTS", REG_ENCODE(0x01cu, 4) }, { "RTADDR", REG_ENCODE(0x020u, 8) },
    { "CCMD", REG_ENCODE(0x028u, 8) }, { "FSTS", REG_ENCODE(0x034u, 4) },
    { "FECTL", REG_ENCODE(0x038u, 4) }, { "FEDATA", REG_ENCODE(0x03cu, 4) },
    { "FEADDR", REG_ENCODE(0x040u, 4) }, { "FEUADDR", REG_ENCODE(0x044u, 4) },
    { "AFLOG", REG_ENCODE(0x058u, 8) }, { "PMEN", REG_ENCODE(0x064u, 4) },
    { "IQH", REG_ENCODE(0x080u, 8) }, { "IQT", REG_ENCODE(0x088u, 8) },
    { "IQA", REG_ENCODE(0x090u, 8) }, { "ICS", REG_ENCODE(0x09cu, 4) },
    { "IECTL", REG_ENCODE(0x0a0u, 4) }, { "IEDATA", REG_ENCODE(0x0a4u, 4) },
    { "IEADDR", REG_ENCODE(0x0a8u, 4) }, { "IEUADDR", REG_ENCODE(0x0acu, 4) },
    { "IQERCD", REG_ENCODE(0x0b0u, 8) }, { "IRTA", REG_ENCODE(0x0b8u, 8) },
    { NULL, 0 }
};
/* clang-format on */

const struct name_value *vtd_names(unsigned int kind)
{
    switch ( kind )
    {
    case FIELD_SIZE:
        return sizes;
    case FIELD_HYPERCALL:
        return hypercall_fields;
    case FIELD_VTD_COMMAND:
        return commands;
    default:
        return NULL;
    }
}

/* The registers whose place CAP and ECAP give. */
uint32_t vtd_frcd_offset(const struct program_machine *machine,
                         unsigned int index)
{
    return (uint32_t)(machine->id[VTD_ID_CAP] >> 24 & 0x3ff) * 16 + index * 16;
}

static unsigned int iotlb_base(const struct program_machine *machine)
{
    return (unsigned int)(machine->id[VTD_ID_ECAP] >> 8 & 0x3ff) * 16;
}

bool vtd_register_by_name(const struct program_machine *machine,
                          const char *name, uint64_t *encoded)
{
    char half[3];
    unsigned int index;

    if ( value_of(registers, name, encoded) )
        return true;
    if ( !strcmp(name, "IVA") || !strcmp(name, "IOTLB") )
    {
        *encoded = REG_ENCODE(iotlb_base(machine) + (name[1] == 'O' ? 8 : 0),
                              8);
        return true;
    }
    if ( sscanf(name, "FRCD%u_%2s", &index, half) == 2 && index < 256 &&
         (!strcmp(half, "LO") || !strcmp(half, "HI")) )
    {
        *encoded = REG_ENCODE(
            vtd_frcd_offset(machine, index) + (half[0] == 'H' ? 8 : 0), 8);
        return true;
    }
    return false;
}

const char *vtd_register_name(const struct program_machine *machine,
                              uint64_t encoded, char *buffer, size_t size)
{
    uint32_t offset = REG_OFFSET(encoded);
    unsigned int records = (unsigned int)(machine->id[VTD_ID_CAP] >> 40 &
                                          0xff) +
                           1;
    uint32_t frcd = vtd_frcd_offset(machine, 0), iotlb = iotlb_base(machine);
    const char *name = name_in(registers, encoded);

    if ( name )
        return name;
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
    return NULL;
}
