#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./umbra test: builds everything and runs the project's own tests in stages.
# Started by the launcher, which has seen to the packages.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=tools/lib.sh
source "$root/tools/lib.sh"

stages=(format includes freestanding gcc clang asan rtl diff fuzz cover mutants)
declare -A about=(
    [format]='every C file is as .clang-format wants it'
    [includes]='no room includes a header that it may not see'
    [freestanding]='hypervisor/ needs no symbol outside host.h'
    [gcc]='gcc, optimised: unit tests, the whole suite in every combination'
    [clang]='clang, optimised: unit tests, the suite'
    [asan]='gcc, ASan and UBSan: unit tests, the whole suite'
    [rtl]='the RTL and the C models in lockstep; their cycles'
    [diff]="random programs, compared with QEMU's IOMMUs"
    [fuzz]='every fuzz target for some seconds, with ASan and UBSan'
    [cover]='code and specification that tests and suite exercise: no less'
    [mutants]='a share of the known defects, each caught with the property that it breaks'
)
out=$root/build/test
test_jobs=2
# A share that takes about three minutes on two processors; ./umbra mutants
# runs them all.
mutants_sample=24

usage()
{
    cat <<'END'
Usage: ./umbra test [--stage NAME]... [--list] [-j N] [--json FILE]

Builds everything and runs the project's own tests.

  --stage NAME   only this stage; may be given several times
  --list         the stages, in the order in which they run
  -j N           tests that run side by side (2)
  --json FILE    write the result for machines (- is standard output)
  --no-install   if packages are missing only say which, and exit with 2
  --help         this text

Example: ./umbra test --stage gcc --stage mutants

Exit status: 0 all passed, 1 a test failed, 2 usage, environment or a build
that fails.
END
}

list_stages()
{
    local stage
    for stage in "${stages[@]}"; do
        printf '%-13s %s\n' "$stage" "${about[$stage]}"
    done
}

# ---- what the stages are made of -------------------------------------------
#
# A stage function returns 0, 1 (a test failed) or 2 (it could not be run), and
# adds to $passed and $failed.  Its output goes to $log.

count()
{
    passed=$((passed + $1)) failed=$((failed + $2))
}

# One command that is one test: its status 0 or 1 is the verdict.
one_test()
{
    local status=0
    "$@" >>"$log" 2>&1 || status=$?
    case $status in
    0) count 1 0 ;;
    1) count 0 1 ;;
    esac
    return $((status > 1 ? 2 : status))
}

build_preset()
{
    configure "$1" && build "$1"
}

