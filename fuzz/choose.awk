# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the control file of a libFuzzer merge (-set_cover_merge=1): names of
# files, then for each its size and what it reaches.  Prints those that together
# reach most and fit into @room bytes: again and again the one that adds most
# for what it costs, which is its size and as much again as a short program, so
# that a few long ones are better than many of one operation.

BEGIN { least = 400 }
/^[0-9]+$/ { next }
/^STARTED/ { size[$2] = $3; next }
/^FT/ { reached[$2] = $0; worth[$2] = NF / (size[$2] + least); next }
/^COV/ { next }
{ path[files++] = $0 }

# How many of the words of a line from the third on have not been seen.
function news(line,    word, count, n, added)
{
    count = split(line, word, " ")
    added = 0
    for (n = 3; n <= count; n++)
        added += !(word[n] in seen)
    return added
}

# Worth only falls: who is the best by what it was, and still is, is the best.
function best_of_all(    i, best, now)
{
    for (;;) {
        best = -1
        for (i in worth)
            if (size[i] <= room && (best < 0 || worth[i] > worth[best]))
                best = i
        if (best < 0)
            return -1
        now = news(reached[best]) / (size[best] + least)
        if (now && now == worth[best])
            return best
        worth[best] = now
        if (!now)
            delete worth[best]
    }
}

END {
    while ((best = best_of_all()) >= 0) {
        print path[best]
        room -= size[best]
        count = split(reached[best], word, " ")
        for (n = 3; n <= count; n++)
            seen[word[n]] = 1
        delete worth[best]
    }
}
