#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The launcher: test_launcher.sh SOURCE_ROOT
set -euo pipefail
source_root=$1
# shellcheck source=tests/house/shell.sh
source "$(dirname "${BASH_SOURCE[0]}")/shell.sh"

# A tree with the launcher only, on a system where gcc and cmake are missing
# and whoever runs it is root, with an apt-get that does nothing.
tree()
{
    tree=$box/tree
    mkdir -p "$tree/mutants"
    cp -r "$source_root/umbra" "$source_root/tools" "$tree/"
    cp "$source_root/CMakeLists.txt" "$source_root/CMakePresets.json" "$tree/"
    local script
    for script in tools/test.sh mutants/run.sh; do
        printf '#!/usr/bin/env bash\necho "%s: $*"\nexit 7\n' "$script" \
            >"$tree/$script"
        chmod +x "$tree/$script"
    done
    fake_packages gcc cmake
    fake id <<<'echo 0'
    fake apt-get <<<''
    fake cmake <<'END'
mkdir -p build/release
touch build/release/build.ninja
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >build/release/CMakeCache.txt
END
    fake_ninja
}

# dpkg-query that knows everything but the packages named.
fake_packages()
{
    fake dpkg-query <<END
missing=" $* "
for package; do
    case \$package in
    -*) ;;
    *) [[ \$missing == *" \$package "* ]] || echo "\$package installed" ;;
    esac
