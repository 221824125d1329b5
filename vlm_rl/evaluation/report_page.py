"""The page of an evaluation: the run report's style, what the list of responses adds, the script of its filters."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from vlm_rl.report.escape import escape
from vlm_rl.report.page import STYLE

OWN_STYLE = """
.headline{display:flex;flex-wrap:wrap;gap:12px 56px;margin:28px 0 20px}.headline div{min-width:150px}
.headline b{display:block;font-size:34px;font-weight:600;letter-spacing:-.015em;line-height:1.15}
.headline span{font-size:13px;color:var(--soft)}
.headline .official b{color:var(--c1)}.headline .strict b{color:var(--c2)}
.breakdown{width:100%;min-width:960px;table-layout:fixed}.breakdown th{padding:3px 8px}
.breakdown td{padding:3px 8px;vertical-align:middle}
.breakdown .name{width:22%}.breakdown .graph{width:18%}.breakdown .n{width:6%}.breakdown .rate{width:12%}
.breakdown thead th,.breakdown td{white-space:nowrap}
.breakdown tbody th{white-space:normal;overflow-wrap:anywhere}.breakdown small{font-size:11px}
.breakdown td.graph{padding:0 8px}.breakdown svg{overflow:visible}.breakdown .soft{color:var(--soft)}
.folded{margin:26px 0 0}.folded>summary{font-size:15px;font-weight:600;color:var(--ink);margin-bottom:4px}
.folded>summary small{font-weight:400}
.whisker{stroke-width:2;stroke-linecap:round}.official .whisker,.key-official{stroke:var(--c1)}
.strict .whisker{stroke:var(--c2)}.official circle{fill:var(--c1)}.strict circle{fill:var(--c2)}
.pick{border:0;padding:0;margin:0;background:none;text-align:left;text-decoration:underline;
text-decoration-color:var(--rule);text-underline-offset:3px}.pick:hover{text-decoration-color:var(--ink)}
:focus-visible{outline:2px solid var(--c1);outline-offset:2px}
.panel{position:sticky;top:0;z-index:1;background:var(--paper);padding:12px 0;border-bottom:1px solid var(--rule);
align-items:end}.panel>span>span:first-child,.panel label{display:block;font-size:11.5px;margin-bottom:3px}
.panel select,.panel input{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--rule);
padding:3px 8px;min-height:27px;max-width:260px}.panel button small{color:inherit;opacity:.65}
#shown{color:var(--ink);min-width:11em}
.entry{display:grid;grid-template-columns:minmax(140px,300px) minmax(0,1fr);gap:28px;padding:20px 0 14px;
border-top:1px solid var(--rule);content-visibility:auto;contain-intrinsic-size:auto 360px}
.entry:first-child{border-top:0}.entry.plain{grid-template-columns:minmax(0,1fr)}.entry .images{display:block;margin:0}
.entry img{display:block;margin-bottom:8px}.entry .question{font-size:13.5px}
.entry .response{max-height:340px;margin-top:6px}.answer{margin-top:14px}.gold{font-size:13px;margin:0 0 2px}
.verdicts{display:flex;flex-wrap:wrap;gap:2px 26px;font-size:12.5px;margin:0;overflow-wrap:anywhere}
.verdicts small,.spent{color:var(--soft)}.verdicts .guess{color:var(--c5)}
.verdicts code{background:var(--faint);padding:1px 4px}
#more{margin:12px 0 0;padding:6px 18px}
@media(max-width:720px){.entry{grid-template-columns:minmax(0,1fr)}.panel{position:static}}
[hidden]{display:none}
"""

SCRIPT = """
const STEP=40;
const entries=[...document.querySelectorAll(".entry")];
const get=id=>document.getElementById(id);
const wanted={};
let limit=STEP,texts=null;
function fits(answer){
  return Object.entries(wanted).every(([name,value])=>!value||answer.dataset[name].split(" ").includes(value));
}
function show(){
  const group=get("group").value,words=get("words").value.trim().toLowerCase();
  if(words&&!texts)texts=entries.map(entry=>entry.textContent.toLowerCase());
  let questions=0,answers=0;
  entries.forEach((entry,place)=>{
    const meant=(!group||entry.dataset.groups.split(" ").includes(group))&&(!words||texts[place].includes(words));
    let found=0;
    for(const answer of entry.querySelectorAll(".answer")){
      answer.hidden=!meant||!fits(answer);
      found+=!answer.hidden;
    }
    questions+=found>0;
    answers+=found;
    entry.hidden=!found||questions>limit;
  });
  const all=document.querySelectorAll(".answer").length;
  get("shown").textContent=questions.toLocaleString("en")+" of "+entries.length.toLocaleString("en")+" questions"+
    (all>entries.length?", "+answers.toLocaleString("en")+" responses":"");
  get("more").hidden=questions<=limit;
  get("more").textContent="Show "+Math.min(STEP,questions-limit)+" more";
}
function renew(){limit=STEP;show();}
for(const button of document.querySelectorAll("button[data-filter]")){
  button.addEventListener("click",()=>{
    wanted[button.dataset.filter]=button.dataset.value;
    for(const other of button.parentElement.children)other.setAttribute("aria-pressed",other===button);
    renew();
  });
}
for(const button of document.querySelectorAll("button[data-group]")){
  button.addEventListener("click",()=>{
    get("group").value=button.dataset.group;
    renew();
    get("responses").scrollIntoView();
    get("group").focus({preventScroll:true});
  });
}
if(entries.length){
  get("group").addEventListener("change",renew);
  get("words").addEventListener("input",renew);
  get("more").addEventListener("click",()=>{
    const next=entries.filter(entry=>!entry.hidden).length;
    limit+=STEP;
    show();
    const first=entries.filter(entry=>!entry.hidden)[next];
    if(first)first.focus();
  });
  show();
}
"""


def document(title: str, sections: Sequence[str]) -> str:
    """The whole document. Only our script may run, by its hash, and nothing may be fetched: escaping is not alone."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{OWN_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(f"<section>{section}</section>" for section in sections if section)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
