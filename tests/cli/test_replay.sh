# SPDX-License-Identifier: GPL-2.0-or-later
# umbra replay: sessions, damaged ones, and ways that a program does not have.
. "$(dirname "$0")/cli.sh"

session=$root/scenarios/vtd/sessions/vtd-cm-head.trace

status_is 0 replay "$session" --through both --all
says 'model bare       always-miss translations 150/150'
says 'stack mixed      never-evict translations 150/150'

status_is 0 replay "$session" --through model --json "$dir/replay.json"
for key in expected equal runs physical_register_writes events_per_second; do
    holds "the JSON has '$key'" grep -q "\"$key\":" "$dir/replay.json"
done

# Truncated: an error, and what was replayed until then.
head -c 100000 "$session" > "$dir/cut.trace"
status_is 2 replay "$dir/cut.trace" --through model
says 'truncated'
says 'going on with the'
says 'model bare'

# One line that is none.
{ cat "$session"; echo 'Q 1 2'; } > "$dir/odd.trace"
status_is 2 replay "$dir/odd.trace" --through model
says "odd.trace:$(wc -l < "$dir/odd.trace"):"

# A store that the session does not have: a finding that can be seen again.
sed 's/^D \(.*\) fff rw$/D \1 fff r/;t
     ' "$session" > "$dir/wrong.trace"
status_is 1 replay "$dir/wrong.trace" --through stack
says 'FINDING P2'
status_is 1 replay "$UMBRA_BUILD"/findings/wrong*
says 'FINDING P2'

status_is 0 replay "$root/scenarios/vtd/sessions/vtd-flts.trace.gz"
says 'needs scalable mode'
status_is 2 replay "$root/scenarios/vtd/sessions/vtd-lazy.trace.gz" -t stack
says 'does not run that way'
status_is 2 replay "$dir/nosuch"
status_is 2 replay
says 'which file'

exit $failed