done
[[ -z \${missing// } ]]
END
}

# A build whose program shows its arguments, a line each, and ends with 5.
fake_ninja()
{
    fake ninja <<'END'
mkdir -p "$2/harness/cli"
printf '%s\n' '#!/usr/bin/env bash' 'printf "<%s>\n" "$@"' 'exit 5' \
    >"$2/harness/cli/umbra"
chmod +x "$2/harness/cli/umbra"
echo '[1/1] Linking C executable harness/cli/umbra'
END
}

# As after a first start with everything installed.
built_tree()
{
    tree
    fake_packages
    run "$tree/umbra" list
    expect_status 5
    : >"$box/calls"
}

test_help_names_every_verb_and_needs_no_build()
{
    local verb
    tree
    run "$tree/umbra" --help
    expect_status 0
    for verb in run test explore shrink replay convert list sim diff bench fuzz cover mutants report; do
        expect_in "$out" "  $verb "
        expect_in "$out" "./umbra $verb"
    done
    expect_not_called cmake
    expect_not_called dpkg-query
}

test_help_of_a_verb_needs_no_build()
{
    tree
    run "$tree/umbra" replay --help
    expect_status 0
    expect_in "$out" 'Example: ./umbra replay'
    expect_not_called apt-get
    expect_not_called cmake
}

test_no_verb_shows_the_usage_and_is_an_error()
{
    tree
    run "$tree/umbra"
    expect_status 2
    expect_in "$err" 'Usage:'
}

test_an_unknown_verb_is_refused_and_the_known_ones_named()
{
    tree
    run "$tree/umbra" ruin
    expect_status 2
    expect_in "$err" "no verb 'ruin'"
    expect_in "$err" 'run test explore shrink replay convert list sim diff bench fuzz cover mutants report'
    expect_not_called cmake
}

test_no_install_names_what_is_missing_and_installs_nothing()
{
    tree
    run "$tree/umbra" run --no-install
    expect_status 2
    expect_in "$err" 'missing packages: gcc cmake'
    expect_in "$err" '--no-install-recommends gcc cmake'
    expect_not_called apt-get
    expect_not_called cmake
}

test_no_install_before_the_verb_is_the_same()
{
    tree
    run "$tree/umbra" --no-install run
    expect_status 2
    expect_not_called apt-get
}

test_no_install_with_nothing_missing_goes_on()
{
    tree
    fake_packages
    run "$tree/umbra" --no-install list
    expect_status 5
    expect_in "$out" '<list>'
    expect_not_in "$out" 'no-install'
}

test_root_installs_exactly_what_is_missing()
{
    tree
    run "$tree/umbra" list
    expect_status 5
    expect_in "$err" 'installing with apt-get: gcc cmake'
    expect_called "apt-get -qq -o Dpkg::Use-Pty=0 install -y\
 --no-install-recommends gcc cmake"
    expect_not_called 'apt-get -qq update'
}

test_old_package_lists_are_refreshed_once()
{
    tree
    fake apt-get <<'END'
[[ $* == *update* ]] && touch "$box/fresh"
[[ -e $box/fresh ]]
END
    run "$tree/umbra" list
    expect_status 5
    expect_called 'apt-get -qq update'
}

test_an_install_that_fails_shows_why()
{
    tree
    fake apt-get <<<'echo "E: no space left"; exit 100'
    run "$tree/umbra" list
    expect_status 2
    expect_in "$err" 'E: no space left'
    expect_not_called cmake
}

test_sudo_is_used_by_everybody_else()
{
    tree
    fake id <<<'echo 1000'
    fake sudo <<<'exec "$@"'
    run "$tree/umbra" list
    expect_status 5
    expect_called "sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq\
 -o Dpkg::Use-Pty=0 install -y --no-install-recommends gcc cmake"
}

test_without_root_and_sudo_the_command_line_is_shown()
{
    tree
    fake id <<<'echo 1000'
    run "$tree/umbra" run
    expect_status 2
    expect_in "$err" 'neither root nor sudo'
    expect_in "$err" "apt-get update && apt-get install -y\
 --no-install-recommends gcc cmake"
    expect_not_called apt-get
}

test_arguments_and_status_pass_through_unchanged()
{
    built_tree
    run "$tree/umbra" run 'a b' '' -- --no-install '*'
    expect_status 5
    [[ $out == $'<run>\n<a b>\n<>\n<-->\n<--no-install>\n<*>' ]] ||
        fail 'the arguments were changed'
}

# The program looks for both where it is started.
test_from_elsewhere_the_program_is_told_where_things_are()
{
    tree
    fake_packages
    fake ninja <<'END'
mkdir -p "$2/harness/cli"
printf '%s\n' '#!/usr/bin/env bash' \
    'echo "${UMBRA_SCENARIOS-none} ${UMBRA_BUILD-none}"' \
    >"$2/harness/cli/umbra"
chmod +x "$2/harness/cli/umbra"
END
    run env -C "$tree" ./umbra list
    [[ $out == 'none none' ]] || fail 'nothing need be said there'
    run env -C / "$tree/umbra" list
    [[ $out == "$tree/scenarios $tree/build" ]] || fail 'wrong directories'
}

test_a_second_start_asks_neither_dpkg_nor_cmake()
{
    built_tree
    run "$tree/umbra" list
    expect_status 5
    expect_not_called dpkg-query
    expect_not_called cmake
    # A slow machine is told how far the build is.
    [[ -z ${err#'umbra: building release 1/1'} ]] || fail 'expected silence'
}

# Of processor time: how long it takes is the machine's affair.
test_a_second_start_adds_less_than_200_ms()
{
    local TIMEFORMAT='%3U %3S' user system took best=1000000 try
    built_tree
    for try in 1 2 3 4 5; do
        { time run "$tree/umbra" list; } 2>"$box/time"
        read -r user system <"$box/time"
        took=$((10#${user/./} + 10#${system/./}))
        ((took >= best)) || best=$took
    done
    ((best < 200)) || fail "the best of $try starts took $best ms"
}

test_a_changed_preset_configures_again()
{
    built_tree
    touch -d '+1 minute' "$tree/CMakePresets.json"
    run "$tree/umbra" list
    expect_called 'cmake --fresh --preset release'
}

test_a_moved_tree_configures_again()
{
    built_tree
    mv "$tree" "$box/moved"
    run "$box/moved/umbra" list
    expect_status 5
    expect_called 'cmake --fresh --preset release'
}

test_a_build_that_fails_shows_the_compilers_words()
{
    built_tree
    fake ninja <<<'echo "[1/2] cc"; echo "core.c:7: error: no"; exit 1'
    run "$tree/umbra" list
    expect_status 2
    expect_in "$err" 'core.c:7: error: no'
    expect_not_in "$err" '[1/2]'
    [[ -z $out ]] || fail 'nothing should be on standard output'
}

test_a_configuration_that_fails_shows_cmakes_words()
{
    tree
    fake_packages
    fake cmake <<<'echo "CMake Error: no"; exit 1'
    run "$tree/umbra" list
    expect_status 2
    expect_in "$err" 'CMake Error: no'
    expect_not_called ninja
}

test_the_verb_test_needs_its_own_packages()
{
    tree
    fake_packages clang-format patch
    run "$tree/umbra" test --no-install --stage gcc
    expect_status 2
    expect_in "$err" 'missing packages: patch clang-format'
    fake_packages
    run "$tree/umbra" test --no-install --stage gcc
    expect_status 7
    expect_in "$out" 'tools/test.sh: --stage gcc'
}

test_the_verb_diff_needs_qemu_unless_one_is_given()
{
    built_tree
    fake_packages qemu-system-arm
    run "$tree/umbra" --no-install diff --cases 5
    expect_status 2
    expect_in "$err" 'missing packages: qemu-system-arm'
    run "$tree/umbra" --no-install diff --qemu /opt/qemu
    expect_status 5
    expect_in "$out" '</opt/qemu>'
}

test_ci_run_ends_with_the_status_of_the_tests()
{
    tree
    fake_packages
    mkdir "$tree/.ci"
    cp "$source_root/.ci/run" "$tree/.ci/"
    run "$tree/.ci/run"
    expect_status 7
    expect_in "$out" 'tools/test.sh:'
}

run_tests
