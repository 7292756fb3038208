// SPDX-License-Identifier: GPL-2.0-or-later
//
// Walker of VT-d second-level tables (3.6, 9.8): 3 or 4 levels; 4 KiB, 2 MiB
// and 1 GiB pages.  One walk at a time, one read of memory at a time.
//
// Memory port: a request is taken at an edge with valid and ready; its answer
// comes with rvalid at a later one, after any number of cycles.

module umbra_sl_walk (
    input  logic        clk,
    input  logic        rst,

    // Capabilities
    input  logic [5:0]  cap_haw,         // host address width, bits
    input  logic [1:0]  cap_sllps,       // 1 GiB, 2 MiB pages
    input  logic        cap_sc,          // ECAP.SC: SNP is no reserved bit
    input  logic        cap_cm,          // caching mode

    input  logic        start,           // while idle
    input  logic [51:12] root,           // SLPTPTR
    input  logic        four_levels,
    input  logic [47:12] address,        // stable during the walk; so need
    input  logic        need_read,
    input  logic        need_write,
    input  logic        need_any,        // zero-length read, CAP.ZLR

    output logic        mem_valid,
    input  logic        mem_ready,
    output logic [63:0] mem_address,
    input  logic        mem_rvalid,
    /* verilator lint_off UNUSEDSIGNAL */ // bits that are ignored (9.8)
    input  logic [63:0] mem_rdata,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic        mem_rerror,

    output logic        done,            // until taken
    input  logic        taken,
    output logic [7:0]  fault,           // reason, 0: none
    output logic        cacheable,       // the rest is for the IOTLB
    output logic [63:0] base,
    output logic        right_read,
    output logic        right_write,
    output logic [1:0]  size,            // level of the entry - 1
    output logic        reserved         // what the IOTLB says of it
);

    // 7.1.3
    localparam logic [7:0] NOT_SUPPORTED = 8'h03; // LCT.4.3
    localparam logic [7:0] NO_WRITE = 8'h05;      // LGN.2
    localparam logic [7:0] NO_READ = 8'h06;       // LGN.3
    localparam logic [7:0] NO_ENTRY = 8'h07;      // LSL.1
    localparam logic [7:0] RESERVED = 8'h0c;      // LSL.2

    typedef enum logic [1:0] { IDLE, ASK, WAIT, DONE } state_t;

    state_t      state_q;
    logic [1:0]  level_q;                // 0: 4 KiB pages, 3: the top of 4
    logic        top_q;
    logic [51:0] table_q;
    logic        read_q, write_q;        // ANDed from the root on

    // ---- one entry ----

    logic        leaf, wrong;
    logic        read, write;            // rights with those above
    logic [51:0] address_bits, page_offsets, beyond;
    logic [7:0]  denied;

    assign read = read_q && mem_rdata[0];
    assign write = write_q && mem_rdata[1];
    assign leaf = level_q == 2'd0 || mem_rdata[7];
    assign address_bits = {mem_rdata[51:12], 12'd0};
    assign beyond = ~((52'd1 << cap_haw) - 52'd1);

    always_comb begin
        case (level_q)
            2'd0: page_offsets = 52'hfff;
            2'd1: page_offsets = 52'h1fffff;
            2'd2: page_offsets = 52'h3fffffff;
            default: page_offsets = 52'h7fffffffff;
        endcase
    end

    // 9.8: PS where there is no page of that size; address bits beyond the
    // host address width, or below the page; TM, and SNP without ECAP.SC.
    always_comb begin
        wrong = |(address_bits & beyond);
        if (leaf)
            wrong |= |(address_bits & page_offsets) || mem_rdata[62] ||
                     (mem_rdata[11] && !cap_sc) || level_q == 2'd3 ||
                     (level_q == 2'd2 && !cap_sllps[1]) ||
                     (level_q == 2'd1 && !cap_sllps[0]);
    end

    always_comb begin
        denied = 8'd0;
        if (need_any) begin
            if (!read && !write)
                denied = NO_READ;
        end else if (need_write && !write)
            denied = NO_WRITE;
        else if (need_read && !read)
            denied = NO_READ;
    end

    // ---- the walk ----

    logic [8:0] index;

    always_comb begin
        case (level_q)
            2'd0: index = address[20:12];
            2'd1: index = address[29:21];
            2'd2: index = address[38:30];
            default: index = address[47:39];
        endcase
    end

    assign mem_valid = state_q == ASK;
    assign mem_address = {12'd0, table_q | {40'd0, index, 3'd0}};
    assign done = state_q == DONE;

    always_ff @(posedge clk) begin
        if (rst)
            state_q <= IDLE;
        else case (state_q)
            IDLE: if (start) begin
                state_q <= ASK;
                level_q <= four_levels ? 2'd3 : 2'd2;
                top_q <= 1'b1;
                table_q <= {root, 12'd0};
                read_q <= 1'b1;
                write_q <= 1'b1;
            end
            ASK: if (mem_ready)
                state_q <= WAIT;
            WAIT: if (mem_rvalid) begin
                top_q <= 1'b0;
                read_q <= read;
                write_q <= write;
                table_q <= address_bits;
                state_q <= DONE;
                if (!mem_rerror && denied == 8'd0 && !wrong && !leaf) begin
                    state_q <= ASK;
                    level_q <= level_q - 2'd1;
                end
            end
            DONE: if (taken)
                state_q <= IDLE;
            default: state_q <= IDLE;
        endcase
    end

    // What is wrong first with an entry: the fetch, the rights, its bits.
    always_ff @(posedge clk) begin
        if (state_q == WAIT && mem_rvalid) begin
            fault <= mem_rerror ? (top_q ? NOT_SUPPORTED : NO_ENTRY) :
                     denied != 8'd0 ? denied :
                     wrong ? RESERVED : 8'd0;
            // 6.1: with CM=1 an entry that is not present or erroneous may
            // be cached as well.
            cacheable <= !mem_rerror &&
                         (denied != 8'd0 ? cap_cm && mem_rdata[1:0] == 2'd0 :
                          wrong ? cap_cm : 1'b1);
            base <= denied != 8'd0 || wrong ? 64'd0 :
                    {12'd0, address_bits & ~page_offsets};
            right_read <= read;
            right_write <= write;
            size <= level_q;
            reserved <= denied == 8'd0 && wrong;
        end
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

    property rights_only_shrink;
        @(posedge clk) disable iff (rst)
        state_q == WAIT && mem_rvalid && !read_q |=> !read_q;
    endproperty
    assert property (rights_only_shrink);

    cover property (@(posedge clk) done && fault == 8'd0 && size == 2'd0);
    cover property (@(posedge clk) done && fault == 8'd0 && size == 2'd1);
    cover property (@(posedge clk) done && fault == 8'd0 && size == 2'd2);
    cover property (@(posedge clk) done && fault == NOT_SUPPORTED);
    cover property (@(posedge clk) done && fault == NO_WRITE);
    cover property (@(posedge clk) done && fault == NO_READ);
    cover property (@(posedge clk) done && fault == NO_ENTRY);
    cover property (@(posedge clk) done && fault == RESERVED);
    cover property (@(posedge clk) done && cacheable && reserved);
    cover property (@(posedge clk) mem_valid && !mem_ready);

endmodule
