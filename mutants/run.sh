#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Seeds known defects, one at a time, in a copy of the tree, and checks that
# each is caught, and with the property that it breaks.  mutants/README.md
# describes the catalogue.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/lib.sh
source "$root/tools/lib.sh"

usage()
{
    cat <<'END'
Usage: ./umbra mutants [OPTION...] [PATTERN...]

Applies the defects of mutants/catalogue.tsv one at a time and runs what must
catch each.  PATTERN is a part of a name, or a glob; without one all are run.

  --build-dir DIR  where the copy of the tree is built (build/mutants)
  --json FILE      write the result for machines (- is standard output)
  -j N             jobs of the build (all processors)
  --list           the names, and what each defect is
  --no-install     if packages are missing only say which, and exit with 2
  --help           this text

Example: ./umbra mutants am-mask

Exit status: 0 all were caught, 1 one survived, 2 usage or environment: a
patch that no longer applies, a build that fails, a test that fails already
without the defect.
END
}

seconds_for_a_killer=300

# ---- the catalogue ---------------------------------------------------------

# Rows by slug, in the order of the file.
slugs=()
declare -A patch_of room_of expected_of killer_of essence_of

check_row()
{
    [[ $slug =~ ^[a-z0-9-]+$ ]] || die "catalogue: '$slug' is no name"
    [[ -z ${patch_of[$slug]-} ]] || die "catalogue: $slug stands there twice"
    [[ -f $root/mutants/$patch ]] || die "catalogue: $slug: no file $patch"
    [[ $killer =~ ^(run|ctest|na):. ]] ||
        die "catalogue: $slug: the killer is no run:, ctest: or na:"
    [[ -n $expected && -n $essence ]] ||
        die "catalogue: $slug: slug, patch, room, expected, killer, source," \
            "essence must all be there"
}

