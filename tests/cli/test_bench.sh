#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# umbra bench: what is measured is printed, told to machines, and kept.
. "$(dirname "$0")/cli.sh"

status_is 0 bench 'vtd hit' --seconds 1 --repeat 2 --json "$dir/bench.json"
says 'vtd hit'
says 'spread'
holds 'the JSON has the figure' grep -q '"repeat": 2' "$dir/bench.json"
holds 'the page has it' grep -q 'vtd hit' "$UMBRA_BUILD/report/history.json"

mkdir -p "$dir/fuzz"
ln -s "$root/fuzz/corpora" "$dir/fuzz/corpora"
status_is 0 bench 'fuzz vtd_races' --seconds 1 --repeat 1
says 'aim 100000'

status_is 2 bench 'nosuch*'
says "nothing matches 'nosuch*'"
status_is 2 bench one two
says 'one pattern'
status_is 2 bench --repeat 0

exit $failed