run_ctest()
{
    local dir=$root/build/$1 status=0 summary
    say "unit tests ($1)"
    ctest --test-dir "$dir" -j "$test_jobs" --output-on-failure \
        --no-tests=error --output-junit "$out/ctest-$1.xml" \
        >"$out/ctest-$1.log" 2>&1 || status=1
    cat "$out/ctest-$1.log" >>"$log"
    # "97% tests passed, 1 tests failed out of 34"
    summary=$(grep -E 'tests? passed, .* failed out of' \
        "$out/ctest-$1.log") || {
        say "ctest did not run"
        return 2
    }
    [[ $summary =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]
    count $((BASH_REMATCH[2] - BASH_REMATCH[1])) "${BASH_REMATCH[1]}"
    return "$status"
}

# The figure of a key of the outermost object that the program wrote.
json_figure()
{
    sed -nE "s/^  \"$2\": ([0-9]+),?\$/\1/p" "$1"
}

# run_suite PRESET [OPTION...]
run_suite()
{
    local preset=$1 json=$out/run-$1.json status=0 good bad
    # build/report stays what the optimised gcc build said
    local reports=$root/build
    [[ $preset == release ]] || reports=$out/$preset
    shift
    say "umbra run $* ($preset)"
    rm -f "$json"
    UMBRA_SCENARIOS=$root/scenarios UMBRA_BUILD=$reports \
        "$root/build/$preset/harness/cli/umbra" run "$@" --json "$json" \
        >"$out/run-$preset.log" || status=$?
    cat "$out/run-$preset.log" >>"$log"
    [[ -f $json ]] || {
        say "umbra run ended with status $status and without a result"
        return 2
    }
    good=$(json_figure "$json" passed) bad=$(json_figure "$json" failed)
    count "${good:-0}" "${bad:-0}"
    if ((status == 0 && ${good:-0} == 0)); then
        say "umbra run ran nothing"
        return 2
    fi
    return $((status > 1 ? 2 : status))
}

# compiler_stage PRESET [OPTION of umbra run...]
compiler_stage()
{
    local preset=$1 units=0 suite=0
    shift
    build_preset "$preset" || return
    run_ctest "$preset" || units=$?
    run_suite "$preset" "$@" || suite=$?
    return $((units > suite ? units : suite))
}

# ---- the stages ------------------------------------------------------------

stage_format()
{
    one_test "$root/tools/check_format.sh"
}

stage_includes()
{
    one_test "$root/tools/check_includes.sh"
}

stage_freestanding()
{
    configure release && build release umbra_hypervisor || return
    one_test "$root/tests/hypervisor/check_freestanding.sh" \
        "$root/build/release/hypervisor/libumbra_hypervisor.a"
}

stage_gcc()
{
    compiler_stage release --all
}

stage_clang()
{
    compiler_stage clang
}

stage_asan()
{
    UBSAN_OPTIONS=print_stacktrace=1 compiler_stage asan --all
}

stage_rtl()
{
    configure release && build release rtl_tests || return
    local dir=$root/build/release/tests/rtl lockstep=0 calibration=0
    need_directory "$root/build/report"
    one_test "$root/tests/rtl/lockstep.sh" "$dir" || lockstep=$?
    one_test "$dir/rtl_calibrate" "$root/build/report/calibration.svg" ||
        calibration=$?
    return $((lockstep > calibration ? lockstep : calibration))
}

# What it finds is a finding of the tree: the scenario is in build/findings.
# The number of executions is the bound, so that every machine tries the same.
stage_fuzz()
{
    local json=$out/fuzz.json status=0
    configure fuzz && build fuzz fuzz_targets || return
    configure release && build release umbra || return
    rm -rf "$json" "$root/build/corpora"
    UMBRA_FUZZ=$root/fuzz UMBRA_BUILD=$root/build \
        "$root/build/release/harness/cli/umbra" fuzz all --runs 6000 \
        --seconds 300 -j "$test_jobs" --json "$json" \
        >>"$log" 2>&1 || status=$?
    cat "$json" >>"$log" || return 2
    count $((status == 0)) $((status == 1))
    return "$status"
}

stage_diff()
{
    local json=$out/diff.json status=0 cases bad
    configure release && build release || return
    rm -f "$json"
    UMBRA_BUILD=$out "$root/build/release/harness/cli/umbra" diff \
        --cases 2000 --quiet --json "$json" >>"$log" || status=$?
    [[ -f $json ]] || {
        say "umbra diff ended with status $status and without a result"
        return 2
    }
    cases=$(json_figure "$json" cases) bad=$(json_figure "$json" disagreements)
    count $((${cases:-0} - ${bad:-0})) "${bad:-0}"
    return "$status"
}

# The program's own findings are the tests that failed.
stage_cover()
{
    one_test "$root/tools/cover.sh" -j "$test_jobs" --json "$out/cover.json"
}

stage_mutants()
{
    local json=$out/mutants.json status=0
    rm -f "$json"
    "$root/mutants/run.sh" --build-dir "$root/build/mutants" \
        --sample "$mutants_sample" --json "$json" >>"$log" || status=$?
    [[ -f $json ]] || return 2
    count "$(json_figure "$json" killed)" "$(json_figure "$json" survived)"
    return "$status"
}

# ---- running them ----------------------------------------------------------

declare -A verdict seconds stage_passed stage_failed

run_stage()
{
    local stage=$1 status=0 begin passed=0 failed=0 log=$out/$1.log
    begin=$(microseconds)
    : >"$log"
    say "stage $stage: ${about[$stage]}"
    "stage_$stage" || status=$?
    # A failure that no test stands for still is one.
    ((status == 0 || failed > 0)) || failed=1
    seconds[$stage]=$(seconds_since "$begin")
    stage_passed[$stage]=$passed stage_failed[$stage]=$failed
    case $status in
    0) verdict[$stage]=ok ;;
    1) verdict[$stage]=FAILED ;;
    *) verdict[$stage]='NOT RUN' ;;
    esac
    if ((status)); then
        tail -n 40 "$log" >&2
        say "stage $stage: ${verdict[$stage]}; all of it is in $log"
    else
        say "stage $stage: ok, ${seconds[$stage]} s"
    fi
    return "$status"
}