read_catalogue()
{
    local slug patch room expected killer essence
    while IFS=$'\t' read -r slug patch room expected killer _ essence; do
        [[ -n $slug && $slug != \#* && $slug != slug ]] || continue
        check_row
        wanted "$slug" || continue
        slugs+=("$slug")
        patch_of[$slug]=$patch room_of[$slug]=$room
        expected_of[$slug]=$expected killer_of[$slug]=$killer
        essence_of[$slug]=$essence
    done <"$root/mutants/catalogue.tsv"
    ((${#slugs[@]})) || die "no defect of that name; --list shows them"
}

wanted()
{
    local pattern
    ((${#patterns[@]})) || return 0
    for pattern in "${patterns[@]}"; do
        # shellcheck disable=SC2053 # a glob on purpose
        [[ $1 == *$pattern* ]] && return 0
    done
    return 1
}

# ---- the copy of the tree --------------------------------------------------

# Without git, or where it refuses (a clone of somebody else), by name.
list_files()
{
    [[ -e $root/.git ]] && command -v git >/dev/null &&
        git -C "$root" ls-files -z --cached --others --exclude-standard \
            2>/dev/null && return
    cd "$root"
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
        -DCMAKE_C_COMPILER=gcc >"$log" 2>&1 || broken 'cmake failed'
}

# Only the program if the killer needs no more.
build_for()
{
    local targets=()
    [[ $1 != run:* ]] || targets=(harness/cli/umbra)
    ninja -C "$build" -j "$jobs" ${targets[@]+"${targets[@]}"} >"$log" 2>&1
}

apply()
{
    patch -p1 --fuzz=0 --batch --silent "${@:2}" -d "$tree" \
        <"$root/mutants/${patch_of[$1]}" >"$log" 2>&1
}

# ---- killers ---------------------------------------------------------------
#
# run_killer KILLER: its exit status; $log has its output, $result what
# `umbra run` found, $executions how many cases or tests were run.

run_killer()
{
    local status=0 arguments
    rm -f "$result"
    case $1 in
    run:*)
        read -ra arguments <<<"${1#run:}"
        UMBRA_SCENARIOS=$tree/scenarios UMBRA_BUILD=$work/reports \
            timeout "$seconds_for_a_killer" "$build/harness/cli/umbra" \
            run "${arguments[@]}" --json "$result" >"$log" 2>&1 || status=$?
        executions=$(grep -c '^      "kind": ' "$result" 2>/dev/null) || true
        ;;
    ctest:*)
        timeout "$seconds_for_a_killer" ctest --test-dir "$build" \
            --output-on-failure --no-tests=error -R "${1#ctest:}" \
            >"$log" 2>&1 || status=$?
        executions=$(sed -nE 's/.* failed out of ([0-9]+)$/\1/p' "$log")
        ;;
    esac
    executions=${executions:-0}
    return "$status"
}

# Which of the expected did the killer name?  Nothing: none of them.
named()
{
    local one found=()
    local -a expected
    IFS='|' read -ra expected <<<"${expected_of[$1]}"
    for one in "${expected[@]}"; do
        case ${killer_of[$1]} in
        run:*) grep -qsF "\"property\": \"$one\"" "$result" ;;
        ctest:*) grep -qsE "\[  FAILED  \] $one\$" "$log" ;;
        esac && found+=("$one")
    done
    (IFS='|'; printf '%s' "${found[*]-}")
}

# Every killer passes as long as nothing is wrong.
check_unmutated()
{
    local slug killer
    local -A seen=()
    for slug in "${slugs[@]}"; do
        killer=${killer_of[$slug]}
        [[ $killer != na:* && -z ${seen[$killer]-} ]] || continue
        seen[$killer]=yes
        build_for "$killer" || broken 'the tree does not build'
        run_killer "$killer" || broken "$killer fails without any defect"
        ((executions > 0)) || broken "$killer runs nothing"
    done
}

# ---- one mutant ------------------------------------------------------------

# killed, survived or na; by which properties, or why not
declare -A verdict by seconds runs

judge()
{
    local slug=$1 status=0
    run_killer "${killer_of[$slug]}" || status=$?
    runs[$slug]=$executions
    by[$slug]=$(named "$slug")
    if [[ ${killer_of[$slug]} == ctest:* && $status != 124 ]]; then
        # ctest says 8 when a test fails
        ((status == 0)) || status=1
    fi
    if ((status == 1)) && [[ -n ${by[$slug]} ]]; then
        verdict[$slug]=killed
        return
    fi
    verdict[$slug]=survived
    case $status in
    0) by[$slug]='nothing was found' ;;
    1) by[$slug]="found, but not as ${expected_of[$slug]}" ;;
    124) by[$slug]="no end after $seconds_for_a_killer s" ;;
    *) by[$slug]="ended with status $status" ;;
    esac
    cp "$log" "$work/$slug.log"
}

