/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that are drawn. */

#include "support.h"

#include <scenario/smmuv3/smmuv3.h>
#include <scenario/vtd/vtd.h>

#include <stdio.h>
#include <stdlib.h>

#define CASES 80

static void set_up_target(struct diff_target *target,
                          const struct diff_arch *arch)
{
    memset(target, 0, sizeof(*target));
    target->arch = arch;
    target->version = "7.2.22";
    target->machine.arch = arch->arch;
    arch->arch->defaults(&target->machine);
    target->machine.domains = 1;
    target->machine.regions = 1;
    target->machine.region[0] = (struct region) { arch->qemu->ram_base,
                                                  0x4000000, REGION_RAM };
    target->machine.devices = 4;
    for ( unsigned int i = 0; i < 4; i++ )
    {
        snprintf(target->machine.device[i].name,
                 sizeof(target->machine.device[i].name), "edu%u", i);
        target->machine.device[i].source = 0x28 + i;
    }
}

static void the_same_seed_gives_the_same_program(void **state)
{
    struct diff_target target;
    struct program *a, *b, *c;
    char *x, *y, *z;

    set_up_target(&target, *state);
    a = diff_generate(&target, 7);
    b = diff_generate(&target, 7);
    c = diff_generate(&target, 8);
    x = program_text(a);
    y = program_text(b);
    z = program_text(c);
    assert_string_equal(x, y);
    assert_string_not_equal(x, z);
    free(x);
    free(y);
    free(z);
    program_free(a);
    program_free(b);
    program_free(c);
}

static void every_program_can_run_through_model_and_stack(void **state)
{
    static const enum through ways[] = { THROUGH_MODEL, THROUGH_STACK };
    struct diff_target target;

    set_up_target(&target, *state);
    for ( uint64_t seed = 1; seed <= CASES; seed++ )
    {
        struct program *p = diff_generate(&target, seed);
        uint32_t line;

        assert_null(program_check(p, &line));
        for ( unsigned int i = 0; i < 2; i++ )
        {
            const struct world_config config = { .through = ways[i],
                                                 .seed = seed };
            struct finding findings[WORLD_MAX_FINDINGS];
            struct run_result result;
            unsigned int count;

            if ( !program_run(p, &config, &result, findings, &count) )
                fail_msg("seed %u: %s", (unsigned int)seed, result.why);
        }
        program_free(p);
    }
}

static void text_and_program_are_the_same(void **state)
{
    struct diff_target target;
    struct program *p, *again;
    char *x, *y;

    set_up_target(&target, *state);
    p = diff_generate(&target, 3);
    x = program_text(p);
    again = parse(x);
    y = program_text(again);
    assert_string_equal(x, y);
    free(x);
    free(y);
    program_free(p);
    program_free(again);
}

/* 'No disagreement' must not come from empty programs. */
static void all_kinds_of_operations_are_drawn(void **state)
{
    static const unsigned int vtd[] = {
        VTD_OP_START,         VTD_OP_CONTEXT,
        VTD_OP_CONTEXT_RAW,   VTD_OP_ROOT_RAW,
        VTD_OP_MAP,           VTD_OP_UNMAP,
        VTD_OP_ENTRY,         VTD_OP_CC_GLOBAL,
        VTD_OP_CC_DOMAIN,     VTD_OP_CC_DEVICE,
        VTD_OP_IOTLB_GLOBAL,  VTD_OP_IOTLB_DOMAIN,
        VTD_OP_IOTLB_PAGE,    VTD_OP_DESCRIPTOR,
        VTD_OP_WAIT,          VTD_OP_SUBMIT,
        VTD_OP_SYNC,          VTD_OP_GCMD,
        VTD_OP_HANDLE_FAULTS, 0,
    };
    static const unsigned int smmuv3[] = {
        SMMUV3_OP_START,
        SMMUV3_OP_STE,
        SMMUV3_OP_CD,
        SMMUV3_OP_MAP,
        SMMUV3_OP_UNMAP,
        SMMUV3_OP_CFGI_STE,
        SMMUV3_OP_CFGI_STE_RANGE,
        SMMUV3_OP_CFGI_ALL,
        SMMUV3_OP_CFGI_CD,
        SMMUV3_OP_CFGI_CD_ALL,
        SMMUV3_OP_TLBI_NH_ALL,
        SMMUV3_OP_TLBI_NH_ASID,
        SMMUV3_OP_TLBI_NH_VA,
        SMMUV3_OP_TLBI_NH_VAA,
        SMMUV3_OP_SYNC,
        SMMUV3_OP_HANDLE_EVENTS,
        0,
    };
    const unsigned int *wanted = *state == &diff_vtd ? vtd : smmuv3;
    unsigned int count[256] = { 0 };
    struct diff_target target;

    set_up_target(&target, *state);
    for ( uint64_t seed = 1; seed <= CASES; seed++ )
    {
        struct program *p = diff_generate(&target, seed);

        for ( size_t i = 0; i < p->ops; i++ )
            count[p->op[i].code]++;
        program_free(p);
    }
    assert_true(count[OP_STORE] > 0 && count[OP_DMA] > 0);
    for ( ; *wanted; wanted++ )
        assert_true(count[*wanted] > 0);
}

