/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the page of the report looks, and its box that filters the cases. */
#include <cli/report.h>

/* clang-format off */
const char report_style[] =
    ":root{color-scheme:light dark;--bg:#fafafa;--fg:#1c1c1e;--dim:#6b6b70;"
    "--card:#fff;--line:#d9d9de;--good:#1a7f45;--bad:#c62828;--skip:#8a6d1a;"
    "--bar:#3b6fb6;--bar2:#c9cdd6}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#141416;--fg:#e8e8ea;"
    "--dim:#9a9aa2;--card:#1e1e22;--line:#36363c;--good:#4cc27d;--bad:#ff6b63;"
    "--skip:#d9b54a;--bar:#6ea3ea;--bar2:#3d4048}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);"
    "color:var(--fg);font:16px/1.45 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:.2rem 0}"
    "h2{font-size:1.15rem;margin:2rem 0 .6rem}"
    "p{margin:.3rem 0}.dim{color:var(--dim)}.good{color:var(--good)}"
    ".bad{color:var(--bad)}.skip{color:var(--skip)}\n"
    ".tiles{display:grid;gap:.6rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}\n"
    ".tile,.finding,details{background:var(--card);"
    "border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}\n"
    ".tile b{display:block;font-size:1.35rem;line-height:1.2}\n"
    ".finding{border-left:.35rem solid var(--bad);margin:.6rem 0}\n"
    "code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}"
    "pre{font:.8em/1.35 ui-monospace,monospace;margin:.4rem 0}"
    ".finding code{display:block;margin-top:.3rem;padding:.35rem .5rem;"
    "background:var(--bg);border-radius:.3rem}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
    "var(--line);white-space:nowrap}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}th{color:var(--dim);font-weight:600}\n"
    "#cases td:first-child{white-space:normal;overflow-wrap:anywhere;"
    "min-width:16rem}\n"
    "input{width:100%;font:inherit;padding:.5rem .7rem;margin:.4rem 0;"
    "color:inherit;background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem}\n"
    "details{margin:.5rem 0}summary{cursor:pointer}\n"
    "svg{display:block}svg.inline{display:inline-block;"
    "vertical-align:middle}svg text{fill:currentColor;font:12px system-ui,"
    "sans-serif}.f1{fill:var(--bar)}.f2{fill:var(--bar2)}.fg{fill:var(--good)}"
    ".fb{fill:var(--bad)}.line{fill:none;stroke:var(--bar);stroke-width:2}"
    ".history{font:.8em ui-monospace,monospace}\n"
    ".charts{display:grid;gap:0 2rem;"
    "grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}"
    ".charts svg{max-width:100%;height:auto}\n";

/* Rows whose text has every word of the box stay. */
const char report_script[] =
    "const box=document.getElementById('filter');\n"
    "if(box)box.addEventListener('input',()=>{\n"
    "  const words=box.value.toLowerCase().split(/\\s+/);\n"
    "  for(const row of document.querySelectorAll('#cases tbody tr')){\n"
    "    const text=row.textContent.toLowerCase();\n"
    "    row.hidden=!words.every(word=>text.includes(word));\n"
    "  }\n"
    "});\n";
/* clang-format on */
