#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check_symbols.sh NM LIBRARY...
# Fails, naming them, when two of the rooms' libraries define the same global
# symbol, or one of libc's: a static link takes the first without a word.
set -eu
nm=$1
shift
[ $# -gt 1 ] || { echo "check_symbols: expected two libraries or more" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The global symbols that each of the libraries defines, once.
for library; do
    "$nm" "$library" | awk 'NF == 3 && $2 ~ /^[TDRB]$/ { print $3 }' | sort -u
done >"$work/ours"

# A sanitizer's own, weak and common ones, are allowed to repeat.
twice=$(grep -Ev '^(__|\.)' "$work/ours" | sort | uniq -d)
if [ -n "$twice" ]; then
    printf "defined in more than one library: %s\n" "$twice" >&2
    exit 1
fi

# Ours would be called by whoever means libc's.
libc=$("${CC:-cc}" -print-file-name=libc.so.6)
"$nm" -D --defined-only "$libc" | sed 's/@.*//; s/.* //' | sort -u \
    >"$work/libc"
taken=$(sort -u "$work/ours" | comm -12 - "$work/libc")
if [ -n "$taken" ]; then
    printf "libc has it already: %s\n" "$taken" >&2
    exit 1
fi
