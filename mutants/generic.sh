#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./umbra mutants --generic: small changes that nobody has thought about, by
# operators over the code under test, and how many of them are caught.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/lib.sh
source "$root/tools/lib.sh"
# shellcheck source=mutants/lib.sh
source "$root/mutants/lib.sh"
# shellcheck source=mutants/relink.sh
source "$root/mutants/relink.sh"
shopt -s extglob

usage()
{
    cat <<'END'
Usage: ./umbra mutants --generic [OPTION...] [FILE-PATTERN...]

Changes hypervisor/ at one place at a time - relations, logical operators,
offsets, positions of bits, masks, dropped calls - and runs what caught the last
ones of that file and directory, the unit tests of the room, then the whole
suite of the architecture, each up to its first finding.  What none of them
catches has survived.  What compiles to the same code is no change.

  --sample N       N places, drawn by the seed (40); 0: all of them
  --seed S         another seed draws others (0)
  --list           the places, without running anything
  --continue       an interrupted run with the same options goes on
  --floor PERCENT  exit with 1 if fewer are caught (0)
  --build-dir DIR  where the copy of the tree is built (build/mutants)
  --json FILE      write the result for machines (- is standard output)
  -j N             places that are tried side by side (all processors)
  --help           this text

A FILE-PATTERN is a part of a file's path.

Example: ./umbra mutants --generic --sample 20 vvtd/shadow

Exit status: 0, 1 below the floor, 2 usage or environment.
END
}

# ---- places ----------------------------------------------------------------

# Headers of other rooms as well: a change in these is another program.
seen_outside='/\(types\|host\|piommu\|viommu/viommu\|public/viommu\)\.h$'

