#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes fuzz/corpora and fuzz/dictionaries anew: of the seeds out of scenarios
# and sessions, and of what build/corpora has grown, those that together cover
# most in a few kilobytes (choose.awk).
#
#   fuzz/make_corpora.sh [TARGET...]
#
# $UMBRA_SEEDS: a directory of seeds that fuzz_seeds has made already;
# $UMBRA_CORPUS_BYTES: of a target in the tree (5000; readers of text 14000).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
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

room_of()
{
    case $1 in
    *_parser) echo "${UMBRA_CORPUS_BYTES:-14000}" ;;
    *) echo "${UMBRA_CORPUS_BYTES:-5000}" ;;
    esac
}

minimise()
{
    local target=$1 control=$work/$1.control file
    mkdir -p "$work/merged/$target" "$root/build/corpora/$target"
    "$root/build/fuzz-fast/fuzz/$target" -set_cover_merge=1 \
        -merge_control_file="$control" "$work/merged/$target" \
        "$work/seeds/$target" "$root/build/corpora/$target" 2>/dev/null
    rm -rf "$root/fuzz/corpora/$target"
    mkdir -p "$root/fuzz/corpora/$target"
    awk -v room="$(room_of "$target")" -f "$root/fuzz/choose.awk" "$control" |
        while read -r file; do
            cp "$file" "$root/fuzz/corpora/$target/"
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
