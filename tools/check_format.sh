#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Is every C and C++ file as .clang-format wants it?  check_format.sh [ROOT]
# Exit status: 0 yes, 1 no, 2 there is nothing to check or no clang-format.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
command -v clang-format >/dev/null || {
    echo 'check_format: clang-format is missing' >&2
    exit 2
}

files=$(find . \( -name .git -o -name 'build*' \) -prune \
    -o -type f \( -name '*.[ch]' -o -name '*.[ch]pp' \) -print | sort)
[[ -n $files ]] || {
    echo "check_format: no C or C++ file below $PWD" >&2
    exit 2
}
mapfile -t files <<<"$files"
if ! clang-format --dry-run -Werror "${files[@]}"; then
    echo 'check_format: run clang-format -i on the files named above' >&2
    exit 1
fi
echo "check_format: ${#files[@]} files are as they should be"
