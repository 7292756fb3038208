# SPDX-License-Identifier: GPL-2.0-or-later
#
# What verilator_coverage --write has collected, by file: TSV
#   file NAME LINES-HIT LINES PROPERTIES-HIT PROPERTIES
#   unhit NAME LINE            a cover property that was never seen
# A unit is Verilated in several geometries: a point that one of them has hit
# is hit.
#
# A line is  C 'KEY\002VALUE\001KEY\002VALUE...' COUNT

/^C '/ {
    count = $NF
    split(substr($0, 4), field, "\001")
    delete value
    for (i in field) {
        split(field[i], pair, "\002")
        value[pair[1]] = pair[2]
    }
    name = value["f"]
    sub(/.*\//, "", name)
    kind = value["page"]
    sub(/\/.*/, "", kind)
    if (kind != "v_user" && kind != "v_line" && kind != "v_branch")
        next
    files[name] = 1
    point = kind SUBSEP name SUBSEP value["l"] SUBSEP value["n"] SUBSEP value["o"]
    hits[point] += count
}

END {
    for (point in hits) {
        split(point, part, SUBSEP)
        user = part[1] == "v_user"
        all[user, part[2]]++
        if (hits[point] > 0)
            hit[user, part[2]]++
        else if (user)
            print "unhit\t" part[2] "\t" part[3]
    }
    for (name in files)
        print "file\t" name "\t" hit[0, name] + 0 "\t" all[0, name] + 0 \
            "\t" hit[1, name] + 0 "\t" all[1, name] + 0
}
