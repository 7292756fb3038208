#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many executions does a target need to find a seeded defect?  For each
# line "DEFECT TARGET" on standard input: the tree with mutants/DEFECT.patch,
# $seeds runs from an empty corpus of at most $most executions each, with the
# mutator of operation lists and with libFuzzer's own on bytes.
#
#   fuzz/measure.sh <<<'vvtd-am-mask vtd_queue'
#
# The patch is applied to this very tree and taken back: it must be clean.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
seeds=${UMBRA_SEEDS_OF_A_MEASUREMENT:-5}
most=${UMBRA_MOST:-50000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One run: executions to the first finding and its property, or "-".
run()
{
    local program=$1 seed=$2 log=$work/log.$3.$2
    mkdir -p "$work/corpus.$3.$2"
    timeout "${UMBRA_SECONDS:-300}" "$program" -runs="$most" -seed="$seed" -max_len=1032 \
        -artifact_prefix="$work/" "$work/corpus.$3.$2" >/dev/null \
        2>"$log" || true
    sed -nE 's/^FINDING ([^:]*):.*/\1/p' "$log" | head -n 1 >"$log.property"
    sed -nE 's/^after ([0-9]+) executions/\1/p' "$log" | head -n 1 \
        >"$log.count"
}

median()
{
    local kind=$1 values
    mapfile -t values < <(for ((s = 1; s <= seeds; s++)); do
        grep . "$work/log.$kind.$s.count" || echo $((most + 1))
    done | sort -n)
    local middle=${values[$((seeds / 2))]}
    if ((middle > most)); then
        printf '> %s' "$most"
    else
        printf '%s' "$middle"
    fi
}

measure()
{
    local defect=$1 target=$2 s
    patch -s --no-backup-if-mismatch -p1 -d "$root" <"$root/mutants/$defect.patch"
    ninja -C "$root/build/fuzz-fast" "$target" >"$work/build.log" 2>&1 ||
        cat "$work/build.log" >&2
    cp "$root/build/fuzz-fast/fuzz/$target" "$work/$target"
    patch -s -R --no-backup-if-mismatch -p1 -d "$root" <"$root/mutants/$defect.patch"
    rm -rf "$work"/log.* "$work"/corpus.*
    for ((s = 1; s <= seeds; s++)); do
        run "$work/$target" "$s" typed &
        UMBRA_RAW=1 run "$work/$target" "$s" raw &
        wait
    done
    printf '%s\t%s\t%s\t%s\t%s\n' "$defect" "$target" "$(median typed)" \
        "$(median raw)" "$(cat "$work"/log.typed.*.property | sort -u |
            tr '\n' ' ')"
}

while read -r defect target; do
    measure "$defect" "$target"
done
