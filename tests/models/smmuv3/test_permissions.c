/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may read, write and execute (13.4, DDI 0487 D8.4). */
#include "expect.h"
#include "rig.h"

#include <stdio.h>

#define WXN_BIT 36
#define PAN_BIT 40

/* What stage 1 says: of its leaf, after the tables above. */
struct stage1 {
    unsigned int ap; /* AP[2:1] */
    bool pxn, uxn, wxn, pan, el2;
};

static unsigned int rights1(const struct stage1 *s1, bool privileged)
{
    bool user = s1->ap & 1, writable = !(s1->ap & 2), execute;

    if ( s1->el2 )
    {
        execute = !s1->uxn && !(s1->wxn && writable);
        return RIGHT_READ | (writable ? RIGHT_WRITE : 0) |
               (execute ? RIGHT_EXECUTE : 0);
    }
    if ( privileged )
    {
        execute = !s1->pxn && !(user && writable) && !(s1->wxn && writable);
        if ( s1->pan && user )
            return execute ? RIGHT_EXECUTE : 0;
        return RIGHT_READ | (writable ? RIGHT_WRITE : 0) |
               (execute ? RIGHT_EXECUTE : 0);
    }
    execute = !s1->uxn && !(s1->wxn && user && writable);
    return (user ? RIGHT_READ : 0) | (user && writable ? RIGHT_WRITE : 0) |
           (execute ? RIGHT_EXECUTE : 0);
}

/* Stage 2: S2AP, XN of two bits with XNX, else its upper one; to execute needs
 * no right to read (DDI 0487, Table D8-78). */
static unsigned int rights2(unsigned int s2ap, unsigned int xn, bool xnx,
                            bool privileged)
{
    static const bool denied[4][2] = {
        /* unprivileged, privileged */
        { false, false },
        { false, true },
        { true, true },
        { true, false },
    };
    bool never = xnx ? denied[xn][privileged] : xn >> 1;

    return (s2ap & 1 ? RIGHT_READ : 0) | (s2ap & 2 ? RIGHT_WRITE : 0) |
           (never ? 0 : RIGHT_EXECUTE);
}

static unsigned int needed(const struct attempt *attempt)
{
    return attempt->write   ? RIGHT_WRITE :
           attempt->execute ? RIGHT_EXECUTE :
                              RIGHT_READ;
}

/* All attempts against what they should find; @stage2: of the fault. */
static void expect_rights(struct rig *rig, const char *row,
                          unsigned int (*rights)(const void *, bool),
                          unsigned int (*first)(const void *, bool),
                          const void *context)
{
    rig_flush(rig);
    for ( size_t i = 0; i < RIG_ATTEMPTS; i++ )
    {
        unsigned int have = rights(context, rig_attempts[i].privileged);
        unsigned int want = needed(&rig_attempts[i]);
        struct response response = rig_try(rig, &rig_attempts[i]);
        struct event event;
        char name[80];

        snprintf(name, sizeof(name), "%s, attempt %zu", row, i);
        if ( have & want )
        {
            expect_equal(name, response.status, RESPONSE_OK);
            expect_equal(name, response.rights, have);
            continue;
        }
        expect_equal(name, rig_result(&response), ABORTED | F_PERMISSION);
        expect_equal(name, rig_event(rig, &event), F_PERMISSION);
        expect_equal(name, rig_bits(&event, 103, 103),
                     first &&
                         first(context, rig_attempts[i].privileged) & want);
        expect_equal(name, rig_bits(&event, 105, 104), 2); /* IN */
    }
}

static unsigned int of_stage1(const void *context, bool privileged)
{
    return rights1(context, privileged);
}

static void set_leaf1(struct rig *rig, const struct device *device,
                      const struct stage1 *s1)
{
    rig_map(rig, &device->s1, IOVA, device->page + device->s1.moved,
            AF | NG | AP(s1->ap) | (s1->pxn ? PXN : 0) | (s1->uxn ? UXN : 0),
            3);
    rig_patch(rig, device->cd, WXN_BIT, WXN_BIT, s1->wxn);
    rig_patch(rig, device->cd, PAN_BIT, PAN_BIT, s1->pan);
}

