/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event records, bit by bit (5.5, 7.3, 13.1). */
#include "expect.h"
#include "rig.h"

#define SSID 0x2au

/* ---- records ---- */

struct record {
    unsigned int type;
    bool ssv;
    uint32_t ssid, sid;
    bool pnu, ind, rnw, s2, ttrnw;
    unsigned int class;
    uint64_t input, last; /* last: IPA or FetchAddr */
};

static void expect_record(struct rig *rig, const char *row,
                          const struct record *want)
{
    struct event event;

    rig_event(rig, &event);
    expect_equal(row, event.word[0],
                 want->type | (uint64_t)want->ssv << 11 |
                     (uint64_t)want->ssid << 12 | (uint64_t)want->sid << 32);
    expect_equal(row, event.word[1] & ~(UINT64_C(1) << 44),
                 (uint64_t)want->pnu << 33 | (uint64_t)want->ind << 34 |
                     (uint64_t)want->rnw << 35 | (uint64_t)want->s2 << 39 |
                     (uint64_t)want->class << 40);
    /* TTRnW is unknown unless CLASS is TT (7.3.16). */
    if ( want->type == F_PERMISSION && want->class == 1 )
        expect_equal(row, event.word[1] >> 44 & 1, want->ttrnw);
    expect_equal(row, event.word[2], want->input);
    expect_equal(row, event.word[3], want->last);
    expect_equal(row, rig_event(rig, &event), 0);
}

/* A device with substreams: CD 0 and CD SSID are good ones. */
static void start(struct rig *rig, struct device *device, unsigned int config)
{
    uint64_t table;

    *device = (struct device) { 0 };
    rig_start(rig, NULL);
    rig_set_cr2(rig, 2);
    rig_device(rig, device, config);
    if ( !(config & 1) || config < 4 )
        return;
    table = rig_alloc(rig, 64 << 6);
    rig_second_cd(rig, device, table + SSID * 64, device->page);
    rig_patch(rig, device->ste, 63, 59, 6);
    rig_patch(rig, device->ste, 55, 6, (table + device->s1.moved) >> 6);
    device->cd = table + SSID * 64;
    device->s1.base = ((rig_load(rig, device->cd + 8) &
                        UINT64_C(0xffffffffffff0)) -
                       device->s1.moved);
}

static struct request typical(uint64_t address)
{
    struct request request = rig_request(SID, address, REQUEST_READ);

    request.pasid = SSID;
    request.privileged = true;
    return request;
}

static void configuration_errors_say_who_and_no_more(void **state)
{
    struct device device;
    struct record want = { .ssv = true, .ssid = SSID, .sid = SID };
    struct request request = typical(IOVA + 0x123);
    struct rig rig;

    (void)state;
    start(&rig, &device, STAGE1);
    request.source = want.sid = 0x12345;
    rig_go(&rig, &request);
    want.type = C_BAD_STREAMID;
    expect_record(&rig, "C_BAD_STREAMID", &want);

    request.source = want.sid = 9;
    rig_go(&rig, &request);
    want.type = C_BAD_STE;
    expect_record(&rig, "C_BAD_STE", &want);

    rig_refuse(&rig, rig.strtab + 10 * 64, 64);
    request.source = want.sid = 10;
    rig_go(&rig, &request);
    want.type = F_STE_FETCH;
    want.last = rig.strtab + 10 * 64;
    expect_record(&rig, "F_STE_FETCH", &want);

    request.source = want.sid = SID;
    request.pasid = want.ssid = SSID + 1;
    rig_go(&rig, &request);
    want.type = C_BAD_CD;
    want.last = 0;
    expect_record(&rig, "C_BAD_CD", &want);

    rig_refuse(&rig, device.cd + 2 * 64, 64);
    request.pasid = want.ssid = SSID + 2;
    rig_go(&rig, &request);
    want.type = F_CD_FETCH;
    want.last = device.cd + 2 * 64;
    expect_record(&rig, "F_CD_FETCH", &want);

    /* 7.3.9: SubstreamID is valid without SSV. */
    request.pasid = want.ssid = 64;
    rig_go(&rig, &request);
    want = (struct record) { C_BAD_SUBSTREAMID, .ssid = 64, .sid = SID };
    expect_record(&rig, "C_BAD_SUBSTREAMID", &want);

    request.pasid = REQUEST_NO_PASID;
    rig_go(&rig, &request);
    want = (struct record) { F_STREAM_DISABLED, .sid = SID };
    expect_record(&rig, "F_STREAM_DISABLED", &want);
    rig_destroy(&rig);
}

