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
# shellcheck source=mutants/lib.sh
source "$root/mutants/lib.sh"

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
  --sample N       only N of them, drawn by the seed
  --continue       an interrupted run goes on: what was caught stays so, unless
                   its row or its patch has changed
  --seed S         another seed draws others (0)
  --generic        not the catalogue: operators over hypervisor/, with a score;
                   ./umbra mutants --generic --help
  --no-install     if packages are missing only say which, and exit with 2
  --help           this text

Examples: ./umbra mutants am-mask
          ./umbra mutants --generic --sample 20

Exit status: 0 all were caught, 1 one survived, 2 usage or environment: a
patch that no longer applies, a build that fails, a test that fails already
without the defect.
END
}

# ---- the catalogue ---------------------------------------------------------

# Rows by slug, in the order of the file.
slugs=()
declare -A patch_of room_of expected_of killer_of essence_of

check_row()
{
    [[ $slug =~ ^[a-z0-9-]+$ ]] || die "catalogue: '$slug' is no name"
    [[ -z ${patch_of[$slug]-} ]] || die "catalogue: $slug stands there twice"
    [[ -f $root/mutants/$patch || $patch == - && $killer == na:* ]] ||
        die "catalogue: $slug: no file $patch"
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

# Every killer that will be run passes as long as nothing is wrong.
check_unmutated()
{
    local slug killer
    local -A seen=()
    for slug in "${slugs[@]}"; do
        killer=${killer_of[$slug]}
        [[ $killer != na:* && -z ${seen[$killer]-}${verdict[$slug]-} ]] ||
            continue
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

# ---- an interrupted run ----------------------------------------------------
#
# $work/killed.tsv: slug, its row and patch as a number, by, seconds, runs.

number_of()
{
    { grep -P "^$1\t" "$root/mutants/catalogue.tsv"
      cat "$root/mutants/${patch_of[$1]}"; } | cksum | tr ' ' -
}

keep_verdict()
{
    [[ ${verdict[$1]} != killed ]] ||
        printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$(number_of "$1")" \
            "${by[$1]}" "${seconds[$1]}" "${runs[$1]}" >>"$work/killed.tsv"
}

read_verdicts()
{
    local slug number found took executed
    [[ $continues == yes ]] || rm -f "$work/killed.tsv"
    touch "$work/killed.tsv"
    while IFS=$'\t' read -r slug number found took executed; do
        [[ -n ${patch_of[$slug]-} && $(number_of "$slug") == "$number" ]] ||
            continue
        verdict[$slug]=killed by[$slug]=$found
        seconds[$slug]=$took runs[$slug]=$executed
    done <"$work/killed.tsv"
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
        printf '"killer": %s, "by": %s, ' \
            "$(json_string "${killer_of[$slug]}")" \
            "$(json_string "${by[$slug]}")"
        printf '"seconds": %s, "executions": %s}' "${seconds[$slug]}" \
            "${runs[$slug]}"
        comma=,
    done
}

json()
{
    local ok=true
    ((survived == 0)) || ok=false
    printf '{\n  "verb": "mutants",\n  "version": "%s",\n  "seed": %s,\n' \
        "$(umbra_version)" "$seed"
    printf '  "seconds": %s,\n  "ok": %s,\n  "findings": [' "$elapsed" "$ok"
    json_findings
    printf '\n  ],\n  "total": %d,\n  "killed": %d,\n  "survived": %d,\n' \
        $((killed + survived)) "$killed" "$survived"
    printf '  "not_applicable": %d,\n  "by_suite": %d,\n  "results": [' \
        "$not_applicable" "$by_suite"
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

options()
{
    while (($#)); do
        case $1 in
        --build-dir) work=$(value mutants "$@"); shift ;;
        --build-dir=*) work=${1#*=} ;;
        --json) json_file=$(value mutants "$@"); shift ;;
        --json=*) json_file=${1#*=} ;;
        -j) jobs=$(value mutants "$@"); shift ;;
        -j*) jobs=${1#-j} ;;
        --list) only_list=yes ;;
        --continue) continues=yes ;;
        --sample) sample=$(value mutants "$@"); shift ;;
        --sample=*) sample=${1#*=} ;;
        --seed) seed=$(value mutants "$@"); shift ;;
        --seed=*) seed=${1#*=} ;;
        --help | -\?) usage; exit 0 ;;
        -*) die "mutants: '$1' is no option; ./umbra mutants --help" ;;
        *) patterns+=("$1") ;;
        esac
        shift
    done
    [[ $jobs =~ ^[1-9][0-9]*$ ]] || die "mutants: -j $jobs is no number"
    [[ $sample =~ ^[0-9]*$ ]] || die "mutants: --sample $sample is no number"
    [[ $seed =~ ^[0-9]+$ ]] || die "mutants: --seed $seed is no number"
}

count_verdicts()
{
    local slug
    for slug in "${slugs[@]}"; do
        case ${verdict[$slug]} in
        killed)
            killed=$((killed + 1))
            [[ ${killer_of[$slug]} != run:* ]] || by_suite=$((by_suite + 1))
            ;;
        survived) survived=$((survived + 1)) ;;
        na) not_applicable=$((not_applicable + 1)) ;;
        esac
    done
}

# Only $sample of those that apply, by a hash of seed and name: the same
# everywhere, and in the catalogue's order.
draw_sample()
{
    local slug drawn='' kept=()
    drawn=$(for slug in "${slugs[@]}"; do
        [[ ${killer_of[$slug]} == na:* ]] ||
            printf '%s %s\n' "$(cksum <<<"$seed $slug")" "$slug"
    done | sort -n | head -n "$sample" | cut -d' ' -f3)
    for slug in "${slugs[@]}"; do
        [[ $'\n'$drawn$'\n' != *$'\n'"$slug"$'\n'* ]] || kept+=("$slug")
    done
    slugs=("${kept[@]}")
}

main()
{
    local work=$root/build/mutants jobs json_file='' only_list=no patterns=()
    local sample='' seed=0 continues=no
    local begin elapsed slug killed=0 survived=0 not_applicable=0
    local by_suite=0 executions=0
    if [[ ${1-} == --generic ]]; then
        shift
        exec "$root/mutants/generic.sh" "$@"
    fi
    jobs=$(nproc)
    options "$@"
    read_catalogue
    [[ -z $sample ]] || draw_sample
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
    read_verdicts
    say "the tests without any defect"
    check_unmutated
    for slug in "${slugs[@]}"; do
        [[ -z ${verdict[$slug]-} ]] || continue
        mutate "$slug"
        keep_verdict "$slug"
    done
    elapsed=$(seconds_since "$begin")
    count_verdicts

    # What the report shows is the last run over all of the catalogue.
    if [[ -z $sample && ${#patterns[@]} == 0 ]]; then
        need_directory "$root/build/report"
        json >"$root/build/report/mutants.json"
    fi
    write_json "$json_file" json
    table
    printf '%d of %d caught by umbra run alone\n' "$by_suite" \
        $((killed + survived))
    printf '%d passed, %d failed\n' "$killed" "$survived"
    exit $((survived ? 1 : 0))
}

main "$@"
