# SPDX-License-Identifier: GPL-2.0-or-later
# umbra diff: exit statuses, JSON, and programs of files.
. "$(dirname "$0")/cli.sh"

status_is 0 diff --help
says 'Example: umbra diff'
status_is 2 diff --arch nosuch
says "no architecture 'nosuch'"
status_is 2 diff --cases 0
status_is 2 diff --arch vtd --qemu /bin/true
says '/bin/true is no QEMU that runs'
status_is 2 diff --qemu /bin/true
says '--arch'
status_is 2 diff "$dir/nosuch.scn"
says 'nosuch.scn'

# What follows asks QEMU.
type qemu-system-x86_64 > /dev/null 2>&1 || exit $failed

UMBRA_SCENARIOS=$root/scenarios
status_is 0 diff --arch vtd --cases 5 --seed 3 -j 2 --json "$dir/diff.json"
says 'against QEMU'
for key in verb version seed seconds ok findings vtd.cases vtd.dma \
    vtd.operations vtd.deviations cases dma disagreements explained oracle \
    oracle_crashes; do
    holds "the JSON has '$key'" grep -q "\"$key\":" "$dir/diff.json"
done
holds 'each row of the table has an effect' \
    test "$(grep -c rows_without_effect "$dir/diff.json")" = 0

# A known deviation, with and without an excuse.
known=$root/scenarios/vtd/qemu-right-missing-on-hit.scn
status_is 0 diff "$known"
status_is 1 diff --strict "$known"
says 'DISAGREEMENT'
file=$UMBRA_BUILD/findings/qemu-right-missing-on-hit.scn
status_is 0 diff "$file"
holds 'there is a script for QEMU alone' test -s "${file%.scn}.sh"
holds 'the outcomes stand beside the operations' grep -q '^#   QEMU:' "$file"

exit $failed
