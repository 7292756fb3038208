// SPDX-License-Identifier: GPL-2.0-or-later
//
// VT-d: the second-level translation of one request at a time (3.6), IOTLB
// and walker, and IOTLB invalidation (6.5.1.2).  The context entry has been
// read already: SLPTPTR, AW and DID come with the request.
//
// An invalidation may come at any time.  A walk under way that may have read
// what it removes fills nothing, and the invalidation is busy until that walk
// has ended.

module umbra_vtd #(
    parameter int unsigned ENTRIES = 64,
    parameter int unsigned WAYS = 4
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
    input  logic [15:0] req_did,
    input  logic [51:12] req_slptptr,
    input  logic        req_aw48,        // AW: 4 levels, else 3
    input  logic [63:0] req_address,
    input  logic        req_read,        // rights that are needed
    input  logic        req_write,
    input  logic        req_any,

    output logic        rsp_valid,       // one cycle
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
    input  logic        mem_rvalid,
    input  logic [63:0] mem_rdata,
    input  logic        mem_rerror
);

    localparam logic [7:0] TOO_WIDE = 8'h04;        // LGN.1
    localparam logic [7:0] NO_WRITE = 8'h05;        // LGN.2
    localparam logic [7:0] NO_READ = 8'h06;         // LGN.3
    localparam logic [7:0] RESERVED = 8'h0c;        // LSL.2
    localparam logic [7:0] INTERRUPT_RANGE = 8'h0e; // LGN.4

    typedef enum logic [1:0] { IDLE, FOUND, WALK } state_t;

    state_t      state_q;
    logic [15:0] did_q;
    logic [51:12] slptptr_q;
    logic [63:0] address_q;
    logic        aw48_q, read_q, write_q, any_q;
    logic [7:0]  refused_q;              // before any translation
    logic        poisoned_q;             // no fill any more
    logic        owed_q;                 // an invalidation waits for us

    logic        found_valid, found_hit, tlb_ready, tlb_busy, fill_ready;
    logic [63:0] found_base;
    /* verilator lint_off UNUSEDSIGNAL */
    logic [63:0] unused;
    /* verilator lint_on UNUSEDSIGNAL */
    logic [4:0]  found_meta;

    logic        walk_start, walk_done, walk_taken, walk_cacheable;
    logic [7:0]  walk_fault;
    logic [63:0] walk_base;
    logic        walk_read, walk_write, walk_reserved;
    logic [1:0]  walk_size;

    // ---- the request ----

    logic [7:0]  refused;
    logic [63:0] width;                  // addresses that there are

    function automatic logic interrupts(input logic [63:20] megabyte);
        interrupts = megabyte == 44'hfee;
    endfunction

    assign width = ((64'd1 << cap_mgaw) - 64'd1) &
                   (req_aw48 ? 64'hffff_ffff_ffff : 64'h7f_ffff_ffff);
    assign refused = |(req_address & ~width) ? TOO_WIDE :
                     interrupts(req_address[63:20]) ? INTERRUPT_RANGE : 8'd0;
    assign req_ready = state_q == IDLE && !rst && tlb_ready && !inv_valid;

    // ---- the answer of a translation ----

    function automatic logic [7:0] denied(input logic read,
                                          input logic write);
        denied = 8'd0;
        if (any_q) begin
            if (!read && !write)
                denied = NO_READ;
        end else if (write_q && !write)
            denied = NO_WRITE;
        else if (read_q && !read)
            denied = NO_READ;
    endfunction

    function automatic logic [63:0] translated(input logic [63:0] base,
                                               input logic [1:0] size);
        case (size)
            2'd0: translated = base | {52'd0, address_q[11:0]};
            2'd1: translated = base | {43'd0, address_q[20:0]};
            2'd2: translated = base | {34'd0, address_q[29:0]};
            default: translated = base | {25'd0, address_q[38:0]};
        endcase
    endfunction

    logic        is_read, is_write, is_reserved, ends;
    logic [1:0]  is_size;
    logic [63:0] output_address;
    logic [7:0]  fault;

    always_comb begin
        is_read = found_meta[0];
        is_write = found_meta[1];
        is_reserved = found_meta[2];
        is_size = found_meta[4:3];
        output_address = translated(found_base, is_size);
        fault = denied(is_read, is_write);
        if (fault == 8'd0 && is_reserved)
            fault = RESERVED;
        if (state_q == WALK) begin
            is_read = walk_read;
            is_write = walk_write;
            is_size = walk_size;
            output_address = translated(walk_base, walk_size);
            fault = walk_fault;
        end
        if (fault == 8'd0 && interrupts(output_address[63:20]))
            fault = INTERRUPT_RANGE;
        if (refused_q != 8'd0)
            fault = refused_q;
    end

    assign ends = (state_q == FOUND && (found_hit || refused_q != 8'd0)) ||
                  walk_taken;

    always_ff @(posedge clk) begin
        rsp_valid <= ends && !rst;
        if (ends) begin
            rsp_fault <= fault;
            rsp_hit <= state_q == FOUND && refused_q == 8'd0;
            rsp_address <= output_address;
            rsp_size <= is_size;
            rsp_right_read <= is_read;
            rsp_right_write <= is_write;
        end
    end

    // ---- its way ----

    assign walk_start = state_q == FOUND && !found_hit && refused_q == 8'd0;
    assign walk_taken = walk_done && (!(walk_cacheable && !poisoned_q) ||
                                      fill_ready);

    always_ff @(posedge clk) begin
        if (rst)
            state_q <= IDLE;
        else if (ends)
            state_q <= IDLE;
        else if (walk_start)
            state_q <= WALK;
        else if (req_valid && req_ready)
            state_q <= FOUND;
        if (req_valid && req_ready) begin
            did_q <= req_did;
            slptptr_q <= req_slptptr;
            aw48_q <= req_aw48;
            address_q <= req_address;
            read_q <= req_read;
            write_q <= req_write;
            any_q <= req_any;
            refused_q <= refused;
        end
    end

    // ---- invalidations ----

    logic [63:0] inv_offsets, inv_first;
    logic        inv_taken, inv_meets;

    assign inv_offsets = (64'h1000 << inv_am) - 64'd1;
    assign inv_first = inv_address & ((64'd1 << cap_mgaw) - 64'd1) &
                       ~inv_offsets;
    assign inv_taken = inv_valid && inv_ready;
    // Page-selective as well: a walk for a neighbour may bring a large page
    // that covers the range.
    assign inv_meets = inv_taken && state_q != IDLE && !ends &&
                       (inv_g == 2'd1 || inv_did == did_q);
    assign inv_busy = tlb_busy || owed_q;

    always_ff @(posedge clk) begin
        if (rst || ends || state_q == IDLE)
            {poisoned_q, owed_q} <= 2'd0;
        else if (inv_meets)
            {poisoned_q, owed_q} <= 2'd3;
    end

    umbra_tlb #(.ENTRIES(ENTRIES), .WAYS(WAYS), .META(5)) tlb (
        .clk, .rst,
        .lookup_valid(req_valid && req_ready && refused == 8'd0),
        .lookup_ready(tlb_ready),
        .lookup_va(req_address), .lookup_tag(req_did), .lookup_tag2(17'd0),
        .lookup_regime(3'd0), .lookup_nested(1'b0), .lookup_globals(1'b0),
        .found_valid, .found_hit, .found_data0(found_base),
        .found_data1(unused), .found_meta,
        .fill_valid(walk_done && walk_cacheable && !poisoned_q),
        .fill_ready,
        .fill_va(address_q), .fill_tag(did_q), .fill_tag2(17'd0),
        .fill_regime(3'd0), .fill_nested(1'b0), .fill_global(1'b0),
        .fill_size(walk_size), .fill_leaf(walk_size),
        .fill_data0(walk_base), .fill_data1(64'd0),
        .fill_meta({walk_size, walk_reserved, walk_write, walk_read}),
        .inv_valid, .inv_ready, .inv_busy(tlb_busy),
        .inv_regimes(8'hff),
        .inv_by_tag(inv_g != 2'd1), .inv_tag(inv_did),
        .inv_by_asid(1'b0), .inv_asid(16'd0), .inv_globals(1'b0),
        .inv_by_address(inv_g == 2'd3),
        .inv_first, .inv_last(inv_first | inv_offsets),
        .inv_by_leaf(1'b0), .inv_leaf(2'd0)
    );

    umbra_sl_walk walker (
        .clk, .rst,
        .cap_haw, .cap_sllps, .cap_sc, .cap_cm,
        .start(walk_start), .root(slptptr_q), .four_levels(aw48_q),
        .address(address_q[47:12]),
        .need_read(read_q), .need_write(write_q), .need_any(any_q),
        .mem_valid, .mem_ready, .mem_address,
        .mem_rvalid, .mem_rdata, .mem_rerror,
        .done(walk_done), .taken(walk_taken), .fault(walk_fault),
        .cacheable(walk_cacheable), .base(walk_base),
        .right_read(walk_read), .right_write(walk_write), .size(walk_size),
        .reserved(walk_reserved)
    );

    // ---- what must hold, and what must have been seen ----

    property lookups_are_answered;
        @(posedge clk) disable iff (rst)
        state_q == FOUND && refused_q == 8'd0 |-> found_valid;
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
    cover property (@(posedge clk) walk_done && !walk_taken);
    cover property (@(posedge clk) ends && fault == INTERRUPT_RANGE &&
                    refused_q == 8'd0);
    cover property (@(posedge clk) ends && fault == TOO_WIDE);
    cover property (@(posedge clk) state_q == FOUND && found_hit &&
                    fault != 8'd0);

endmodule
