// SPDX-License-Identifier: GPL-2.0-or-later
//
// Rights of leaves: {EL0 execute, write, read, EL1 execute, write, read}.

module umbra_vmsa_rights (
    // Stage 1: AP[2:1], PXN, UXN of the leaf; APTable, PXNTable, UXNTable of
    // all tables above; the regime; CD.WXN and CD.PAN
    input  logic [1:0] ap,
    input  logic       pxn,
    input  logic       uxn,
    input  logic [1:0] ap_table,
    input  logic       pxn_table,
    input  logic       uxn_table,
    input  logic       one_level,        // EL2: no EL0
    input  logic       wxn,
    input  logic       pan,
    output logic [5:0] stage1,

    // Stage 2: S2AP and XN, IDR3.XNX
    input  logic [1:0] s2ap,
    input  logic [1:0] xn,
    input  logic       xnx,
    output logic [5:0] stage2
);

    logic writable, user, user_writes;
    logic el1_read, el1_write, el1_execute, el0_execute;

    assign writable = !ap[1] && !ap_table[1];
    assign user = ap[0] && !ap_table[0];
    assign user_writes = user && writable;

    // What EL0 can write EL1 never executes; WXN: nor does anybody what he
    // can write himself.  PAN: EL1 keeps off the data of EL0.
    assign el1_execute = !pxn && !pxn_table && !user_writes &&
                         !(wxn && writable);
    assign el0_execute = !uxn && !uxn_table && !(wxn && user_writes);
    assign el1_read = !(pan && user);
    assign el1_write = writable && el1_read;

    always_comb begin
        if (one_level)
            stage1 = {2{!uxn && !uxn_table && !(wxn && writable), writable,
                        1'b1}};
        else
            stage1 = {el0_execute, user_writes, user,
                      el1_execute, el1_write, el1_read};
    end

    logic s2_el1, s2_el0;

    always_comb begin
        case ({xn[1], xn[0] && xnx})
            2'b00: {s2_el0, s2_el1} = 2'b11;
            2'b01: {s2_el0, s2_el1} = 2'b10;
            2'b10: {s2_el0, s2_el1} = 2'b00;
            default: {s2_el0, s2_el1} = 2'b01;
        endcase
    end
    assign stage2 = {s2_el0, s2ap[1], s2ap[0], s2_el1, s2ap[1], s2ap[0]};

endmodule
