# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the shell tests share: a sandbox per test, programs that are faked, and
# expectations.  A test is a function test_<the rule that it proves>.

: "${source_root:?set by whoever sources this file}"
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

# Everything that a bare Debian has and the scripts may use.
bare=(bash env dirname mkdir grep sed cat nproc flock date tail sort mktemp
    find tar rm cp tee cut cmp paste timeout printf chmod ls touch realpath
    readlink mv head cksum awk tr wc)

# A new directory $box with a PATH of nothing but $bare and what is faked.
sandbox()
{
    local name
    box=$top/box/$1
    mkdir -p "$box/bin"
    for name in "${bare[@]}"; do
        ln -s "$(type -P "$name")" "$box/bin/$name"
    done
}

# fake NAME: a program in the sandbox; its body on stdin.  It notes each call
# in $box/calls.
fake()
{
    {
        printf '#!/usr/bin/env bash\nset -u\nbox=%q\n' "$box"
        printf 'echo "%s $*" >>"$box/calls"\n' "$1"
        cat
    } >"$box/bin/$1"
    chmod +x "$box/bin/$1"
}

# run COMMAND...: in the sandbox; $status, $out (stdout), $err (stderr).
run()
{
    status=0
    : >>"$box/calls"
    PATH=$box/bin "$@" >"$box/out" 2>"$box/err" </dev/null || status=$?
    out=$(<"$box/out") err=$(<"$box/err")
}

fail()
{
    printf '  %s\n' "$@" >&2
    printf '  status %s\n  out: %s\n  err: %s\n  calls: %s\n' "$status" \
        "$out" "$err" "$(cat "$box/calls")" >&2
    exit 1
}

expect_status()
{
    [[ $status == "$1" ]] || fail "expected status $1"
}

expect_in()
{
    [[ $1 == *"$2"* ]] || fail "expected: $2" "in: $1"
}

expect_not_in()
{
    [[ $1 != *"$2"* ]] || fail "not expected: $2" "in: $1"
}

expect_called()
{
    grep -qxF -- "$1" "$box/calls" || fail "expected the call: $1"
}

expect_not_called()
{
    ! grep -qE -- "^$1( |$)" "$box/calls" || fail "nobody should have called $1"
}

# Every test_ function, each in a subshell and with its own sandbox.
run_tests()
{
    local test failed=0 count=0
    for test in $(compgen -A function test_); do
        count=$((count + 1))
        if (sandbox "$test" && "$test"); then
            echo "ok      ${test#test_}"
        else
            echo "FAILED  ${test#test_}"
            failed=$((failed + 1))
        fi
    done
    echo "$((count - failed)) passed, $failed failed"
    ((count > 0 && failed == 0))
}
