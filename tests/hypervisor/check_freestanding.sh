#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check_freestanding.sh LIBRARY [HOST_H [NM]]
# Fails, naming them, when LIBRARY needs symbols that are neither its own nor
# declared in HOST_H nor one of the four that a freestanding compiler expects.
set -eu
library=$1
host_h=${2:-$(dirname "$0")/../../hypervisor/host.h}
nm=${3:-nm}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the compiler itself adds: position-independent code, sanitizers,
# coverage, the stack protector.
"$nm" "$library" | awk 'NF == 2 && $1 == "U" { print $2 }' |
    grep -Ev '^(_GLOBAL_OFFSET_TABLE_|__asan_|__ubsan_|__tsan_|__gcov_|__llvm_|__sanitizer_|__stack_chk_)' |
    sort -u > "$work/wanted" || true
"$nm" "$library" | awk 'NF == 3 && $2 ~ /[TDRBVW]/ { print $3 }' |
    sort -u > "$work/own"
{
    sed -n 's/.*[ *]\(host_[a-z0-9_]*\)(.*/\1/p' "$host_h"
    printf '%s\n' memcpy memmove memset memcmp
} | sort -u > "$work/allowed"
[ -s "$work/own" ] || { echo "no symbols in $library" >&2; exit 2; }

sort -u "$work/own" "$work/allowed" > "$work/known"
foreign=$(comm -23 "$work/wanted" "$work/known")
if [ -n "$foreign" ]; then
    echo "not freestanding, undefined beside host.h:" $foreign >&2
    exit 1
fi
