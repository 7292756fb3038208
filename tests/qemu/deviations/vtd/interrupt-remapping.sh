#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-interrupt-remapping, for QEMU 7.2.22 alone.  It answers in order, a line each;
# after-N-... is no request: operation N of the scenario is done.
set -euo pipefail

poll()
{
    for _ in {1..8}; do
        sleep 0.1
        echo "$1"
    done
}

requests()
{
    cat <<'END'
outl 0xcf8 0x80002810
outl 0xcfc 0xe0000000
outl 0xcf8 0x80002804
outw 0xcfc 0x6
outl 0xcf8 0x80003010
outl 0xcfc 0xe0100000
outl 0xcf8 0x80003004
outw 0xcfc 0x6
outl 0xcf8 0x80003110
outl 0xcfc 0xe0200000
outl 0xcf8 0x80003104
outw 0xcfc 0x6
outl 0xcf8 0x80003818
outl 0xcfc 0x10100
outl 0xcf8 0x80003820
outl 0xcfc 0xe030e030
outl 0xcf8 0x80003804
outw 0xcfc 0x6
outl 0xcf8 0x80010010
outl 0xcfc 0xe0300000
outl 0xcf8 0x80010004
outw 0xcfc 0x6
readq 0xfed90008
readq 0xfed90010
writel 0xfed9003c 0x21
writel 0xfed90040 0xfee01004
writel 0xfed90044 0
writel 0xfed90038 0
readl 0xfed90038
readl 0xfed90034
writel 0xfed90088 0
writeq 0xfed90090 0x2000000
readl 0xfed9001c
writel 0xfed90018 0x4000000
readl 0xfed9001c
writeq 0xfed90020 0x2002000
readl 0xfed9001c
writel 0xfed90018 0x44000000
readl 0xfed9001c
writeq 0x2000000 0x11
writeq 0x2000008 0
writeq 0x2001008 0x1
writeq 0x2000010 0x200000025
writeq 0x2000018 0x2001008
writel 0xfed90088 0x20
readq 0x2001008
writeq 0x2000020 0x12
writeq 0x2000028 0
writeq 0x2001018 0x1
writeq 0x2000030 0x200000025
writeq 0x2000038 0x2001018
writel 0xfed90088 0x40
readq 0x2001018
readl 0xfed9001c
writel 0xfed90018 0x84000000
readl 0xfed9001c
after-1-start
readl 0xfed9001c
readq 0xfed90020
readl 0xfed90034
readl 0xfed90038
readl 0xfed9003c
readl 0xfed90040
readl 0xfed90044
readq 0xfed90080
readq 0xfed90088
readq 0xfed90090
readl 0xfed9009c
readl 0xfed900a0
readl 0xfed900a4
readl 0xfed900a8
readl 0xfed900ac
readq 0xfed90220
readq 0xfed90228
writeq 0x2000040 0x4
writeq 0x2000048 0
after-2-descriptor
writel 0xfed90088 0x50
after-3-submit
readl 0xfed9001c
readq 0xfed90020
readl 0xfed90034
readl 0xfed90038
readl 0xfed9003c
readl 0xfed90040
readl 0xfed90044
readq 0xfed90080
readq 0xfed90088
readq 0xfed90090
readl 0xfed9009c
readl 0xfed900a0
readl 0xfed900a4
readl 0xfed900a8
readl 0xfed900ac
readq 0xfed90220
readq 0xfed90228
writel 0xfed90018 0
END
}

firmware=$(mktemp)
trap 'rm "$firmware"' EXIT
truncate -s 65536 "$firmware"
printf '\xfa\xf4\xeb\xfd' |
    dd of="$firmware" bs=1 seek=65520 conv=notrunc status=none
# It does not end by itself.
requests | timeout 5 qemu-system-x86_64 -bios "$firmware" \
    -accel tcg \
    -icount shift=0,sleep=off \
    -display none \
    -nodefaults \
    -no-user-config \
    -qtest stdio \
    -qtest-log none \
    -M q35,kernel-irqchip=split,pit=off,hpet=off \
    -m 72M \
    -device intel-iommu,intremap=on,caching-mode=on,aw-bits=48 \
    -device edu,addr=5,dma_mask=0xffffffffffffffff \
    -device edu,addr=6.0,multifunction=on,dma_mask=0xffffffffffffffff \
    -device edu,addr=6.1,dma_mask=0xffffffffffffffff \
    -device pcie-root-port,id=rp,addr=7,chassis=1 \
    -device edu,bus=rp,addr=0,dma_mask=0xffffffffffffffff \
    -trace enable=vtd_irq_generate ||
    [[ $? -eq 124 ]]
