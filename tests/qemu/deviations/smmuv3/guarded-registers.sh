#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-guarded-registers, for QEMU 7.2.22 alone.  It answers in order, a line each;
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
writel 0x3f028010 0x10000000
writew 0x3f028004 0x6
writel 0x3f030010 0x10100000
writew 0x3f030004 0x6
writel 0x3f031010 0x10200000
writew 0x3f031004 0x6
writel 0x3f038018 0x10100
writel 0x3f038020 0x10301030
writew 0x3f038004 0x6
writel 0x3f100010 0x10300000
writew 0x3f100004 0x6
readl 0x9050000
readl 0x9050004
readl 0x9050008
readl 0x905000c
readl 0x9050010
readl 0x9050014
readl 0x9050020
writel 0x9050020 0
readl 0x9050024
writel 0x9050028 0xd75
writel 0x905002c 0x6
writeq 0x9050080 0x4000000042000000
writel 0x9050088 0x10209
writeq 0x9050090 0x4000000042001008
writel 0x9050098 0
writel 0x905009c 0
writel 0x9050020 0x8
readl 0x9050024
writeq 0x42001000 0x4
writeq 0x42001008 0x1f
writeq 0x42001010 0x46
writeq 0x42001018 0
writel 0x9050098 0x2
readl 0x905009c
writeq 0x42001020 0x30
writeq 0x42001028 0
writeq 0x42001030 0x46
writeq 0x42001038 0
writel 0x9050098 0x4
readl 0x905009c
writeq 0x90500a0 0x4000000042002007
writel 0x90600a8 0
writel 0x90600ac 0
writel 0x9050020 0xc
readl 0x9050024
writel 0x9050050 0
readl 0x9050054
writeq 0x9050068 0
writeq 0x90500b0 0
writel 0x9050050 0x5
readl 0x9050054
writel 0x9050020 0xd
readl 0x9050024
after-1-start
readl 0x9050020
readl 0x9050024
readl 0x9050050
readl 0x9050054
readl 0x9050060
readl 0x9050064
readq 0x9050080
readl 0x9050088
readq 0x9050090
readl 0x9050098
readl 0x905009c
readq 0x90500a0
readl 0x90600a8
readl 0x90600ac
writel 0x905009c 0
after-2-write
readl 0x9050020
readl 0x9050024
readl 0x9050050
readl 0x9050054
readl 0x9050060
readl 0x9050064
readq 0x9050080
readl 0x9050088
readq 0x9050090
readl 0x9050098
readl 0x905009c
readq 0x90500a0
readl 0x90600a8
readl 0x90600ac
writel 0x9050020 0
END
}

firmware=$(mktemp)
trap 'rm "$firmware"' EXIT
truncate -s 65536 "$firmware"
printf '\x7f\x20\x03\xd5\xff\xff\xff\x17' |
    dd of="$firmware" bs=1 seek=0 conv=notrunc status=none
# It does not end by itself.
requests | timeout 5 qemu-system-aarch64 -bios "$firmware" \
    -accel tcg \
    -icount shift=0,sleep=off \
    -display none \
    -nodefaults \
    -no-user-config \
    -qtest stdio \
    -qtest-log none \
    -M virt,iommu=smmuv3,highmem=off,gic-version=2 \
    -cpu cortex-a57 \
    -m 72M \
    -device edu,addr=5,dma_mask=0xffffffffffffffff \
    -device edu,addr=6.0,multifunction=on,dma_mask=0xffffffffffffffff \
    -device edu,addr=6.1,dma_mask=0xffffffffffffffff \
    -device pcie-root-port,id=rp,addr=7,chassis=1 \
    -device edu,bus=rp,addr=0,dma_mask=0xffffffffffffffff ||
    [[ $? -eq 124 ]]
