#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check.sh PROGRAM LITMUS-FILE FUNCTION
# PROGRAM is umbra-threads with a defect in hypervisor/: a data race with an
# access by FUNCTION must be reported.
set -u
program=$1 file=$2 function=$3
UMBRA_BUILD=$(mktemp -d)
export UMBRA_BUILD
trap 'rm -rf "$UMBRA_BUILD"' EXIT
log=$UMBRA_BUILD/log
fail() { cat "$log"; echo "check: $1" >&2; exit 1; }

# As umbra does before it starts the program.
fixed="setarch -R"
$fixed true 2>/dev/null || fixed=

$fixed "$program" "$file" --runs 2000 >"$log" 2>&1
status=$?
[ $status -eq 1 ] || fail "exit status $status: 1 says that a race was seen"
grep -q "race .* $function (" "$log" || fail "no race with $function"
set -- "$UMBRA_BUILD"/findings/race.*
grep -q "ThreadSanitizer: data race" "$1" || fail "no report in $1"
