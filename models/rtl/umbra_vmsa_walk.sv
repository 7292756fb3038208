// SPDX-License-Identifier: GPL-2.0-or-later
//
// Walker of VMSAv8-64 tables, 4 KiB granule, as an SMMUv3 walks them: stage 1,
// stage 2, or stage 1 through stage 2 (3.4, 5.2, 5.4, 7.3.22).  One walk at a
// time, one read of memory at a time.
//
// The address of each stage-1 descriptor, and at the end that of the page, is
// translated by the TLB's entries of stage 2 first; the walker fills those.

module umbra_vmsa_walk (
    input  logic         clk,
    input  logic         rst,

    // ID registers
    input  logic         idr_had,
    input  logic         idr_xnx,
    input  logic         idr_bbm,        // nT is obeyed
    input  logic [2:0]   idr_oas,

    // The request; stable during the walk
    input  logic         start,          // while idle
    input  logic         stage1,
    input  logic         stage2,
    input  logic         one_level,      // EL2: one half, no EL0
    input  logic [63:0]  address,        // VA, canonical, or IPA
    input  logic [2:0]   need,           // execute, write, read
    input  logic         privileged,
    /* verilator lint_off UNUSEDSIGNAL */ // fields of no meaning here
    input  logic [63:0]  cd0,
    input  logic [63:0]  cd1,
    input  logic [63:0]  cd2,
    input  logic [63:0]  ste2,
    input  logic [63:0]  ste3,
    /* verilator lint_on UNUSEDSIGNAL */

    output logic         mem_valid,
    input  logic         mem_ready,
    output logic [63:0]  mem_address,
    input  logic         mem_rvalid,
    input  logic [63:0]  mem_rdata,
    input  logic         mem_rerror,

    output logic         s2_lookup_valid,
    input  logic         s2_lookup_ready,
    output logic [47:12] s2_page,        // for lookup and fill
    input  logic         s2_found_hit,   // in the next cycle
    input  logic [47:12] s2_found_output,
    input  logic [1:0]   s2_found_size,
    input  logic [5:0]   s2_found_rights,
    output logic         s2_fill_valid,
    input  logic         s2_fill_taken,  // or not to be filled
    output logic [47:12] s2_first,       // of the page that was found
    output logic [47:12] s2_output,
    output logic [1:0]   s2_size,
    output logic [5:0]   s2_rights,

    output logic         done,           // until taken
    input  logic         taken,
    output logic [7:0]   fault,          // event number, 0: none
    output logic [1:0]   fault_class,
    output logic         fault_s2,
    output logic [63:0]  fault_address,  // IPA, or FetchAddr
    output logic [47:12] page,           // the answer
    output logic [47:12] ipa,
    output logic [1:0]   size,
    output logic [1:0]   size1,
    output logic [1:0]   size2,
    output logic [5:0]   rights1,
    output logic [5:0]   rights2,
    output logic         is_global,
    output logic         no_fill
);

    localparam logic [7:0] F_WALK_EABT = 8'h0b;
    localparam logic [7:0] F_TRANSLATION = 8'h10;
    localparam logic [7:0] F_PERMISSION = 8'h13;
    localparam logic [1:0] CLASS_TT = 2'd1;
    localparam logic [1:0] CLASS_IN = 2'd2;

    typedef enum logic [2:0] {
        IDLE,
        LOOKUP,  // of stage 2 in the TLB
        FOUND,
        TABLES2, // begin of a walk of stage 2
        ASK,
        WAIT,
        LEAF2,   // stage 2 has an answer: fill, and go on with stage 1
        DONE
    } state_t;

    state_t       state_q;
    logic         of_s2_q;               // the read is of stage 2
    logic         last_q;                // stage 2 is asked for the page

    // ---- the tables on the way down ----

    logic [1:0]   level1_q, level2_q;
    logic [51:3]  entry1_q, entry2_q;    // the next descriptor
    logic [3:0]   hierarchy_q;           // APTable, UXNTable, PXNTable
    logic [47:0]  ipa_q;                 // what stage 2 is asked for
    logic         filled_q;              // it was in the TLB

    function automatic logic [5:0] bits_of(input logic [2:0] code);
        case (code < idr_oas ? code : idr_oas)
            3'd0: bits_of = 6'd32;
            3'd1: bits_of = 6'd36;
            3'd2: bits_of = 6'd40;
            3'd3: bits_of = 6'd42;
            3'd4: bits_of = 6'd44;
            default: bits_of = 6'd48;
        endcase
    endfunction

    function automatic logic [5:0] shift_of(input logic [1:0] level);
        case (level)
            2'd0: shift_of = 6'd39;
            2'd1: shift_of = 6'd30;
            2'd2: shift_of = 6'd21;
            default: shift_of = 6'd12;
        endcase
    endfunction

    // Of an input address: the descriptor of @level below a table.
    function automatic logic [51:3] entry_of(input logic [51:3] base,
                                             input logic [47:12] from,
                                             input logic [1:0] level,
                                             input logic [12:0] mask);
        logic [12:0] index;
        index = 13'({from, 12'd0} >> shift_of(level)) & mask;
        entry_of = base | {36'd0, index};
    endfunction

    function automatic logic [12:0] mask_of(input logic [5:0] bits,
                                            input logic [1:0] level);
        mask_of = 13'((14'd1 << (bits - shift_of(level))) - 14'd1);
    endfunction

    // The page offset that lies within a larger page.
    function automatic logic [47:12] offset_in(input logic [47:12] from,
                                            input logic [1:0] of_size);
        case (of_size)
            2'd0: offset_in = 36'd0;
            2'd1: offset_in = from & 36'h1ff;
            default: offset_in = from & 36'h3ffff;
        endcase
    endfunction

    // ---- stage 1: the half, and the first table (5.4) ----

    logic         upper, outside1;
    logic [5:0]   bits1;
    logic [1:0]   first1;
    logic [12:0]  first_mask1;
    logic [51:3]  first_table1;
    logic         hierarchy_on;

    assign upper = !one_level && address[55];
    assign bits1 = 6'd0 - (upper ? cd0[21:16] : cd0[5:0]); // 64 - TxSZ
    assign outside1 = (!one_level && (upper ? cd0[30] : cd0[14])) ||
                      |((upper ? ~address : address) >> bits1);
    assign first1 = bits1 > 6'd39 ? 2'd0 :
                    bits1 > 6'd30 ? 2'd1 : bits1 > 6'd21 ? 2'd2 : 2'd3;
    assign first_mask1 = mask_of(bits1, first1);
    assign first_table1 = (upper ? cd2[51:3] : cd1[51:3]) &
                          ~49'(first_mask1) & ~49'd1;
    assign hierarchy_on = !(idr_had && (upper ? cd2[1] : cd1[1]));

    // ---- stage 2: likewise (5.2) ----

    logic [5:0]   bits2;
    logic [1:0]   first2;
    logic [12:0]  first_mask2;
    logic [51:3]  first_table2;
    logic         outside2;

    assign bits2 = 6'd0 - ste2[37:32];
    assign first2 = 2'd2 - ste2[39:38];
    assign first_mask2 = mask_of(bits2, first2);
    assign first_table2 = ste3[51:3] & ~49'(first_mask2) & ~49'd1;
    assign outside2 = |(ipa_q >> bits2);

    // ---- one descriptor ----

    logic         leaf;
    logic [7:0]   wrong;
    logic [1:0]   leaf_size;
    logic [47:12] leads_to;

    logic [1:0]   level;               // of the descriptor that is read

    assign level = of_s2_q ? level2_q : level1_q;

    umbra_vmsa_entry entry (
        .descriptor(mem_rdata), .level,
        .output_bits(bits_of(of_s2_q ? ste2[50:48] : cd0[34:32])),
        .ignore_af(of_s2_q ? ste2[53] : cd0[35]),
        .leaf, .fault(wrong), .size(leaf_size), .address(leads_to)
    );

    logic [5:0]   leaf_rights1, leaf_rights2;

    umbra_vmsa_rights rights (
        .ap(mem_rdata[7:6]), .pxn(mem_rdata[53]), .uxn(mem_rdata[54]),
        .ap_table(hierarchy_q[3:2]), .uxn_table(hierarchy_q[1]),
        .pxn_table(hierarchy_q[0]),
        .one_level, .wxn(cd0[36]), .pan(cd0[40]), .stage1(leaf_rights1),
        .s2ap(mem_rdata[7:6]), .xn(mem_rdata[54:53]), .xnx(idr_xnx),
        .stage2(leaf_rights2)
    );

    logic         leaf_no_fill;          // 3.21.1: nT of a block
    logic         denied1;

    assign leaf_no_fill = level != 2'd3 && mem_rdata[16] && idr_bbm;
    assign denied1 = |(need & ~(privileged ? leaf_rights1[2:0] :
                                             leaf_rights1[5:3]));

    // ---- stage 2's answer ----

    logic         s2_no_fill_q;
    logic [47:12] resolved;              // of ipa_q

    assign resolved = s2_output | offset_in(ipa_q[47:12], s2_size);

    // ---- the walk ----

    logic         goes_on;               // stage 2 has been asked enough
    logic         ends2;                 // ... and it was for the page
    state_t       next1;                 // for a stage-1 descriptor

    assign next1 = stage2 ? LOOKUP : ASK;
    assign mem_valid = state_q == ASK;
    assign mem_address = of_s2_q ? {12'd0, entry2_q, 3'd0} :
                         stage2 ? {16'd0, resolved, entry1_q[11:3], 3'd0} :
                                  {12'd0, entry1_q, 3'd0};
    assign s2_lookup_valid = state_q == LOOKUP;
    assign s2_page = ipa_q[47:12];
    assign s2_fill_valid = state_q == LEAF2 && stage1 && !filled_q &&
                           !s2_no_fill_q;
    assign goes_on = state_q == LEAF2 && (!s2_fill_valid || s2_fill_taken);
    assign ends2 = goes_on && last_q;
    assign done = state_q == DONE;

    always_ff @(posedge clk) begin
        if (rst)
            state_q <= IDLE;
        else case (state_q)
            IDLE: if (start)
                state_q <= !stage1 ? TABLES2 : outside1 ? DONE : next1;
            LOOKUP: if (s2_lookup_ready)
                state_q <= FOUND;
            FOUND:
                state_q <= s2_found_hit ? LEAF2 : TABLES2;
            TABLES2:
                state_q <= outside2 ? DONE : ASK;
            ASK: if (mem_ready)
                state_q <= WAIT;
            WAIT: if (mem_rvalid) begin
                if (mem_rerror || wrong != 8'd0)
                    state_q <= DONE;
                else if (of_s2_q)
                    state_q <= leaf ? LEAF2 : ASK;
                else if (!leaf)
                    state_q <= next1;
                else
                    state_q <= stage2 && !denied1 ? LOOKUP : DONE;
            end
            LEAF2: if (goes_on)
                state_q <= last_q || !s2_rights[0] ? DONE : ASK;
            DONE: if (taken)
                state_q <= IDLE;
        endcase
    end

    // ---- where it stands ----

    logic [51:3]  begins1, follows1;     // the next stage-1 descriptor
    logic         reads1;                // a stage-1 descriptor is here

    assign begins1 = entry_of(first_table1, address[47:12], first1,
                              first_mask1);
    assign follows1 = entry_of({4'd0, leads_to, 9'd0}, address[47:12],
                               level1_q + 2'd1, 13'h1ff);
    assign reads1 = state_q == WAIT && mem_rvalid && !of_s2_q;

    always_ff @(posedge clk) begin
        if (state_q == IDLE && start) begin
            of_s2_q <= !stage1;
            last_q <= !stage1;
            level1_q <= first1;
            entry1_q <= begins1;
            hierarchy_q <= 4'd0;
            ipa_q <= stage1 ? {begins1[47:3], 3'd0} : address[47:0];
        end
        if (state_q == TABLES2) begin
            of_s2_q <= 1'b1;
            level2_q <= first2;
            entry2_q <= entry_of(first_table2, ipa_q[47:12], first2,
                                 first_mask2);
        end
        if (state_q == WAIT && mem_rvalid && of_s2_q) begin
            level2_q <= level2_q + 2'd1;
            entry2_q <= entry_of({4'd0, leads_to, 9'd0}, ipa_q[47:12],
                                 level2_q + 2'd1, 13'h1ff);
        end
        if (reads1) begin
            level1_q <= level1_q + 2'd1;
            entry1_q <= follows1;
            last_q <= leaf;
            if (hierarchy_on && !leaf)
                hierarchy_q <= hierarchy_q |
                               {mem_rdata[62:61], mem_rdata[60:59]};
            ipa_q <= leaf ? {leads_to | offset_in(address[47:12], leaf_size),
                             address[11:0]} : {follows1[47:3], 3'd0};
        end
        if (goes_on)
            of_s2_q <= 1'b0;
    end

    // ---- what stage 2 says ----

    always_ff @(posedge clk) begin
        if (state_q == FOUND) begin
            filled_q <= s2_found_hit;
            s2_output <= s2_found_output;
            s2_size <= s2_found_size;
            s2_rights <= s2_found_rights;
            s2_no_fill_q <= 1'b0;
        end
        if (state_q == TABLES2)
            filled_q <= 1'b0;
        if (state_q == WAIT && mem_rvalid && of_s2_q) begin
            s2_output <= leads_to;
            s2_size <= leaf_size;
            s2_rights <= leaf_rights2;
            s2_no_fill_q <= leaf_no_fill;
        end
    end

    // ---- the answer ----

    logic [1:0]   smaller;

    assign s2_first = start_of(ipa_q[47:12], s2_size);
    assign smaller = stage1 && size1 < s2_size ? size1 : s2_size;

    function automatic logic [47:12] start_of(input logic [47:12] from,
                                              input logic [1:0] of_size);
        start_of = from & ~offset_in(~36'd0, of_size);
    endfunction

    always_ff @(posedge clk) begin
        if (reads1) begin
            page <= leads_to;
            size <= leaf_size;
            size1 <= leaf_size;
            rights1 <= leaf_rights1;
            is_global <= !one_level && !mem_rdata[11];
            no_fill <= leaf_no_fill;
        end
        if (state_q == IDLE) begin
            is_global <= 1'b0;
            no_fill <= 1'b0;
        end
        if (ends2) begin
            page <= start_of(resolved, smaller);
            ipa <= start_of(ipa_q[47:12], smaller);
            size <= smaller;
            size2 <= s2_size;
            rights2 <= s2_rights;
            no_fill <= no_fill || s2_no_fill_q;
        end
    end

    logic [1:0]   purpose;

    assign purpose = last_q ? CLASS_IN : CLASS_TT;

    always_ff @(posedge clk) begin
        case (state_q)
            IDLE: begin
                fault <= stage1 && outside1 ? F_TRANSLATION : 8'd0;
                fault_s2 <= 1'b0;
                fault_class <= CLASS_IN;
                fault_address <= 64'd0;
            end
            TABLES2: if (outside2) begin
                fault <= F_TRANSLATION;
                fault_s2 <= 1'b1;
                fault_class <= purpose;
                fault_address <= {16'd0, ipa_q};
            end
            WAIT: if (mem_rvalid) begin
                if (mem_rerror) begin
                    fault <= F_WALK_EABT;
                    fault_s2 <= of_s2_q;
                    fault_class <= of_s2_q ? purpose : CLASS_TT;
                    fault_address <= mem_address;
                end else if (wrong != 8'd0) begin
                    fault <= wrong;
                    fault_s2 <= of_s2_q;
                    fault_class <= of_s2_q ? purpose : CLASS_IN;
                    fault_address <= of_s2_q ? {16'd0, ipa_q} : 64'd0;
                end else if (!of_s2_q && leaf && stage2 && denied1)
                    fault <= F_PERMISSION;
            end
            LEAF2: if (goes_on && !last_q && !s2_rights[0]) begin
                fault <= F_PERMISSION;
                fault_s2 <= 1'b1;
                fault_class <= CLASS_TT;
                fault_address <= {16'd0, ipa_q};
            end
            default: ;
        endcase
    end

    // ---- what must hold, and what must have been seen ----

    property request_is_stable;
        @(posedge clk) disable iff (rst)
        mem_valid && !mem_ready |=> mem_valid && $stable(mem_address);
    endproperty
    assert property (request_is_stable);

    property answers_are_awaited;
        @(posedge clk) disable iff (rst) mem_rvalid |-> state_q == WAIT;
    endproperty
    assert property (answers_are_awaited);

    property stage2_walks_only_if_enabled;
        @(posedge clk) disable iff (rst)
        state_q == LOOKUP || state_q == TABLES2 || state_q == LEAF2 |-> stage2;
    endproperty
    assert property (stage2_walks_only_if_enabled);

    property tables_end_at_level_3;
        @(posedge clk) disable iff (rst)
        state_q == WAIT && mem_rvalid && level == 2'd3 |=> state_q != ASK;
    endproperty
    assert property (tables_end_at_level_3);

    cover property (@(posedge clk) done && fault == F_WALK_EABT && fault_s2);
    cover property (@(posedge clk) done && fault == F_WALK_EABT && !fault_s2);
    cover property (@(posedge clk) done && fault_s2 &&
                    fault_class == CLASS_TT && fault == F_PERMISSION);
    cover property (@(posedge clk) done && fault_s2 &&
                    fault_class == CLASS_TT && fault == F_TRANSLATION);
    cover property (@(posedge clk) done && fault_s2 &&
                    fault_class == CLASS_IN && fault == F_TRANSLATION);
    cover property (@(posedge clk) done && fault == 8'd0 && stage1 && stage2);
    cover property (@(posedge clk) done && fault == 8'd0 && !stage1);
    cover property (@(posedge clk) state_q == FOUND && s2_found_hit);
    cover property (@(posedge clk) done && fault == 8'd0 && no_fill);
    cover property (@(posedge clk) done && fault == 8'd0 && size2 < size1 &&
                    stage1 && stage2);

endmodule
