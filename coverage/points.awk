# SPDX-License-Identifier: GPL-2.0-or-later
# The functional points and how often each was hit.
# awk -f points.awk suite=1 HITS... suite=2 HITS... suite=0 X.points...
# suite 1: of the suite, 2: of the unit tests.  Prints "point", name, section,
# hits of both, text, reason; then "unlisted", name, hits.

BEGIN { FS = OFS = "\t" }

suite { hits[suite, $2] += $1; met[$2] += $1; next }
/^#/ || !NF { next }
{
    if ($1 in listed) {
        print FILENAME ": " $1 " stands there twice" >"/dev/stderr"
        exit 2
    }
    listed[$1] = 1
    print "point", $1, $2, hits[1, $1] + 0, hits[2, $1] + 0, $3, $4
}

END {
    for (name in met)
        if (!(name in listed))
            print "unlisted", name, met[name]
}
