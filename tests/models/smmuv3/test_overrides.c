/* SPDX-License-Identifier: GPL-2.0-or-later */
/* STE.PRIVCFG and INSTCFG (5.2, 13.1.2). */
#include "expect.h"
#include "rig.h"

/* The attributes an event shows are those after the override. */
static void PRIVCFG_and_INSTCFG_replace_the_attributes(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 16 * 2 * RIG_ATTEMPTS; i++ )
    {
        unsigned int privcfg = i & 3, instcfg = i >> 2 & 3;
        bool feature = i >> 4 & 1;
        struct attempt attempt = rig_attempts[i >> 5];
        struct smmuv3_config config;
        struct device device = { 0 };
        struct event event;
        struct rig rig;

        rig_config(&config);
        config.idr[1] &= feature ? UINT32_MAX : ~(1u << 26);
        rig_start(&rig, &config);
        rig_device(&rig, &device, STAGE2);
        rig_store(&rig, rig_entry(&rig, &device.s2, IOVA, 3), 0);
        rig_patch(&rig, device.ste, 113, 112, privcfg);
        rig_patch(&rig, device.ste, 115, 114, instcfg);
        assert_int_equal(rig_try(&rig, &attempt).reason, F_TRANSLATION);
        rig_event(&rig, &event);
        if ( feature && privcfg >= 2 )
            attempt.privileged = privcfg == 3;
        if ( feature && instcfg >= 2 )
            attempt.execute = instcfg == 3;
        expect_equal("PnU", rig_bits(&event, 97, 97), attempt.privileged);
        expect_equal("InD", rig_bits(&event, 98, 98),
                     attempt.execute && !attempt.write);
        expect_equal("RnW", rig_bits(&event, 99, 99), !attempt.write);
        rig_destroy(&rig);
    }
}

static void overridden_attributes_are_what_is_checked(void **state)
{
    static const struct {
        const char *row;
        unsigned int privcfg, instcfg, ap;
        bool pxn, uxn;
        struct attempt attempt;
        bool allowed;
    } rows[] = {
        { "unprivileged", 0, 0, 0, 1, 1, { false, false, false }, false },
        { "made privileged", 3, 0, 0, 1, 1, { false, false, false }, true },
        { "made unprivileged", 2, 0, 0, 1, 1, { true, false, false }, false },
        { "data", 0, 0, 3, 1, 1, { false, false, false }, true },
        { "made a fetch", 0, 3, 3, 1, 1, { false, false, false }, false },
        { "made data", 0, 2, 3, 1, 1, { false, false, true }, true },
        { "a write stays one", 0, 3, 1, 1, 1, { false, true, false }, true },
    };

    (void)state;
    for ( size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++ )
    {
        struct device device = { 0 };
        struct rig rig;

        rig_stream(&rig, &device, STAGE1);
        rig_map(&rig, &device.s1, IOVA, device.page,
                AF | NG | AP(rows[i].ap) | (rows[i].pxn ? PXN : 0) |
                    (rows[i].uxn ? UXN : 0),
                3);
        rig_patch(&rig, device.ste, 113, 112, rows[i].privcfg);
        rig_patch(&rig, device.ste, 115, 114, rows[i].instcfg);
        expect_equal(rows[i].row, rig_try(&rig, &rows[i].attempt).status,
                     rows[i].allowed ? RESPONSE_OK : RESPONSE_ABORT);
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(PRIVCFG_and_INSTCFG_replace_the_attributes),
        cmocka_unit_test(overridden_attributes_are_what_is_checked),
    };

    return RUN(tests);
}
