#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many executions does a target need to find a seeded defect?  For each
# line "DEFECT TARGET" of a file: the last commit with mutants/DEFECT.patch,
# runs from an empty corpus (the readers': from that of the tree, with its
# dictionary), with our mutator of operation lists or lines (typed) and with
# libFuzzer's own on bytes (raw); a row of the table in docs/fuzzing.md.
#
#   fuzz/measure.sh [FILE]      default: fuzz/defects.tsv
#
# $UMBRA_SEEDS_OF_A_MEASUREMENT (5), $UMBRA_MOST executions (50000) and
# $UMBRA_SECONDS (300) of a run; $UMBRA_MEASURE_TREE: a work tree to build in
# that is kept for the next time (default: one of its own, removed at the end).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
seeds=${UMBRA_SEEDS_OF_A_MEASUREMENT:-5}
most=${UMBRA_MOST:-50000}
seconds=${UMBRA_SECONDS:-300}
list=$(realpath "${1:-$root/fuzz/defects.tsv}")
work=$(mktemp -d)
tree=${UMBRA_MEASURE_TREE:-$work/tree}

clean()
{
    [[ -n ${UMBRA_MEASURE_TREE-} ]] ||
        git -C "$root" worktree remove --force "$tree" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

prepare()
{
    [[ -d $tree ]] ||
        git -C "$root" worktree add -q --detach "$tree" HEAD
    git -C "$tree" checkout -q --force --detach "$(git -C "$root" rev-parse HEAD)"
    (cd "$tree" && cmake --preset fuzz-fast) >"$work/configure.log"
}

# One run: executions to the first finding and its property.
run()
{
    local program=$1 kind=$2 seed=$3 log=$work/log.$2.$3 from=()
    local target=${program##*/}
    mkdir -p "$work/corpus.$kind.$seed"
    [[ $target != *_parser ]] ||
        from=("$root/fuzz/corpora/$target" "-dict=$root/fuzz/dictionaries/$target.dict")
    timeout "$seconds" "$program" -runs="$most" -seed="$seed" -entropic=0 \
        -max_len=2056 -artifact_prefix="$work/" "$work/corpus.$kind.$seed" \
        "${from[@]}" >/dev/null 2>"$log" || true
    sed -nE 's/^FINDING ([^:]*):.*/\1/p' "$log" | head -n 1 >"$log.property"
    sed -nE 's/^after ([0-9]+) executions/\1/p' "$log" | head -n 1 \
        >"$log.count"
}

median()
{
    local kind=$1 values middle
    mapfile -t values < <(for ((s = 1; s <= seeds; s++)); do
        grep . "$work/log.$kind.$s.count" || echo $((most + 1))
    done | sort -n)
    middle=${values[$((seeds / 2))]}
    if ((middle > most)); then
        printf 'not found'
    else
        printf '%s' "$middle"
    fi
}

found()
{
    cat "$work"/log."$1".*.count | wc -l
}

measure()
{
    local defect=$1 target=$2 s
    patch -s --no-backup-if-mismatch -p1 -d "$tree" <"$tree/mutants/$defect.patch"
    ninja -C "$tree/build/fuzz-fast" "$target" >"$work/build.log" 2>&1 ||
        cat "$work/build.log" >&2
    cp "$tree/build/fuzz-fast/fuzz/$target" "$work/$target"
    git -C "$tree" checkout -q --force HEAD
    rm -rf "$work"/log.* "$work"/corpus.*
    for ((s = 1; s <= seeds; s++)); do
        run "$work/$target" typed "$s" &
        UMBRA_RAW=1 run "$work/$target" raw "$s" &
        wait
    done
    printf '| %s | %s | %s (%s) | %s (%s) | %s |\n' "$defect" "$target" \
        "$(median typed)" "$(found typed)" "$(median raw)" "$(found raw)" \
        "$(cat "$work"/log.typed.*.property | sort -u | paste -sd' ')"
}

prepare
echo "| defect | target | typed | raw | typed found it as |"
echo "|---|---|---|---|---|"
while read -r defect target; do
    [[ $defect == '#'* ]] || measure "$defect" "$target"
done <"$list"
