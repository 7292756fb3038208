#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./umbra cover: what the unit tests and the suite exercise, as code (gcov,
# lcov) and as points of the specification.  docs/coverage.md.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/lib.sh
source "$root/tools/lib.sh"

rooms=(models hypervisor harness sim)
out=$root/build/cover
program=$root/build/coverage/harness/cli/umbra
html=$root/build/report/coverage

usage()
{
    cat <<'END'
Usage: ./umbra cover [OPTION...]

Builds with gcov, runs the unit tests and the suite, and says which lines and
branches of each room, and which points of the specification (coverage/), they
met.  The thresholds are in coverage/thresholds.tsv.

  --base REV     also name the lines changed since REV that were not covered
  --all          the suite with every p2m shape and retention policy
  --unhit        name every point that nothing hit
  --json FILE    write the result for machines (- is standard output)
  -j N           jobs (all processors)
  --no-install   if packages are missing only say which, and exit with 2
  --help         this text

Example: ./umbra cover --base main

Reports: build/report/coverage/index.html, line by line.

Exit status: 0 all is well, 1 below a threshold's floor, a changed line that
never ran, or a test that fails, 2 usage or environment.
END
}

# ---- measuring -------------------------------------------------------------

# Its 'Subroutine redefined' is noise.
lcov_quiet()
{
    # C++ leaves by an exception at every call: no decision of ours.
    lcov --rc lcov_branch_coverage=1 --rc geninfo_no_exception_branch=1 \
        --quiet "$@" >>"$out/lcov.log" 2>&1 || {
        tail -n 20 "$out/lcov.log" >&2
        die "lcov failed (see above, and $out/lcov.log)"
    }
}

# Figures of a former run would be added to, and those of a file that has gone
# would count as never run.
forget()
{
    local notes
    ninja -C "$root/build/coverage" -t cleandead >/dev/null 2>&1 || true
    while IFS= read -r notes; do
        [[ -f ${notes%.gcno}.o ]] || rm -f "$notes"
    done < <(find "$root/build/coverage" -name '*.gcno')
    find "$root/build/coverage" -name '*.gcda' -delete
    rm -rf "$out" "$html"
    mkdir -p "$out/suite" "$out/tests" "$out/rtl"
}

# The tests of launcher and tools run nothing that is measured.
run_tests()
{
    say "unit tests"
    UMBRA_COVER_POINTS=$out/tests UMBRA_RTL_COVERAGE=$out/rtl ctest --test-dir "$root/build/coverage" \
        -j "$jobs" --output-on-failure --no-tests=error \
        -E '^(house|coverage)/(launcher|tools|mutants|cover|symbols)' \
        >"$out/ctest.log" 2>&1 || failed+=("a unit test, see $out/ctest.log")
}

run_suite()
{
    local status=0
    say "the suite"
    UMBRA_COVER_POINTS=$out/suite UMBRA_SCENARIOS=$root/scenarios \
        UMBRA_BUILD=$out "$program" run -j "$jobs" \
        ${suite_options[@]+"${suite_options[@]}"} --json "$out/run.json" \
        >"$out/run.log" 2>&1 || status=$?
    [[ -f $out/run.json ]] || {
        tail -n 20 "$out/run.log" >&2
        die "the suite did not run (status $status)"
    }
    ((status == 0)) || failed+=("a case of the suite, see $out/run.log")
}

# Files that no test touches count as well: the baseline knows them.
collect()
{
    local room patterns=()
    say "reading the counters"
    # Names may be relative to where the compiler ran (ccache's base_dir).
    lcov_quiet --capture --initial --directory "$root/build/coverage" \
        --include "$root/*" -o "$out/none.info"
    lcov_quiet --capture --directory "$root/build/coverage" \
        --include "$root/*" -o "$out/run.info"
    lcov_quiet -a "$out/none.info" -a "$out/run.info" -o "$out/sum.info"
    for room in "${rooms[@]}"; do
        patterns+=("$root/$room/*")
    done
    lcov_quiet --extract "$out/sum.info" "${patterns[@]}" \
        -o "$out/cover.info"
    awk -v root="$root/" -f "$root/coverage/rooms.awk" "$out/cover.info" \
        >"$out/rooms.tsv"
}

collect_points()
{
    shopt -s nullglob
    awk -f "$root/coverage/points.awk" suite=1 "$out"/suite/*.hits suite=2 \
        "$out"/tests/*.hits suite=0 "$root"/coverage/*.points \
        >"$out/points.tsv" || die "the points could not be counted"
    shopt -u nullglob
}

# The RTL has counters of its own kind: beside those of C, never added up.
collect_rtl()
{
    shopt -s nullglob
    local files=("$out"/rtl/*.dat)
    shopt -u nullglob
    : >"$out/rtl.tsv"
    ((${#files[@]})) || return 0
    verilator_coverage --write "$out/rtl.dat" "${files[@]}" \
        >>"$out/lcov.log" 2>&1 ||
        die "verilator_coverage failed, see $out/lcov.log"
    awk -f "$root/coverage/rtl.awk" "$out/rtl.dat" | sort >"$out/rtl.tsv"
    [[ -s $out/rtl.tsv ]] || die "the RTL was run, and nothing was counted"
}

# ---- figures ---------------------------------------------------------------

# percent HIT ALL: two decimals, rounded down
percent()
{
    local share=$(($2 ? $1 * 10000 / $2 : 10000))
    printf '%d.%02d' $((share / 100)) $((share % 100))
}

declare -A rate # rate[ROOM,WHAT]

read_rooms()
{
    local name lh lf bh bf fh ff
    while IFS=$'\t' read -r name lh lf bh bf fh ff; do
        rate[$name,lines]=$(percent "$lh" "$lf")
        rate[$name,branches]=$(percent "$bh" "$bf")
        rate[$name,functions]=$(percent "$fh" "$ff")
    done <"$out/rooms.tsv"
    [[ -n ${rate[models,lines]-} ]] || die "nothing was measured"
}

# A decimal with two places, without its point.
hundredths()
{
    local number=$1
    [[ $number == *.* ]] || number+=.00
    number=${number/./}
    printf '%d' "$((10#$number))"
}

short=() # of an aim

judge_thresholds()
{
    local room what aim floor is
    while IFS=$'\t' read -r room what aim floor; do
        [[ -n $room && $room != \#* ]] || continue
        is=${rate[$room,$what]}
        if (($(hundredths "$is") < $(hundredths "$floor"))); then
            failed+=("$room $what: $is %, the floor is $floor %")
        elif (($(hundredths "$is") < $(hundredths "$aim"))); then
            short+=("$room $what: $is %, the aim is $aim %")
        fi
    done <"$root/coverage/thresholds.tsv"
}

count_points()
{
    local kind name section suite tests text reason
    points_total=0 points_hit=0 points_explained=0
    unhit=() unlisted=()
    # a blank that read does not take for one of several
    while IFS=$'\x1f' read -r kind name section suite tests text reason; do
        if [[ $kind == unlisted ]]; then
            unlisted+=("$name")
            continue
        fi
        points_total=$((points_total + 1))
        if ((suite + tests > 0)); then
            points_hit=$((points_hit + 1))
        elif [[ -n $reason ]]; then
            points_explained=$((points_explained + 1))
        else
            unhit+=("$name ($section): $text")
        fi
    done < <(tr '\t' '\037' <"$out/points.tsv")
    ((${#unlisted[@]} == 0)) ||
        failed+=("hit, but in no list: ${unlisted[*]}")
}

judge_changes()
{
    local base
    base=$(git -C "$root" merge-base "$1" HEAD) ||
        die "cover: '$1' is no revision of this tree"
    git -C "$root" diff -U0 --no-color --no-ext-diff --src-prefix=a/ \
        --dst-prefix=b/ "$base" -- "${rooms[@]}" >"$out/changes.diff"
    awk -v root="$root/" -f "$root/coverage/changed.awk" \
        "$out/changes.diff" "$out/cover.info" >"$out/changed.tsv"
    changed_all=$(sed -n 's/^lines\t[0-9]*\tof\t//p' "$out/changed.tsv")
    changed_none=$(sed -n 's/^lines\t\([0-9]*\)\t.*/\1/p' "$out/changed.tsv")
    ((changed_none == 0)) || failed+=("$changed_none changed lines never ran")
}

