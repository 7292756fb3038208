#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: check.sh PROGRAM [FUNCTION]
# ThreadSanitizer must report nothing in PROGRAM; or, with a FUNCTION (of the
# code under test), a data race with an access by it, where it then stops.
set -u
program=$1
function=${2-}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
fail() { cat "$log"; echo "check: $1" >&2; exit 1; }

# Older sanitizers can't place their shadow where addresses are very random.
fixed="setarch -R"
$fixed true 2>/dev/null || fixed=

if [ -z "$function" ]; then
    $fixed "$program" >"$log" 2>&1 || fail "exit status $?"
    exit 0
fi
TSAN_OPTIONS=halt_on_error=1 $fixed "$program" 2000 >"$log" 2>&1
status=$?
[ $status -eq 66 ] || fail "exit status $status: 66 says that a race was seen"
grep -q "ThreadSanitizer: data race" "$log" || fail "no data race"
grep -q "#0 $function " "$log" || fail "no access by $function"
