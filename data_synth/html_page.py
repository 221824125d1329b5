"""An HTML page that stands alone: one style sheet, at most one script, and a policy that forbids everything else."""

from __future__ import annotations

import base64
import hashlib
from html import escape

# colours after Okabe and Ito, told apart by colour-blind readers
_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1d1f21;--soft:#666b71;--rule:#dcdee1;--faint:#f5f6f7;--link:#0067a3;
--bad:#b02a00;--bad-paper:#fde6dc}
@media(prefers-color-scheme:dark){:root{--paper:#16181a;--ink:#e3e5e7;--soft:#9aa0a6;--rule:#34383c;--faint:#1e2124;
--link:#6fbcf0;--bad:#ff9a6b;--bad-paper:#43200f}}
*{box-sizing:border-box}
body{margin:0 auto;padding:48px 28px 96px;max-width:1480px;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:30px;font-weight:600;letter-spacing:-.01em;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:19px;font-weight:600;margin:52px 0 14px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:15px;font-weight:600;margin:0 0 6px}
p{margin:0 0 10px;max-width:72em}a{color:var(--link)}.soft{color:var(--soft)}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
"""


def document(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """The whole document; `body` is HTML whose texts are escaped already. Only this script may run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"; script-src 'sha256-{digest}'" if script else ""
    policy = f"default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'{allowed}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n{body}\n"
        + (f"<script>{script}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )
