# SPDX-License-Identifier: GPL-2.0-or-later
# Which changed lines were not covered.
# awk -v root=DIR/ -f changed.awk DIFF FILE.info: DIFF is `git diff -U0`.
# Prints "FILE<tab>LINE<tab>what<tab>the line"; last "lines<tab>N<tab>of<tab>M".

FNR == 1 { input++ }

input == 1 && /^\+\+\+ / {
    path = substr($0, 5)
    sub(/^b\//, "", path)
    next
}
input == 1 && /^@@ / {
    split($3, range, ",")
    line = substr(range[1], 2) + 0
    next
}
input == 1 && /^\+/ { changed[path, line++] = substr($0, 2); next }
input == 1 { next }

/^SF:/ {
    path = substr($0, 4)
    if (index(path, root) == 1)
        path = substr(path, length(root) + 1)
    next
}
/^BRDA:/ {
    split(substr($0, 6), field, ",")
    if (!((path, field[1]) in changed))
        next
    branches[path, field[1]]++
    if (field[4] == "-" || field[4] == 0)
        missed[path, field[1]]++
    next
}
/^DA:/ {
    split(substr($0, 4), field, ",")
    if (!((path, field[1]) in changed))
        next
    all++
    where = path "\t" field[1] "\t"
    if (field[2] == 0) {
        none++
        print where "never run\t" changed[path, field[1]]
    } else if (missed[path, field[1]])
        print where missed[path, field[1]] " of " \
            branches[path, field[1]] " branches never taken\t" \
            changed[path, field[1]]
}

END { printf "lines\t%d\tof\t%d\n", none, all }
