// SPDX-License-Identifier: GPL-2.0-or-later
//
// VT-d: the second-level translation of requests (3.6), as many at a time as
// there are lanes, each with a walker; one IOTLB, and its invalidation
// (6.5.1.2).  The context entry has been read already: SLPTPTR, AW and DID
// come with the request.
//
// Lanes look up one after another, answer one after another, and may overtake
// each other.

module umbra_vtd #(
    parameter int unsigned ENTRIES = 64,
    parameter int unsigned WAYS = 4,
    parameter int unsigned LANES = 1,
    localparam int unsigned LB = LANES > 1 ? $clog2(LANES) : 1
) (
    input  logic        clk,
    input  logic        rst,

    // Capabilities
    input  logic [5:0]  cap_haw,
    input  logic [5:0]  cap_mgaw,        // bits
    input  logic [1:0]  cap_sllps,
    input  logic        cap_sc,
    input  logic        cap_cm,

    input  logic        req_valid,
    output logic        req_ready,
    output logic [LB-1:0] req_lane,      // that takes it
    input  logic [15:0] req_did,
    input  logic [51:12] req_slptptr,
    input  logic        req_aw48,        // AW: 4 levels, else 3
    input  logic [63:0] req_address,
    input  logic        req_read,        // rights that are needed
    input  logic        req_write,
    input  logic        req_any,

    output logic        rsp_valid,       // one cycle
    output logic [LB-1:0] rsp_lane,
    output logic [7:0]  rsp_fault,       // 7.1.3 reason, 0: none
    output logic        rsp_hit,
    output logic [63:0] rsp_address,
    output logic [1:0]  rsp_size,        // 4 KiB, 2 MiB, 1 GiB
    output logic        rsp_right_read,
    output logic        rsp_right_write,

    input  logic        inv_valid,
    output logic        inv_ready,
    output logic        inv_busy,
    input  logic [1:0]  inv_g,           // 1 global, 2 domain, 3 page
    input  logic [15:0] inv_did,
    input  logic [63:0] inv_address,
    input  logic [5:0]  inv_am,

    output logic        mem_valid,
    input  logic        mem_ready,
    output logic [63:0] mem_address,
    output logic [LB-1:0] mem_lane,      // that asks
    input  logic        mem_rvalid,
    input  logic [LB-1:0] mem_rlane,     // that is answered
    input  logic [63:0] mem_rdata,
    input  logic        mem_rerror
);

    localparam logic [7:0] TOO_WIDE = 8'h04;        // LGN.1
    localparam logic [7:0] INTERRUPT_RANGE = 8'h0e; // LGN.4

    logic        found_valid, found_hit, tlb_ready, tlb_busy, fill_ready;
    logic [63:0] found_base;
    /* verilator lint_off UNUSEDSIGNAL */
    logic [63:0] unused;
    /* verilator lint_on UNUSEDSIGNAL */
    logic [4:0]  found_meta;

    // By lane
    logic [LANES-1:0] idle, take, ends_now, walked, may_end, ends, is_hit;
    logic [LANES-1:0] is_read, is_write, fill, owed, asks, granted, answered;
    logic [7:0]  fault [LANES];
    logic [63:0] translated [LANES];
    logic [1:0]  is_size [LANES];
    logic [63:0] fill_va [LANES];
    logic [15:0] fill_tag [LANES];
    logic [1:0]  fill_size [LANES];
    logic [63:0] fill_base [LANES];
    logic [4:0]  fill_meta [LANES];
    logic [63:0] asked [LANES];

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

    // ---- the request ----

    logic [7:0]  refused;
    logic [63:0] width;                  // addresses that there are

    assign width = ((64'd1 << cap_mgaw) - 64'd1) &
                   (req_aw48 ? 64'hffff_ffff_ffff : 64'h7f_ffff_ffff);
    assign refused = |(req_address & ~width) ? TOO_WIDE :
                     req_address[63:20] == 44'hfee ? INTERRUPT_RANGE : 8'd0;
    assign req_ready = |idle && !rst && tlb_ready && !inv_valid;
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
            rsp_hit <= is_hit[last];
            rsp_address <= translated[last];
            rsp_size <= is_size[last];
            rsp_right_read <= is_read[last];
            rsp_right_write <= is_write[last];
        end
    end

    // ---- invalidations ----

    logic [63:0] inv_offsets, inv_first;
    logic        inv_taken;

    assign inv_offsets = (64'h1000 << inv_am) - 64'd1;
    assign inv_first = inv_address & ((64'd1 << cap_mgaw) - 64'd1) &
                       ~inv_offsets;
    assign inv_taken = inv_valid && inv_ready;
    assign inv_busy = tlb_busy || |owed;

    // ---- memory ----

    assign mem_valid = |asks;
    assign granted = first(asks);
    assign mem_lane = number(granted);
    assign mem_address = asked[mem_lane];
    assign answered = mem_rvalid ? LANES'(1) << mem_rlane : '0;

    // ---- IOTLB and lanes ----

    logic [LB-1:0] filler;

    assign filler = number(may_end);

    umbra_tlb #(.ENTRIES(ENTRIES), .WAYS(WAYS), .META(5),
                .SHARED(LANES > 1)) tlb (
        .clk, .rst,
        .lookup_valid(req_valid && req_ready && refused == 8'd0),
        .lookup_ready(tlb_ready),
        .lookup_va(req_address), .lookup_tag(req_did), .lookup_tag2(17'd0),
        .lookup_regime(3'd0), .lookup_nested(1'b0), .lookup_globals(1'b0),
        .found_valid, .found_hit, .found_data0(found_base),
        .found_data1(unused), .found_meta,
        .fill_valid(|(fill & may_end)),
        .fill_ready,
        .fill_va(fill_va[filler]), .fill_tag(fill_tag[filler]),
        .fill_tag2(17'd0),
        .fill_regime(3'd0), .fill_nested(1'b0), .fill_global(1'b0),
        .fill_size(fill_size[filler]), .fill_leaf(fill_size[filler]),
        .fill_data0(fill_base[filler]), .fill_data1(64'd0),
        .fill_meta(fill_meta[filler]),
        .inv_valid, .inv_ready, .inv_busy(tlb_busy),
        .inv_regimes(8'hff),
        .inv_by_tag(inv_g != 2'd1), .inv_tag(inv_did),
        .inv_by_asid(1'b0), .inv_asid(16'd0), .inv_globals(1'b0),
        .inv_by_address(inv_g == 2'd3),
        .inv_first, .inv_last(inv_first | inv_offsets),
        .inv_by_leaf(1'b0), .inv_leaf(2'd0)
    );

    for (genvar l = 0; l < LANES; l++) begin : lanes
        umbra_vtd_lane lane (
            .clk, .rst, .cap_haw, .cap_sllps, .cap_sc, .cap_cm,
            .idle(idle[l]), .take(take[l]),
            .req_did, .req_slptptr, .req_aw48, .req_address, .req_read,
            .req_write, .req_any, .refused,
            .found_valid, .found_hit, .found_base, .found_meta,
            .ends_now(ends_now[l]), .walked(walked[l]), .may_end(may_end[l]),
            .ends(ends[l]), .fault(fault[l]), .is_hit(is_hit[l]),
            .output_address(translated[l]), .is_size(is_size[l]),
            .is_read(is_read[l]), .is_write(is_write[l]),
            .fill(fill[l]), .fill_ready, .fill_va(fill_va[l]),
            .fill_tag(fill_tag[l]), .fill_size(fill_size[l]),
            .fill_base(fill_base[l]), .fill_meta(fill_meta[l]),
            .inv_taken, .inv_g, .inv_did, .owed(owed[l]),
            .mem_valid(asks[l]), .mem_ready(mem_ready && granted[l]),
            .mem_address(asked[l]), .mem_rvalid(answered[l]),
            .mem_rdata, .mem_rerror
        );
    end

    // ---- what must hold, and what must have been seen ----

    property one_answer_at_a_time;
        @(posedge clk) disable iff (rst) $onehot0(ends);
    endproperty
    assert property (one_answer_at_a_time);

    cover property (@(posedge clk) rsp_valid && rsp_fault == TOO_WIDE);

endmodule