/* Each translation fault of stage 1, for each kind of access. */
static void stage_1_faults_have_the_input_address(void **state)
{
    static const struct {
        unsigned int type;
        uint64_t leaf; /* of IOVA, but for the address */
    } rows[] = {
        { F_TRANSLATION, 0 },
        { F_ADDR_SIZE, S1_LEAF | 3 | UINT64_C(1) << 44 },
        { F_ACCESS, NG | AP(1) | 3 },
        { F_PERMISSION, AF | NG | AP(2) | PXN | UXN | 3 },
    };

    (void)state;
    for ( unsigned int config = STAGE1; config <= NESTED; config += 2 )
        for ( unsigned int i = 0; i < 4 * 8; i++ )
        {
            struct request request = typical(IOVA + 0x123);
            struct record want = {
                rows[i >> 3].type,     true, SSID, SID, .class = 2,
                .input = IOVA + 0x123,
            };
            struct device device;
            struct rig rig;

            start(&rig, &device, config);
            rig_patch(&rig, device.cd, 34, 32, 4); /* IPS 44 */
            rig_store(&rig, rig_entry(&rig, &device.s1, IOVA, 3),
                      rows[i >> 3].leaf ?
                          rows[i >> 3].leaf | (device.page + device.s1.moved) :
                          0);
            request.privileged = want.pnu = i & 1;
            request.execute = i & 2;
            want.ind = (i & 2) && !(i & 4);
            want.rnw = !(i & 4);
            request.access = i & 4 ? REQUEST_WRITE : REQUEST_READ;
            /* A privileged read of AP 2 is allowed. */
            if ( rows[i >> 3].type == F_PERMISSION && (i & 7) == 1 )
                assert_int_equal(rig_go(&rig, &request), device.page + 0x123);
            else
            {
                assert_int_equal(rig_go(&rig, &request), ABORTED | want.type);
                expect_record(&rig, "stage 1", &want);
            }
            rig_destroy(&rig);
        }
}

static const struct fault2 {
    unsigned int type;
    uint64_t leaf;
} faults2[] = {
    { F_TRANSLATION, 0 },
    { F_ADDR_SIZE, S2_LEAF | 3 | UINT64_C(1) << 44 },
    { F_ACCESS, S2AP(3) | 3 },
    { F_PERMISSION, AF | S2AP(2) | 3 },
};

/* Stage 2 of the final address, of a stage-1 table; alone. */
static void stage_2_faults_have_the_IPA_and_their_CLASS(void **state)
{
    (void)state;
    for ( size_t i = 0; i < 4; i++ )
        for ( unsigned int what = 0; what < 3; what++ )
        {
            struct request request = typical(IOVA + 0x123);
            struct record want = {
                faults2[i].type,
                true,
                SSID,
                SID,
                .pnu = true,
                .rnw = true,
                .s2 = true,
                .class = what == 1 ? 1 : 2,
                .ttrnw = true,
                .input = IOVA + 0x123,
            };
            struct device device;
            struct rig rig;
            uint64_t page, ipa;

            start(&rig, &device, what == 2 ? STAGE2 : NESTED);
            rig_patch(&rig, device.ste, 178, 176, 4);
            page = device.page;
            ipa = what == 2 ? IOVA : page + MOVED;
            want.last = ipa; /* of the page, but for TT */
            if ( what == 1 )
            {
                uint64_t at = rig_entry(&rig, &device.s1, IOVA, 2);

                page = at & ~UINT64_C(0xfff);
                ipa = page + MOVED;
                want.last = ipa;
            }
            if ( what == 2 )
            {
                request.pasid = REQUEST_NO_PASID;
                want.ssv = false;
                want.ssid = 0;
            }
            rig_store(&rig, rig_entry(&rig, &device.s2, ipa, 3),
                      faults2[i].leaf ? faults2[i].leaf | page : 0);
            expect_equal("reason", rig_go(&rig, &request),
                         ABORTED | want.type);
            expect_record(&rig, "stage 2", &want);
            rig_destroy(&rig);
        }
}