/* What a capability does not offer is not asked for. */
static void sizes_and_widths_follow_the_capabilities(void **state)
{
    struct diff_target target;

    set_up_target(&target, *state);
    /* SAGAW: 39 bits only; SLLPS: none; PSI: none; QI: none */
    target.machine.id[VTD_ID_CAP] &= ~(
        UINT64_C(0x4) << 8 | UINT64_C(0xf) << 34 | UINT64_C(1) << 39);
    target.machine.id[VTD_ID_ECAP] &= ~UINT64_C(2);
    for ( uint64_t seed = 1; seed <= CASES; seed++ )
    {
        struct program *p = diff_generate(&target, seed);

        for ( unsigned int t = 0; t < p->machine.tables; t++ )
            assert_int_equal(p->machine.table[t].option[VTD_TABLE_LEVELS], 3);
        for ( size_t i = 0; i < p->ops; i++ )
        {
            assert_int_not_equal(p->op[i].code, VTD_OP_SYNC);
            if ( p->op[i].code == VTD_OP_MAP )
                assert_int_equal(op_arg(&p->op[i], 3), 0);
        }
        program_free(p);
    }
}

/* A figure that was counted is no gap; a feature that is not there neither. */
static void what_no_case_has_exercised_is_a_gap(void **state)
{
    const struct diff_arch *arch = *state;
    struct diff_figures figures = { 0 };
    struct diff_target target;
    struct diff_gaps all, some;

    set_up_target(&target, arch);
    diff_find_gaps(arch, &target.machine, &figures, &all);
    assert_true(all.count > 20 && all.count < DIFF_MAX_BINS);
    figures.hits = figures.page[12] = 1;
    diff_find_gaps(arch, &target.machine, &figures, &some);
    assert_int_equal(some.count, all.count - 2);
    memset(target.machine.id, 0, sizeof(target.machine.id));
    diff_find_gaps(arch, &target.machine, &figures, &some);
    assert_true(some.count < all.count - 2);
}

/* Half of the programs have it; its STEs and commands are drawn, and the model
 * does with them what its oracle says. */
static void stage_2_is_drawn_where_it_is_advertised(void **state)
{
    const struct world_config config = { .through = THROUGH_MODEL };
    unsigned int count[256] = { 0 }, nested = 0, with = 0;
    struct diff_target target;

    set_up_target(&target, *state);
    target.machine.id[SMMUV3_ID_IDR0] |= 1u << 18 | 1u; /* VMID16, S2P */
    for ( uint64_t seed = 1; seed <= CASES; seed++ )
    {
        struct program *p = diff_generate(&target, seed);
        struct finding findings[WORLD_MAX_FINDINGS];
        struct run_result result;
        unsigned int found;

        with += diff_smmuv3.physical(&p->machine);
        for ( size_t i = 0; i < p->ops; i++ )
        {
            count[p->op[i].code]++;
            nested += p->op[i].code == SMMUV3_OP_STE &&
                      op_arg(&p->op[i], 1) == 7;
        }
        if ( !program_run(p, &config, &result, findings, &found) )
            fail_msg("seed %u: %s", (unsigned int)seed, result.why);
        if ( found )
            fail_msg("seed %u: %s", (unsigned int)seed, findings[0].message);
        program_free(p);
    }
    assert_in_range(with, CASES / 4, 3 * CASES / 4);
    assert_true(nested && count[SMMUV3_OP_TLBI_S2_IPA] &&
                count[SMMUV3_OP_TLBI_S12_VMALL] &&
                count[SMMUV3_OP_TLBI_NSNH_ALL]);
}

static int with_vtd(void **state)
{
    *state = (void *)&diff_vtd;
    return 0;
}

static int with_smmuv3(void **state)
{
    *state = (void *)&diff_smmuv3;
    return 0;
}

int main(void)
{
    const struct CMUnitTest vtd[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_program),
        cmocka_unit_test(every_program_can_run_through_model_and_stack),
        cmocka_unit_test(text_and_program_are_the_same),
        cmocka_unit_test(all_kinds_of_operations_are_drawn),
        cmocka_unit_test(what_no_case_has_exercised_is_a_gap),
        cmocka_unit_test(sizes_and_widths_follow_the_capabilities),
    };
    const struct CMUnitTest smmuv3[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_program),
        cmocka_unit_test(every_program_can_run_through_model_and_stack),
        cmocka_unit_test(text_and_program_are_the_same),
        cmocka_unit_test(all_kinds_of_operations_are_drawn),
        cmocka_unit_test(what_no_case_has_exercised_is_a_gap),
        cmocka_unit_test(stage_2_is_drawn_where_it_is_advertised),
    };

    return cmocka_run_group_tests(vtd, with_vtd, NULL) +
           cmocka_run_group_tests(smmuv3, with_smmuv3, NULL);
}
