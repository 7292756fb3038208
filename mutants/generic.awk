# SPDX-License-Identifier: GPL-2.0-or-later
# Generic operators: every place of the files where one applies.
# awk -v seed=N -v root=DIR/ -f generic.awk FILE...
# Prints "order<tab>file<tab>line<tab>operator<tab>the line as changed"; order
# is a hash of seed and place, by which a sample is drawn.
#
#   relational  < <= > >= == !=: its neighbour, or its opposite
#   logical     && for ||, and the other way round
#   offset      + 1 and - 1 for each other
#   bit         the position of a bit, or the low end of a field, plus one
#   mask        a mask that was inverted is not
#   call        a statement that is nothing but a call is left out

BEGIN {
    for (i = 1; i < 256; i++)
        code[sprintf("%c", i)] = i
    split("<= < >= > != == && ||", from, " ")
    split("< <= > >= == != || &&", to, " ")
    kind[1] = kind[2] = kind[3] = kind[4] = kind[5] = kind[6] = "relational"
    kind[7] = kind[8] = "logical"
}

function hash(text, h, i)
{
    h = 5381 + seed
    for (i = 1; i <= length(text); i++)
        h = (h * 33 + code[substr(text, i, 1)]) % 2147483647
    return h
}

function put(operator, text, key)
{
    key = name ":" FNR ":" operator ":" ++count[FNR, operator]
    printf "%d\t%s\t%d\t%s\t%s\n", hash(key), name, FNR, operator, text
}

# Each occurrence of the string @old in the line, replaced by @new.
function replace_each(operator, old, new, at, next_at, before)
{
    at = index($0, old)
    while (at) {
        before = substr($0, 1, at - 1)
        put(operator, before new substr($0, at + length(old)))
        next_at = index(substr($0, at + 1), old)
        at = next_at ? at + next_at : 0
    }
}

FNR == 1 {
    name = FILENAME
    if (index(name, root) == 1)
        name = substr(name, length(root) + 1)
    comment = 0
    delete count
}
# no comments, no preprocessor but for the layouts, no assertions, no strings
comment { if (/\*\//) comment = 0; next }
/^[ \t]*\/\*/ { if (!/\*\//) comment = 1; next }
/_Static_assert/ { asserting = 1 }
asserting { if (/;[ \t]*$/) asserting = 0; next }
/"/ { next }
/^#/ && !/^#define/ { next }

{
    for (i = 1; i <= 8; i++)
        replace_each(kind[i], " " from[i] " ", " " to[i] " ")
    replace_each("offset", " + 1", " - 1")
    replace_each("offset", " - 1", " + 1")
    replace_each("mask", "& ~", "& ")
}
/_BIT\([0-9]+\)/ {
    match($0, /_BIT\([0-9]+\)/)
    put("bit", substr($0, 1, RSTART - 1) "_BIT(" \
        substr($0, RSTART + 5, RLENGTH - 6) + 1 ")" \
        substr($0, RSTART + RLENGTH))
}
/, [0-9]+\)/ && /_(GET|MASK|PUT)\(/ {
    match($0, /, [0-9]+\)/)
    put("bit", substr($0, 1, RSTART - 1) ", " \
        substr($0, RSTART + 2, RLENGTH - 3) + 1 ")" \
        substr($0, RSTART + RLENGTH))
}
/^ +[a-z_0-9]+\(.*\);$/ { put("call", "    ;") }