/* 7.3.12: S2 and CLASS say whose descriptor it was. */
static void aborted_walks_have_the_address_of_the_descriptor(void **state)
{
    enum { S1_ALONE, S1_NESTED, S2_ALONE, S2_OF_IN, S2_OF_TT, S2_OF_CD, ALL };
    static const struct {
        unsigned int config;
        bool s2;
        unsigned int class;
    } rows[ALL] = {
        [S1_ALONE] = { STAGE1, false, 1 }, [S1_NESTED] = { NESTED, false, 1 },
        [S2_ALONE] = { STAGE2, true, 2 },  [S2_OF_IN] = { NESTED, true, 2 },
        [S2_OF_TT] = { NESTED, true, 1 },  [S2_OF_CD] = { NESTED, true, 0 },
    };

    (void)state;
    for ( unsigned int i = 0; i < ALL; i++ )
    {
        struct request request = typical(IOVA + 0x123);
        struct record want = {
            F_WALK_EABT,
            true,
            SSID,
            SID,
            .pnu = true,
            .rnw = true,
            .s2 = rows[i].s2,
            .class = rows[i].class,
            .input = IOVA + 0x123,
        };
        struct device device;
        struct rig rig;
        uint64_t ipa;

        start(&rig, &device, rows[i].config);
        /* Not gated by R (5.5). */
        rig_patch(&rig, device.ste, 186, 186, 0);
        if ( rows[i].config != STAGE2 )
            rig_patch(&rig, device.cd, 45, 45, 0);
        ipa = i == S2_ALONE ? IOVA :
              i == S2_OF_IN ? device.page + MOVED :
              i == S2_OF_CD ? device.cd + MOVED :
                              (rig_entry(&rig, &device.s1, IOVA, 3) + MOVED);
        want.last = i == S1_ALONE || i == S1_NESTED ?
                        rig_entry(&rig, &device.s1, IOVA, 2) :
                        rig_entry(&rig, &device.s2, ipa, 3);
        rig_refuse(&rig, want.last, 8);
        if ( i == S2_ALONE )
        {
            request.pasid = REQUEST_NO_PASID;
            want.ssv = false;
            want.ssid = 0;
        }
        expect_equal("reason", rig_go(&rig, &request), ABORTED | F_WALK_EABT);
        expect_record(&rig, "F_WALK_EABT", &want);
        rig_destroy(&rig);
    }
}

/* 13.1.2: RnW is 0, but for a missing right to read alone. */
static void an_atomic_access_is_recorded_as_a_write(void **state)
{
    for ( unsigned int s2ap = 0; s2ap < 3; s2ap++ )
    {
        struct request request = rig_request(SID, IOVA, REQUEST_ATOMIC);
        struct device device;
        struct event event;
        struct rig rig;

        (void)state;
        start(&rig, &device, STAGE2);
        rig_map(&rig, &device.s2, IOVA, device.page, AF | S2AP(s2ap), 3);
        assert_int_equal(rig_go(&rig, &request), ABORTED | F_PERMISSION);
        rig_event(&rig, &event);
        assert_int_equal(rig_bits(&event, 99, 99), s2ap == 2);
        rig_destroy(&rig);
    }
}

/* ---- CD.R, CD.A, STE.S2R (5.5) ---- */

static void R_decides_whether_a_fault_is_recorded(void **state)
{
    (void)state;
    for ( unsigned int i = 0; i < 8; i++ )
    {
        bool stage2 = i & 1, r = i & 2, s2r = i & 4;
        struct request request = typical(IOVA);
        struct device device;
        struct event event;
        struct rig rig;

        start(&rig, &device, NESTED);
        rig_patch(&rig, device.cd, 45, 45, r);
        rig_patch(&rig, device.ste, 186, 186, s2r);
        rig_store(&rig,
                  stage2 ?
                      rig_entry(&rig, &device.s2, device.page + MOVED, 3) :
                      rig_entry(&rig, &device.s1, IOVA, 3),
                  0);
        assert_int_equal(rig_go(&rig, &request), ABORTED | F_TRANSLATION);
        assert_int_equal(rig_event(&rig, &event),
                         (stage2 ? s2r : r) ? F_TRANSLATION : 0);
        rig_destroy(&rig);
    }
}

