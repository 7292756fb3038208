// SPDX-License-Identifier: GPL-2.0-or-later
//
// SMMUv3 TLB invalidation commands (4.4): whose translations, and which.
// Purely combinational.

module umbra_tlbi (
    input  logic         idr_s2p,
    input  logic         idr_hyp,
    input  logic         idr_ril,
    input  logic         cr2_e2h,
    /* verilator lint_off UNUSEDSIGNAL */ // reserved bits
    input  logic [127:0] command,
    /* verilator lint_on UNUSEDSIGNAL */

    output logic         illegal,        // CERROR_ILL
    output logic [3:0]   regimes,        // EL1, EL2, EL2-E2H, stage 2
    output logic         by_vmid,
    output logic [15:0]  vmid,
    output logic         by_asid,
    output logic [15:0]  asid,
    output logic         globals,        // by_asid: global ones as well
    output logic         by_address,
    output logic [63:0]  first,
    output logic [63:0]  last,
    output logic         by_leaf,
    output logic [1:0]   leaf,
    output logic         other_granule   // none of ours is meant
);

    localparam logic [3:0] EL1 = 4'b0001;
    localparam logic [3:0] EL2 = 4'b0010;
    localparam logic [3:0] EL2_E2H = 4'b0100;
    localparam logic [3:0] STAGE2 = 4'b1000;

    logic [7:0]  opcode;
    logic [1:0]  tg, ttl;
    logic [4:0]  num, scale;
    logic        known, ranged, ipa, needs_hyp, needs_s2;
    logic [6:0]  log2_granule;
    logic [63:0] range_last;

    assign opcode = command[7:0];
    assign vmid = command[47:32];
    assign asid = command[63:48];
    assign num = command[16:12];
    assign scale = command[24:20];
    assign ttl = command[73:72];
    assign tg = idr_ril ? command[75:74] : 2'd0;

    always_comb begin
        known = 1'b1;
        regimes = EL1;
        by_vmid = idr_s2p;
        by_asid = 1'b0;
        globals = 1'b0;
        by_address = 1'b0;
        ipa = 1'b0;
        needs_hyp = 1'b0;
        needs_s2 = 1'b0;
        case (opcode)
            8'h10: ;                                        // NH_ALL
            8'h11: by_asid = 1'b1;                          // NH_ASID
            8'h12: {by_asid, globals, by_address} = 3'b111; // NH_VA
            8'h13: by_address = 1'b1;                       // NH_VAA
            8'h20: begin                                    // EL2_ALL
                needs_hyp = 1'b1;
                by_vmid = 1'b0;
                regimes = EL2 | EL2_E2H;
            end
            8'h21: begin                                    // EL2_ASID
                needs_hyp = 1'b1;
                by_vmid = 1'b0;
                by_asid = 1'b1;
                regimes = EL2_E2H;
            end
            8'h22, 8'h23: begin                             // EL2_VA, VAA
                needs_hyp = 1'b1;
                by_vmid = 1'b0;
                by_address = 1'b1;
                regimes = cr2_e2h ? EL2_E2H : EL2;
                by_asid = cr2_e2h && opcode == 8'h22;
                globals = by_asid;
            end
            8'h28: begin                                    // S12_VMALL
                needs_s2 = 1'b1;
                regimes = EL1 | STAGE2;
            end
            8'h2a: begin                                    // S2_IPA
                needs_s2 = 1'b1;
                regimes = STAGE2;
                by_address = 1'b1;
                ipa = 1'b1;
            end
            8'h30: begin                                    // NSNH_ALL
                by_vmid = 1'b0;
                regimes = EL1 | STAGE2;
            end
            default: known = 1'b0;
        endcase
    end

    // 4.4.1.1: (NUM + 1) * 2^SCALE granules from the address on; TTL names
    // the level of the leaves.  Without TG just the page at the address.
    assign ranged = by_address && tg != 2'd0;
    assign by_leaf = ranged && ttl != 2'd0 && !(tg == 2'd2 && ttl == 2'd1);
    assign leaf = 2'd3 - ttl;
    assign other_granule = ranged && tg != 2'd1;
    assign log2_granule = 7'd10 + {4'd0, tg, 1'b0};
    // Bits 63:56 of a VA are a tag, or say the same as bit 55.
    assign first = {{8{command[119] && !ipa}}, command[119:116] & {4{!ipa}},
                    command[115:76], 12'd0};
    assign range_last = first + ((({59'd0, num} + 64'd1) << scale)
                                 << log2_granule) - 64'd1;
    // A range does not wrap.
    assign last = !ranged ? first :
                  range_last < first ? ~64'd0 : range_last;
    assign illegal = !known || (needs_hyp && !idr_hyp) ||
                     (needs_s2 && !idr_s2p) ||
                     (ranged && num == 5'd0 && scale == 5'd0 && !by_leaf);

endmodule
