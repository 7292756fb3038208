#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check_symbols.sh NM LIBRARY...
# Fails, naming them, when two of the rooms' libraries define the same global
# symbol: a static link takes the first without a word.
set -eu
nm=$1
shift
[ $# -gt 1 ] || { echo "check_symbols: expected two libraries or more" >&2; exit 2; }

# A sanitizer's own, weak and common ones, are allowed to repeat.
twice=$(for library; do
    "$nm" "$library" | awk 'NF == 3 && $2 ~ /^[TDRB]$/ { print $3 }' | sort -u
done | grep -Ev '^(__|\.)' | sort | uniq -d)
if [ -n "$twice" ]; then
    printf "defined in more than one library: %s\n" "$twice" >&2
    exit 1
fi