# Uses $chosen, $total_*, $elapsed, $worst of main.
table()
{
    local stage format='%-13s %-8s %8s %8s %8s\n'
    # shellcheck disable=SC2059
    {
        printf "$format" stage result seconds passed failed
        for stage in "${chosen[@]}"; do
            printf "$format" "$stage" "${verdict[$stage]}" \
                "${seconds[$stage]}" "${stage_passed[$stage]}" \
                "${stage_failed[$stage]}"
        done
        printf "$format" all '' "$elapsed" "$total_passed" "$total_failed"
    }
}

json()
{
    local stage comma=
    printf '{\n  "verb": "test",\n  "version": "%s",\n  "seed": 0,\n' \
        "$(umbra_version)"
    printf '  "seconds": %s,\n  "ok": %s,\n  "findings": [' "$elapsed" \
        "$( ((worst == 0)) && echo true || echo false)"
    for stage in "${chosen[@]}"; do
        [[ ${verdict[$stage]} != ok ]] || continue
        printf '%s\n    {"property": null, "message": %s, ' "$comma" \
            "$(json_string "stage $stage: ${verdict[$stage]}")"
        printf '"file": %s, "operation": null}' \
            "$(json_string "build/test/$stage.log")"
        comma=,
    done
    printf '\n  ],\n  "passed": %s,\n  "failed": %s,\n  "stages": [' \
        "$total_passed" "$total_failed"
    comma=
    for stage in "${chosen[@]}"; do
        printf '%s\n    {"name": "%s", "ok": %s, "seconds": %s, ' "$comma" \
            "$stage" "$([[ ${verdict[$stage]} == ok ]] && echo true ||
                echo false)" "${seconds[$stage]}"
        printf '"passed": %s, "failed": %s}' "${stage_passed[$stage]}" \
            "${stage_failed[$stage]}"
        comma=,
    done
    printf '\n  ]\n}\n'
}

choose_stage()
{
    [[ -n $1 && -n ${about[$1]-} ]] ||
        die "there is no stage '$1'; there are: ${stages[*]}"
    chosen+=("$1")
}

options()
{
    local stage
    while (($#)); do
        case $1 in
        --stage) stage=$(value test "$@"); choose_stage "$stage"; shift ;;
        --stage=*) choose_stage "${1#*=}" ;;
        --json) json_file=$(value test "$@"); shift ;;
        --json=*) json_file=${1#*=} ;;
        -j) test_jobs=$(value test "$@"); shift ;;
        --list) list_stages; exit 0 ;;
        --help | -\?) usage; exit 0 ;;
        *) die "test: '$1' is no option; ./umbra test --help shows them" ;;
        esac
        shift
    done
}

main()
{
    local stage begin elapsed status worst=0 total_passed=0 total_failed=0
    local chosen=() json_file=
    options "$@"
    ((${#chosen[@]})) || chosen=("${stages[@]}")

    need_directory "$out"
    begin=$(microseconds)
    for stage in "${chosen[@]}"; do
        status=0
        run_stage "$stage" || status=$?
        ((status <= worst)) || worst=$status
        total_passed=$((total_passed + stage_passed[$stage]))
        total_failed=$((total_failed + stage_failed[$stage]))
    done
    elapsed=$(seconds_since "$begin")

    write_json "$json_file" json
    table
    printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
    exit "$worst"
}

main "$@"
