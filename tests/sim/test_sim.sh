# SPDX-License-Identifier: GPL-2.0-or-later
# umbra sim: scenarios and sessions in simulated time.
. "$(dirname "$0")/../cli/cli.sh"

export UMBRA_TIMING=$root/sim/timing ASAN_OPTIONS=detect_leaks=0
sessions=$root/scenarios/vtd/sessions

# Both architectures, both ways, both styles: the same as untimed.
for session in vtd/sessions/vtd-cm-head.trace \
    smmuv3/sessions/smmu-strict-head.trace; do
    for options in '-t model' '-t stack' '-t stack --style at' \
        '-t model --load burst --gap 20 --timing server' \
        '-t stack --load random --timing mmu600-like'; do
        # shellcheck disable=SC2086
        status_is 0 sim "$root/scenarios/$session" $options
        says 'the same results as untimed'
    done
done

# Twice the same cycles, and figures that machines read.
for n in 1 2; do
    status_is 0 sim "$sessions/vtd-cm-head.trace" --load stream \
        --json "$dir/$n.json" --trace "$dir/$n.trace.json"
    says 'load (stream): '
    grep -v -e '"seconds":' -e per_second "$dir/$n.json" > "$dir/$n.figures"
done
holds 'the figures are the same twice' cmp "$dir/1.figures" "$dir/2.figures"
holds 'the timeline is the same twice' \
    cmp "$dir/1.trace.json" "$dir/2.trace.json"
for key in cycles transactions transactions_per_second latency dma \
    invalidation drain p50 p99 max same_as_untimed; do
    holds "the JSON has '$key'" grep -q "\"$key\":" "$dir/1.json"
done
holds 'a load made requests' grep -qE '"load_requests": [1-9]' "$dir/1.json"

# A device model; its page.
status_is 0 sim "$root/scenarios/vtd/vdev-answers-by-itself.scn"
says 'the same results as untimed'
holds 'there is a page' grep -q '<h1>vdev-answers-by-itself</h1>' \
    "$UMBRA_BUILD/report/sim.html"
holds 'with distributions' grep -q '<svg ' "$UMBRA_BUILD/report/sim.html"

# Atomic accesses, messages and wires of the units.
for case in vtd/walk-atomic-adds vtd/stack-masked-fault-event \
    vtd/fault-interrupt-range smmuv3/event-interrupt; do
    status_is 0 sim "$root/scenarios/$case.scn" --style at
    says 'the same results as untimed'
done

# Figures that are slower make everything slower, and nothing else.
cycles() # INI
{
    printf '%s\n' "$@" > "$dir/t.ini"
    status_is 0 sim "$sessions/vtd-cm-head.trace" --timing "$dir/t.ini" \
        --json "$dir/t.json"
    grep -q '"same_as_untimed": true' "$dir/t.json" || echo 0
    sed -n 's/^  "cycles": \([0-9]*\),$/\1/p' "$dir/t.json"
}
base=$(cycles '[cpu]')
for change in '[cpu] trap=3000' '[cpu] call=40' '[cpu] dispatch=1000' \
    '[cpu] register=60' '[cpu] access=8' '[memory] latency=120' \
    '[cost] invalidate=100' '[cost] queue_fetch=50' '[device] link=20'; do
    # shellcheck disable=SC2086
    slow=$(cycles $change)
    holds "$change is slower: $slow, $base" [ "$slow" -gt "$base" ]
done

# What a scenario finds untimed it finds here.
scenario wrong 'dma nic read 0x1000 to=0x1000'
status_is 1 sim "$UMBRA_SCENARIOS/vtd/wrong.scn"
says 'FINDING P2'

# One case of a matrix.
scenario many 'map A $at 0x300000 4k rw' 'iotlb-page 5 $at 0' 'sync' \
    'dma nic read $at to=0x300000'
sed -i '2i matrix at = 0x1000 0x2000' "$UMBRA_SCENARIOS/vtd/many.scn"
status_is 0 sim "$UMBRA_SCENARIOS/vtd/many.scn"
says 'the first of 2 cases'
status_is 0 sim "$UMBRA_SCENARIOS/vtd/many.scn" --case 0x2000
says 'at=0x2000'
status_is 2 sim "$UMBRA_SCENARIOS/vtd/many.scn" --case 0x3000
says "has '0x3000' in its name"

# A wave, a timing file of one's own, and one that is wrong.
status_is 0 sim "$UMBRA_SCENARIOS/vtd/many.scn" --wave "$dir/wave.vcd"
holds 'there is a wave' grep -q 'requests_inside' "$dir/wave.vcd"
printf '[memory]\nlatency = 1000\n' > "$dir/slow.ini"
status_is 0 sim "$UMBRA_SCENARIOS/vtd/many.scn" --timing "$dir/slow.ini"
printf '[memory]\nlatency = slow\n' > "$dir/bad.ini"
status_is 2 sim "$UMBRA_SCENARIOS/vtd/many.scn" --timing "$dir/bad.ini"
says "bad.ini:2: 'slow' is no decimal number"
status_is 2 sim "$UMBRA_SCENARIOS/vtd/many.scn" --timing nosuch
says 'small-soc, server'

status_is 2 sim "$dir/nosuch"
# The study, whose runs find nothing.
status_is 0 sim --study "$dir/study" -q
for plot in load-vtd load-smmuv3 drain batch-vtd-model batch-vtd-stack \
    batch-smmuv3-stack protocols; do
    holds "$plot is drawn" grep -q '</svg>' "$dir/study/$plot.svg"
    holds "$plot is shown" grep -q "($plot.svg)" "$dir/study/study.md"
done
status_is 2 sim --study "$dir" "$UMBRA_SCENARIOS/vtd/many.scn"
says 'which file'
status_is 2 sim --study /proc/nosuch
says '/proc/nosuch'
status_is 2 sim
says 'which file'
status_is 2 sim "$UMBRA_SCENARIOS/vtd/many.scn" --load heavy
says 'none, stream, random, burst'
status_is 2 sim "$sessions/vtd-lazy.trace.gz" -t stack
says 'does not run that way'
status_is 2 sim "$sessions/vtd-flts.trace.gz"
says 'needs scalable mode'
status_is 2 sim "$UMBRA_SCENARIOS/vtd/many.scn" --trace /nonexistent/x
says 'could not be written'

exit $failed
