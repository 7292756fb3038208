#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The mutants' runner, on a project of one file: test_mutants.sh SOURCE_ROOT
set -euo pipefail
source_root=$1
# shellcheck source=tests/house/shell.sh
source "$(dirname "${BASH_SOURCE[0]}")/shell.sh"

# The 'program' is a script that `ninja` copies.  It looks at a value in its
# own source, which the patches change: 0 nothing is wrong, else the number of
# the property that is reported; 9 ends without a finding's exit status.
project()
{
    tree=$box/tree
    mkdir -p "$tree/mutants" "$tree/room"
    cp -r "$source_root/tools" "$tree/"
    cp "$source_root/CMakeLists.txt" "$tree/"
    cp "$source_root"/mutants/{run,lib,generic,relink}.sh \
        "$source_root/mutants/generic.awk" "$tree/mutants/"
    cat >"$tree/room/program" <<'END'
#!/usr/bin/env bash
# what is wrong
wrong=0
# nothing
# else
while [[ $1 != --json ]]; do shift; done
{
    printf '{\n  "findings": [\n'
    ((wrong == 0)) || printf '      "property": "P%s"\n' "$wrong"
    printf '  ],\n  "cases": [\n      "kind": "scenario"\n  ]\n}\n'
} >"$2"
((wrong == 0)) && exit 0
((wrong == 9)) && exit 3
exit 1
END
    fake cmake <<<''
    fake ninja <<'END'
mkdir -p "$2/harness/cli"
grep -q 'wrong=' "$2/../tree/room/program" || exit 1
cp "$2/../tree/room/program" "$2/harness/cli/umbra"
chmod +x "$2/harness/cli/umbra"
END
    fake ctest <<'END'
grep -q 'wrong=0' "$2/../tree/room/program" && {
    echo "100% tests passed, 0 tests failed out of 1"
    exit 0
}
echo '[  FAILED  ] a_rule_is_kept'
echo "0% tests passed, 1 tests failed out of 1"
exit 8
END
    ln -s "$(type -P patch)" "$box/bin/patch"
    printf 'slug\tpatch\troom\texpected\tkiller\tsource\tessence\n' \
        >"$tree/mutants/catalogue.tsv"
}

# defect SLUG NEW-LINE EXPECTED KILLER
defect()
{
    cat >"$tree/mutants/$1.patch" <<END
--- a/room/program
+++ b/room/program
@@ -1,5 +1,5 @@
 #!/usr/bin/env bash
 # what is wrong
-wrong=0
+$2
 # nothing
 # else
END
    printf '%s\t%s.patch\troom\t%s\t%s\tnone\ta defect\n' "$1" "$1" "$3" \
        "$4" >>"$tree/mutants/catalogue.tsv"
}

mutants()
{
    run "$tree/mutants/run.sh" --build-dir "$box/work" "$@"
}