/* STRW: NS-EL1, NS-EL2, NS-EL2-E2H. */
static void stage_1_rights_are_those_of_the_regime(void **state)
{
    (void)state;
    for ( unsigned int world = 0; world < 3; world++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_start(&rig, NULL);
        rig_set_cr2(&rig, world == 2);
        rig_device(&rig, &device, STAGE1);
        rig_patch(&rig, device.ste, 95, 94, world ? 2 : 0);
        for ( unsigned int i = 0; i < 64; i++ )
        {
            struct stage1 s1 = {
                .ap = i & 3,
                .pxn = i & 4,
                .uxn = i & 8,
                .wxn = i & 16,
                .pan = i & 32,
                .el2 = world == 1,
            };
            char row[64];

            snprintf(row, sizeof(row), "world %u combination %02x", world, i);
            set_leaf1(&rig, &device, &s1);
            expect_rights(&rig, row, of_stage1, NULL, &s1);
        }
        rig_destroy(&rig);
    }
}

/* APTable, PXNTable, UXNTable of each level; HAD0 and HAD1 ignore them. */
static void tables_take_rights_away_unless_HAD(void **state)
{
    (void)state;
    for ( int level = 1; level <= 2; level++ )
        for ( unsigned int i = 0; i < 128; i++ )
        {
            unsigned int aptable = i & 3, had = i >> 4 & 1, leaf = i >> 5;
            bool pxntable = i & 4, uxntable = i & 8;
            struct device device = { 0 };
            struct stage1 s1 = {
                .ap = had ? leaf :
                            (leaf & (aptable & 1 ? 2 : 3)) | (aptable & 2),
                .pxn = !had && pxntable,
                .uxn = !had && uxntable,
            };
            struct rig rig;
            uint64_t at;
            char row[64];

            snprintf(row, sizeof(row), "level %d combination %02x", level, i);
            rig_stream(&rig, &device, STAGE1);
            rig_map(&rig, &device.s1, IOVA, device.page, AF | NG | AP(leaf),
                    3);
            at = rig_entry(&rig, &device.s1, IOVA, level);
            rig_store(&rig, at,
                      rig_load(&rig, at) | (uint64_t)aptable << 61 |
                          (uint64_t)uxntable << 60 | (uint64_t)pxntable << 59);
            rig_patch(&rig, device.cd, 65, 65, had);
            expect_rights(&rig, row, of_stage1, NULL, &s1);
            rig_destroy(&rig);
        }
}

static void HAD_needs_the_feature(void **state)
{
    struct smmuv3_config config;
    struct device device = { 0 };
    struct rig rig;
    uint64_t at;

    (void)state;
    rig_config(&config);
    config.idr[3] &= ~(1u << 2);
    rig_start(&rig, &config);
    rig_device(&rig, &device, STAGE1);
    rig_patch(&rig, device.cd, 65, 65, 1);
    at = rig_entry(&rig, &device.s1, IOVA, 2);
    rig_store(&rig, at, rig_load(&rig, at) | UINT64_C(2) << 61);
    assert_int_equal(rig_write(&rig, SID, IOVA), ABORTED | F_PERMISSION);
    rig_destroy(&rig);
}

/* ---- stage 2, alone and behind stage 1 ---- */

struct both {
    struct stage1 s1; /* with stage 2 alone: not used */
    unsigned int s2ap, xn;
    bool nested, xnx;
};

static unsigned int of_first(const void *context, bool privileged)
{
    const struct both *both = context;

    return both->nested ? rights1(&both->s1, privileged) :
                          RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE;
}

static unsigned int of_both(const void *context, bool privileged)
{
    const struct both *both = context;

    return of_first(context, privileged) &
           rights2(both->s2ap, both->xn, both->xnx, privileged);
}

