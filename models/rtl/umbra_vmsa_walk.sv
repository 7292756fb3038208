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
        ASK,     // memory for a descriptor
        WAIT,
        FILL,    // stage 2's answer, into the TLB
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

    // Of an input address, at @level
    function automatic logic [8:0] index_of(input logic [47:12] from,
                                            input logic [1:0] level_of);
        case (level_of)
            2'd0: index_of = from[47:39];
            2'd1: index_of = from[38:30];
            2'd2: index_of = from[29:21];
            default: index_of = from[20:12];
        endcase
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

    function automatic logic [47:12] start_of(input logic [47:12] from,
                                              input logic [1:0] of_size);
        start_of = from & ~offset_in(~36'd0, of_size);
    endfunction

    // ---- stage 1: the half, and the first table (5.4) ----

    logic         upper, outside1, hierarchy_on;
    logic [5:0]   bits1;
    logic [1:0]   first1;
    logic [51:3]  begins1;

    assign upper = !one_level && address[55];
    assign bits1 = 6'd0 - (upper ? cd0[21:16] : cd0[5:0]); // 64 - TxSZ
    assign outside1 = (!one_level && (upper ? cd0[30] : cd0[14])) ||
                      |((upper ? ~address : address) >> bits1);
    assign first1 = bits1 > 6'd39 ? 2'd0 :
                    bits1 > 6'd30 ? 2'd1 : bits1 > 6'd21 ? 2'd2 : 2'd3;
    assign hierarchy_on = !(idr_had && (upper ? cd2[1] : cd1[1]));

    umbra_vmsa_first tables1 (
        .bits(bits1), .level(first1), .base(upper ? cd2[51:3] : cd1[51:3]),
        .from(address[47:12]), .entry(begins1)
    );

    // ---- stage 2: likewise (5.2) ----

    logic         outside2;
    logic [5:0]   bits2;
    logic [1:0]   first2;
    logic [51:3]  begins2;
    logic [47:0]  asked;                 // of stage 2

    assign asked = state_q == IDLE ? address[47:0] : ipa_q;
    assign bits2 = 6'd0 - ste2[37:32];
    assign first2 = 2'd2 - ste2[39:38];
    assign outside2 = |(asked >> bits2);

    umbra_vmsa_first tables2 (
        .bits(bits2), .level(first2), .base(ste3[51:3]),
        .from(asked[47:12]), .entry(begins2)
    );

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

    // ---- stage 2's answer, from the TLB or from its tables ----

    logic         s2_answers, s2_no_fill_q, allowed2;
    logic [47:12] answer2;
    logic [1:0]   answer2_size;
    logic [5:0]   answer2_rights;
    logic         good;                  // a descriptor is here, and right

    assign good = state_q == WAIT && mem_rvalid && !mem_rerror &&
                  wrong == 8'd0;
    assign s2_answers = (state_q == FOUND && s2_found_hit) ||
                        (good && of_s2_q && leaf);
    assign {answer2, answer2_size, answer2_rights} = state_q == FOUND ?
        {s2_found_output, s2_found_size, s2_found_rights} :
        {leads_to, leaf_size, leaf_rights2};
    // A table of stage 1 is read for the unit itself: by EL1.
    assign allowed2 = last_q || answer2_rights[0];

    always_ff @(posedge clk) begin
        if (s2_answers) begin
            s2_output <= answer2;
            s2_size <= answer2_size;
            s2_rights <= answer2_rights;
            s2_no_fill_q <= leaf_no_fill;
        end
    end

    assign s2_page = ipa_q[47:12];
    assign s2_first = start_of(ipa_q[47:12], s2_size);

    // ---- the walk ----

    logic         refused_q;             // F_PERMISSION after the fill
    state_t       next1;                 // for a stage-1 descriptor
    state_t       next2;                 // after an answer of stage 2

    assign next1 = stage2 ? LOOKUP : ASK;
    assign next2 = last_q || !allowed2 ? DONE : ASK;
    assign mem_valid = state_q == ASK;
    assign mem_address = of_s2_q ? {12'd0, entry2_q, 3'd0} :
                         !stage2 ? {12'd0, entry1_q, 3'd0} :
                         {16'd0, s2_output | offset_in(ipa_q[47:12], s2_size),
                          entry1_q[11:3], 3'd0};
    assign s2_lookup_valid = state_q == LOOKUP;
    assign s2_fill_valid = state_q == FILL && !s2_no_fill_q;
    assign done = state_q == DONE;

    always_ff @(posedge clk) begin
        if (rst)
            state_q <= IDLE;
        else case (state_q)
            IDLE: if (start)
                state_q <= stage1 ? (outside1 ? DONE : next1) :
                           outside2 ? DONE : ASK;
            LOOKUP: if (s2_lookup_ready)
                state_q <= FOUND;
            FOUND:
                state_q <= s2_found_hit ? next2 : outside2 ? DONE : ASK;
            ASK: if (mem_ready)
                state_q <= WAIT;
            WAIT: if (mem_rvalid) begin
                if (!good)
                    state_q <= DONE;
                else if (of_s2_q)
                    state_q <= !leaf ? ASK : stage1 ? FILL : DONE;
                else if (!leaf)
                    state_q <= next1;
                else
                    state_q <= stage2 && !denied1 ? LOOKUP : DONE;
            end
            FILL: if (!s2_fill_valid || s2_fill_taken)
                state_q <= last_q || refused_q ? DONE : ASK;
            default: if (taken)
                state_q <= IDLE;
        endcase
    end

    // ---- where it stands ----

    logic [51:3]  follows1;              // the next stage-1 descriptor

    assign follows1 = {4'd0, leads_to, index_of(address[47:12],
                                                level1_q + 2'd1)};

    always_ff @(posedge clk) begin
        if (state_q == IDLE) begin
            of_s2_q <= !stage1;
            last_q <= !stage1;
            level1_q <= first1;
            entry1_q <= begins1;
            hierarchy_q <= 4'd0;
            ipa_q <= stage1 ? {begins1[47:3], 3'd0} : address[47:0];
        end
        if (state_q == FOUND)
            of_s2_q <= !s2_found_hit;
        if (state_q == IDLE || state_q == FOUND) begin
            level2_q <= first2;
            entry2_q <= begins2;
        end
        if (good && of_s2_q) begin
            of_s2_q <= !leaf;
            level2_q <= level2_q + 2'd1;
            entry2_q <= {4'd0, leads_to, index_of(ipa_q[47:12],
                                                  level2_q + 2'd1)};
        end
        if (good && !of_s2_q) begin
            level1_q <= level1_q + 2'd1;
            entry1_q <= follows1;
            last_q <= leaf;
            if (hierarchy_on && !leaf)
                hierarchy_q <= hierarchy_q | mem_rdata[62:59];
            ipa_q <= leaf ? {leads_to | offset_in(address[47:12], leaf_size),
                             address[11:0]} : {follows1[47:3], 3'd0};
        end
    end

    // ---- the answer ----

    logic [1:0]   smaller;

    assign smaller = stage1 && size1 < answer2_size ? size1 : answer2_size;

    always_ff @(posedge clk) begin
        if (state_q == IDLE) begin
            is_global <= 1'b0;
            no_fill <= 1'b0;
        end
        if (good && !of_s2_q) begin
            page <= leads_to;
            size <= leaf_size;
            size1 <= leaf_size;
            rights1 <= leaf_rights1;
            is_global <= !one_level && !mem_rdata[11];
            no_fill <= leaf_no_fill;
        end
        if (s2_answers && last_q) begin
            page <= start_of(answer2 | offset_in(ipa_q[47:12], answer2_size),
                             smaller);
            ipa <= start_of(ipa_q[47:12], smaller);
            size <= smaller;
            size2 <= answer2_size;
            rights2 <= answer2_rights;
            no_fill <= no_fill || (state_q == WAIT && leaf_no_fill);
        end
    end

    // ---- faults ----

    logic [1:0]   purpose;               // of what stage 2 is asked

    assign purpose = last_q ? CLASS_IN : CLASS_TT;

    always_ff @(posedge clk) begin
        if (state_q == IDLE) begin
            fault <= (stage1 ? outside1 : outside2) ? F_TRANSLATION : 8'd0;
            fault_s2 <= !stage1;
            fault_class <= CLASS_IN;
            fault_address <= stage1 ? 64'd0 : {16'd0, address[47:0]};
            refused_q <= 1'b0;
        end
        if (state_q == FOUND && !s2_found_hit && outside2) begin
            fault <= F_TRANSLATION;
            fault_s2 <= 1'b1;
            fault_class <= purpose;
            fault_address <= {16'd0, ipa_q};
        end
        if (s2_answers && !allowed2) begin
            refused_q <= 1'b1;
            fault <= F_PERMISSION;
            fault_s2 <= 1'b1;
            fault_class <= CLASS_TT;
            fault_address <= {16'd0, ipa_q};
        end
        if (state_q == WAIT && mem_rvalid && !good) begin
            fault <= mem_rerror ? F_WALK_EABT : wrong;
            fault_s2 <= of_s2_q;
            fault_class <= of_s2_q ? purpose :
                           mem_rerror ? CLASS_TT : CLASS_IN;
            fault_address <= mem_rerror ? mem_address :
                             of_s2_q ? {16'd0, ipa_q} : 64'd0;
        end
        if (good && !of_s2_q && leaf && stage2 && denied1)
            fault <= F_PERMISSION;
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

    property nested_only_if_enabled;
        @(posedge clk) disable iff (rst)
        state_q == LOOKUP || state_q == FILL |-> stage1 && stage2;
    endproperty
    assert property (nested_only_if_enabled);

    property tables_end_at_level_3;
        @(posedge clk) disable iff (rst)
        good && !of_s2_q && level == 2'd3 |=> state_q != ASK;
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
