// SPDX-License-Identifier: GPL-2.0-or-later
//
// SMMUv3: translation of requests, as many at a time as there are lanes, each
// with a walker, through one main TLB (3.17): stage 1, stage 2 or both; and
// TLB invalidation commands (4.4).  STE and CD have been read already, are
// legal, and come with the request.  4 KiB granule.
//
// Lanes look up one after another, walks before new requests, answer one after
// another, and may overtake each other.

module umbra_smmu #(
    parameter int unsigned ENTRIES = 64,
    parameter int unsigned WAYS = 4,
    parameter int unsigned LANES = 1,
    localparam int unsigned LB = LANES > 1 ? $clog2(LANES) : 1
) (
    input  logic         clk,
    input  logic         rst,

    // ID registers, CR2
    input  logic         idr_s2p,
    input  logic         idr_hyp,
    input  logic         idr_had,
    input  logic         idr_xnx,
    input  logic         idr_ril,
    input  logic         idr_bbm,
    input  logic         idr_attr_perms_ovr,
    input  logic [2:0]   idr_oas,
    input  logic         cr2_e2h,

    input  logic         req_valid,
    output logic         req_ready,
    output logic [LB-1:0] req_lane,      // that takes it
    input  logic [63:0]  req_address,
    input  logic         req_read,
    input  logic         req_write,
    input  logic         req_privileged,
    input  logic         req_execute,
    /* verilator lint_off UNUSEDSIGNAL */ // fields of no meaning here
    input  logic [63:0]  req_ste0,
    input  logic [63:0]  req_ste1,
    input  logic [63:0]  req_ste2,
    input  logic [63:0]  req_ste3,
    input  logic [63:0]  req_cd0,
    input  logic [63:0]  req_cd1,
    input  logic [63:0]  req_cd2,
    /* verilator lint_on UNUSEDSIGNAL */

    output logic         rsp_valid,      // one cycle
    output logic [LB-1:0] rsp_lane,
    output logic [7:0]   rsp_fault,      // event number, 0: none
    output logic [1:0]   rsp_class,
    output logic         rsp_s2,
    output logic [63:0]  rsp_fault_address,
    output logic         rsp_privileged, // PnU and InD of the event
    output logic         rsp_execute,
    output logic         rsp_hit,
    output logic [63:0]  rsp_address,
    output logic [1:0]   rsp_size,       // 4 KiB, 2 MiB, 1 GiB
    output logic [2:0]   rsp_rights,     // execute, write, read

    input  logic         inv_valid,
    output logic         inv_ready,
    output logic         inv_illegal,    // of the command that is offered
    output logic         inv_busy,
    input  logic [127:0] inv_command,

    output logic         mem_valid,
    input  logic         mem_ready,
    output logic [63:0]  mem_address,
    output logic [LB-1:0] mem_lane,      // that asks
    input  logic         mem_rvalid,
    input  logic [LB-1:0] mem_rlane,     // that is answered
    input  logic [63:0]  mem_rdata,
    input  logic         mem_rerror
);

    // Regimes (3.3.4), as the TLB names them
    localparam logic [2:0] EL1 = 3'd0;
    localparam logic [2:0] EL2 = 3'd1;
    localparam logic [2:0] EL2_E2H = 3'd2;
    localparam logic [2:0] STAGE2 = 3'd3;

    // ---- whose request it is (3.3.4, 5.2, 5.4, 13.1) ----

    logic         stage1, stage2, el2, upper, tbi, privileged, execute;
    logic [2:0]   regime, need;
    logic [15:0]  vmid;
    logic [16:0]  asid;                  // with ASET
    logic [63:0]  address;
    logic [1:0]   privcfg, instcfg;
    logic         beyond;                // 3.4

    assign stage1 = req_ste0[1];
    assign stage2 = req_ste0[2];
    assign el2 = stage1 && !stage2 && req_ste1[31:30] != 2'd0 && idr_hyp;
    assign regime = el2 ? (cr2_e2h ? EL2_E2H : EL2) : stage1 ? EL1 : STAGE2;
    assign vmid = idr_s2p && !el2 ? req_ste2[15:0] : 16'd0;
    assign asid = stage1 && regime != EL2 ? {req_cd0[47], req_cd0[63:48]} :
                                            17'd0;
    assign privcfg = req_ste1[49:48] & {2{idr_attr_perms_ovr}};
    assign instcfg = req_ste1[51:50] & {2{idr_attr_perms_ovr}};
    assign privileged = privcfg == 2'd3 || (privcfg != 2'd2 && req_privileged);
    assign execute = req_read && !req_write &&
                     (instcfg == 2'd3 || (instcfg != 2'd2 && req_execute));
    assign need = execute ? 3'b100 : {1'b0, req_write, req_read};

    // TBI: the top byte is the sign.
    assign upper = regime != EL2 && req_address[55];
    assign tbi = stage1 && (upper ? req_cd0[39] : req_cd0[38]);
    assign address = {tbi ? {8{upper}} : req_address[63:56],
                      req_address[55:0]};

    function automatic logic [5:0] oas_bits();
        case (idr_oas)
            3'd0: oas_bits = 6'd32;
            3'd1: oas_bits = 6'd36;
            3'd2: oas_bits = 6'd40;
            3'd3: oas_bits = 6'd42;
            3'd4: oas_bits = 6'd44;
            default: oas_bits = 6'd48;
        endcase
    endfunction

    assign beyond = !stage1 && |(req_address >> oas_bits());

    // ---- by lane ----

    logic [LANES-1:0] idle, take, ends_now, walked, may_end, ends, fills;
    logic [LANES-1:0] s2_lookup, s2_granted, s2_fills, fills_now, owed, asks;
    logic [LANES-1:0] mem_granted, answered, is_s2, is_privileged, is_execute;
    logic [LANES-1:0] is_hit, fill_nested, fill_global;
    logic [47:12] s2_page [LANES];
    logic [7:0]   fault [LANES];
    logic [1:0]   is_class [LANES];
    logic [63:0]  is_fault_address [LANES];
    logic [63:0]  translated [LANES];
    logic [1:0]   is_size [LANES];
    logic [2:0]   is_rights [LANES];
    logic [63:0]  fill_va [LANES];
    logic [15:0]  fill_tag [LANES];
    logic [16:0]  fill_tag2 [LANES];
    logic [2:0]   fill_regime [LANES];
    logic [1:0]   fill_size [LANES];
    logic [1:0]   fill_leaf [LANES];
    logic [47:12] fill_data0 [LANES];
    logic [47:12] fill_data1 [LANES];
    logic [13:0]  fill_meta [LANES];
    logic [63:0]  asked [LANES];

    logic         tlb_ready, tlb_busy, found_valid, found_hit, fill_ready;
    logic [63:0]  found_page, found_ipa;
    logic [13:0]  found_meta;

    // The lowest, and its number.
    function automatic logic [LANES-1:0] first(input logic [LANES-1:0] mask);
        first = mask & (~mask + 1'b1);
    endfunction

    function automatic logic [LB-1:0] number(input logic [LANES-1:0] one);
        number = '0;
        for (int unsigned l = 0; l < LANES; l++)
            if (one[l])
                number = LB'(l);
    endfunction

    assign req_ready = |idle && !rst && tlb_ready && !inv_valid &&
                       !(|s2_lookup);
    assign req_lane = number(first(idle));
    assign take = req_valid && req_ready ? first(idle) : '0;

    // ---- the answer: of a lookup, else of one of the walks ----

    logic [LB-1:0] last;

    assign may_end = |ends_now ? '0 : first(walked);
    assign last = number(ends);

    always_ff @(posedge clk) begin
        rsp_valid <= |ends && !rst;
        if (|ends) begin
            rsp_lane <= last;
            rsp_fault <= fault[last];
            rsp_class <= is_class[last];
            rsp_s2 <= is_s2[last];
            rsp_fault_address <= is_fault_address[last];
            rsp_privileged <= is_privileged[last];
            rsp_execute <= is_execute[last];
            rsp_hit <= is_hit[last];
            rsp_address <= translated[last];
            rsp_size <= is_size[last];
            rsp_rights <= is_rights[last];
        end
    end

    // ---- commands ----

    logic         by_vmid, by_asid, globals, by_address, by_leaf, other;
    logic [3:0]   inv_regimes;
    logic [15:0]  inv_vmid, inv_asid;
    logic [63:0]  first_byte, last_byte;
    logic [1:0]   leaf;
    logic         inv_taken;

    umbra_tlbi decoder (
        .idr_s2p, .idr_hyp, .idr_ril, .cr2_e2h, .command(inv_command),
        .illegal(inv_illegal), .regimes(inv_regimes), .by_vmid,
        .vmid(inv_vmid), .by_asid, .asid(inv_asid), .globals, .by_address,
        .first(first_byte), .last(last_byte), .by_leaf, .leaf,
        .other_granule(other)
    );

    assign inv_taken = inv_valid && inv_ready && !inv_illegal;
    assign inv_busy = tlb_busy || |owed;

    // ---- memory ----

    assign mem_valid = |asks;
    assign mem_granted = first(asks);
    assign mem_lane = number(mem_granted);
    assign mem_address = asked[mem_lane];
    assign answered = mem_rvalid ? LANES'(1) << mem_rlane : '0;

    // ---- TLB and lanes ----

    logic [LB-1:0] looker, filler;
    logic          is_s2_lookup;

    assign is_s2_lookup = |s2_lookup;
    assign s2_granted = first(s2_lookup);
    assign looker = number(s2_granted);
    assign fills_now = first((fills & may_end) | s2_fills);
    assign filler = number(fills_now);

    umbra_tlb #(.ENTRIES(ENTRIES), .WAYS(WAYS), .META(14), .SMMU(1'b1),
                .SHARED(LANES > 1)) tlb (
        .clk, .rst,
        .lookup_valid((req_valid && req_ready && !beyond) || is_s2_lookup),
        .lookup_ready(tlb_ready),
        .lookup_va(is_s2_lookup ? {16'd0, s2_page[looker], 12'd0} : address),
        .lookup_tag(is_s2_lookup ? fill_tag[looker] :
                    regime == EL1 || regime == STAGE2 ? vmid : 16'd0),
        .lookup_tag2(is_s2_lookup ? 17'd0 : asid),
        .lookup_regime(is_s2_lookup ? STAGE2 : regime),
        .lookup_nested(!is_s2_lookup && regime == EL1 && stage2),
        .lookup_globals(!is_s2_lookup &&
                        (regime == EL1 || regime == EL2_E2H)),
        .found_valid, .found_hit, .found_data0(found_page),
        .found_data1(found_ipa), .found_meta,
        .fill_valid(|fills_now),
        .fill_ready,
        .fill_va(fill_va[filler]), .fill_tag(fill_tag[filler]),
        .fill_tag2(fill_tag2[filler]), .fill_regime(fill_regime[filler]),
        .fill_nested(fill_nested[filler]), .fill_global(fill_global[filler]),
        .fill_size(fill_size[filler]), .fill_leaf(fill_leaf[filler]),
        .fill_data0({16'd0, fill_data0[filler], 12'd0}),
        .fill_data1({16'd0, fill_data1[filler], 12'd0}),
        .fill_meta(fill_meta[filler]),
        .inv_valid(inv_valid && !inv_illegal), .inv_ready,
        .inv_busy(tlb_busy),
        .inv_regimes(other ? 8'd0 : {4'd0, inv_regimes}),
        .inv_by_tag(by_vmid), .inv_tag(inv_vmid),
        .inv_by_asid(by_asid), .inv_asid, .inv_globals(globals),
        .inv_by_address(by_address), .inv_first(first_byte),
        .inv_last(last_byte), .inv_by_leaf(by_leaf), .inv_leaf(leaf)
    );

    for (genvar l = 0; l < LANES; l++) begin : lanes
        umbra_smmu_lane lane (
            .clk, .rst, .idr_had, .idr_xnx, .idr_bbm, .idr_oas,
            .idle(idle[l]), .take(take[l]),
            .stage1, .stage2, .privileged, .execute, .beyond, .regime, .need,
            .vmid, .asid, .address,
            .req_cd0, .req_cd1, .req_cd2, .req_ste2, .req_ste3,
            .found_valid, .found_hit, .found_page, .found_ipa, .found_meta,
            .s2_lookup(s2_lookup[l]),
            .s2_lookup_ready(tlb_ready && s2_granted[l]),
            .s2_page(s2_page[l]),
            .ends_now(ends_now[l]), .walked(walked[l]), .may_end(may_end[l]),
            .ends(ends[l]), .fault(fault[l]), .is_class(is_class[l]),
            .is_s2(is_s2[l]), .is_fault_address(is_fault_address[l]),
            .is_privileged(is_privileged[l]), .is_execute(is_execute[l]),
            .is_hit(is_hit[l]), .output_address(translated[l]),
            .is_size(is_size[l]), .is_rights(is_rights[l]),
            .fills(fills[l]), .s2_fills(s2_fills[l]),
            .fill_ready(fill_ready && fills_now[l]),
            .fill_va(fill_va[l]), .fill_tag(fill_tag[l]),
            .fill_tag2(fill_tag2[l]), .fill_regime(fill_regime[l]),
            .fill_nested(fill_nested[l]), .fill_global(fill_global[l]),
            .fill_size(fill_size[l]), .fill_leaf(fill_leaf[l]),
            .fill_data0(fill_data0[l]), .fill_data1(fill_data1[l]),
            .fill_meta(fill_meta[l]),
            .inv_taken, .inv_regimes, .by_vmid, .inv_vmid, .owed(owed[l]),
            .mem_valid(asks[l]), .mem_ready(mem_ready && mem_granted[l]),
            .mem_address(asked[l]), .mem_rvalid(answered[l]),
            .mem_rdata, .mem_rerror
        );
    end

    // ---- what must hold, and what must have been seen ----

    property one_answer_at_a_time;
        @(posedge clk) disable iff (rst) $onehot0(ends);
    endproperty
    assert property (one_answer_at_a_time);

    cover property (@(posedge clk) inv_valid && inv_illegal);
    cover property (@(posedge clk) inv_taken && other);
    cover property (@(posedge clk) inv_taken && by_leaf);

endmodule
