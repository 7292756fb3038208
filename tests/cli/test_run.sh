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
rm "$UMBRA_SCENARIOS/vtd/bad.scn"

# Bad input: file and line, and what was expected.
scenario broken 'map A 0x1000 0x2000 5k rw'
status_is 2 run
says 'broken.scn:9:'
says '4k 2m 1g'

exit $failed
