// SPDX-License-Identifier: GPL-2.0-or-later
//
// SMMUv3: translation of one request at a time through the main TLB (3.17)
// and the walker, stage 1, stage 2 or both; and TLB invalidation commands
// (4.4).  STE and CD have been read already, are legal, and come with the
// request.  4 KiB granule.
//
// A command may come at any time.  A walk under way that may have read what
// it removes fills nothing, and the command is busy until that walk has
// ended: that is what a CMD_SYNC waits for (4.7.3).

module umbra_smmu #(
    parameter int unsigned ENTRIES = 64,
    parameter int unsigned WAYS = 4
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

    // ---- the request under way ----

    state_t       state_q;
    logic         stage1_q, stage2_q, privileged_q, execute_q, beyond_q;
    logic [2:0]   regime_q, need_q;
    logic [15:0]  vmid_q;
    logic [16:0]  asid_q;
    logic [63:0]  address_q, cd0_q, cd1_q, cd2_q, ste2_q, ste3_q;
    logic         poisoned_q;            // no fill any more
    logic         owed_q;                // a command waits for us

    logic         tlb_ready, tlb_busy, found_valid, found_hit, fill_ready;
    logic [63:0]  found_page, found_ipa;
    logic [13:0]  found_meta;

    logic         walk_start, walk_done, walk_taken, walk_s2, walk_global;
    logic         walk_no_fill, s2_lookup, s2_fill;
    logic [7:0]   walk_fault;
    logic [1:0]   walk_class, walk_size, walk_size1, walk_size2;
    logic [63:0]  walk_fault_address;
    logic [47:12] walk_page, walk_ipa, s2_page;
    logic [5:0]   walk_rights1, walk_rights2;
    logic [47:12] walk_s2_first, walk_s2_output;
    logic [1:0]   walk_s2_size;
    logic [5:0]   walk_s2_rights;

    assign req_ready = state_q == IDLE && !rst && tlb_ready && !inv_valid;

    // ---- its answer ----

    logic         is_s2, ends, missing1, missing2;
    logic [1:0]   is_class, is_size;
    logic [5:0]   rights1, rights2;
    logic [2:0]   allowed1, allowed2;
    logic [63:0]  is_page, is_ipa, offsets, is_fault_address;
    logic [7:0]   fault;

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

    assign ends = (state_q == FOUND && (beyond_q || found_hit)) || walk_taken;

    always_ff @(posedge clk) begin
        rsp_valid <= ends && !rst;
        if (ends) begin
            rsp_fault <= fault;
            rsp_class <= is_class;
            rsp_s2 <= is_s2;
            rsp_fault_address <= is_fault_address;
            rsp_privileged <= privileged_q;
            rsp_execute <= execute_q;
            rsp_hit <= state_q == FOUND && !beyond_q;
            rsp_address <= is_page | (address_q & offsets);
            rsp_size <= is_size;
            rsp_rights <= allowed1 & allowed2;
        end
    end

    // ---- its way ----

    logic         fills;                 // at the end of the walk

    assign walk_start = state_q == FOUND && !beyond_q && !found_hit;
    assign fills = walk_done && walk_fault == 8'd0 && !walk_no_fill &&
                   !poisoned_q;
    assign walk_taken = walk_done && (!fills || fill_ready);

    always_ff @(posedge clk) begin
        if (rst || ends)
            state_q <= IDLE;
        else if (walk_start)
            state_q <= WALK;
        else if (req_valid && req_ready)
            state_q <= FOUND;
        if (req_valid && req_ready) begin
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

    // ---- commands ----

    logic         by_vmid, by_asid, globals, by_address, by_leaf, other;
    logic [3:0]   inv_regimes, our_regimes;
    logic [15:0]  inv_vmid, inv_asid;
    logic [63:0]  first, last;
    logic [1:0]   leaf;
    logic         inv_taken, inv_meets;

    umbra_tlbi decoder (
        .idr_s2p, .idr_hyp, .idr_ril, .cr2_e2h, .command(inv_command),
        .illegal(inv_illegal), .regimes(inv_regimes), .by_vmid,
        .vmid(inv_vmid), .by_asid, .asid(inv_asid), .globals, .by_address,
        .first, .last, .by_leaf, .leaf, .other_granule(other)
    );

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
    assign inv_taken = inv_valid && inv_ready && !inv_illegal;
    assign inv_meets = inv_taken && state_q != IDLE && !ends &&
                       |(our_regimes & inv_regimes) &&
                       (!by_vmid || inv_vmid == vmid_q);
    assign inv_busy = tlb_busy || owed_q;

    always_ff @(posedge clk) begin
        if (rst || ends || state_q == IDLE)
            {poisoned_q, owed_q} <= 2'd0;
        else if (inv_meets)
            {poisoned_q, owed_q} <= 2'd3;
    end

    // ---- TLB and walker ----

    umbra_tlb #(.ENTRIES(ENTRIES), .WAYS(WAYS), .META(14), .SMMU(1'b1)) tlb (
        .clk, .rst,
        .lookup_valid((req_valid && req_ready && !beyond) || s2_lookup),
        .lookup_ready(tlb_ready),
        .lookup_va(s2_lookup ? {16'd0, s2_page, 12'd0} : address),
        .lookup_tag(s2_lookup ? vmid_q :
                    regime == EL1 || regime == STAGE2 ? vmid : 16'd0),
        .lookup_tag2(s2_lookup ? 17'd0 : asid),
        .lookup_regime(s2_lookup ? STAGE2 : regime),
        .lookup_nested(!s2_lookup && regime == EL1 && stage2),
        .lookup_globals(!s2_lookup && (regime == EL1 || regime == EL2_E2H)),
        .found_valid, .found_hit, .found_data0(found_page),
        .found_data1(found_ipa), .found_meta,
        .fill_valid(fills || (s2_fill && !poisoned_q)),
        .fill_ready,
        .fill_va(s2_fill ? {16'd0, s2_page, 12'd0} : address_q),
        .fill_tag(vmid_q),
        .fill_tag2(s2_fill ? 17'd0 : asid_q),
        .fill_regime(s2_fill ? STAGE2 : regime_q),
        .fill_nested(!s2_fill && regime_q == EL1 && stage2_q),
        .fill_global(!s2_fill && walk_global),
        .fill_size(s2_fill ? walk_s2_size : walk_size),
        .fill_leaf(s2_fill ? walk_s2_size :
                   stage1_q ? walk_size1 : walk_size2),
        .fill_data0({16'd0, s2_fill ? walk_s2_output : walk_page, 12'd0}),
        .fill_data1({16'd0, s2_fill ? walk_s2_first : walk_ipa, 12'd0}),
        .fill_meta(s2_fill ? {walk_s2_size, 6'd0, walk_s2_rights} :
                             {walk_size, walk_rights1, walk_rights2}),
        .inv_valid(inv_valid && !inv_illegal), .inv_ready,
        .inv_busy(tlb_busy),
        .inv_regimes(other ? 8'd0 : {4'd0, inv_regimes}),
        .inv_by_tag(by_vmid), .inv_tag(inv_vmid),
        .inv_by_asid(by_asid), .inv_asid, .inv_globals(globals),
        .inv_by_address(by_address), .inv_first(first), .inv_last(last),
        .inv_by_leaf(by_leaf), .inv_leaf(leaf)
    );

    umbra_vmsa_walk walker (
        .clk, .rst,
        .idr_had, .idr_xnx, .idr_bbm, .idr_oas,
        .start(walk_start), .stage1(stage1_q), .stage2(stage2_q),
        .one_level(regime_q == EL2), .address(address_q), .need(need_q),
        .privileged(privileged_q),
        .cd0(cd0_q), .cd1(cd1_q), .cd2(cd2_q), .ste2(ste2_q), .ste3(ste3_q),
        .mem_valid, .mem_ready, .mem_address,
        .mem_rvalid, .mem_rdata, .mem_rerror,
        .s2_lookup_valid(s2_lookup), .s2_lookup_ready(tlb_ready),
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
        @(posedge clk) disable iff (rst)
        poisoned_q |-> !(tlb.fill_valid && tlb.fill_ready);
    endproperty
    assert property (poisoned_walks_fill_nothing);

    property a_walk_is_waited_for;
        @(posedge clk) disable iff (rst)
        poisoned_q && state_q == WALK |-> inv_busy;
    endproperty
    assert property (a_walk_is_waited_for);

    cover property (@(posedge clk) walk_taken && poisoned_q);
    cover property (@(posedge clk) inv_taken && state_q == WALK &&
                    !inv_meets);
    cover property (@(posedge clk) inv_taken && walk_done);
    cover property (@(posedge clk) s2_lookup && !tlb_ready);
    cover property (@(posedge clk) walk_taken && fills && walk_global);
    cover property (@(posedge clk) inv_valid && inv_illegal);
    cover property (@(posedge clk) inv_taken && other);
    cover property (@(posedge clk) inv_taken && by_leaf);
    cover property (@(posedge clk) state_q == FOUND && found_hit &&
                    missing2 && !missing1);

endmodule
