#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# umbra explore and umbra shrink: verdicts, counterexamples, bad schedules.
. "$(dirname "$0")/cli.sh"

test=$root/scenarios/litmus/vtd/unmap-free.litmus

status_is 0 explore "$test" --json "$dir/good.json"
says 'through model: exhaustive'
for key in schedules states bound exhaustive schedules_per_second; do
    holds "the JSON has '$key'" grep -q "\"$key\":" "$dir/good.json"
done

# A twin is found, shown as lanes, and its file shows it again.
status_is 1 explore "$test" --case twin=no-wait \
    --html "$dir/lanes.html" --trace "$dir/lanes.json"
says 'FOUND'
says 'see it again: ./umbra replay'
schedule=$(sed -n 's/^  schedule //p' "$dir/out")
holds 'the lanes are a page' grep -q 'class="op"' "$dir/lanes.html"
holds 'the lanes are a trace' grep -q '"traceEvents"' "$dir/lanes.json"
file=$(ls "$UMBRA_BUILD"/findings/*unmap-free*)
status_is 1 replay "$file"

# The same order, and one that the test does not have.
status_is 1 explore "$test" --case twin=no-wait --schedule "$schedule"
says 'state '
status_is 2 explore "$test" --case twin=no-wait --schedule '9 9 9'

status_is 1 shrink "$file"
says 'operations of'
status_is 1 shrink "$test" --case twin=no-invalidation
status_is 2 shrink "$test" --case nosuch
says 'nothing is found in'

for strategy in pct urw random plain; do
    status_is 1 explore "$test" --case twin=no-wait --strategy "$strategy" \
        --runs 2000 --bound 2 --depth 2 --quiet
done
status_is 1 explore "$test" --case twin=no-wait --all --json -
says '"counterexample": "'

# What is asked for by 'allow' is a find as well.
status_is 1 explore "$root/scenarios/litmus/vtd/unmap-both-outcomes.litmus"

status_is 2 explore "$test" --case nosuch
says "has no case 'nosuch'"
scenario plain 'dma nic read 0x1000 fault=6'
status_is 2 explore "$UMBRA_SCENARIOS/vtd/plain.scn"
says 'it is no litmus test'
status_is 2 explore "$dir/nosuch.litmus"
status_is 2 shrink "$dir/nosuch.litmus"
status_is 2 explore "$test" --strategy nosuch

exit $failed
