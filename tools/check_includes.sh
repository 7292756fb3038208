#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The dependency rule where the compiler cannot see it: hypervisor/, models/
# and harness/oracle/ never include a header of another room, not even by a
# path, and hypervisor/ nothing that a freestanding compiler doesn't bring.
#
# check_includes.sh [ROOT]
# Exit status: 0 clean, 1 findings, 2 there is nothing to check.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

rooms=(hypervisor models harness/oracle)
declare -A search=( # where <...> of a room is looked up
    [hypervisor]='hypervisor hypervisor/include'
    [models]='models'
    [harness/oracle]='harness'
)
# Every directory below which some room keeps its headers.
everywhere='hypervisor hypervisor/include models harness sim tests fuzz .'
freestanding='std(arg|bool|def|int|align|noreturn)|limits|float|iso646'

checked=0 findings=0

finding()
{
    printf '%s:%s: %s\n' "$file" "$line" "$1" >&2
    findings=$((findings + 1))
}

# Is $header one of the room's own?  Looked up as the compiler would.
is_own()
{
    local room=$1 directory
    if [[ $form == '"' && -e ${file%/*}/$header ]]; then
        return 0
    fi
    for directory in ${search[$room]}; do
        [[ -e $directory/$header && $directory/$header == "$room"/* ]] &&
            return 0
    done
    return 1
}

is_of_another_room()
{
    local directory
    for directory in $everywhere; do
        [[ ! -e $directory/$header ]] || return 0
    done
    return 1
}

check_include()
{
    local room=$1
    checked=$((checked + 1))
    if [[ /$header/ == */../* || $header == /* ]]; then
        finding "$header: a path may not leave the room"
    elif is_own "$room"; then
        return
    elif is_of_another_room; then
        finding "$header is of another room than $room"
    elif [[ $room == hypervisor && ! $header =~ ^($freestanding)\.h$ ]]; then
        finding "$header is not freestanding"
    fi
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^>"]+)[>"]'
for room in "${rooms[@]}"; do
    includes=$(grep -rnE '^[[:space:]]*#[[:space:]]*include' \
        --include='*.[chS]' --include='*.[ch]pp' "$room") || continue
    while IFS=: read -r file line text; do
        if [[ $text =~ $include ]]; then
            form=${BASH_REMATCH[1]} header=${BASH_REMATCH[2]}
            check_include "$room"
        else
            finding 'an #include that names no file'
        fi
    done <<<"$includes"
done

if ((checked == 0)); then
    echo "check_includes: no #include found below $PWD" >&2
    exit 2
fi
echo "check_includes: $checked includes, $findings findings"
((findings == 0))