static void set_leaf2(struct rig *rig, const struct device *device,
                      const struct both *both)
{
    rig_map(rig, &device->s2, both->nested ? device->page + MOVED : IOVA,
            device->page, AF | S2AP(both->s2ap) | (uint64_t)both->xn << 53, 3);
}

static void stage_2_rights_are_S2AP_and_XN(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 32; i++ )
    {
        struct both both = {
            .s2ap = i & 3,
            .xn = i >> 2 & 3,
            .xnx = i >> 4,
        };
        struct smmuv3_config config;
        struct device device = { 0 };
        struct rig rig;
        char row[32];

        snprintf(row, sizeof(row), "combination %02x", i);
        rig_config(&config);
        config.idr[3] &= both.xnx ? UINT32_MAX : ~(1u << 4);
        rig_start(&rig, &config);
        rig_device(&rig, &device, STAGE2);
        set_leaf2(&rig, &device, &both);
        expect_rights(&rig, row, of_both, of_first, &both);
        rig_destroy(&rig);
    }
}

/* Both must allow; what stage 1 refuses is a fault of stage 1. */
static void nested_rights_are_those_of_both_stages(void **state)
{
    struct device device = { 0 };
    struct rig rig;

    (void)state;
    rig_stream(&rig, &device, NESTED);
    for ( unsigned int i = 0; i < 256; i++ )
    {
        struct both both = {
            .s1 = { .ap = i & 3, .pxn = i & 4, .uxn = i & 8 },
            .s2ap = i >> 4 & 3,
            .xn = i >> 6,
            .nested = true,
            .xnx = true,
        };
        char row[32];

        snprintf(row, sizeof(row), "combination %02x", i);
        set_leaf1(&rig, &device, &both.s1);
        set_leaf2(&rig, &device, &both);
        expect_rights(&rig, row, of_both, of_first, &both);
    }
    rig_destroy(&rig);
}

/* Reading a descriptor of stage 1 needs S2AP[0] and nothing else. */
static void walks_need_to_read_their_tables(void **state)
{
    (void)state;
    for ( unsigned int s2ap = 0; s2ap < 4; s2ap++ )
    {
        struct device device = { 0 };
        struct event event;
        struct rig rig;
        uint64_t table;

        rig_stream(&rig, &device, NESTED);
        table = rig_entry(&rig, &device.s1, IOVA, 3) & ~UINT64_C(0xfff);
        rig_map(&rig, &device.s2, table + MOVED, table,
                AF | S2AP(s2ap) | UINT64_C(2) << 53, 3);
        expect_equal("S2AP", rig_write(&rig, SID, IOVA),
                     s2ap & 1 ? device.page : ABORTED | F_PERMISSION);
        if ( !(s2ap & 1) )
        {
            rig_event(&rig, &event);
            assert_int_equal(rig_bits(&event, 103, 103), 1);
            assert_int_equal(rig_bits(&event, 105, 104), 1); /* TT */
        }
        rig_destroy(&rig);
    }
}

static void an_atomic_access_reads_and_writes(void **state)
{
    (void)state;
    for ( unsigned int s2ap = 0; s2ap < 4; s2ap++ )
    {
        struct both both = { .s2ap = s2ap };
        struct request request = rig_request(SID, IOVA, REQUEST_ATOMIC);
        struct device device = { 0 };
        struct rig rig;

        rig_stream(&rig, &device, STAGE2);
        set_leaf2(&rig, &device, &both);
        assert_int_equal(rig_go(&rig, &request),
                         s2ap == 3 ? device.page : ABORTED | F_PERMISSION);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_1_rights_are_those_of_the_regime),
        cmocka_unit_test(tables_take_rights_away_unless_HAD),
        cmocka_unit_test(HAD_needs_the_feature),
        cmocka_unit_test(stage_2_rights_are_S2AP_and_XN),
        cmocka_unit_test(nested_rights_are_those_of_both_stages),
        cmocka_unit_test(walks_need_to_read_their_tables),
        cmocka_unit_test(an_atomic_access_reads_and_writes),
    };

    return RUN(tests);
}
