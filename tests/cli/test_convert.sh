# SPDX-License-Identifier: GPL-2.0-or-later
# umbra convert and list: the forms of a program say the same.
. "$(dirname "$0")/cli.sh"

scenario one 'map A 0x1000 0x2000 4k rw' 'iotlb-page 5 0x1000 0' 'sync' \
    'dma nic write 0x1008 to=0x2008'
source=$UMBRA_SCENARIOS/vtd/one.scn
status_is 0 convert "$source" "$dir/a.bin"
status_is 0 convert "$dir/a.bin" "$dir/a.scn"
status_is 0 convert "$dir/a.scn" "$dir/b.bin"
holds 'text and binary say the same' cmp "$dir/a.bin" "$dir/b.bin"
status_is 0 replay "$dir/a.bin"

session=$root/scenarios/vtd/sessions/vtd-cm-head.trace
status_is 0 convert "$session" "$dir/s.bin"
status_is 0 replay "$dir/s.bin" --through both
says 'translations 150/150'

scenario many 'matrix a = 1 2' 'dma nic read 0x$a fault=6'
status_is 2 convert "$UMBRA_SCENARIOS/vtd/many.scn" "$dir/m.bin"
says '2 cases'
status_is 0 convert --case 'a=2' "$UMBRA_SCENARIOS/vtd/many.scn" "$dir/m.bin"
status_is 2 convert "$source" "$dir/x.txt"
status_is 2 convert "$source" "$dir/nosuchdir/x.bin"

# A damaged binary is refused, not run.
head -c 60 "$dir/a.bin" > "$dir/cut.bin"
status_is 2 replay "$dir/cut.bin"
says 'byte'

# Whatever a byte of it becomes: a verdict or an error, never a crash.
size=$(wc -c < "$dir/a.bin")
for (( at = 8; at < size; at++ )); do
    for byte in '\000' '\377'; do
        cp "$dir/a.bin" "$dir/odd.bin"
        # shellcheck disable=SC2059
        printf "$byte" | dd of="$dir/odd.bin" bs=1 seek="$at" conv=notrunc \
            status=none
        got=0
        "$umbra" replay "$dir/odd.bin" > "$dir/out" 2>&1 || got=$?
        holds "byte $at as $byte: status $got is 0, 1 or 2" test "$got" -le 2
    done
done

status_is 0 list
says 'vtd/many[a=1]'
status_is 0 list --json "$dir/list.json" 'vtd/one'
holds 'the JSON lists one case' test "$(grep -c '"title"' "$dir/list.json")" = 1

exit $failed
