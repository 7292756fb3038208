#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page in a browser: test_page.sh UMBRA SOURCE_ROOT
# Exit status 77: there is no Chromium.
set -euo pipefail
umbra=$1 source_root=$2
command -v chromium >/dev/null || exit 77

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export UMBRA_BUILD=$dir/build UMBRA_SCENARIOS=$source_root/scenarios HOME=$dir
page=$dir/build/report/index.html

fail()
{
    printf 'not so: %s\n' "$1" >&2
    exit 1
}

# The document as it stands when all scripts have run.
opened()
{
    timeout 60 chromium --headless --window-size=390,844 --no-sandbox --disable-gpu \
        --disable-dev-shm-usage --user-data-dir="$dir/profile" \
        --virtual-time-budget=5000 --dump-dom "file://$1" 2>"$dir/errors"
}

"$umbra" run 'vtd/iotlb-page*' 'vtd/te-*' >"$dir/log" 2>&1 || fail "$(<"$dir/log")"
cat >"$dir/build/report/mutants.json" <<'END'
{"verb": "mutants", "total": 1, "killed": 1, "survived": 0,
 "not_applicable": 0, "results": [{"slug": "one", "room": "models",
 "killed": true, "by": "P2", "seconds": 1.0, "executions": 1}]}
END
cat >"$dir/build/report/cover.json" <<'END'
{"verb": "cover", "points_total": 2, "points_hit": 2, "sections":
 [{"list": "vtd", "section": "6.5", "hit": 2, "total": 2, "explained": 0}]}
END
# A second run, and one of the benchmarks before: what the plots are made of.
sed 's/"figures": {}/"figures": {"vtd hit": {"unit": "translations\/s", '\
'"values": [1e6, 2e6, 1.5e6]}}/' "$dir/build/report/history.json" \
    >"$dir/history" || fail 'no history'
mv "$dir/history" "$dir/build/report/history.json"
"$umbra" run 'vtd/te-*' >"$dir/log" 2>&1 || fail "$(<"$dir/log")"
"$umbra" run 'vtd/iotlb-page*' 'vtd/te-*' litmus/vtd/unmap-free >"$dir/log" 2>&1 ||
    fail "$(<"$dir/log")"
"$umbra" report >"$dir/log" 2>&1 || fail "$(<"$dir/log")"

# What a reader does: open all that can be opened, and filter.
sed 's|</body>|<script>\
for(const one of document.querySelectorAll("summary"))one.click();\
box.value="te-cycles";box.dispatchEvent(new Event("input"));\
const rows=[...document.querySelectorAll("#cases tbody tr")];\
const open=[...document.querySelectorAll("details")].every(d=>d.open);\
const ticks=rows.filter(r=>!r.hidden)[0].querySelectorAll(".history .good");\
const plots=document.querySelectorAll("#benchmarks ~ div polyline");\
const links=[...document.querySelectorAll("a")].map(a=>a.getAttribute("href"));\
const lanes=[...document.querySelectorAll("details[open] pre.lanes")]\
.filter(p=>p.offsetHeight?p.textContent.includes("=> P"):false);\
document.title="lanes "+lanes.length+" plots "+plots.length+" ticks "+ticks.length\
+" links "+links.length+" rows "+rows.length+" shown "+rows.filter(r=>!r.hidden).length\
+" open "+open+" wide "+(document.body.scrollWidth>innerWidth);\
</script></body>|' "$page" >"$dir/clicked.html"
title=$(opened "$dir/clicked.html" | sed -n 's|.*<title>\(.*\)</title>.*|\1|p')
[[ $title =~ ^lanes\ 3\ plots\ 1\ ticks\ 3\ links\ 1\ rows\ ([0-9]+)\ shown\ ([0-9]+)\ open\ true\ wide\ false$ ]] ||
    fail "clicked through: '$title' $(tail -n 3 "$dir/errors")"
((BASH_REMATCH[1] > BASH_REMATCH[2] && BASH_REMATCH[2] > 0)) ||
    fail "the filter: '$title'"
echo "ok: $title"
