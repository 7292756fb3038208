# SPDX-License-Identifier: GPL-2.0-or-later
# umbra sim: litmus tests, whose activities run at once.
. "$(dirname "$0")/../cli/cli.sh"

export UMBRA_TIMING=$root/sim/timing ASAN_OPTIONS=detect_leaks=0
litmus=$root/scenarios/litmus

figure() # KEY FILE
{
    sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" "$2"
}

# Each of them ends, and comes to what some order of it comes to.
for file in "$litmus"/*.litmus "$litmus"/*/*.litmus; do
    status_is 0 sim "$file"
    says 'in this order: '
done

# A drain is waited for while the device model is on its way to answer it:
# longer than without, by its wake-up and its answer at least.
status_is 0 sim "$litmus/translate-drain.litmus" --json "$dir/drain.json"
says 'nothing that is forbidden'
status_is 0 sim "$litmus/translate-copy.litmus" --json "$dir/copy.json"
drain=$(sed -n '/"invalidation": {/,/}/s/.*"max": \([0-9]*\).*/\1/p' \
    "$dir/drain.json")
copy=$(sed -n '/"invalidation": {/,/}/s/.*"max": \([0-9]*\).*/\1/p' \
    "$dir/copy.json")
holds "a drain takes longer than none: $drain, $copy" \
    [ "$drain" -gt $((copy + 2000)) ]

# A twin: what shows in the one order, and who never goes on.
status_is 0 sim "$litmus/translate-drain.litmus" --case silent
says "the defect of twin 'silent' shows: nobody can go on: 'cpu'"
status_is 0 sim "$litmus/vtd/unmap-free.litmus" --case no-wait
says "the defect of twin 'no-wait' does not show in this order"

# The same cycles twice, in either style, with a lane for each activity.
for style in at lt; do
    for n in 1 2; do
        status_is 0 sim "$litmus/smmuv3/two-vcpus.litmus" --style $style \
            --trace "$dir/$n.trace.json" --json "$dir/$n.json"
        grep -v -e '"seconds":' -e per_second "$dir/$n.json" > "$dir/$n.figures"
    done
    holds "$style: the figures are the same twice" \
        cmp "$dir/1.figures" "$dir/2.figures"
    holds "$style: the timeline is the same twice" \
        cmp "$dir/1.trace.json" "$dir/2.trace.json"
done
for lane in cpu0 cpu1 unit; do
    holds "there is a lane for $lane" grep -q "\"$lane\"" "$dir/1.trace.json"
done
holds 'and one for each operation' grep -q '"name": "tlbi-nh-va ' \
    "$dir/1.trace.json"

# Fewer processors take longer, and come to something that is known.
printf '[cpu]\nprocessors = 1\n' > "$dir/one.ini"
status_is 0 sim "$litmus/vtd/two-models.litmus" --json "$dir/four.json"
status_is 0 sim "$litmus/vtd/two-models.litmus" --timing "$dir/one.ini" \
    --json "$dir/one.json"
one=$(figure cycles "$dir/one.json")
four=$(figure cycles "$dir/four.json")
holds "one processor is slower: $one, $four" [ "$one" -gt "$four" ]

# An order that is forbidden is a finding.
sed -e 's/^twin .*//' -e 's/^without .*//' -e 's/^only no-wait //' \
    "$litmus/vtd/upgrade.litmus" > "$dir/wrong.litmus"
status_is 1 sim "$dir/wrong.litmus"
says 'FINDING P2'

# The page says so too.
status_is 0 sim "$litmus/vtd/unmap-free.litmus"
holds 'the page has the verdict' grep -q '<pre>in this order: nothing' \
    "$UMBRA_BUILD/report/sim.html"

status_is 2 sim "$litmus/vtd/unmap-free.litmus" --load random
says 'runs without --load'

exit $failed
