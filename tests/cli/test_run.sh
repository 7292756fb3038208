# SPDX-License-Identifier: GPL-2.0-or-later
# umbra run: exit statuses, reports, and findings that can be seen again.
. "$(dirname "$0")/cli.sh"

scenario good 'dma nic read 0x1000 fault=6'
status_is 0 run
says '1 passed, 0 failed, 0 skipped'
holds 'an HTML report is written' test -s "$UMBRA_BUILD/report/index.html"
holds 'a JUnit report is written' test -s "$UMBRA_BUILD/report/junit.xml"

status_is 0 run --json "$dir/run.json"
for key in verb version seed seconds ok findings passed failed skipped cases; do
    holds "the JSON has '$key'" grep -q "\"$key\":" "$dir/run.json"
done

status_is 2 run 'nosuch*'
says 'no case matches'
status_is 2 run --nosuch
status_is 2 nosuchverb
says "no verb 'nosuchverb'"

# A finding: status 1, its property, and a file that shows it again.
scenario bad 'dma nic read 0x1000 to=0x2000'
status_is 1 run
says 'FINDING P2 in vtd/bad'
says 'umbra replay'
file=$(ls "$UMBRA_BUILD"/findings/*bad*.scn)
status_is 1 replay "$file"
says 'FINDING P2'

# --first: what comes after it is not run, and says so.
for i in 1 2 3 4 5 6 7 8; do
    cp "$UMBRA_SCENARIOS/vtd/bad.scn" "$UMBRA_SCENARIOS/vtd/bad$i.scn"
done
status_is 1 run --first -j 1
says '1 failed, '
says 'not run after the first finding'
rm "$UMBRA_SCENARIOS"/vtd/bad*.scn

# --limit: a case that does not end is a finding like any other.
mapfile -t many < <(yes 'repeat 65535 dma nic read 0x1000 size=4096' | head)
scenario long 'map A 0x1000 0x200000 4k rw' iotlb-global sync "${many[@]}"
status_is 1 run 'vtd/long' --limit 1
says 'FINDING P7 in vtd/long'
says 'no end after 1 s of processor time'
rm "$UMBRA_SCENARIOS/vtd/long.scn"

# Bad input: file and line, and what was expected.
scenario broken 'map A 0x1000 0x2000 5k rw'
status_is 2 run
says 'broken.scn:9:'
says '4k 2m 1g'

exit $failed
