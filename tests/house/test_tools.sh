#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The checks and the stages of ./umbra test: test_tools.sh SOURCE_ROOT
set -euo pipefail
source_root=$1
# shellcheck source=tests/house/shell.sh
source "$(dirname "${BASH_SOURCE[0]}")/shell.sh"

# ---- check_includes --------------------------------------------------------

rooms()
{
    tree=$box/tree
    mkdir -p "$tree"/{hypervisor/{include/public,viommu},models/{common,vtd}} \
        "$tree"/harness/{oracle,machine}
    touch "$tree"/hypervisor/{host.h,include/public/viommu.h,viommu/own.h} \
        "$tree"/models/common/port.h "$tree"/harness/oracle/{oracle,walk}.h \
        "$tree"/harness/machine/machine.h
    printf '#include <host.h>\n#include <public/viommu.h>\n#include "own.h"\n%s' \
        $'#include <stdint.h>\n' >"$tree/hypervisor/viommu/core.c"
    printf '#include <common/port.h>\n#include <string.h>\n' \
        >"$tree/models/vtd/walk.c"
    printf '#include <oracle/oracle.h>\n#include "walk.h"\n' \
        >"$tree/harness/oracle/walk.c"
}

check_includes()
{
    run "$source_root/tools/check_includes.sh" "$tree"
}

test_includes_of_the_own_room_are_clean()
{
    rooms
    check_includes
    expect_status 0
    expect_in "$out" '8 includes, 0 findings'
}

# FILE:LINE that must be refused
refused_includes=(
    'hypervisor/viommu/core.c:#include <common/port.h>'
    'hypervisor/viommu/core.c:#include <oracle/oracle.h>'
    'hypervisor/viommu/core.c:#include <string.h>'
    'hypervisor/viommu/core.c:  #  include "../../models/common/port.h"'
    'hypervisor/host.h:#include <stdio.h>'
    'models/vtd/walk.c:#include <host.h>'
    'models/vtd/walk.c:#include <public/viommu.h>'
    'models/vtd/walk.c:#include <oracle/walk.h>'
    'models/vtd/walk.c:#include <models/common/port.h>'
    'models/common/port.h:#include "/usr/include/string.h"'
    'harness/oracle/walk.c:#include <common/port.h>'
    'harness/oracle/walk.c:#include <machine/machine.h>'
    'harness/oracle/walk.c:#include <host.h>'
    'harness/oracle/walk.c:#include "../machine/machine.h"'
    'harness/oracle/walk.c:#include SOMETHING'
)

test_an_include_of_another_room_is_a_finding()
{
    local row file
    rooms
    for row in "${refused_includes[@]}"; do
        file=$tree/${row%%:*}
        cp "$file" "$box/kept"
        echo "${row#*:}" >>"$file"
        check_includes
        expect_status 1
        expect_in "$err" "${row%%:*}:"
        cp "$box/kept" "$file"
    done
}

test_a_tree_without_includes_is_an_error()
{
    tree=$box/empty
    mkdir -p "$tree"/{hypervisor,models,harness/oracle}
    check_includes
    expect_status 2
}

# ---- check_format ----------------------------------------------------------

test_format_is_what_clang_format_says()
{
    tree=$box/tree
    mkdir -p "$tree/harness"
    touch "$tree/harness/a.c" "$tree/harness/b.h"
    fake clang-format <<<'[[ ! -e $box/bad ]]'
    run "$source_root/tools/check_format.sh" "$tree"
    expect_status 0
    expect_called \
        'clang-format --dry-run -Werror ./harness/a.c ./harness/b.h'
    touch "$box/bad"
    run "$source_root/tools/check_format.sh" "$tree"
    expect_status 1
}

test_format_of_nothing_is_an_error()
{
    mkdir "$box/empty"
    fake clang-format <<<''
    run "$source_root/tools/check_format.sh" "$box/empty"
    expect_status 2
}

test_format_without_clang_format_is_an_error()
{
    run "$source_root/tools/check_format.sh" "$source_root"
    expect_status 2
    expect_in "$err" 'clang-format is missing'
}

# ---- the stages ------------------------------------------------------------

# A tree where every stage passes: 4 unit tests and 7 cases each time.
staged_tree()
{
    tree=$box/tree
    mkdir -p "$tree"/{mutants,tests/{hypervisor,rtl},harness}
    cp -r "$source_root/tools" "$tree/"
    cp "$source_root/CMakeLists.txt" "$source_root/CMakePresets.json" "$tree/"
    script "$tree/tools/check_format.sh" <<<''
    script "$tree/tools/check_includes.sh" <<<''
    script "$tree/tests/hypervisor/check_freestanding.sh" <<<'[[ -n $1 ]]'
    script "$tree/tests/rtl/lockstep.sh" <<<'[[ -n $1 ]]'
    script "$tree/tools/cover.sh" <<<'[[ $4 == */cover.json ]]'
    script "$tree/mutants/run.sh" <<'END'
while [[ $1 != --json ]]; do shift; done
printf '{\n  "killed": 3,\n  "survived": 0\n}\n' >"$2"
END
    fake cmake <<'END'
mkdir -p "build/$3"
touch "build/$3/build.ninja"
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"build/$3/CMakeCache.txt"
END
    fake ninja <<'END'
mkdir -p "$2/harness/cli" "$2/tests/rtl"
cp "$box/program" "$2/harness/cli/umbra"
cp "$box/calibrate" "$2/tests/rtl/rtl_calibrate"
END
    script "$box/calibrate" <<<'[[ $1 == *.svg ]]'
    script "$box/program" <<'END'
verb=$1
while [[ $1 != --json ]]; do shift; done
if [[ $verb == diff ]]; then
    printf '{\n  "cases": 5,\n  "disagreements": 0\n}\n' >"$2"
    exit
fi
printf '{\n  "passed": 7,\n  "failed": 0,\n  "cases": []\n}\n' >"$2"
END
    fake ctest <<<'echo "100% tests passed, 0 tests failed out of 4"'
}

