# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers of the program's tests: bash TEST UMBRA ROOT
set -u

umbra=$1
root=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export UMBRA_SCENARIOS=$dir/scenarios UMBRA_BUILD=$dir/build
mkdir -p "$UMBRA_SCENARIOS/vtd"
failed=0

# The program's output is kept for the checks that follow.
status_is() # STATUS ARGS...
{
    local want=$1 got
    shift
    got=0
    "$umbra" "$@" > "$dir/out" 2>&1 < /dev/null || got=$?
    if [ "$got" != "$want" ]; then
        echo "umbra $*: status $got, expected $want"
        sed 's/^/    /' "$dir/out"
        failed=1
    fi
}

says() # TEXT
{
    grep -qF -- "$1" "$dir/out" && return
    echo "nothing says '$1' in:"
    sed 's/^/    /' "$dir/out"
    failed=1
}

holds() # DESCRIPTION COMMAND...
{
    local what=$1
    shift
    "$@" && return
    echo "not so: $what"
    failed=1
}

# A scenario in which a device reads where nothing is mapped.
scenario() # NAME LINES...
{
    local name=$1
    shift
    {
        echo "title a test"
        echo "device nic 00:02.0"
        echo "table A"
        echo "start"
        echo "context nic table=A did=5"
        echo "cc-global"
        echo "iotlb-global"
        echo "sync"
        printf '%s\n' "$@"
    } > "$UMBRA_SCENARIOS/vtd/$name.scn"
}