test_a_finding_with_the_property_kills()
{
    project
    defect one wrong=2 P2 'run:vtd'
    mutants --json "$box/json"
    expect_status 0
    [[ ${out##*$'\n'} == '1 passed, 0 failed' ]] || fail 'wrong sum'
    grep -q '^  "killed": 1,$' "$box/json" || fail "$(<"$box/json")"
    grep -q '"slug": "one", .*"killed": true, "killer": "run:vtd", '\
'"by": "P2",.*"executions": 1' "$box/json" || fail "$(<"$box/json")"
}

test_one_of_several_properties_is_enough()
{
    project
    defect one wrong=2 'P1|P2' 'run:vtd'
    mutants
    expect_status 0
}

test_a_finding_with_another_property_does_not_kill()
{
    project
    defect one wrong=2 P3 'run:vtd'
    mutants
    expect_status 1
    expect_in "$out" 'found, but not as P3'
    [[ ${out##*$'\n'} == '0 passed, 1 failed' ]] || fail 'wrong sum'
}

test_a_defect_that_nothing_finds_survives()
{
    project
    defect one 'wrong=0 #' P2 'run:vtd'
    mutants --json "$box/json"
    expect_status 1
    expect_in "$out" 'nothing was found'
    grep -q '^  "survived": 1,$' "$box/json" || fail "$(<"$box/json")"
    grep -q '^  "ok": false,$' "$box/json" || fail "$(<"$box/json")"
}

test_another_exit_status_does_not_kill()
{
    project
    defect one wrong=9 P9 'run:vtd'
    mutants
    expect_status 1
    expect_in "$out" 'ended with status 3'
}

test_a_failed_unit_test_of_that_name_kills()
{
    project
    defect one wrong=2 a_rule_is_kept 'ctest:models'
    defect two wrong=2 another_rule 'ctest:models'
    defect three wrong=2 P2 'run:vtd'
    mutants
    expect_status 1
    expect_in "$out" '1 of 3 caught by umbra run alone'
    expect_in "$err" 'killed one (a_rule_is_kept'
    expect_in "$err" 'survived two (found, but not as another_rule'
}

test_defects_are_seeded_one_at_a_time()
{
    project
    defect one wrong=1 P1 'run:vtd'
    defect two wrong=2 P2 'run:vtd'
    mutants
    expect_status 0
    cmp "$tree/room/program" "$box/work/tree/room/program" ||
        fail 'the copy was not restored'
}

test_a_pattern_chooses()
{
    project
    defect one wrong=1 P1 'run:vtd'
    defect two wrong=2 P3 'run:vtd'
    mutants on
    expect_status 0
    [[ ${out##*$'\n'} == '1 passed, 0 failed' ]] || fail 'wrong sum'
    mutants three
    expect_status 2
}

test_a_patch_that_does_not_apply_is_an_error()
{
    project
    defect one wrong=2 P2 'run:vtd'
    sed -i 's/what is wrong/what was wrong/' "$tree/mutants/one.patch"
    mutants
    expect_status 2
    expect_in "$err" 'no longer applies'
}

test_a_mutant_that_does_not_build_is_an_error()
{
    project
    defect one '# gone' P2 'run:vtd'
    mutants
    expect_status 2
    expect_in "$err" 'does not build'
}

test_a_killer_that_fails_without_the_defect_is_an_error()
{
    project
    defect one wrong=2 P2 'run:vtd'
    sed -i 's/^wrong=0/wrong=1/' "$tree/room/program"
    mutants
    expect_status 2
    expect_in "$err" 'fails without any defect'
}

test_a_killer_that_runs_nothing_is_an_error()
{
    project
    defect one wrong=2 P2 'run:vtd'
    sed -i 's/"kind"/"kin"/' "$tree/room/program"
    mutants
    expect_status 2
    expect_in "$err" 'runs nothing'
}

test_an_empty_catalogue_is_an_error()
{
    project
    mutants
    expect_status 2
}

test_what_is_not_applicable_is_outside_the_total()
{
    project
    defect one wrong=1 P1 'run:vtd'
    defect two wrong=2 P2 'na:needs scalable mode'
    mutants --json "$box/json"
    expect_status 0
    grep -q '^  "total": 1,$' "$box/json" || fail "$(<"$box/json")"
    grep -q '^  "not_applicable": 1,$' "$box/json" || fail "$(<"$box/json")"
}

test_what_does_not_apply_needs_no_patch()
{
    project
    defect one wrong=2 P2 'run:vtd'
    printf 'two\t-\troom\t-\tna:not built\tnone\ta defect\n' \
        >>"$tree/mutants/catalogue.tsv"
    mutants --json "$box/json"
    expect_status 0
    grep -q '^  "not_applicable": 1,$' "$box/json" || fail "$(<"$box/json")"
}

test_a_sample_is_the_same_each_time()
{
    local slug first
    project
    for slug in one two three four five six; do
        defect "$slug" wrong=2 P2 'run:vtd'
    done
    mutants --sample 3
    expect_status 0
    [[ ${out##*$'\n'} == '3 passed, 0 failed' ]] || fail 'wrong sum'
    first=$(grep killed <<<"$out" | cut -d' ' -f1)
    mutants --sample 3
    [[ $(grep killed <<<"$out" | cut -d' ' -f1) == "$first" ]] ||
        fail 'another sample'
    mutants --sample 3 --seed 1
    [[ $(grep killed <<<"$out" | cut -d' ' -f1) != "$first" ]] ||
        fail 'another seed draws the same'
}

test_an_interrupted_run_of_the_catalogue_goes_on()
{
    project
    defect one wrong=1 P1 'run:vtd'
    defect two wrong=2 P2 'run:vtd'
    defect three wrong=3 P3 'run:vtd'
    mutants
    sed -i 1d "$box/work/killed.tsv"
    sed -i 's/# nothing/# nothing else/' "$tree/room/program" \
        "$tree/mutants/two.patch"
    sed -i 's/# nothing/# nothing else/' "$tree/mutants/one.patch"
    mutants --continue one two
    expect_status 0
    expect_in "$out" '2 passed, 0 failed'
    expect_in "$err" 'killed one'
    expect_in "$err" 'killed two'
    mutants --continue three
    expect_status 0
    expect_not_in "$err" 'killed three'
}

# ---- generic operators ------------------------------------------------------

# The 'program' finds fault with every relation of the file but the second, the
# 'unit test' misses g(); the 'compiler' takes for nothing what says so.
generic_project()
{
    project
    mkdir -p "$tree/hypervisor"
    printf '%s\n' 'int f(int a)' '{' '    g(a);' '    return a == 1 ? 2 :' \
        '           a < 2 ? 3 : 4;' '}' >"$tree/hypervisor/a.c"
    fake cc <<'END'
case " $* " in
*' -c '* | *' -E '*) grep -v nothing "${@: -1}" >"$2" || true; exit ;;
esac
while [[ $1 != -o ]]; do object=$1; shift; done
[[ $2 == *umbra ]] && what=' == 1' || what='g(a);'
printf '#!/usr/bin/env bash\ngrep -qF "%s" %q\n' "$what" "$object" >"$2"
chmod +x "$2"
END
    fake ninja <<'END'
[[ $3 == -t ]] || {
    mkdir -p "$2"/{harness/cli,tests}
    printf '#!/bin/sh\n' | tee "$2/harness/cli/umbra" >"$2/tests/t"
    chmod +x "$2/harness/cli/umbra" "$2/tests/t"
    exit
}
library=hypervisor/libumbra_hypervisor.a
case $5 in
"$library") echo "cc -o a.c.o -c $box/work/tree/hypervisor/a.c" ;;
*) echo "cc main.o -o $5 $library" ;;
esac
END
    fake ctest <<'END'
[[ $* != *' -N '* ]] || echo "1: Test command: $2/tests/t"
END
}

generic()
{
    run "$tree/mutants/run.sh" --generic --build-dir "$box/work" "$@"
}

test_places_are_listed_with_their_operator()
{
    generic_project
    generic --list
    expect_status 0
    expect_in "$out" $'hypervisor/a.c\t3\tcall\t    ;'
    expect_in "$out" $'hypervisor/a.c\t4\trelational\t    return a != 1 ? 2 :'
    [[ $(wc -l <<<"$out") == 3 ]] || fail 'another number of places'
}

test_the_score_counts_what_suite_and_unit_tests_catch()
{
    generic_project
    generic --json "$box/json"
    expect_status 0
    expect_in "$out" '2 of 3 caught, 1 by the suite: 66 %'
    expect_in "$out" 'hypervisor/a.c:5: relational:'
    grep -q '^  "score": 66,$' "$box/json" || fail "$(<"$box/json")"
}

test_what_compiles_to_the_same_is_no_change()
{
    generic_project
    sed -i 's/^}/    if (a > 3) nothing;\n}/' "$tree/hypervisor/a.c"
    generic --json "$box/json"
    expect_status 0
    expect_in "$out" '(0 do not compile, 1 are the same code)'
    grep -q '^  "equivalent": 1,$' "$box/json" || fail "$(<"$box/json")"
}

test_an_interrupted_run_goes_on()
{
    generic_project
    generic
    sed -i 1d "$box/work/results.tsv"
    generic --continue
    expect_status 0
    expect_in "$out" '2 of 3 caught'
    [[ $(grep -c 'a.c:' <<<"$err") == 1 ]] || fail 'what was done is done again'
}

test_below_the_floor_fails()
{
    generic_project
    generic --floor 90
    expect_status 1
}

test_no_change_stays_behind()
{
    generic_project
    generic
    cmp "$tree/hypervisor/a.c" "$box/work/worker0/hypervisor/a.c" ||
        fail 'the copy is changed'
}

run_tests
