// SPDX-License-Identifier: GPL-2.0-or-later
//
// One VMSAv8-64 descriptor of the 4 KiB granule, of either stage: what it is,
// where it leads, and what is wrong with it - translation, address size,
// access flag, in this order (SMMUv3 3.4, 7.3.22).

module umbra_vmsa_entry (
    /* verilator lint_off UNUSEDSIGNAL */ // attributes are judged elsewhere
    input  logic [63:0]  descriptor,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic [1:0]   level,
    input  logic [5:0]   output_bits,    // IPS, S2PS; at most the OAS
    input  logic         ignore_af,      // AFFD

    output logic         leaf,
    output logic [7:0]   fault,          // event number, 0: none
    output logic [1:0]   size,           // of a leaf: 4 KiB, 2 MiB, 1 GiB
    output logic [47:12] address         // of the page or of the next table
);

    localparam logic [7:0] F_TRANSLATION = 8'h10;
    localparam logic [7:0] F_ADDR_SIZE = 8'h11;
    localparam logic [7:0] F_ACCESS = 8'h12;

    logic         is_table, absent;
    logic [47:12] page_mask;

    assign is_table = level != 2'd3 && descriptor[1];
    assign leaf = !is_table;
    // Level 3 has pages only, level 0 tables only.
    assign absent = !descriptor[0] ||
                    (!descriptor[1] && (level == 2'd3 || level == 2'd0));
    assign size = 2'd3 - level;

    always_comb begin
        case (level)
            2'd1: page_mask = ~36'h3ffff;
            2'd2: page_mask = ~36'h1ff;
            default: page_mask = ~36'h0;
        endcase
    end
    assign address = descriptor[47:12] & (is_table ? ~36'h0 : page_mask);

    always_comb begin
        fault = 8'd0;
        if (absent)
            fault = F_TRANSLATION;
        else if (|({address, 12'd0} & ~((48'd1 << output_bits) - 48'd1)))
            fault = F_ADDR_SIZE;
        else if (leaf && !descriptor[10] && !ignore_af)
            fault = F_ACCESS;
    end

endmodule
