// SPDX-License-Identifier: GPL-2.0-or-later
//
// VT-d: a request on its way through umbra_vtd.sv (3.6): what the IOTLB has
// found, or else a walk.
//
// An invalidation may come at any time.  A walk under way that may have read
// what it removes fills nothing, and the invalidation is busy until that walk
// has ended.

module umbra_vtd_lane (
    input  logic        clk,
    input  logic        rst,

    // Capabilities
    input  logic [5:0]  cap_haw,
    input  logic [1:0]  cap_sllps,
    input  logic        cap_sc,
    input  logic        cap_cm,

    output logic        idle,
    input  logic        take,            // the request, and its lookup
    input  logic [15:0] req_did,
    input  logic [51:12] req_slptptr,
    input  logic        req_aw48,
    input  logic [63:0] req_address,
    input  logic        req_read,
    input  logic        req_write,
    input  logic        req_any,
    input  logic [7:0]  refused,         // before any translation

    // The answer of the IOTLB, in the cycle after
    input  logic        found_valid,
    input  logic        found_hit,
    input  logic [63:0] found_base,
    input  logic [4:0]  found_meta,

    output logic        ends_now,        // without a walk
    output logic        walked,          // ends once it may
    input  logic        may_end,
    output logic        ends,
    output logic [7:0]  fault,
    output logic        is_hit,
    output logic [63:0] output_address,
    output logic [1:0]  is_size,
    output logic        is_read,
    output logic        is_write,

    output logic        fill,            // at its end
    input  logic        fill_ready,
    output logic [63:0] fill_va,
    output logic [15:0] fill_tag,
    output logic [1:0]  fill_size,
    output logic [63:0] fill_base,
    output logic [4:0]  fill_meta,

    input  logic        inv_taken,
    input  logic [1:0]  inv_g,
    input  logic [15:0] inv_did,
    output logic        owed,            // an invalidation waits for us

    output logic        mem_valid,
    input  logic        mem_ready,
    output logic [63:0] mem_address,
    input  logic        mem_rvalid,
    input  logic [63:0] mem_rdata,
    input  logic        mem_rerror
);

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
    logic [7:0]  refused_q;
    logic        poisoned_q;             // no fill any more

    logic        walk_start, walk_done, walk_taken, walk_cacheable;
    logic [7:0]  walk_fault;
    logic [63:0] walk_base;
    logic        walk_read, walk_write, walk_reserved;
    logic [1:0]  walk_size;

    function automatic logic interrupts(input logic [63:20] megabyte);
        interrupts = megabyte == 44'hfee;
    endfunction

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

    logic        is_reserved;

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

    assign ends_now = state_q == FOUND && (found_hit || refused_q != 8'd0);
    assign walked = walk_done;
    assign ends = ends_now || walk_taken;
    assign is_hit = state_q == FOUND && refused_q == 8'd0;

    // ---- its way ----

    assign idle = state_q == IDLE;
    assign walk_start = state_q == FOUND && !found_hit && refused_q == 8'd0;
    assign fill = walk_done && walk_cacheable && !poisoned_q;
    assign walk_taken = walk_done && may_end && (!fill || fill_ready);

    always_ff @(posedge clk) begin
        if (rst)
            state_q <= IDLE;
        else if (ends)
            state_q <= IDLE;
        else if (walk_start)
            state_q <= WALK;
        else if (take)
            state_q <= FOUND;
        if (take) begin
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

    assign fill_va = address_q;
    assign fill_tag = did_q;
    assign fill_size = walk_size;
    assign fill_base = walk_base;
    assign fill_meta = {walk_size, walk_reserved, walk_write, walk_read};

    // ---- invalidations ----

    logic        inv_meets;

    // Page-selective as well: a walk for a neighbour may bring a large page
    // that covers the range.
    assign inv_meets = inv_taken && state_q != IDLE && !ends &&
                       (inv_g == 2'd1 || inv_did == did_q);
    assign owed = poisoned_q;

    always_ff @(posedge clk) begin
        if (rst || ends || state_q == IDLE)
            poisoned_q <= 1'b0;
        else if (inv_meets)
            poisoned_q <= 1'b1;
    end

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
        @(posedge clk) disable iff (rst) poisoned_q |-> !fill;
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
    cover property (@(posedge clk) walk_done && !walk_taken);
    cover property (@(posedge clk) ends && fault == INTERRUPT_RANGE &&
                    refused_q == 8'd0);
    cover property (@(posedge clk) state_q == FOUND && found_hit &&
                    fault != 8'd0);

endmodule
