#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes fuzz/corpora and fuzz/dictionaries anew: seeds out of scenarios and
# sessions, and what build/corpora has grown, minimised by libFuzzer to what
# covers anything new, and of that the smallest.
#
#   fuzz/make_corpora.sh [TARGET...]
#
# $UMBRA_SEEDS: a directory of seeds that fuzz_seeds has made already.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
most=${UMBRA_MOST_SEEDS:-24} # inputs of a target in the tree
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The heads of recorded sessions: their reader's seeds.
trace_seeds()
{
    local session
    mkdir -p "$1"
    for session in "$root"/scenarios/*/sessions/*.trace.gz; do
        zcat "$session" 2>/dev/null | head -n 60 \
            >"$1/$(basename "$session" .trace.gz)" || true
    done
}

# The smallest $most of libFuzzer's choice.
minimise()
{
    local target=$1 merged=$work/merged/$1 name files
    mkdir -p "$merged" "$root/build/corpora/$target"
    "$root/build/fuzz-fast/fuzz/$target" -merge=1 "$merged" \
        "$work/seeds/$target" "$root/build/corpora/$target" 2>/dev/null
    rm -rf "$root/fuzz/corpora/$target"
    mkdir -p "$root/fuzz/corpora/$target"
    # shellcheck disable=SC2012
    mapfile -t files < <(ls -Sr "$merged")
    for name in "${files[@]:0:$most}"; do
        cp "$merged/$name" "$root/fuzz/corpora/$target/$name"
    done
}

if [[ -n ${UMBRA_SEEDS-} ]]; then
    cp -r "$UMBRA_SEEDS" "$work/seeds"
else
    "$root/build/release/fuzz/fuzz_seeds" "$root/scenarios" "$work/seeds" \
        "$root/fuzz/dictionaries"
fi
trace_seeds "$work/seeds/trace_parser"
if (($# == 0)); then
    set -- "$work"/seeds/*
fi
for target; do
    minimise "$(basename "$target")"
done
du -sh "$root/fuzz/corpora"
