// SPDX-License-Identifier: GPL-2.0-or-later
//
// SMMUv3: a request on its way through umbra_smmu.sv: what the main TLB (3.17)
// has found, or else a walk.
//
// A command may come at any time.  A walk under way that may have read what
// it removes fills nothing, and the command is busy until that walk has
// ended: that is what a CMD_SYNC waits for (4.7.3).

module umbra_smmu_lane (
    input  logic         clk,
    input  logic         rst,

    input  logic         idr_had,
    input  logic         idr_xnx,
    input  logic         idr_bbm,
    input  logic [2:0]   idr_oas,

    output logic         idle,
    input  logic         take,           // the request, and its lookup
    input  logic         stage1,
    input  logic         stage2,
    input  logic         privileged,
    input  logic         execute,
    input  logic         beyond,         // 3.4
    input  logic [2:0]   regime,
    input  logic [2:0]   need,
    input  logic [15:0]  vmid,
    input  logic [16:0]  asid,
    input  logic [63:0]  address,
    input  logic [63:0]  req_cd0,
    input  logic [63:0]  req_cd1,
    input  logic [63:0]  req_cd2,
    input  logic [63:0]  req_ste2,
    input  logic [63:0]  req_ste3,

    // The answer of the TLB, in the cycle after
    input  logic         found_valid,
    input  logic         found_hit,
    input  logic [63:0]  found_page,
    input  logic [63:0]  found_ipa,
    input  logic [13:0]  found_meta,

    // Lookups of the walk, in stage 2
    output logic         s2_lookup,
    input  logic         s2_lookup_ready,
    output logic [47:12] s2_page,

    output logic         ends_now,       // without a walk
    output logic         walked,         // ends once it may
    input  logic         may_end,
    output logic         ends,
    output logic [7:0]   fault,
    output logic [1:0]   is_class,
    output logic         is_s2,
    output logic [63:0]  is_fault_address,
    output logic         is_privileged,
    output logic         is_execute,
    output logic         is_hit,
    output logic [63:0]  output_address,
    output logic [1:0]   is_size,
    output logic [2:0]   is_rights,

    output logic         fills,          // at its end
    output logic         s2_fills,       // in its middle
    input  logic         fill_ready,
    output logic [63:0]  fill_va,
    output logic [15:0]  fill_tag,
    output logic [16:0]  fill_tag2,
    output logic [2:0]   fill_regime,
    output logic         fill_nested,
    output logic         fill_global,
    output logic [1:0]   fill_size,
    output logic [1:0]   fill_leaf,
    output logic [47:12] fill_data0,
    output logic [47:12] fill_data1,
    output logic [13:0]  fill_meta,

    input  logic         inv_taken,
    input  logic [3:0]   inv_regimes,
    input  logic         by_vmid,
    input  logic [15:0]  inv_vmid,
    output logic         owed,           // a command waits for us

    output logic         mem_valid,
    input  logic         mem_ready,
    output logic [63:0]  mem_address,
    input  logic         mem_rvalid,
    input  logic [63:0]  mem_rdata,
    input  logic         mem_rerror
);

    localparam logic [7:0] F_ADDR_SIZE = 8'h11;
    localparam logic [7:0] F_PERMISSION = 8'h13;
    localparam logic [1:0] CLASS_IN = 2'd2;

    typedef enum logic [1:0] { IDLE, FOUND, WALK } state_t;

    // Regimes (3.3.4), as the TLB names them
    localparam logic [2:0] EL1 = 3'd0;
    localparam logic [2:0] EL2 = 3'd1;
    localparam logic [2:0] EL2_E2H = 3'd2;
    localparam logic [2:0] STAGE2 = 3'd3;

    state_t       state_q;
    logic         stage1_q, stage2_q, privileged_q, execute_q, beyond_q;
    logic [2:0]   regime_q, need_q;
    logic [15:0]  vmid_q;
    logic [16:0]  asid_q;
    logic [63:0]  address_q, cd0_q, cd1_q, cd2_q, ste2_q, ste3_q;
    logic         poisoned_q;            // no fill any more

    logic         walk_start, walk_done, walk_taken, walk_s2, walk_global;
    logic         walk_no_fill, s2_fill;
    logic [7:0]   walk_fault;
    logic [1:0]   walk_class, walk_size, walk_size1, walk_size2;
    logic [63:0]  walk_fault_address;
    logic [47:12] walk_page, walk_ipa;
    logic [5:0]   walk_rights1, walk_rights2;
    logic [47:12] walk_s2_first, walk_s2_output;
    logic [1:0]   walk_s2_size;
    logic [5:0]   walk_s2_rights;

    // ---- its answer ----

    logic         missing1, missing2;
    logic [5:0]   rights1, rights2;
    logic [2:0]   allowed1, allowed2;
    logic [63:0]  is_page, is_ipa, offsets;

    assign {is_size, rights1, rights2} =
        state_q == WALK ? {walk_size, walk_rights1, walk_rights2} :
                          {found_meta[13:12], found_meta[11:0]};
    assign is_page = state_q == WALK ? {16'd0, walk_page, 12'd0} : found_page;
    assign is_ipa = state_q == WALK ? {16'd0, walk_ipa, 12'd0} : found_ipa;
    assign allowed1 = !stage1_q ? 3'b111 :
                      privileged_q ? rights1[2:0] : rights1[5:3];
    assign allowed2 = !stage2_q ? 3'b111 :
                      privileged_q ? rights2[2:0] : rights2[5:3];
    assign missing1 = |(need_q & ~allowed1);
    assign missing2 = |(need_q & ~allowed2);

    always_comb begin
        case (is_size)
            2'd0: offsets = 64'hfff;
            2'd1: offsets = 64'h1fffff;
            default: offsets = 64'h3fffffff;
        endcase
    end

    always_comb begin
        fault = 8'd0;
        is_class = CLASS_IN;
        is_s2 = 1'b0;
        is_fault_address = 64'd0;
        if (beyond_q)
            fault = F_ADDR_SIZE;
        else if (state_q == WALK && walk_fault != 8'd0) begin
            fault = walk_fault;
            is_class = walk_class;
            is_s2 = walk_s2;
            is_fault_address = walk_fault_address;
        end else if (missing1)
            fault = F_PERMISSION;
        else if (missing2) begin
            fault = F_PERMISSION;
            is_s2 = 1'b1;
            is_fault_address = is_ipa | (address_q & offsets);
        end
    end

    assign ends_now = state_q == FOUND && (beyond_q || found_hit);
    assign walked = walk_done;
    assign ends = ends_now || walk_taken;
    assign is_privileged = privileged_q;
    assign is_execute = execute_q;
    assign is_hit = state_q == FOUND && !beyond_q;
    assign output_address = is_page | (address_q & offsets);
    assign is_rights = allowed1 & allowed2;

    // ---- its way ----

    assign idle = state_q == IDLE;
    assign walk_start = state_q == FOUND && !beyond_q && !found_hit;
    assign fills = walk_done && walk_fault == 8'd0 && !walk_no_fill &&
                   !poisoned_q;
    assign walk_taken = walk_done && may_end && (!fills || fill_ready);

    always_ff @(posedge clk) begin
        if (rst || ends)
            state_q <= IDLE;
        else if (walk_start)
            state_q <= WALK;
        else if (take)
            state_q <= FOUND;
        if (take) begin
            stage1_q <= stage1;
            stage2_q <= stage2;
            privileged_q <= privileged;
            execute_q <= execute;
            beyond_q <= beyond;
            regime_q <= regime;
            need_q <= need;
            vmid_q <= vmid;
            asid_q <= asid;
            address_q <= address;
            cd0_q <= req_cd0;
            cd1_q <= req_cd1;
            cd2_q <= req_cd2;
            ste2_q <= req_ste2;
            ste3_q <= req_ste3;
        end
    end

    // ---- what it fills ----

    assign s2_fills = s2_fill && !poisoned_q;
    assign fill_va = s2_fill ? {16'd0, s2_page, 12'd0} : address_q;
    assign fill_tag = vmid_q;
    assign fill_tag2 = s2_fill ? 17'd0 : asid_q;
    assign fill_regime = s2_fill ? STAGE2 : regime_q;
    assign fill_nested = !s2_fill && regime_q == EL1 && stage2_q;
    assign fill_global = !s2_fill && walk_global;
    assign fill_size = s2_fill ? walk_s2_size : walk_size;
    assign fill_leaf = s2_fill ? walk_s2_size :
                       stage1_q ? walk_size1 : walk_size2;
    assign fill_data0 = s2_fill ? walk_s2_output : walk_page;
    assign fill_data1 = s2_fill ? walk_s2_first : walk_ipa;
    assign fill_meta = s2_fill ? {walk_s2_size, 6'd0, walk_s2_rights} :
                                 {walk_size, walk_rights1, walk_rights2};

    // ---- commands ----

    logic [3:0]   our_regimes;
    logic         inv_meets;

    // What the walk may have read: of a VMID also stage 2.
    always_comb begin
        case (regime_q)
            EL1: our_regimes = 4'b1001;
            EL2: our_regimes = 4'b0010;
            EL2_E2H: our_regimes = 4'b0100;
            default: our_regimes = 4'b1000;
        endcase
    end

    // Whatever the address: a walk for a neighbour may bring a large page.
    assign inv_meets = inv_taken && state_q != IDLE && !ends &&
                       |(our_regimes & inv_regimes) &&
                       (!by_vmid || inv_vmid == vmid_q);
    assign owed = poisoned_q;

    always_ff @(posedge clk) begin
        if (rst || ends || state_q == IDLE)
            poisoned_q <= 1'b0;
        else if (inv_meets)
            poisoned_q <= 1'b1;
    end

    umbra_vmsa_walk walker (
        .clk, .rst,
        .idr_had, .idr_xnx, .idr_bbm, .idr_oas,
        .start(walk_start), .stage1(stage1_q), .stage2(stage2_q),
        .one_level(regime_q == EL2), .address(address_q), .need(need_q),
        .privileged(privileged_q),
        .cd0(cd0_q), .cd1(cd1_q), .cd2(cd2_q), .ste2(ste2_q), .ste3(ste3_q),
        .mem_valid, .mem_ready, .mem_address,
        .mem_rvalid, .mem_rdata, .mem_rerror,
        .s2_lookup_valid(s2_lookup), .s2_lookup_ready,
        .s2_page, .s2_found_hit(found_hit),
        .s2_found_output(found_page[47:12]),
        .s2_found_size(found_meta[13:12]),
        .s2_found_rights(found_meta[5:0]),
        .s2_fill_valid(s2_fill), .s2_fill_taken(poisoned_q || fill_ready),
        .s2_first(walk_s2_first), .s2_output(walk_s2_output),
        .s2_size(walk_s2_size), .s2_rights(walk_s2_rights),
        .done(walk_done), .taken(walk_taken), .fault(walk_fault),
        .fault_class(walk_class), .fault_s2(walk_s2),
        .fault_address(walk_fault_address), .page(walk_page), .ipa(walk_ipa),
        .size(walk_size), .size1(walk_size1), .size2(walk_size2),
        .rights1(walk_rights1), .rights2(walk_rights2),
        .is_global(walk_global), .no_fill(walk_no_fill)
    );

    // ---- what must hold, and what must have been seen ----

    property lookups_are_answered;
        @(posedge clk) disable iff (rst)
        state_q == FOUND && !beyond_q |-> found_valid;
    endproperty
    assert property (lookups_are_answered);

    property poisoned_walks_fill_nothing;
        @(posedge clk) disable iff (rst) poisoned_q |-> !fills && !s2_fills;
    endproperty
    assert property (poisoned_walks_fill_nothing);

    property a_walk_is_waited_for;
        @(posedge clk) disable iff (rst)
        poisoned_q && state_q == WALK |-> owed;
    endproperty
    assert property (a_walk_is_waited_for);

    cover property (@(posedge clk) walk_taken && poisoned_q);
    cover property (@(posedge clk) inv_taken && state_q == WALK &&
                    !inv_meets);
    cover property (@(posedge clk) inv_taken && walk_done);
    cover property (@(posedge clk) s2_lookup && !s2_lookup_ready);
    cover property (@(posedge clk) walk_taken && fills && walk_global);
    cover property (@(posedge clk) state_q == FOUND && found_hit &&
                    missing2 && !missing1);

endmodule
