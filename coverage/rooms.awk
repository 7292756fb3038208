# SPDX-License-Identifier: GPL-2.0-or-later
# Coverage by room, directory and file from a tracefile of lcov.
# awk -v root=DIR/ -f rooms.awk FILE.info: kind, name, and hit and all of
# lines, branches, functions, separated by tabs.

function add(kind, name, i)
{
    if (!((kind, name) in seen)) {
        seen[kind, name] = 1
        order[++names] = kind SUBSEP name
    }
    for (i = 1; i <= 6; i++)
        sum[kind, name, i] += file[i]
}

/^SF:/ {
    path = substr($0, 4)
    if (index(path, root) == 1)
        path = substr(path, length(root) + 1)
    for (i = 1; i <= 6; i++)
        file[i] = 0
}
/^LH:/ { file[1] = substr($0, 4) }
/^LF:/ { file[2] = substr($0, 4) }
/^BRH:/ { file[3] = substr($0, 5) }
/^BRF:/ { file[4] = substr($0, 5) }
/^FNH:/ { file[5] = substr($0, 5) }
/^FNF:/ { file[6] = substr($0, 5) }
/^end_of_record/ {
    room = directory = path
    sub(/\/.*/, "", room)
    sub(/\/[^\/]*$/, "", directory)
    add("room", room)
    add("directory", directory)
    add("file", path)
}

END {
    for (n = 1; n <= names; n++) {
        split(order[n], part, SUBSEP)
        printf "%s\t%s", part[1], part[2]
        for (i = 1; i <= 6; i++)
            printf "\t%d", sum[part[1], part[2], i]
        printf "\n"
    }
}
