#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check_absent.sh NM LIBRARY...
# Fails when a library of a build that does not count asks for the counters.
set -eu
nm=$1
shift
[ $# -gt 0 ] || { echo "check_absent: no library" >&2; exit 2; }
for library; do
    symbols=$("$nm" "$library" 2>/dev/null)
    [ -n "$symbols" ] || { echo "$library: no symbols" >&2; exit 2; }
    case $symbols in
    *cover_hit*) echo "$library counts" >&2; exit 1 ;;
    esac
done
