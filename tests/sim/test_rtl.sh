# SPDX-License-Identifier: GPL-2.0-or-later
# umbra sim --rtl: the Verilated units in the platform.
. "$(dirname "$0")/../cli/cli.sh"

export UMBRA_TIMING=$root/sim/timing ASAN_OPTIONS=detect_leaks=0
vtd=$root/scenarios/vtd/sessions/vtd-cm-head.trace
smmu=$root/scenarios/smmuv3/sessions/smmu-strict-head.trace

if [ "$UMBRA_RTL" != 1 ]; then
    status_is 2 sim "$vtd" --rtl
    says 'this build has no RTL; configure with -DUMBRA_RTL=ON'
    exit $failed
fi

figure() # KEY FILE
{
    sed -n "s/^  \"$1\": \([0-9]*\),*\$/\1/p" "$2"
}

# Scenarios and sessions, both ways, both styles, with and without a load: the
# same as untimed, no disagreement, and the RTL has worked.
for file in "$vtd" "$smmu" "$root/scenarios/vtd/walk-atomic-adds.scn"; do
    for options in '-t model' '-t stack --style at' \
        '-t model --load random --channels 4' \
        '-t stack --load stream --timing mmu600-like'; do
        # shellcheck disable=SC2086
        status_is 0 sim "$file" --rtl $options --json "$dir/r.json"
        says 'the same results as untimed'
        says 'rtl_left_to_c'
        requests=$(figure rtl_requests "$dir/r.json")
        left=$(figure rtl_left_to_c "$dir/r.json")
        all=$(figure transactions "$dir/r.json")
        holds "the RTL has served: $requests" [ "$requests" -gt 0 ]
        holds "each request is counted: $requests + $left of $all" \
            [ $((requests + left)) -eq "$all" ]
        holds 'the RTL has read' [ "$(figure rtl_reads "$dir/r.json")" -gt 0 ]
    done
done

# Twice the same cycles.
for file in "$vtd" "$smmu"; do
    for n in 1 2; do
        status_is 0 sim "$file" --rtl --load random --json "$dir/$n.json"
        grep -v -e '"seconds":' -e per_second "$dir/$n.json" > "$dir/$n.figures"
    done
    holds 'the figures are the same twice' cmp "$dir/1.figures" "$dir/2.figures"
done

# Its clock counts: slower memory costs both clocks, and an invalidation costs
# a sweep of 512 sets.
printf '[memory]\nlatency = 1000\n' > "$dir/slow.ini"
status_is 0 sim "$vtd" -t model --rtl --json "$dir/fast.json"
status_is 0 sim "$vtd" -t model --rtl --timing "$dir/slow.ini" \
    --json "$dir/slow.json"
holds 'the RTL waits for memory' [ "$(figure rtl_cycles "$dir/slow.json")" -gt \
    "$(figure rtl_cycles "$dir/fast.json")" ]
status_is 0 sim "$vtd" -t model --json "$dir/c.json"
holds 'a sweep takes its time' [ "$(figure cycles "$dir/fast.json")" -gt \
    $(($(figure cycles "$dir/c.json") + 512)) ]
holds 'the C models alone have no such figures' \
    sh -c "! grep -q rtl_ '$dir/c.json'"

# Waves: the pins with a clock that ticks, and all that is inside.
for file in "$vtd" "$smmu" "$root/scenarios/litmus/vtd/unmap-free.litmus"; do
    rm -f "$dir"/w.*
    status_is 0 sim "$file" --rtl --wave "$dir/w.vcd" --wave "$dir/w.fst"
    for pin in clk req_valid mem_address inv_busy; do
        holds "the wave has $pin" grep -q "var wire .* $pin " "$dir/w.vcd"
    done
    clock=$(sed -n 's/^\$var wire *1 *\([a-z]*\) *clk .*/\1/p' "$dir/w.vcd")
    holds 'its clock ticks' \
        [ "$(grep -c "^1$clock\$" "$dir/w.vcd")" -gt 1000 ]
    holds 'there is more inside' [ "$(stat -c %s "$dir/w.fst")" -gt 1000 ]
done
status_is 2 sim "$vtd" --wave "$dir/w.fst"
says 'with --rtl'
status_is 2 sim "$vtd" --rtl --wave /nonexistent/w.fst
says 'could not be written'

# Several walks at once: after each flush of the domain eight channels miss.
{
    echo 'title Many walks at once'
    echo 'section none'
    echo 'device nic 00:02.0'
    echo 'table A levels=3'
    echo 'through model'
    echo 'start'
    echo 'context nic table=A did=5'
    for page in $(seq 16 31); do
        printf 'map A 0x%x000 0x%x000 4k rw\n' "$page" $((page + 512))
    done
    echo 'cc-global'
    echo 'iotlb-global'
    echo 'sync'
    for page in $(seq 16 31); do
        printf 'dma nic read 0x%x000\n' "$page"
    done
    for _ in $(seq 40); do
        echo 'iotlb-domain 5'
        echo 'sync'
    done
} > "$dir/flush.scn"
for channels in 1 8; do
    status_is 0 sim "$dir/flush.scn" --rtl --load stream \
        --channels $channels --wave "$dir/$channels.vcd"
    says 'the same results as untimed'
    lane=$(sed -n 's/^$var wire *32 *\([a-z]*\) *mem_lane .*/\1/p' \
        "$dir/$channels.vcd")
    grep -cE "^b0*1[01]* $lane\$" "$dir/$channels.vcd" \
        > "$dir/$channels.other"
done
holds 'one channel needs one walker' [ "$(cat "$dir/1.other")" -eq 0 ]
holds 'eight channels need several' [ "$(cat "$dir/8.other")" -gt 10 ]

exit $failed