# ---- output ----------------------------------------------------------------

table()
{
    local room one name section hit all
    printf '%-12s %9s %9s %10s\n' room lines branches functions
    for room in "${rooms[@]}"; do
        printf '%-12s %7s %% %7s %% %8s %%\n' "$room" "${rate[$room,lines]}" \
            "${rate[$room,branches]}" "${rate[$room,functions]}"
    done
    printf '\n%-12s %9s %9s\n' points hit all
    while IFS=$'\t' read -r name hit all; do
        printf '%-12s %9d %9d\n' "$name" "$hit" "$all"
    done < <(awk -F'\t' '$1 == "point" { k = $2; sub(/\..*/, "", k)
        all[k]++; hit[k] += $4 + $5 > 0 }
        END { for (k in all) print k "\t" hit[k] + 0 "\t" all[k] }' \
        "$out/points.tsv" | sort)
    printf '%-12s %9d %9d (%d explained)\n' all "$points_hit" \
        "$points_total" "$points_explained"
    if [[ $show_unhit == yes ]]; then
        for one in ${unhit[@]+"${unhit[@]}"}; do
            printf 'no hit: %s\n' "$one"
        done
    fi
    if [[ -n $base ]]; then
        printf '\nchanged since %s: %d of %d lines never ran\n' "$base" \
            "$changed_none" "$changed_all"
        sed '/^lines\t/d; s/\t/:/; s/\t/: /; s/\t */: /' "$out/changed.tsv"
    fi
    table_rtl
    for one in ${short[@]+"${short[@]}"}; do
        printf 'short: %s\n' "$one"
    done
    for one in ${failed[@]+"${failed[@]}"}; do
        printf 'FAILED: %s\n' "$one"
    done
}

table_rtl()
{
    local kind name lh la ph pa
    [[ -s $out/rtl.tsv ]] || return 0
    printf '\n%-22s %11s %18s\n' RTL lines 'cover properties'
    while IFS=$'\t' read -r kind name lh la ph pa; do
        case $kind in
        file) printf '%-22s %5d/%5d %12d/%5d\n' "$name" "$lh" "$la" "$ph" "$pa" ;;
        unhit) printf 'never seen: %s:%s\n' "$name" "$lh" ;;
        esac
    done <"$out/rtl.tsv"
}

json_rtl()
{
    awk -F'\t' 'BEGIN { printf "  \"rtl\": {" }
        $1 == "file" {
            printf "%s\n    \"%s\": {\"lines_hit\": %d, ", \
                (n++ ? "," : ""), $2, $3
            printf "\"lines\": %d, \"properties_hit\": %d, ", $4, $5
            printf "\"properties\": %d}", $6
        }
        END { printf "\n  },\n" }' "$out/rtl.tsv"
}

json_rates()
{
    local room comma=
    printf '  "%s": {' "$1"
    for room in "${rooms[@]}"; do
        printf '%s\n    "%s": %s' "$comma" "$room" "${rate[$room,$1]}"
        comma=,
    done
    printf '\n  },\n'
}

json_strings()
{
    local one comma=
    printf '  "%s": [' "$1"
    shift
    for one; do
        printf '%s\n    %s' "$comma" "$(json_string "$one")"
        comma=,
    done
    printf '\n  ]'
}

