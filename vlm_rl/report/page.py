"""The page around the sections: one style sheet, one small script, and a policy that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from vlm_rl.report.escape import escape

# colours: Okabe & Ito (2008), told apart by colour-blind readers; the dark set is the same hues, lighter
STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1d1f21;--soft:#6a6f75;--rule:#d9dbde;--faint:#f5f6f7;
--c0:#1d1f21;--c1:#0072b2;--c2:#d55e00;--c3:#009e73;--c4:#b5588f;--c5:#b98500;--scale0:#00406b;--scale1:#e5a100;
--heat:#0072b2;--t0:#d6e9f6;--t1:#fbe3cf;--t2:#d3eee4;--t3:#f3ddea;--t4:#f8edc3;--t5:#e2e2f4;--right:#00785a;--wrong:#b84a00}
@media(prefers-color-scheme:dark){:root{--paper:#16181a;--ink:#e3e5e7;--soft:#9aa0a6;--rule:#34383c;--faint:#1e2124;
--c0:#e3e5e7;--c1:#58aee6;--c2:#f08a4b;--c3:#3cc49c;--c4:#dd9bc0;--c5:#e2b84f;--scale0:#8fd0ff;--scale1:#a36b00;
--heat:#3f9bd8;--t0:#173a52;--t1:#50300f;--t2:#11402f;--t3:#482a3d;--t4:#453a0e;--t5:#2f3058;--right:#3cc49c;--wrong:#f08a4b}}
*{box-sizing:border-box}
body{margin:0 auto;padding:56px 24px 96px;max-width:1080px;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
h1{font-size:32px;font-weight:600;letter-spacing:-.015em;margin:4px 0 14px;line-height:1.2;overflow-wrap:anywhere}
h2{font-size:20px;font-weight:600;margin:64px 0 8px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:15px;font-weight:600;margin:32px 0 10px}
h4{font-size:12px;font-weight:600;margin:0 0 4px;color:var(--soft)}
p{margin:0 0 8px}small,.note,.none,.kicker,figcaption span,.origin span,.outcome span{color:var(--soft)}
.kicker{font-size:13px;margin:0}.lead{font-size:17px;max-width:56em}.note,.none{font-size:13.5px;max-width:62em;margin-bottom:16px}
.none{font-style:italic}
.settings{display:grid;grid-template-columns:max-content 1fr;gap:3px 20px;margin:28px 0 16px;font-size:13.5px}
.settings dt{color:var(--soft)}.settings dd{margin:0;overflow-wrap:anywhere}
details{font-size:13px}summary{cursor:pointer;color:var(--soft)}
pre,code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;unicode-bidi:isolate}code{overflow-wrap:anywhere;unicode-bidi:isolate}
details pre{margin-top:10px;padding:14px 16px;background:var(--faint)}
table{border-collapse:collapse;font-size:13.5px}th{font-weight:400;text-align:right;padding:3px 10px;color:var(--soft)}
td{text-align:right;padding:5px 10px;vertical-align:top}
tbody th{color:var(--ink);text-align:left;padding-left:0;white-space:nowrap}
thead tr:last-child th{border-bottom:1px solid var(--ink)}
th.group{text-align:center;color:var(--ink);font-weight:600}
.accuracy .group{text-align:left;padding-left:38px}
.wide{overflow-x:auto}
.accuracy{width:100%;min-width:760px;table-layout:fixed}.accuracy .name{width:17%}.accuracy th.items{width:8%}
.accuracy td{line-height:1.25;padding-top:4px}.accuracy small{display:block;font-size:11px}
.accuracy tbody th{padding-top:3px;vertical-align:top}td.items{color:var(--soft)}.gain{font-weight:600}
.rule>*{border-top:1px solid var(--rule)}.total>*{font-weight:600}.total small{font-weight:400}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr));gap:30px 36px}
figure{margin:0;min-width:0;display:grid;grid-template-rows:auto 1fr auto}
figcaption{font-size:12.5px;line-height:1.4}figcaption b{font-weight:600}
.legend{font-size:12px;min-height:20px;color:var(--soft)}.key{margin-right:14px;white-space:nowrap}
.key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:5px;vertical-align:middle;
background:var(--key)}
svg{display:block;width:100%;height:auto;font-size:11px}svg text{fill:var(--soft)}
.grid{stroke:var(--rule);stroke-width:.6}
.axis{stroke:var(--soft);stroke-width:.8}.line,.raw{fill:none;stroke-linecap:round;stroke-linejoin:round}
.line{stroke-width:1.8}.raw{stroke-width:3;opacity:.28}.lone{stroke-width:6;stroke-linecap:round}
.hit{fill:var(--ink);fill-opacity:0}.hit:hover{fill-opacity:.07}
.heat{border-collapse:separate;border-spacing:2px}
.heat td{min-width:34px;text-align:center;padding:3px 4px;font-size:12px;
background:color-mix(in srgb,var(--heat) calc(var(--rate,0%)*.55),var(--faint))}
.heat thead tr th{text-align:center;padding:2px 4px;border:0}.heat tbody th{padding:2px 10px 2px 0}
.heat tbody th+th{color:var(--soft)}
.heat .first{border-left:14px solid var(--paper)}.heat .unseen{color:var(--soft)}.heat .absent{background:none}
.heat .locked{background:repeating-linear-gradient(135deg,var(--faint) 0 3px,var(--rule) 3px 4px)}
.filters{display:flex;flex-wrap:wrap;gap:10px 18px;
align-items:center;margin-bottom:18px;font-size:12.5px;color:var(--soft)}
.buttons{display:inline-flex}button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--rule);
padding:3px 10px;cursor:pointer;margin-left:-1px}button[aria-pressed=true]{background:var(--ink);color:var(--paper)}
.cards{columns:2 440px;column-gap:36px}.cards .card{break-inside:avoid;margin-bottom:28px}
.card{padding:16px 0 6px;border-top:1px solid var(--rule);overflow:hidden}
.examples .card{display:grid;grid-template-columns:minmax(140px,256px) 1fr;gap:28px}
.origin,.outcome,.versions{font-size:12.5px;overflow-wrap:anywhere}.origin span{font-size:11.5px}
.images{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}
img{max-width:100%;min-width:128px;border:1px solid var(--rule);background:#fff}
.question{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0 10px;unicode-bidi:isolate}
.response{padding-left:12px;border-left:2px solid var(--rule);margin-bottom:6px;max-height:420px;overflow-y:auto}
.seg{border-radius:2px;padding:1px 0}.versions{color:var(--soft)}.versions .seg{padding:1px 5px;color:var(--ink)}
.t0{background:var(--t0)}.t1{background:var(--t1)}.t2{background:var(--t2)}.t3{background:var(--t3)}
.t4{background:var(--t4)}.t5{background:var(--t5)}.right{color:var(--right)}.wrong{color:var(--wrong)}
.stages{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(180px,100%),1fr));gap:20px}
[hidden]{display:none}@media print{body{padding:0;max-width:none}.filters{display:none}.response{max-height:none}}
"""

SCRIPT = """
const wanted={};
function show(){
  let shown=0;
  const cards=document.querySelectorAll(".cards .card");
  for(const card of cards){
    card.hidden=Object.entries(wanted).some(([name,value])=>value&&card.dataset[name]!==value);
    shown+=!card.hidden;
  }
  const count=document.getElementById("shown");
  if(count)count.textContent=shown+" of "+cards.length;
}
for(const button of document.querySelectorAll("button[data-filter]")){
  button.addEventListener("click",()=>{
    wanted[button.dataset.filter]=button.dataset.value;
    for(const other of button.parentElement.children)other.setAttribute("aria-pressed",other===button);
    show();
  });
}
show();
"""


def page(title: str, sections: Sequence[str]) -> str:
    """The whole document. Only our script may run, by its hash, and nothing may be fetched: escaping is not alone."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(f"<section>{section}</section>" for section in sections if section)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
