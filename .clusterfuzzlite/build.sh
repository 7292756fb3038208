#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The build contract of OSS-Fuzz and ClusterFuzzLite: $CC, $CXX, $CFLAGS,
# $CXXFLAGS and $LIB_FUZZING_ENGINE come from outside, and everything goes to
# $OUT: a program, its seed corpus, dictionary and options for each target.
# tests/fuzz/test_contract.sh does the same with a make-believe engine.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
[[ -f $source/CMakeLists.txt ]] || source=${SRC:?}/umbra
build=${WORK:-$source/build}/oss-fuzz

cmake -G Ninja -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_C_COMPILER="${CC:?}" -DCMAKE_CXX_COMPILER="${CXX:?}" \
    -DCMAKE_C_FLAGS="${CFLAGS-}" -DCMAKE_CXX_FLAGS="${CXXFLAGS-}" \
    -DUMBRA_FUZZ=ON
ninja -C "$build" fuzz_targets

options()
{
    printf '[libfuzzer]\nmax_len = 2056\ntimeout = 60\n'
    [[ ! -f $source/fuzz/dictionaries/$1.dict ]] ||
        printf 'dict = %s.dict\n' "$1"
}

for program in "$build"/fuzz/*; do
    [[ -f $program && -x $program ]] || continue
    target=$(basename "$program")
    [[ -d $source/fuzz/corpora/$target ]] || continue
    cp "$program" "${OUT:?}/$target"
    options "$target" >"$OUT/$target.options"
    (cd "$source/fuzz/corpora/$target" &&
        zip -q -r "$OUT/${target}_seed_corpus.zip" .)
    if [[ -f $source/fuzz/dictionaries/$target.dict ]]; then
        cp "$source/fuzz/dictionaries/$target.dict" "$OUT/"
    fi
done
