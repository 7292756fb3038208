#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The contract of OSS-Fuzz, with an engine of make-believe: build.sh takes
# compilers, flags and engine from outside and adds no sanitizer of its own;
# $OUT then has for every target a program that runs its seeds, its corpus, its
# options and its dictionary.
#
#   test_contract.sh SOURCE WORK CC CXX
set -euo pipefail

source=$1 work=$2 cc=$3 cxx=$4
fail()
{
    echo "FAILED: $*" >&2
    exit 1
}
need()
{
    [[ -s $1 ]] || fail "$1 is missing"
}

# zip is not everywhere: the contract needs its name and two options only.
fake_zip()
{
    cat >"$1" <<'END'
#!/usr/bin/env bash
set -euo pipefail
[[ $1 == -q && $2 == -r && $4 == . ]]
tar -cf "$3" .
END
    chmod +x "$1"
}

mkdir -p "$work/out" "$work/bin"
rm -f "$work"/out/*
"$cc" -O1 -c "$source/tests/fuzz/engine.c" -o "$work/engine.o"
fake_zip "$work/bin/zip"
PATH=$work/bin:$PATH CC=$cc CXX=$cxx CFLAGS='-O1 -DCONTRACT_MARK=1' \
    CXXFLAGS=-O1 LIB_FUZZING_ENGINE=$work/engine.o SRC=$work WORK=$work \
    OUT=$work/out "$source/.clusterfuzzlite/build.sh" >"$work/build.log" 2>&1 ||
    { tail -n 20 "$work/build.log"; fail "build.sh"; }

grep -q -- -DCONTRACT_MARK=1 "$work/oss-fuzz/build.ninja" ||
    fail "CFLAGS did not arrive"
! grep -q -- -fsanitize "$work/oss-fuzz/build.ninja" ||
    fail "a sanitizer that nobody asked for"

count=0
for directory in "$source"/fuzz/corpora/*/; do
    target=$(basename "$directory")
    need "$work/out/$target"
    need "$work/out/$target.options"
    need "$work/out/${target}_seed_corpus.zip"
    need "$work/out/$target.dict"
    files=("$directory"/*)
    "$work/out/$target" "${files[0]}" | grep -q '^1 inputs$' ||
        fail "$target does not run a seed"
    count=$((count + 1))
done
((count >= 12)) || fail "only $count targets"
echo "$count targets keep the contract"