# A place a line: order, file, line, operator, the line as changed.
places()
{
    local files=() file pattern
    while IFS= read -r file; do
        ((${#patterns[@]})) || files+=("$file")
        for pattern in ${patterns[@]+"${patterns[@]}"}; do
            [[ $file != *$pattern* ]] || files+=("$file")
        done
    done < <(find "$root/hypervisor" -name '*.[ch]' |
        grep -v "$seen_outside" | LC_ALL=C sort -u)
    ((${#files[@]})) || die "mutants: no file of that name in hypervisor/"
    awk -v seed="$seed" -v root="$root/" -f "$root/mutants/generic.awk" \
        "${files[@]}" | LC_ALL=C sort -n |
        if ((sample)); then sed -n "1,${sample}p"; else cat; fi
}

# ---- one of them -----------------------------------------------------------

change()
{
    local n=0 line
    while IFS= read -r line || [[ -n $line ]]; do
        n=$((n + 1))
        if ((n == $2)); then
            printf '%s\n' "$3"
        else
            printf '%s\n' "$line"
        fi
    done <"$tree/$1" >"$mine/$1"
}

# run_limited NAME SECONDS COMMAND...: 0 it passed; else it is caught, by $by.
# Time is the processor's, so that a busy machine catches nothing.
run_limited()
{
    local name=$1 seconds=$2 status=0
    shift 2
    (ulimit -t "$seconds" -c 0 && timeout -k 5 \
        "$seconds_for_a_killer" "$@") >"$log" 2>&1 || status=$?
    ((status)) || return 0
    by=$name
    ((status != 124 && status != 137 && status != 152)) || by="$name: no end"
    return 1
}

# The cases' patterns for a file: no architecture runs what is another's.
cases_for()
{
    case $1 in
    */vvtd/* | */piommu/vtd/*) echo vtd/ ;;
    */vsmmuv3/* | */piommu/smmuv3/*) echo smmuv3/ ;;
    *) echo vtd/ smmuv3/ ;;
    esac
}

# suite PROGRAM PATTERN...: a case has its own limit.
suite()
{
    run_limited suite "$suite_seconds" env UMBRA_SCENARIOS="$tree/scenarios" \
        UMBRA_BUILD="$mine/reports" "$1" run -q -j 1 --first --limit 5 "${@:2}"
}

# What has found something before often does again: of the file, and of its
# neighbours.  The latest come first.
declare -A killers

remember_killer()
{
    local where scenario
    scenario=$(sed -n 's/^FINDING .* in \([^ []*\).* (through .*/\1/p' "$log" |
        head -n 1)
    [[ -n $scenario ]] || return 0
    for where in "$1" "${1%/*}"; do
        # shellcheck disable=SC2086 # words on purpose
        killers[$where]=$(printf '%s\n' "$scenario" ${killers[$where]-} |
            awk '!seen[$0]++' | head -n 12 | tr '\n' ' ')
    done
}

# The tests pass as long as nothing is changed.  A unit test that takes longer
# than all the others together comes after the suite.
check_unchanged()
{
    local mine=$work/unchanged program begin all=0
    local -A took
    mkdir -p "$mine"
    suite "$build/harness/cli/umbra" vtd/ smmuv3/ ||
        broken 'the suite fails without any change'
    for program in "${programs[@]}"; do
        begin=$(microseconds)
        run_limited 'unit tests' "$test_seconds" "$build/$program" ||
            broken "$program fails without any change"
        took[$program]=$(($(microseconds) - begin))
        all=$((all + took[$program]))
    done
    for program in "${programs[@]}"; do
        if ((2 * took[$program] > all && ${#programs[@]} > 1)); then
            slow+=("$program")
        else
            quick+=("$program")
        fi
    done
}

# unit_tests PROGRAM...: each with the change.
unit_tests()
{
    local program
    for program; do
        relink "$program" || broken "$program is not linked"
        run_limited "unit tests: ${program##*/}" "$test_seconds" \
            "$mine/bin/${program##*/}" || return 1
    done
}

# Sets $verdict and $by.
judge()
{
    local umbra=$mine/bin/umbra cases again
    verdict=killed by=
    read -ra cases <<<"$(cases_for "$1")"
    read -ra again <<<"${killers[$1]-} ${killers[${1%/*}]-}"
    if ! compile_changed "$1" || ! relink harness/cli/umbra; then
        verdict=invalid by='does not compile'
    elif ((${#objects[@]} == 0)); then
        verdict=equivalent by='the same code'
    elif ((${#again[@]})) && ! suite "$umbra" "${again[@]}"; then
        remember_killer "$1"
    elif ! unit_tests "${quick[@]}"; then
        :
    elif ! suite "$umbra" "${cases[@]}"; then
        remember_killer "$1"
    elif ! unit_tests ${slow[@]+"${slow[@]}"}; then
        :
    else
        verdict=survived by='nothing was found'
    fi
}

json()
{
    local i comma=
    printf '{\n  "verb": "mutants",\n  "version": "%s",\n  "seed": %s,\n' \
        "$(umbra_version)" "$seed"
    printf '  "seconds": %s,\n  "ok": %s,\n  "findings": [],\n' "$elapsed" \
        "$1"
    printf '  "generic": true,\n  "total": %d,\n  "killed": %d,\n' \
        $((killed + survived)) "$killed"
    printf '  "survived": %d,\n  "not_applicable": %d,\n' "$survived" \
        "$invalid"
    printf '  "equivalent": %d,\n' "$equivalent"
    printf '  "by_suite": %d,\n  "score": %s,\n  "results": [' "$by_suite" \
        "$score"
    for ((i = 0; i < ${#results[@]}; i++)); do
        printf '%s\n    %s' "$comma" "${results[i]}"
        comma=,
    done
    printf '\n  ]\n}\n'
}

# ---- the program -----------------------------------------------------------

options()
{
    while (($#)); do
        case $1 in
        --sample) sample=$(value mutants "$@"); shift ;;
        --sample=*) sample=${1#*=} ;;
        --seed) seed=$(value mutants "$@"); shift ;;
        --seed=*) seed=${1#*=} ;;
        --floor) floor=$(value mutants "$@"); shift ;;
        --floor=*) floor=${1#*=} ;;
        --build-dir) work=$(value mutants "$@"); shift ;;
        --build-dir=*) work=${1#*=} ;;
        --json) json_file=$(value mutants "$@"); shift ;;
        --json=*) json_file=${1#*=} ;;
        -j) jobs=$(value mutants "$@"); shift ;;
        -j*) jobs=${1#-j} ;;
        --list) only_list=yes ;;
        --continue) continues=yes ;;
        --help | -\?) usage; exit 0 ;;
        -*) die "mutants: '$1' is no option; ./umbra mutants --generic --help" ;;
        *) patterns+=("$1") ;;
        esac
        shift
    done
    [[ $jobs =~ ^[1-9][0-9]*$ && $sample =~ ^[0-9]+$ && $seed =~ ^[0-9]+$ &&
        $floor =~ ^[0-9]+$ ]] ||
        die "mutants: -j, --sample, --seed and --floor take a number"
}

# Every $jobs-th place; a line of its own results each: the place, verdict, by,
# seconds.
worker()
{
    local number=$1 mine=$work/worker$1 log=$work/worker$1.log objects=()
    local n=0 file line operator text verdict by begin place
    prepare_worker
    while IFS=$'\t' read -r _ file line operator text; do
        ((n++ % jobs == number)) || continue
        place=$file:$line:$operator:$text
        [[ -z ${done_before[$place]-} ]] || continue
        begin=$(microseconds)
        change "$file" "$line" "$text"
        judge "$file"
        cp "$tree/$file" "$mine/$file"
        printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$line" "$operator" \
            "$text" "$verdict" "$by" "$(seconds_since "$begin")" \
            >>"$work/results$number.tsv"
        say "$verdict $file:$line $operator ($by)"
    done <"$work/places.tsv"
}

try_all()
{
    local number pid pids=()
    for ((number = 0; number < jobs; number++)); do
        worker "$number" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || die "mutants: a worker could not go on (see above)"
    done
}

# What an interrupted run has found out goes into $work/results.tsv.
declare -A done_before

collect_results()
{
    local results=("$work"/results?*.tsv)
    [[ ! -f ${results[0]} ]] || cat "${results[@]}" >>"$work/results.tsv"
    rm -f "${results[@]}"
}

read_done()
{
    local file line operator text
    [[ $continues == yes ]] || rm -f "$work"/results*.tsv
    collect_results
    touch "$work/results.tsv"
    while IFS=$'\t' read -r file line operator text _; do
        done_before[$file:$line:$operator:$text]=yes
    done <"$work/results.tsv"
}

count_all()
{
    local file line operator text verdict by seconds
    while IFS=$'\t' read -r file line operator text verdict by seconds; do
        case $verdict in
        killed) killed=$((killed + 1)) ;;
        survived) survived=$((survived + 1)) ;;
        invalid) invalid=$((invalid + 1)); continue ;;
        equivalent) equivalent=$((equivalent + 1)); continue ;;
        esac
        [[ $by != suite* ]] || by_suite=$((by_suite + 1))
        [[ $verdict != survived ]] ||
            survivors+=("$file:$line: $operator: $text")
        results+=("$(printf '{"slug": %s, "room": "hypervisor", ' \
            "$(json_string "$file:$line:$operator")"
        printf '"killed": %s, "by": %s, "seconds": %s, "executions": 1}' \
            "$([[ $verdict == killed ]] && echo true || echo false)" \
            "$(json_string "$by")" "$seconds")")
    done <"$work/results.tsv"
}

main()
{
    local work=$root/build/mutants jobs sample=40 seed=0 floor=0 json_file=''
    local only_list=no continues=no patterns=() survivors=()
    # a change may leave something unused; neither SystemC nor the RTL is needed
    local cmake_options=(-DCMAKE_C_FLAGS=-w -DUMBRA_SIM=OFF -DUMBRA_RTL=OFF)
    local tests='^(hypervisor|machine)' quick=() slow=()
    local suite_seconds=120 test_seconds=20
    local begin elapsed score results=() ok=true
    local killed=0 survived=0 invalid=0 equivalent=0 by_suite=0
    jobs=$(nproc)
    options "$@"
    if [[ $only_list == yes ]]; then
        places | cut -f2-
        exit 0
    fi

    need_directory "$work"
    work=$(cd "$work" && pwd -P)
    local tree=$work/tree build=$work/build log=$work/log
    begin=$(microseconds)
    say "copying and building the tree"
    copy_tree
    configure_tree
    build_for run: || broken 'the tree does not build'
    build_for "ctest:$tests" || broken 'the tests do not build'
    read_commands "$tests"
    check_unchanged
    places >"$work/places.tsv"
    read_done
    try_all
    collect_results
    count_all
    elapsed=$(seconds_since "$begin")
    ((killed + survived)) || die "mutants: none of these changes compiles"
    score=$((killed * 100 / (killed + survived)))
    ((score >= floor)) || ok=false
    write_json "$json_file" json "$ok"
    if [[ $json_file != - ]]; then
        printf '%s\n' ${survivors[@]+"${survivors[@]}"}
        printf '%d of %d caught, %d by the suite: %d %%' "$killed" \
            $((killed + survived)) "$by_suite" "$score"
        printf ' (%d do not compile, %d are the same code)\n' "$invalid" \
            "$equivalent"
    fi
    [[ $ok == true ]]
}

main "$@"
