# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What run.sh and generic.sh share: the copy of the tree in which defects are
# put.  Sourced, never run; $root, $tree, $build, $log, $jobs are set by whoever
# does, $cmake_options may be.

: "${root:?set by whoever sources this file}"

# What takes longer has no end.
seconds_for_a_killer=1800

# ---- the copy of the tree --------------------------------------------------

# Without git, or where it refuses (a clone of somebody else), by name.
list_files()
{
    [[ -e $root/.git ]] && command -v git >/dev/null &&
        git -C "$root" ls-files -z --cached --others --exclude-standard \
            2>/dev/null && return
    cd "$root" || return
    find . \( -name .git -o -path './build' -o -path './build-*' \) -prune \
        -o -type f -print0
}

# A fresh copy each time: an interrupted run leaves nothing behind that make
# would take for up to date.  ccache makes that cheap.
copy_tree()
{
    rm -rf "$tree" "$build"
    mkdir -p "$tree" "$build"
    list_files |
        while IFS= read -r -d '' file; do
            # what is deleted but still in git's index is left out
            [[ ! -f $root/$file ]] || printf '%s\0' "$file"
        done |
        tar -C "$root" --null -T - -cf - | tar -C "$tree" -xf -
}

# Shows the log's end and gives up.
broken()
{
    tail -n 30 "$log" >&2
    die "$1 (see above, and $log)"
}

configure_tree()
{
    cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_COMPILER=gcc \
        ${cmake_options[@]+"${cmake_options[@]}"} >"$log" 2>&1 || broken 'cmake failed'
}

# The programs that the unit tests of a pattern are, as ninja's targets.
targets_of_tests()
{
    ctest --test-dir "$build" -N -V -R "$1" 2>/dev/null |
        sed -nE "s|^[0-9]+: Test command: \"?$build/([^\" ]+)\"?( .*)?\$|\1|p" |
        sort -u
}

# No more than the killer needs; everything if that can't be told.  No patch
# changes which tests there are: they are asked for once.
declare -A targets_for

build_for()
{
    local targets=()
    case $1 in
    run:*) targets=(harness/cli/umbra) ;;
    ctest:*)
        [[ -n ${targets_for[$1]+known} ]] ||
            targets_for[$1]=$(targets_of_tests "${1#ctest:}")
        mapfile -t targets < <(grep . <<<"${targets_for[$1]}")
        ;;
    esac
    ninja -C "$build" -j "$jobs" ${targets[@]+"${targets[@]}"} >"$log" 2>&1
}
