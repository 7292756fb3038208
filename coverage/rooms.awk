# SPDX-License-Identifier: GPL-2.0-or-later
# Coverage by room from a tracefile of lcov.
# awk -v root=DIR/ -f rooms.awk FILE.info: the room, and hit and all of lines,
# branches, functions, separated by tabs.  The modules of SystemC that stand
# beside the models (docs/architecture.md) run in simulated time: they count
# with sim/.

/^SF:/ {
    room = substr($0, 4)
    if (index(room, root) == 1)
        room = substr(room, length(root) + 1)
    if (room ~ /^models\/.*\.[ch]pp$/)
        room = "sim"
    sub(/\/.*/, "", room)
    rooms[room]
}
/^LH:/ { sum[room, 1] += substr($0, 4) }
/^LF:/ { sum[room, 2] += substr($0, 4) }
/^BRH:/ { sum[room, 3] += substr($0, 5) }
/^BRF:/ { sum[room, 4] += substr($0, 5) }
/^FNH:/ { sum[room, 5] += substr($0, 5) }
/^FNF:/ { sum[room, 6] += substr($0, 5) }

END {
    for (room in rooms) {
        printf "%s", room
        for (i = 1; i <= 6; i++)
            printf "\t%d", sum[room, i]
        printf "\n"
    }
}
