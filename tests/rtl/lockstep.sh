#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The RTL and the C models in lockstep, more than ten million transactions in
# random worlds, and the recorded sessions:
# lockstep.sh DIRECTORY-OF-THE-PROGRAMS [SEED]
# Exit status: 0 they agree, 1 they do not, 2 usage.
set -euo pipefail
shopt -s nullglob extglob

(($# == 1 || $# == 2)) || {
    echo 'usage: lockstep.sh DIRECTORY-OF-THE-PROGRAMS [SEED]' >&2
    exit 2
}

# unit, size of its TLB, transactions
runs=(
    'vtd 0 1000000'
    'vtd 1 5000000'
    'vtd 2 1000000'
    'smmuv3 0 1000000'
    'smmuv3 1 3500000'
    'smmuv3 2 1000000'
)
status=0
for run in "${runs[@]}"; do
    read -r unit size transactions <<<"$run"
    "$1/rtl_lockstep_$unit" --quiet --seed "${2:-1}" --size "$size" \
        --transactions "$transactions" || status=$?
done

# The models have no scalable mode: two of the sessions translate nothing.
scenarios=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../scenarios" && pwd -P)
"$1/rtl_sessions" "$scenarios"/vtd/sessions/!(vtd-scalable|vtd-flts).trace* \
    "$scenarios"/smmuv3/sessions/*.trace* || status=$?
exit "$status"