mutate()
{
    local slug=$1 begin
    if [[ ${killer_of[$slug]} == na:* ]]; then
        verdict[$slug]=na by[$slug]=${killer_of[$slug]#na:}
        seconds[$slug]=0.0 runs[$slug]=0
        return
    fi
    begin=$(microseconds)
    apply "$slug" || broken "$slug: ${patch_of[$slug]} no longer applies"
    build_for "${killer_of[$slug]}" ||
        broken "$slug: the tree does not build with it"
    judge "$slug"
    apply "$slug" --reverse || broken "$slug: could not be taken back"
    seconds[$slug]=$(seconds_since "$begin")
    say "${verdict[$slug]} $slug (${by[$slug]}, ${seconds[$slug]} s)"
}

# ---- results ---------------------------------------------------------------

table()
{
    local slug format='%-28s %-9s %8s  %s\n'
    # shellcheck disable=SC2059
    {
        printf "$format" defect result seconds by
        for slug in "${slugs[@]}"; do
            printf "$format" "$slug" "${verdict[$slug]}" "${seconds[$slug]}" \
                "${by[$slug]}"
        done
    }
}

json_findings()
{
    local slug comma=
    for slug in "${slugs[@]}"; do
        [[ ${verdict[$slug]} == survived ]] || continue
        printf '%s\n    {"property": null, "message": %s, ' "$comma" \
            "$(json_string "$slug survived: ${by[$slug]}")"
        printf '"file": %s, "operation": null}' \
            "$(json_string "mutants/${patch_of[$slug]}")"
        comma=,
    done
}

json_results()
{
    local slug killed comma=
    for slug in "${slugs[@]}"; do
        [[ ${verdict[$slug]} != na ]] || continue
        [[ ${verdict[$slug]} == killed ]] && killed=true || killed=false
        printf '%s\n    {"slug": "%s", "room": %s, "killed": %s, ' "$comma" \
            "$slug" "$(json_string "${room_of[$slug]}")" "$killed"
        printf '"by": %s, "seconds": %s, "executions": %s}' \
            "$(json_string "${by[$slug]}")" "${seconds[$slug]}" \
            "${runs[$slug]}"
        comma=,
    done
}

json()
{
    local ok=true
    ((survived == 0)) || ok=false
    printf '{\n  "verb": "mutants",\n  "version": "%s",\n  "seed": 0,\n' \
        "$(umbra_version)"
    printf '  "seconds": %s,\n  "ok": %s,\n  "findings": [' "$elapsed" "$ok"
    json_findings
    printf '\n  ],\n  "total": %d,\n  "killed": %d,\n  "survived": %d,\n' \
        $((killed + survived)) "$killed" "$survived"
    printf '  "not_applicable": %d,\n  "results": [' "$not_applicable"
    json_results
    printf '\n  ]\n}\n'
}

list()
{
    local slug
    for slug in "${slugs[@]}"; do
        printf '%-28s %-6s %s\n' "$slug" "${expected_of[$slug]}" \
            "${essence_of[$slug]}"
    done
}

# ---- the program -----------------------------------------------------------

value()
{
    [[ -n ${2-} ]] || die "mutants: $1 needs a value"
    printf '%s' "$2"
}

options()
{
    while (($#)); do
        case $1 in
        --build-dir) work=$(value "$@"); shift ;;
        --build-dir=*) work=${1#*=} ;;
        --json) json_file=$(value "$@"); shift ;;
        --json=*) json_file=${1#*=} ;;
        -j) jobs=$(value "$@"); shift ;;
        -j*) jobs=${1#-j} ;;
        --list) only_list=yes ;;
        --help | -\?) usage; exit 0 ;;
        -*) die "mutants: '$1' is no option; ./umbra mutants --help" ;;
        *) patterns+=("$1") ;;
        esac
        shift
    done
    [[ $jobs =~ ^[1-9][0-9]*$ ]] || die "mutants: -j $jobs is no number"
}

count_verdicts()
{
    local slug
    for slug in "${slugs[@]}"; do
        case ${verdict[$slug]} in
        killed) killed=$((killed + 1)) ;;
        survived) survived=$((survived + 1)) ;;
        na) not_applicable=$((not_applicable + 1)) ;;
        esac
    done
}

main()
{
    local work=$root/build/mutants jobs json_file='' only_list=no patterns=()
    local begin elapsed slug killed=0 survived=0 not_applicable=0 executions=0
    jobs=$(nproc)
    options "$@"
    read_catalogue
    [[ $only_list == no ]] || {
        list
        exit 0
    }

    need_directory "$work"
    work=$(cd "$work" && pwd -P)
    local tree=$work/tree build=$work/build log=$work/log
    local result=$work/result.json
    begin=$(microseconds)
    say "copying and building the tree"
    copy_tree
    configure_tree
    say "the tests without any defect"
    check_unmutated
    for slug in "${slugs[@]}"; do
        mutate "$slug"
    done
    elapsed=$(seconds_since "$begin")
    count_verdicts

    case $json_file in
    '') ;;
    -) json ;;
    *) json >"$json_file" ;;
    esac
    table
    printf '%d passed, %d failed\n' "$killed" "$survived"
    exit $((survived ? 1 : 0))
}

main "$@"