# Hit, all and explained points by list and section, in the lists' order.
json_sections()
{
    printf '  "sections": ['
    awk -F'\t' '$1 == "point" {
        list = $2; sub(/\..*/, "", list); key = list FS $3
        if (!(key in all)) order[++n] = key
        all[key]++
        hit[key] += $4 + $5 > 0
        explained[key] += $4 + $5 == 0 && $7 != ""
    }
    END {
        for (i = 1; i <= n; i++) {
            split(order[i], part, FS)
            printf "%s\n    {\"list\": \"%s\", \"section\": \"%s\", ", \
                (i > 1 ? "," : ""), part[1], part[2]
            printf "\"hit\": %d, \"total\": %d, \"explained\": %d}", \
                hit[order[i]], all[order[i]], explained[order[i]]
        }
    }' "$out/points.tsv"
    printf '\n  ],\n'
}

json_findings()
{
    local one comma=
    printf '  "findings": ['
    for one in ${failed[@]+"${failed[@]}"}; do
        printf '%s\n    {"property": null, "message": %s, ' "$comma" \
            "$(json_string "$one")"
        printf '"file": null, "operation": null}'
        comma=,
    done
    printf '\n  ],\n'
}

json()
{
    printf '{\n  "verb": "cover",\n  "version": "%s",\n  "seed": 0,\n' \
        "$(umbra_version)"
    printf '  "seconds": %s,\n  "ok": %s,\n' "$elapsed" \
        "$([[ -z ${failed[*]-} ]] && echo true || echo false)"
    json_findings
    json_rates lines
    json_rates branches
    json_rates functions
    json_rtl
    printf '  "points_total": %d,\n  "points_hit": %d,\n' "$points_total" \
        "$points_hit"
    printf '  "points_explained": %d,\n' "$points_explained"
    json_sections
    json_strings points_unhit ${unhit[@]+"${unhit[@]}"}
    printf ',\n'
    json_strings short ${short[@]+"${short[@]}"}
    printf '\n}\n'
}

write_html()
{
    say "writing $html/index.html"
    genhtml --quiet --branch-coverage --prefix "$root" --title Umbra \
        -o "$html" "$out/cover.info" >>"$out/lcov.log" 2>&1 ||
        die "genhtml failed, see $out/lcov.log"
}

# ---- the program -----------------------------------------------------------

options()
{
    while (($#)); do
        case $1 in
        --base) base=$(value cover "$@"); shift ;;
        --base=*) base=${1#*=} ;;
        --all) suite_options+=(--all) ;;
        --unhit) show_unhit=yes ;;
        --json) json_file=$(value cover "$@"); shift ;;
        --json=*) json_file=${1#*=} ;;
        -j) jobs=$(value cover "$@"); shift ;;
        -j*) jobs=${1#-j} ;;
        --help | -\?) usage; exit 0 ;;
        *) die "cover: '$1' is no option; ./umbra cover --help shows them" ;;
        esac
        shift
    done
    [[ $jobs =~ ^[1-9][0-9]*$ ]] || die "cover: -j $jobs is no number"
}

main()
{
    local base='' json_file='' jobs show_unhit=no suite_options=() failed=()
    local begin elapsed points_total points_hit points_explained
    local unhit=() unlisted=() changed_all=0 changed_none=0
    jobs=$(nproc)
    options "$@"

    begin=$(microseconds)
    configure coverage && build coverage || exit 2
    forget
    run_tests
    run_suite
    collect
    collect_points
    collect_rtl
    read_rooms
    judge_thresholds
    count_points
    [[ -z $base ]] || judge_changes "$base"
    write_html
    elapsed=$(seconds_since "$begin")

    need_directory "$root/build/report"
    json >"$root/build/report/cover.json"
    # into the page, where there is one
    [[ ! -f $root/build/report/run.json ]] ||
        UMBRA_BUILD=$root/build "$program" report || true
    write_json "$json_file" cat "$root/build/report/cover.json"
    [[ $json_file == - ]] || table
    exit $((${#failed[@]} ? 1 : 0))
}

main "$@"