script()
{
    {
        echo '#!/usr/bin/env bash'
        cat
    } >"$1"
    chmod +x "$1"
}

test_stages_add_up_what_they_ran()
{
    staged_tree
    run "$tree/tools/test.sh"
    expect_status 0
    # three checks, three times 4 + 7, lockstep and calibration, five diffs,
    # the fuzzing, the coverage, three mutants
    [[ ${out##*$'\n'} == '48 passed, 0 failed' ]] || fail 'wrong sum'
    expect_in "$out" 'freestanding  ok'
}

test_json_of_the_stages_has_the_keys_of_the_contract()
{
    local key
    staged_tree
    run "$tree/tools/test.sh" --stage format --stage gcc --json "$box/j"
    expect_status 0
    for key in verb version seed seconds ok findings passed failed stages; do
        grep -q "^  \"$key\": " "$box/j" || fail "no $key in $(<"$box/j")"
    done
    grep -q '^  "passed": 12,$' "$box/j" || fail 'wrong sum'
}

test_list_names_the_stages_and_runs_none()
{
    staged_tree
    run "$tree/tools/test.sh" --list
    expect_status 0
    [[ $(cut -d' ' -f1 <<<"$out" | paste -sd' ') == \
        'format includes freestanding gcc clang asan rtl diff fuzz cover mutants' ]] ||
        fail 'wrong list'
    expect_not_called cmake
}

test_an_unknown_stage_is_refused()
{
    staged_tree
    run "$tree/tools/test.sh" --stage gpp
    expect_status 2
    expect_in "$err" 'format includes freestanding gcc'
}

test_a_stage_that_fails_is_named_and_the_others_run()
{
    staged_tree
    script "$tree/tools/check_format.sh" <<<'echo "a.c is ugly"; exit 1'
    run "$tree/tools/test.sh" --stage format --stage gcc
    expect_status 1
    expect_in "$err" 'a.c is ugly'
    expect_in "$err" 'stage format: FAILED'
    [[ ${out##*$'\n'} == '11 passed, 1 failed' ]] || fail 'wrong sum'
}

test_a_failed_unit_test_fails_the_stage()
{
    staged_tree
    fake ctest <<<'echo "75% tests passed, 1 tests failed out of 4"; exit 8'
    run "$tree/tools/test.sh" --stage clang
    expect_status 1
    [[ ${out##*$'\n'} == '10 passed, 1 failed' ]] || fail 'wrong sum'
}

test_a_finding_of_the_suite_fails_the_stage()
{
    staged_tree
    script "$box/program" <<'END'
while [[ $1 != --json ]]; do shift; done
printf '{\n  "passed": 6,\n  "failed": 1,\n  "cases": []\n}\n' >"$2"
exit 1
END
    run "$tree/tools/test.sh" --stage asan
    expect_status 1
    [[ ${out##*$'\n'} == '10 passed, 1 failed' ]] || fail 'wrong sum'
}

# Each way in which a stage runs nothing must not look like success.
test_a_stage_that_runs_nothing_is_an_error()
{
    staged_tree
    fake ctest <<<'echo "No tests were found!!!"; exit 1'
    run "$tree/tools/test.sh" --stage gcc
    expect_status 2

    staged_tree
    script "$box/program" <<'END'
while [[ $1 != --json ]]; do shift; done
printf '{\n  "passed": 0,\n  "failed": 0\n}\n' >"$2"
END
    run "$tree/tools/test.sh" --stage gcc
    expect_status 2
    expect_in "$err" 'ran nothing'

    staged_tree
    script "$box/program" <<<''
    run "$tree/tools/test.sh" --stage gcc
    expect_status 2
    expect_in "$err" 'without a result'
}

test_a_build_that_fails_is_an_error_of_its_stage()
{
    staged_tree
    fake ninja <<<'echo "core.c:7: error"; exit 1'
    run "$tree/tools/test.sh" --stage clang
    expect_status 2
    expect_in "$err" 'core.c:7: error'
    expect_in "$out" 'NOT RUN'
    [[ ${out##*$'\n'} == '0 passed, 1 failed' ]] || fail 'wrong sum'
}

test_a_surviving_mutant_fails_the_stage()
{
    staged_tree
    script "$tree/mutants/run.sh" <<'END'
while [[ $1 != --json ]]; do shift; done
printf '{\n  "killed": 2,\n  "survived": 1\n}\n' >"$2"
exit 1
END
    run "$tree/tools/test.sh" --stage mutants
    expect_status 1
    [[ ${out##*$'\n'} == '2 passed, 1 failed' ]] || fail 'wrong sum'
}

run_tests
