#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# umbra fuzz with targets of make-believe: figures, findings, crashes.
. "$(dirname "$0")/cli.sh"

export UMBRA_FUZZ=$dir/fuzz
mkdir -p "$UMBRA_FUZZ/dictionaries" "$UMBRA_FUZZ/corpora/vtd_queue"
touch "$UMBRA_FUZZ/dictionaries/vtd_queue.dict"

# What the target does; its own lines of libFuzzer and of its status file.
target() # PRESET NAME < COMMANDS
{
    mkdir -p "$UMBRA_BUILD/$1/fuzz"
    { echo '#!/bin/sh'; cat; } > "$UMBRA_BUILD/$1/fuzz/$2"
    chmod +x "$UMBRA_BUILD/$1/fuzz/$2"
}

figures() # DMA SUSPENDED
{
    printf 'executions 200\noperations 2000\ndma %s\nsuspended %s\n' "$1" "$2"
    printf 'refused 1\nfindings 0\n'
}

target fuzz vtd_queue << END
echo "\$*" > $dir/arguments
figures() { printf '%s\n' '$(figures 2000 20)'; }
figures > "\$UMBRA_STATUS"
echo '#200 DONE cov: 321 ft: 1' >&2
END
status_is 0 fuzz vtd_queue --runs 200 --seed 7 --json "$dir/fuzz.json" -- -foo=1
says 'vtd_queue '
says '321'
for option in -runs=200 -seed=7 -foo=1 -dict= "corpora/vtd_queue"; do
    holds "the target is given $option" grep -q -- "$option" "$dir/arguments"
done
holds 'the JSON has what was run' grep -q '"executions": 200' "$dir/fuzz.json"

# A finding of the target, as it tells it.
target fuzz vtd_queue << 'END'
printf 'FINDING P2: the wrong frame\n  3 operations: /tmp/small.scn\n' >&2
END
status_is 1 fuzz vtd_queue
says 'FINDING P2 in vtd_queue'
says 'see it again: ./umbra replay /tmp/small.scn'

# Too much on undefined ground is one.
target fuzz vtd_queue << END
printf '%s\n' '$(figures 2000 1000)' > "\$UMBRA_STATUS"
END
status_is 1 fuzz vtd_queue
says 'FINDING P2 in vtd_queue'

# A crash: its input is made small, and it is P7.
target fuzz vtd_queue << END
if [ "\$1" = --shrink-crash ]; then echo 'title x' > "\$3"; exit 0; fi
echo x > $UMBRA_BUILD/corpora/vtd_queue.crash-1
echo '==1==ERROR: AddressSanitizer: heap-use-after-free' >&2
exit 77
END
status_is 1 fuzz vtd_queue
says 'FINDING P7 in vtd_queue'
says 'heap-use-after-free'
says 'vtd_queue-crash.scn'
rm -f "$UMBRA_BUILD"/corpora/vtd_queue.crash-1

# One that ends without an input could not be run.
target fuzz vtd_queue <<< 'exit 3'
status_is 2 fuzz vtd_queue
says 'it ended with status'

target fuzz-fast vtd_queue <<< 'exit 0'
status_is 0 fuzz vtd_queue --fast --json -
says '"crashes": 0'

status_is 2 fuzz smmuv3_commands
says 'is not there'
status_is 2 fuzz nosuch
says "there is no target 'nosuch'; there are:"

exit $failed
