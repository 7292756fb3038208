# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A changed file of hypervisor/ without a build: what sees it is compiled by
# the build's own commands, and programs are linked with these objects before
# the library that has the unchanged ones.  Nobody outside hypervisor/ includes
# what is changed, so that this is what a build would give.  Sourced, never
# run.
#
# $tree and $build are unchanged and shared; $mine is the directory of one
# worker: its copy of hypervisor/, objects, programs.

declare -A compile link # the build's commands, by source and by program
programs=()             # the unit tests of hypervisor/

# read_commands REGEX: of the library, of umbra, of the unit tests of the name.
read_commands()
{
    local line program
    while IFS= read -r line; do
        [[ $line == *" -c $tree/hypervisor/"* ]] || continue
        compile[hypervisor/${line##* -c "$tree"/hypervisor/}]=$line
    done < <(ninja -C "$build" -t commands hypervisor/libumbra_hypervisor.a)
    ((${#compile[@]})) || die "mutants: hypervisor/ has no file to compile"
    while IFS= read -r program; do
        line=$(ninja -C "$build" -t commands "$program" | tail -n 1)
        [[ $line == *hypervisor/libumbra_hypervisor.a* ]] || continue
        link[$program]=$line
        [[ $program == harness/cli/umbra ]] || programs+=("$program")
    done < <(echo harness/cli/umbra; targets_of_tests "$1")
    [[ -n ${link[harness/cli/umbra]-} ]] || die "mutants: umbra is not linked"
}

# file_of SOURCE before|now: what the compiler sees of it (.i) and what it
# makes of that (.o), without the ending.
file_of()
{
    printf '%s/%s' "$mine/$2" "${1//\//_}"
}

command_for()
{
    local command=${compile[$1]//"$tree/hypervisor"/"$mine/hypervisor"}
    command=${command/ -MF +([^ ])/ -MF "$mine/deps"}
    printf '%s' "${command/ -o +([^ ])/ -o "$2"}"
}

preprocess()
{
    local command
    command=$(command_for "$1" "$(file_of "$1" "$2").i")
    (cd "$build" && eval "${command/ -c / -E -P }") >"$log" 2>&1
}

compile()
{
    (cd "$build" && eval "$(command_for "$1" "$(file_of "$1" "$2").o")") \
        >"$log" 2>&1
}

# A worker's directory, and everything before any change.
prepare_worker()
{
    local source
    rm -rf "$mine"
    mkdir -p "$mine"/{before,now,bin,reports}
    cp -R "$tree/hypervisor" "$mine/"
    for source in "${!compile[@]}"; do
        preprocess "$source" before || broken "$source does not compile"
        compile "$source" before || broken "$source does not compile"
    done
}

# compile_changed FILE: 1 if it does not compile.  The objects that differ from
# those before are $objects; none: the change is without effect.
compile_changed()
{
    local source sources=("$1")
    objects=()
    [[ $1 == *.c ]] || sources=("${!compile[@]}")
    for source in "${sources[@]}"; do
        preprocess "$source" now || return 1
        ! cmp -s "$(file_of "$source" before).i" \
            "$(file_of "$source" now).i" || continue
        compile "$source" now || return 1
        cmp -s "$(file_of "$source" before).o" \
            "$(file_of "$source" now).o" ||
            objects+=("$(file_of "$source" now).o")
    done
}

# relink PROGRAM: with $objects, as $mine/bin/NAME.
relink()
{
    (cd "$build" &&
        eval "${link[$1]/ -o "$1"/ "${objects[*]}" -o "$mine/bin/${1##*/}"}") \
        >"$log" 2>&1
}