/* A = 0: RAZ/WI for the four faults of stage 1, and for nothing else. */
static void without_A_a_stage_1_fault_reads_zero_and_writes_nothing(void **s)
{
    uint32_t data = 0x55555555, zero = 0;
    struct request request = typical(IOVA);
    struct response response;
    struct device device;
    struct event event;
    struct rig rig;

    (void)s;
    start(&rig, &device, NESTED);
    rig_patch(&rig, device.cd, 46, 46, 0);
    rig_store(&rig, rig_entry(&rig, &device.s1, IOVA, 3), 0);
    rig.ram.writes = 0;
    smmuv3_access(rig.smmu, &request, &rig.ram.port, &data, &response);
    assert_int_equal(response.status, RESPONSE_OK);
    assert_int_equal(response.rights, 0);
    assert_int_equal(response.address, UINT64_MAX);
    assert_int_equal(response.reason, F_TRANSLATION);
    assert_string_equal(response.condition, "F_TRANSLATION");
    assert_memory_equal(&data, &zero, 4);
    assert_int_equal(rig_event(&rig, &event), F_TRANSLATION);
    request.access = REQUEST_WRITE;
    rig.ram.writes = 0;
    smmuv3_access(rig.smmu, &request, &rig.ram.port, &data, &response);
    assert_int_equal(response.status, RESPONSE_OK);
    assert_int_equal(rig.ram.writes, 1); /* the record */
    assert_int_equal(rig_event(&rig, &event), F_TRANSLATION);
    /* Stage 2 aborts. */
    rig_map(&rig, &device.s1, IOVA, 0x3f0000000, S1_LEAF, 3);
    assert_int_equal(rig_go(&rig, &request), ABORTED | F_TRANSLATION);
    /* So do other faults. */
    rig_refuse(&rig, rig_entry(&rig, &device.s1, IOVA, 3), 8);
    rig_command(&rig, NSNH_ALL);
    assert_int_equal(rig_go(&rig, &request), ABORTED | F_WALK_EABT);
    rig_destroy(&rig);
}

/* Nested: the right that lacks is one of the walk, not of the access. */
static void an_atomic_whose_table_is_unreadable_is_still_a_write(void **state)
{
    struct request request = typical(IOVA);
    struct device device;
    struct event event;
    struct rig rig;
    uint64_t table;

    (void)state;
    start(&rig, &device, NESTED);
    table = rig_entry(&rig, &device.s1, IOVA, 3) & ~UINT64_C(0xfff);
    rig_map(&rig, &device.s2, table + MOVED, table, AF | S2AP(2), 3);
    request.access = REQUEST_ATOMIC;
    assert_int_equal(rig_go(&rig, &request), ABORTED | F_PERMISSION);
    assert_int_equal(rig_event(&rig, &event), F_PERMISSION);
    assert_int_equal(rig_bits(&event, 105, 104), 1); /* TT */
    assert_int_equal(rig_bits(&event, 99, 99), 0);   /* RnW */
    assert_int_equal(rig_bits(&event, 108, 108), 1); /* TTRnW */
    rig_destroy(&rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_errors_say_who_and_no_more),
        cmocka_unit_test(stage_1_faults_have_the_input_address),
        cmocka_unit_test(stage_2_faults_have_the_IPA_and_their_CLASS),
        cmocka_unit_test(aborted_walks_have_the_address_of_the_descriptor),
        cmocka_unit_test(an_atomic_access_is_recorded_as_a_write),
        cmocka_unit_test(R_decides_whether_a_fault_is_recorded),
        cmocka_unit_test(
            without_A_a_stage_1_fault_reads_zero_and_writes_nothing),
        cmocka_unit_test(an_atomic_whose_table_is_unreadable_is_still_a_write),
    };

    return RUN(tests);
}
