// SPDX-License-Identifier: GPL-2.0-or-later
//
// The descriptor of the first level (5.2, 5.4): a table of as many entries as
// the rest of the address needs, up to 16 tables in a row, aligned to itself.

module umbra_vmsa_first (
    input  logic [5:0]   bits,           // of the input address
    input  logic [1:0]   level,
    input  logic [51:3]  base,
    input  logic [47:12] from,           // the input address
    output logic [51:3]  entry
);

    logic [5:0]  shift;
    logic [12:0] mask;

    always_comb begin
        case (level)
            2'd0: shift = 6'd39;
            2'd1: shift = 6'd30;
            2'd2: shift = 6'd21;
            default: shift = 6'd12;
        endcase
    end
    assign mask = 13'((14'd1 << (bits - shift)) - 14'd1);
    // Of 64 bytes or more: TTB has no bit 3.
    assign entry = (base & ~{36'd0, mask} & ~49'd1) |
                   {36'd0, 13'({from, 12'd0} >> shift) & mask};

endmodule
