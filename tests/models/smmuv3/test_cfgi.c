/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes STEs, CDs and the tables above them be read again (4.3). */
#include "expect.h"
#include "rig.h"

/* What a command about SID 5, SSID 3 lets the unit see. */
static const struct {
    const char *row;
    uint64_t low, high;
    bool ste, cd;
} cfgis[] = {
    { "nothing", CMD_SYNC, 0, false, false },
    { "CFGI_STE", CMD_SID(0x03, 5), 0, true, true },
    { "CFGI_STE, Leaf", CMD_SID(0x03, 5), LEAF, true, true },
    { "CFGI_STE of another", CMD_SID(0x03, 6), 0, false, false },
    { "CFGI_STE beyond", CMD_SID(0x03, 0x10005), 0, false, false },
    { "RANGE of 2", CMD_SID(0x04, 5), 0, true, true },
    { "RANGE of 2, not aligned", CMD_SID(0x04, 4), 0, true, true },
    { "RANGE of 2, behind", CMD_SID(0x04, 6), 0, false, false },
    { "RANGE of 4", CMD_SID(0x04, 7), 1, true, true },
    { "RANGE of 4, before", CMD_SID(0x04, 3), 1, false, false },
    { "RANGE of 8", CMD_SID(0x04, 0), 2, true, true },
    { "RANGE of 2^31", CMD_SID(0x04, 0x7fffffff), 30, true, true },
    { "RANGE of 2^31, other", CMD_SID(0x04, 0xffffffff), 30, false, false },
    { "CFGI_ALL", CMD_SID(0x04, 0xffffffff), 31, true, true },
    { "CFGI_CD", CMD_CD(5, 3), 0, false, true },
    { "CFGI_CD, Leaf", CMD_CD(5, 3), LEAF, false, true },
    { "CFGI_CD of another", CMD_CD(5, 2), 0, false, false },
    { "CFGI_CD of another stream", CMD_CD(6, 3), 0, false, false },
    { "CFGI_CD_ALL", CMD_SID(0x06, 5), 0, false, true },
    { "CFGI_CD_ALL of another", CMD_SID(0x06, 6), 0, false, false },
    { "NSNH_ALL", 0x30, 0, false, false },
};

static uint64_t go(struct rig *rig)
{
    struct request request = rig_request(SID, IOVA, REQUEST_READ);

    request.pasid = 3;
    return rig_go(rig, &request);
}

/* @good: valid structures turn bad; else bad ones good. */
static void change(struct rig *rig, bool change_ste, bool good, size_t row)
{
    bool seen = change_ste ? cfgis[row].ste : cfgis[row].cd;
    struct device device = { 0 };
    uint64_t table, at, before;

    rig_start(rig, NULL);
    rig_device(rig, &device, STAGE1);
    table = rig_alloc(rig, 64 << 4);
    rig_second_cd(rig, &device, table + 3 * 64, device.page);
    rig_patch(rig, device.ste, 63, 59, 4);
    rig_patch(rig, device.ste, 55, 6, table >> 6);
    at = change_ste ? device.ste : table + 3 * 64;
    if ( !good )
        rig_patch(rig, at, change_ste ? 0 : 31, change_ste ? 0 : 31, 0);
    before = go(rig);
    rig_patch(rig, at, change_ste ? 0 : 31, change_ste ? 0 : 31, !good);
    rig_command(rig, cfgis[row].low, cfgis[row].high);
    if ( seen )
        expect_equal(cfgis[row].row, go(rig),
                     good ? ABORTED | (change_ste ? C_BAD_STE : C_BAD_CD) :
                            device.page);
    else if ( good ) /* an invalid one may be cached or not */
        expect_equal(cfgis[row].row, go(rig), before);
}

static void a_CFGI_command_lets_its_structures_be_read_again(void **state)
{
    (void)state;
    for ( size_t i = 0; i < sizeof(cfgis) / sizeof(*cfgis); i++ )
        for ( int c = 0; c < 4; c++ )
        {
            struct rig rig;

            change(&rig, c & 1, c & 2, i);
            rig_destroy(&rig);
        }
}

/* Leaf = 0: the first levels of both tables as well. */
static void without_Leaf_the_first_levels_are_read_again(void **state)
{
    (void)state;
    for ( int cd = 0; cd < 2; cd++ )
    {
        struct device device = { 0 };
        struct rig rig;
        uint64_t l1, l2;

        rig_stream(&rig, &device, STAGE1);
        l1 = rig_alloc(&rig, 0x1000);
        if ( cd )
        {
            l2 = rig_alloc(&rig, 0x1000);
            rig_store(&rig, l1, l2 | 1);
            rig_second_cd(&rig, &device, l2 + 3 * 64, device.page);
            rig_patch(&rig, device.ste, 5, 4, 1);
            rig_patch(&rig, device.ste, 63, 59, 8);
            rig_patch(&rig, device.ste, 55, 6, l1 >> 6);
            assert_int_equal(go(&rig), device.page);
            rig_store(&rig, l1, 0);
            rig_command(&rig, CMD_CD(SID, 3), 0);
            assert_int_equal(go(&rig), ABORTED | C_BAD_SUBSTREAMID);
        }
        else
        {
            rig_set32(&rig, CR0, 0xc);
            rig_store(&rig, l1, rig.strtab | 7);
            rig_set64(&rig, STRTAB_BASE, l1);
            rig_set32(&rig, STRTAB_BASE_CFG, 1u << 16 | 6u << 6 | 8);
            rig_set32(&rig, CR0, 0xd);
            assert_int_equal(rig_read(&rig, SID, IOVA), device.page);
            rig_store(&rig, l1, 0);
            rig_command(&rig, CMD_SID(0x03, SID), 0);
            assert_int_equal(rig_read(&rig, SID, IOVA),
                             ABORTED | C_BAD_STREAMID);
        }
        rig_destroy(&rig);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_CFGI_command_lets_its_structures_be_read_again),
        cmocka_unit_test(without_Leaf_the_first_levels_are_read_again),
    };

    return RUN(tests);
}
