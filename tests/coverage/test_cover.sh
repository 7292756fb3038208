#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The verb cover on a project of one file: test_cover.sh SOURCE_ROOT
set -euo pipefail
source_root=$1
# shellcheck source=tests/house/shell.sh
source "$source_root/tests/house/shell.sh"

# Nine of ten lines, three of four branches of models/ run; all of the others.
# A line of `points` is hit by what the 'program' writes.
project()
{
    local name
    tree=$box/tree
    mkdir -p "$tree"/{coverage,build/coverage}
    cp -r "$source_root/tools" "$tree/"
    cp "$source_root"/coverage/*.awk "$tree/coverage/"
    cp "$source_root/CMakeLists.txt" "$source_root/CMakePresets.json" "$tree/"
    printf 'models\tlines\t%s\t%s\n' "${1-90}" "${2-80}" \
        >"$tree/coverage/thresholds.tsv"
    printf '# list\nx.one\t1.2\tone\nx.two\t1.3\ttwo\n' \
        >"$tree/coverage/x.points"
    fake cmake <<'END'
mkdir -p build/coverage/harness/cli
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >build/coverage/CMakeCache.txt
touch build/coverage/build.ninja
cp "$box/program" build/coverage/harness/cli/umbra
END
    fake ninja <<<''
    fake ctest <<<'printf "1\tx.one\n" >"$UMBRA_COVER_POINTS/1.hits"'
    fake genhtml <<<''
    fake lcov <<'END'
for file; do :; done
{
    for room in models hypervisor harness sim; do
        echo "SF:$box/tree/$room/a.c"
        [[ $room != models ]] || printf 'BRDA:1,0,0,-\nBRDA:1,0,1,4\n'
        [[ $room != models ]] || printf 'DA:1,5\nDA:2,0\nLF:10\nLH:9\n'
        [[ $room == models ]] || printf 'LF:10\nLH:10\n'
        printf 'BRF:4\nBRH:3\nFNF:1\nFNH:1\nend_of_record\n'
    done
} >"$file"
END
    program <<<'printf "1\tx.two\n" >"$UMBRA_COVER_POINTS/2.hits"'
}

program()
{
    {
        printf '#!/usr/bin/env bash\n'
        cat
        printf 'while [[ $1 != --json ]]; do shift; done\necho {} >"$2"\n'
    } >"$box/program"
    chmod +x "$box/program"
}

cover()
{
    run "$tree/tools/cover.sh" -j 1 "$@"
}

test_rooms_and_points_are_counted()
{
    project
    cover --json "$box/json"
    expect_status 0
    expect_in "$out" 'models         90.00 %   75.00 %   100.00 %'
    expect_in "$out" 'x                    2         2'
    grep -q '^    "models": 90.00,$' "$box/json" || fail "$(<"$box/json")"
    grep -q '^  "points_hit": 2,$' "$box/json" || fail "$(<"$box/json")"
}

test_below_the_aim_is_short_and_below_the_floor_fails()
{
    project 95 80
    cover
    expect_status 0
    expect_in "$out" 'short: models lines: 90.00 %, the aim is 95 %'
    project_again 95 91
    cover
    expect_status 1
    expect_in "$out" 'FAILED: models lines: 90.00 %, the floor is 91 %'
}

project_again()
{
    printf 'models\tlines\t%s\t%s\n' "$1" "$2" \
        >"$tree/coverage/thresholds.tsv"
}

test_a_point_that_nothing_hits_is_named()
{
    project
    program <<<''
    cover --unhit --json "$box/json"
    expect_status 0
    expect_in "$out" 'no hit: x.two (1.3): two'
    grep -q '"x.two (1.3): two"' "$box/json" || fail "$(<"$box/json")"
}

test_a_point_with_a_reason_is_explained()
{
    project
    program <<<''
    printf 'x.three\t1.4\tthree\tcan not: 1.5\n' >>"$tree/coverage/x.points"
    cover --unhit
    expect_status 0
    expect_in "$out" '(1 explained)'
    expect_not_in "$out" 'no hit: x.three'
}

test_a_name_in_no_list_fails()
{
    project
    program <<<'printf "1\tx.odd\n" >"$UMBRA_COVER_POINTS/2.hits"'
    cover
    expect_status 1
    expect_in "$out" 'FAILED: hit, but in no list: x.odd'
}

test_a_point_that_stands_twice_is_an_error()
{
    project
    printf 'x.one\t1.2\tagain\n' >>"$tree/coverage/x.points"
    cover
    expect_status 2
    expect_in "$err" 'x.one stands there twice'
}

test_a_failing_test_fails()
{
    project
    fake ctest <<<'exit 8'
    cover
    expect_status 1
    expect_in "$out" 'FAILED: a unit test'
}

test_a_suite_that_does_not_run_is_an_error()
{
    project
    printf '#!/bin/sh\nexit 3\n' >"$box/program"
    cover
    expect_status 2
}

test_changed_lines_that_never_ran_are_named()
{
    project
    fake git <<'END'
case $3 in
merge-base) echo base ;;
diff) printf '+++ b/models/a.c\n@@ -0,0 +1,2 @@\n+one\n+two\n' ;;
esac
END
    cover --base main
    expect_status 1
    expect_in "$out" 'models/a.c:1: 1 of 2 branches never taken: one'
    expect_in "$out" 'models/a.c:2: never run: two'
    expect_in "$out" 'FAILED: 1 changed lines never ran'
}

test_an_unknown_option_is_refused()
{
    project
    cover --bse main
    expect_status 2
}

run_tests
