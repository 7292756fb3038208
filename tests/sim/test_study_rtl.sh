# SPDX-License-Identifier: GPL-2.0-or-later
# umbra sim --study --rtl: the loaded runs of the study, in which RTL and C
# model must agree.
. "$(dirname "$0")/../cli/cli.sh"

export UMBRA_TIMING=$root/sim/timing

status_is 0 sim --study "$dir/study" --rtl -q
holds 'it says what it was made with' \
    grep -q 'The RTL looked up and walked' "$dir/study/study.md"
holds 'a plot is drawn' grep -q '</svg>' "$dir/study/load-smmuv3.svg"

exit $failed
