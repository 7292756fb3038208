# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the launcher and the tools share: messages, packages, builds.  Sourced,
# never run; whoever sources it has set $root, the top of the source tree.
# Standard output belongs to the verb: everything here talks on stderr.

: "${root:?set by whoever sources this file}"

# Debian package names.  gcc only recommends libc6-dev, so it is named.
packages_run=(gcc g++ libc6-dev cmake ninja-build ccache pkg-config
    libjansson-dev libxxhash-dev libcmocka-dev zlib1g-dev
    libsystemc-dev verilator)
packages_fuzz=("${packages_run[@]}" clang libclang-rt-14-dev)
packages_diff=(qemu-system-x86 qemu-system-arm)
packages_mutants=("${packages_run[@]}" patch)
packages_cover=("${packages_run[@]}" lcov)
packages_test=("${packages_mutants[@]}" "${packages_diff[@]}" lcov clang
    clang-format libclang-rt-14-dev chromium)

say()
{
    printf 'umbra: %s\n' "$*" >&2
}

# Usage or environment: exit status 2.
die()
{
    say "$@"
    exit 2
}

# value VERB OPTION [VALUE...]: the value of an option of a verb.
value()
{
    [[ -n ${3-} ]] || die "$1: $2 needs a value"
    printf '%s' "$3"
}

# write_json FILE COMMAND...: what it prints, to where --json says: an empty
# FILE is nowhere, - is standard output.
write_json()
{
    local file=$1
    shift
    case $file in
    '') ;;
    -) "$@" ;;
    *) "$@" >"$file" ;;
    esac
}

# A JSON string, quotes included.
json_string()
{
    local s=$1
    s=${s//\\/\\\\}
    s=${s//\"/\\\"}
    s=${s//$'\t'/\\t}
    s=${s//$'\n'/\\n}
    printf '"%s"' "$s"
}

umbra_version()
{
    sed -n 's/^project(umbra VERSION \([0-9.]*\).*/\1/p' \
        "$root/CMakeLists.txt"
}

# Seconds with one decimal from a difference in microseconds.
seconds_since()
{
    local us=$((${EPOCHREALTIME/[.,]/} - $1))
    printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

microseconds()
{
    printf '%s' "${EPOCHREALTIME/[.,]/}"
}

# ---- packages --------------------------------------------------------------

# The ones of PACKAGE... that are not installed, a line each.
missing_packages()
{
    local installed package
    # It fails when it does not know one of them: the list is what counts.
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" \
        2>/dev/null) || true
    for package; do
        [[ $'\n'$installed$'\n' == *$'\n'"$package installed"$'\n'* ]] ||
            printf '%s\n' "$package"
    done
}

as_root()
{
    if [[ $(id -u) == 0 ]]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

apt_install()
{
    as_root apt-get -qq -o Dpkg::Use-Pty=0 install -y \
        --no-install-recommends "$@"
}

# Install from the lists that are there; refresh them only if that fails.
install_packages()
{
    local log=$root/build/install.log
    need_directory "$root/build"
    say "installing with apt-get: $*"
    if apt_install "$@" >"$log" 2>&1; then
        return
    fi
    say "refreshing the package lists"
    if as_root apt-get -qq update >>"$log" 2>&1 &&
        apt_install "$@" >>"$log" 2>&1; then
        return
    fi
    tail -n 20 "$log" >&2
    die "apt-get failed (see above); when it works, start this again"
}

# require_packages INSTALL PACKAGE...: INSTALL is yes or no.
require_packages()
{
    local install=$1 missing
    shift
    command -v dpkg-query >/dev/null ||
        die "this is no Debian or Ubuntu: install the equivalents of: $*"
    # no <(...) before everything is there: a bare chroot has no /dev/fd
    missing=$(missing_packages "$@")
    [[ -n $missing ]] || return 0
    mapfile -t missing <<<"$missing"

    say "missing packages: ${missing[*]}"
    if [[ $install == yes ]] &&
        { [[ $(id -u) == 0 ]] || command -v sudo >/dev/null; }; then
        install_packages "${missing[@]}"
        hash -r
        return
    fi
    if [[ $install == yes ]]; then
        say "neither root nor sudo: they can't be installed from here"
    else
        say "--no-install: nothing was installed"
    fi
    say "as root, type:"
    printf '    apt-get update && apt-get install -y %s %s\n' \
        --no-install-recommends "${missing[*]}" >&2
    exit 2
}

# ---- builds ----------------------------------------------------------------

# need_directory DIR: made if it isn't there, and files can be made in it.
need_directory()
{
    if ! mkdir -p "$1" 2>/dev/null || [[ ! -w $1 ]]; then
        die "$1 can't be written to; become its owner, or use a clone of" \
            "your own"
    fi
}

# Is build/PRESET a build directory of this very tree and these presets?
configured()
{
    local dir=$root/build/$1
    [[ -f $dir/build.ninja && -f $dir/CMakeCache.txt &&
        ! $root/CMakePresets.json -nt $dir/build.ninja ]] &&
        grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"
}

configure()
{
    local preset=$1 log=$root/build/$1-configure.log
    ! configured "$preset" || return 0
    need_directory "$root/build"
    say "configuring build/$preset"
    if ! (cd "$root" && cmake --fresh --preset "$preset") >"$log" 2>&1; then
        cat "$log" >&2
        say "cmake could not configure build/$preset (see above)"
        return 2
    fi
}

# Ninja's output on stdin: progress to the user, everything else to stdout.
build_progress()
{
    local preset=$1 line last=$SECONDS shown=
    while IFS= read -r line; do
        if [[ ! $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
            printf '%s\n' "$line"
        elif [[ -t 2 ]]; then
            printf '\r\033[Kumbra: building %s %s/%s' "$preset" \
                "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
            shown=yes
        elif ((SECONDS - last >= 5)); then
            say "building $preset ${BASH_REMATCH[1]}/${BASH_REMATCH[2]}"
            last=$SECONDS
        fi
    done
    [[ -z $shown ]] || printf '\r\033[K' >&2
}

# build PRESET [TARGET...]: incremental.  2, with the compiler's words, if it
# fails.  Two builds of one directory wait for each other.
build()
{
    local preset=$1 dir=$root/build/$1 lock status=0
    shift
    need_directory "$dir"
    exec {lock}>"$dir/umbra.lock"
    flock "$lock"
    NINJA_STATUS='[%f/%t] ' ninja -C "$dir" -j "$(nproc)" "$@" 2>&1 |
        build_progress "$preset" >"$dir/umbra-build.log" || status=2
    exec {lock}>&-
    ((status == 0)) && return
    cat "$dir/umbra-build.log" >&2
    say "building $preset failed (see above)"
    return 2
}
