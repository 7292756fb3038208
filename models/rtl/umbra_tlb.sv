// SPDX-License-Identifier: GPL-2.0-or-later
//
// A set-associative translation cache: VT-d's IOTLB (6.2.4), SMMUv3's main
// TLB (3.17).
//
// An entry is a page of one of the sizes 4 KiB, 2 MiB, 1 GiB, 512 GiB, of an
// owner: TAG is a DID or VMID, TAG2 an ASID with its ASET or "global".  A
// lookup probes all sizes at once and the smallest page wins, those of the
// ASID before global ones.  Replacement is the least recently used way.
//
// Ports, each with valid and ready, in this order of priority:
//   inv    an invalidation; it sweeps one set a cycle and is busy meanwhile
//   fill   of a page that is not there; if it is there, it takes its place
//   lookup the answer comes in the next cycle
//
// Which set an entry is in is no matter of any specification.  The function
// is that of models/common/cache.c by agreement: equal hits need equal sets.

module umbra_tlb #(
    parameter int unsigned ENTRIES = 64, // power of two
    parameter int unsigned WAYS = 4,     // power of two, 2 or more; so SETS
    parameter int unsigned META = 32,    // bits beside the two addresses
    parameter bit SMMU = 1'b0,           // how a size is named in the hash
    parameter bit SHARED = 1'b0          // two walks may bring the same page
) (
    input  logic        clk,
    input  logic        rst,

    input  logic        lookup_valid,
    output logic        lookup_ready,
    input  logic [63:0] lookup_va,
    input  logic [15:0] lookup_tag,
    input  logic [16:0] lookup_tag2,
    input  logic [2:0]  lookup_regime,
    input  logic        lookup_nested,
    input  logic        lookup_globals,  // they are asked for as well
    output logic        found_valid,     // the answer
    output logic        found_hit,
    output logic [63:0] found_data0,
    output logic [63:0] found_data1,
    output logic [META-1:0] found_meta,

    input  logic        fill_valid,
    output logic        fill_ready,
    input  logic [63:0] fill_va,
    input  logic [15:0] fill_tag,
    input  logic [16:0] fill_tag2,
    input  logic [2:0]  fill_regime,
    input  logic        fill_nested,
    input  logic        fill_global,
    input  logic [1:0]  fill_size,
    input  logic [1:0]  fill_leaf,       // size of the leaf that it came from
    input  logic [63:0] fill_data0,
    input  logic [63:0] fill_data1,
    input  logic [META-1:0] fill_meta,

    input  logic        inv_valid,
    output logic        inv_ready,
    output logic        inv_busy,
    input  logic [7:0]  inv_regimes,     // mask
    input  logic        inv_by_tag,
    input  logic [15:0] inv_tag,
    input  logic        inv_by_asid,
    input  logic [15:0] inv_asid,
    input  logic        inv_globals,     // by ASID: global ones as well
    input  logic        inv_by_address,
    input  logic [63:0] inv_first,       // first and last byte
    input  logic [63:0] inv_last,
    input  logic        inv_by_leaf,
    input  logic [1:0]  inv_leaf         // only leaves of this size
);

    localparam int unsigned SETS = ENTRIES / WAYS;
    localparam int unsigned SB = $clog2(SETS);
    localparam int unsigned WB = $clog2(WAYS);
    localparam int unsigned SIZES = SMMU ? 3 : 4;
    localparam logic [WAYS*WB-1:0] AGES = ages_at_reset();

    // Entry {set, way}; ident: {kind, global, ASET, ASID, tag}
    logic [WAYS-1:0]    valid_q [SETS];
    logic [WAYS*WB-1:0] ages_q [SETS]; // 0: just used
    logic [63:0]        va_q [ENTRIES];
    logic [47:0]        ident_q [ENTRIES];
    logic [1:0]         leaf_q [ENTRIES];
    logic [63:0]        data0_q [ENTRIES];
    logic [63:0]        data1_q [ENTRIES];
    logic [META-1:0]    meta_q [ENTRIES];

    logic               sweeping_q, clearing_q;
    logic [SB-1:0]      sweep_q;
    logic [7:0]         regimes_q;
    logic               by_tag_q, by_asid_q, globals_q, by_address_q;
    logic               by_leaf_q;
    logic [15:0]        tag_q, asid_q;
    logic [63:0]        first_q, last_q;
    logic [1:0]         wanted_leaf_q;

    assign inv_ready = !sweeping_q;
    assign inv_busy = sweeping_q;
    assign fill_ready = !sweeping_q && !inv_valid;
    assign lookup_ready = fill_ready && !fill_valid;

    // ---- sizes and sets ----

    function automatic logic [WAYS*WB-1:0] ages_at_reset();
        for (int unsigned w = 0; w < WAYS; w++)
            ages_at_reset[w*WB +: WB] = WB'(w);
    endfunction

    function automatic logic [5:0] shift_of(input logic [1:0] size);
        case (size)
            2'd0: shift_of = 6'd12;
            2'd1: shift_of = 6'd21;
            2'd2: shift_of = 6'd30;
            default: shift_of = 6'd39;
        endcase
    endfunction

    function automatic logic [63:0] offsets_of(input logic [1:0] size);
        offsets_of = (64'd1 << shift_of(size)) - 64'd1;
    endfunction

    function automatic logic [13:0] kind_of(input logic [1:0] size,
                                            input logic [2:0] regime,
                                            input logic nested);
        kind_of = SMMU ? {shift_of(size), 4'd0, nested, regime} :
                         {11'd0, 3'(size) + 3'd1};
    endfunction

    function automatic logic [SB-1:0] set_of(input logic [63:0] va,
                                             input logic [1:0] size,
                                             input logic [47:0] ident);
        logic [63:0] page;
        page = va >> shift_of(size);
        set_of = SB'(page ^ page >> 20) ^
                 SB'(32'(ident[15:0]) * 32'h9e37 ^
                     32'(ident[33:16]) * 32'h85eb ^
                     32'(ident[47:34]) * 32'h45d9);
    endfunction

    // {hit, way}
    function automatic logic [WB:0] find(input logic [SB-1:0] set,
                                         input logic [63:0] va,
                                         input logic [47:0] ident);
        find = '0;
        for (int unsigned w = 0; w < WAYS; w++)
            if (valid_q[set][w] && va_q[{set, WB'(w)}] == va &&
                ident_q[{set, WB'(w)}] == ident) begin
                once: assert (!find[WB]) else
                    $error("a page is in two ways");
                find = {1'b1, WB'(w)};
            end
    endfunction

    function automatic logic [WAYS*WB-1:0] touch(
            input logic [WAYS*WB-1:0] ages, input logic [WB-1:0] way);
        logic [WB-1:0] age;
        age = ages[32'(way)*WB +: WB];
        touch = ages;
        for (int unsigned w = 0; w < WAYS; w++)
            if (ages[w*WB +: WB] < age)
                touch[w*WB +: WB] = ages[w*WB +: WB] + 1'b1;
        touch[32'(way)*WB +: WB] = '0;
    endfunction

    // An empty way, or else the oldest one.
    function automatic logic [WB-1:0] victim(input logic [SB-1:0] set);
        victim = '0;
        for (int unsigned w = 0; w < WAYS; w++)
            if (ages_q[set][w*WB +: WB] == WB'(WAYS - 1))
                victim = WB'(w);
        for (int unsigned w = WAYS; w > 0; w--)
            if (!valid_q[set][w - 1])
                victim = WB'(w - 1);
    endfunction

    // ---- lookup ----

    logic                  hit;
    logic [SB+WB-1:0]      hit_at;

    // One size of one owner
    function automatic logic [SB+WB:0] probe(input logic [1:0] size,
                                             input logic [17:0] tag2);
        logic [47:0] ident;
        logic [SB-1:0] set;
        logic [WB:0] way;
        ident = {kind_of(size, lookup_regime, lookup_nested), tag2,
                 lookup_tag};
        set = set_of(lookup_va, size, ident);
        way = find(set, lookup_va & ~offsets_of(size), ident);
        probe = {way[WB], set, way[WB-1:0]};
    endfunction

    always_comb begin
        hit = 1'b0;
        hit_at = '0;
        if (lookup_valid) begin
            for (int unsigned i = 0; i < SIZES; i++)
                if (!hit)
                    {hit, hit_at} = probe(2'(i), {1'b0, lookup_tag2});
            for (int unsigned i = 0; i < SIZES; i++)
                if (!hit && lookup_globals)
                    {hit, hit_at} = probe(2'(i), {1'b1, lookup_tag2[16],
                                                  16'd0});
        end
    end

    // ---- fill ----

    logic [47:0]      fill_ident;
    logic [SB-1:0]    fill_set;
    logic [WB-1:0]    fill_way;
    logic [WB:0]      fill_there;
    logic [63:0]      fill_page;

    always_comb begin
        fill_ident = '0;
        fill_set = '0;
        fill_way = '0;
        fill_there = '0;
        fill_page = '0;
        if (fill_valid) begin
            fill_ident = {kind_of(fill_size, fill_regime, fill_nested),
                          fill_global ? {1'b1, fill_tag2[16], 16'd0} :
                                        {1'b0, fill_tag2},
                          fill_tag};
            fill_page = fill_va & ~offsets_of(fill_size);
            fill_set = set_of(fill_va, fill_size, fill_ident);
            fill_there = find(fill_set, fill_page, fill_ident);
            fill_way = fill_there[WB] ? fill_there[WB-1:0] : victim(fill_set);
        end
    end

    // ---- invalidation ----

    // Everything that came from one leaf goes when the range touches it.
    function automatic logic goes(input logic [SB+WB-1:0] at);
        logic is_global, owner, asid, address;
        logic [63:0] offsets;
        is_global = SMMU && ident_q[at][33];
        offsets = offsets_of(leaf_q[at]);
        owner = regimes_q[ident_q[at][36:34]] &&
                (!by_tag_q || ident_q[at][15:0] == tag_q);
        asid = !by_asid_q ||
               (is_global ? globals_q : ident_q[at][31:16] == asid_q);
        address = !by_address_q || ((va_q[at] & ~offsets) <= last_q &&
                                    (va_q[at] | offsets) >= first_q);
        goes = owner && asid && address &&
               (!by_leaf_q || leaf_q[at] == wanted_leaf_q);
    endfunction

    logic [WAYS-1:0] kept;

    always_comb begin
        kept = '0;
        if (sweeping_q && !clearing_q)
            for (int unsigned w = 0; w < WAYS; w++)
                kept[w] = valid_q[sweep_q][w] && !goes({sweep_q, WB'(w)});
    end

    always_ff @(posedge clk) begin
        if (inv_valid && inv_ready) begin
            regimes_q <= inv_regimes;
            by_tag_q <= inv_by_tag;
            tag_q <= inv_tag;
            by_asid_q <= inv_by_asid;
            asid_q <= inv_asid;
            globals_q <= inv_globals;
            by_address_q <= inv_by_address;
            first_q <= inv_first;
            last_q <= inv_last;
            by_leaf_q <= inv_by_leaf;
            wanted_leaf_q <= inv_leaf;
        end
        if (rst) begin
            sweeping_q <= 1'b1;
            clearing_q <= 1'b1;
            sweep_q <= '0;
        end else if (inv_valid && inv_ready) begin
            sweeping_q <= 1'b1;
        end else if (sweeping_q) begin
            sweep_q <= sweep_q + 1'b1;
            if (&sweep_q) begin
                sweeping_q <= 1'b0;
                clearing_q <= 1'b0;
            end
        end
    end

    // ---- the arrays ----

    always_ff @(posedge clk) begin
        if (sweeping_q) begin
            valid_q[sweep_q] <= kept;
            if (clearing_q)
                ages_q[sweep_q] <= AGES;
        end else if (fill_valid && fill_ready) begin
            absent: assert (SHARED || !fill_there[WB]) else
                $error("a page is filled twice");
            valid_q[fill_set][fill_way] <= 1'b1;
            ages_q[fill_set] <= touch(ages_q[fill_set], fill_way);
            va_q[{fill_set, fill_way}] <= fill_page;
            ident_q[{fill_set, fill_way}] <= fill_ident;
            leaf_q[{fill_set, fill_way}] <= fill_leaf;
            data0_q[{fill_set, fill_way}] <= fill_data0;
            data1_q[{fill_set, fill_way}] <= fill_data1;
            meta_q[{fill_set, fill_way}] <= fill_meta;
        end else if (hit && lookup_ready) begin
            ages_q[hit_at[WB +: SB]] <=
                touch(ages_q[hit_at[WB +: SB]], hit_at[WB-1:0]);
        end
    end

    always_ff @(posedge clk) begin
        found_valid <= lookup_valid && lookup_ready && !rst;
        if (lookup_valid && lookup_ready) begin
            found_hit <= hit;
            found_data0 <= data0_q[hit_at];
            found_data1 <= data1_q[hit_at];
            found_meta <= meta_q[hit_at];
        end
    end

    // ---- what must hold, and what must have been seen ----

    property one_at_a_time;
        @(posedge clk) disable iff (rst)
        sweeping_q |-> !lookup_ready && !fill_ready && !inv_ready;
    endproperty
    assert property (one_at_a_time);

    cover property (@(posedge clk) found_valid && found_hit);
    cover property (@(posedge clk) found_valid && !found_hit);
    cover property (@(posedge clk) fill_valid && fill_ready &&
                    valid_q[fill_set][fill_way]);
    cover property (@(posedge clk) fill_valid && !fill_ready);
    cover property (@(posedge clk) lookup_valid && sweeping_q);

endmodule
