"""Pages to leaf through: one for each family with pictures, questions, answers and traces, and an index."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from data_synth.html_page import document
from data_synth.item import Item
from data_synth.preview.choose import description, prompt_text
from data_synth.records import encode

_MEDIA = {"png": "image/png", "jpg": "image/jpeg"}
_STYLE = """
img{display:block;max-width:100%;height:auto;border:1px solid var(--rule);background:#fff}
.item{margin:0 0 34px;padding-top:12px;border-top:1px solid var(--rule)}
.forms{display:flex;flex-wrap:wrap;gap:18px 28px;align-items:flex-start}.form{max-width:min(100%,860px)}
.pictures{display:flex;flex-wrap:wrap;gap:10px;margin:4px 0 8px}
.text{white-space:pre-wrap;overflow-wrap:anywhere;max-width:64em;margin:0 0 8px}.pictures+.text{max-width:400px}
.answer{font-weight:600;color:var(--good)}:root{--good:#00684e}@media(prefers-color-scheme:dark){:root{--good:#4fd0a5}}
.families{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:30px 26px;margin-top:26px}
.families img{margin-bottom:8px}.families a{text-decoration:none}nav a{margin-right:16px}
"""


def family_page(family: str, rows: Sequence[tuple[int, Sequence[Item]]], size: int) -> str:
    """All the items of a family. rows: (level, items); size: longer side of the pictures, pixels."""
    links = "".join(f'<a href="#level-{level}">level {level}</a>' for level, _ in rows)
    body = (
        f"<h1>{escape(family)}</h1>\n<p>{escape(description(family))}</p>\n"
        f'<nav><a href="index.html">all families</a>{links}<a href="{escape(family)}.png">contact sheet</a></nav>\n'
    )
    for level, items in rows:
        body += f'<h2 id="level-{level}">Level {level}</h2>\n'
        body += "\n".join(_item(item, number, size) for number, item in enumerate(items))
    return document(f"{family}: preview", body, style=_STYLE)


def _item(item: Item, number: int, size: int) -> str:
    """One item in all its modalities, with its answer and one of its traces."""
    forms = "".join(_form(item, modality, size) for modality in item.modalities)
    facts = ", ".join(f"{name} {value}" for name, value in item.features.items())
    trace = item.trace(item.modalities[0], number)
    return (
        f'<div class="item"><p class="soft">{escape(item.id)} &nbsp; {item.split} &nbsp; {escape(facts)}</p>'
        f'<div class="forms">{forms}</div><p class="answer">{escape(item.answer.surface)}</p>'
        f'<p class="text soft">{escape(trace)}</p></div>'
    )


def _form(item: Item, modality: str, size: int) -> str:
    """An item in one modality: pictures as the data set stores them, and the prompt."""
    pictures = "".join(
        f'<img src="data:{_MEDIA[ending]};base64,{base64.b64encode(data).decode()}" alt="picture {place}">'
        for place, (ending, data) in enumerate(encode(item, modality, size).images, 1)
    )
    label = f'<p class="soft">{escape(modality)}</p>' if len(item.modalities) > 1 else ""
    shown = f'<div class="pictures">{pictures}</div>' if pictures else ""
    return f'<div class="form">{label}{shown}<p class="text">{escape(prompt_text(item, modality))}</p></div>'


def index_page(families: Sequence[tuple[str, Item, str]], size: int) -> str:
    """All families. families: (name, an item of it, the modality in which that is shown)."""
    cards = []
    for family, item, modality in families:
        images = encode(item, modality, size).images
        data = base64.b64encode(images[0][1]).decode() if images else ""
        picture = f'<img src="data:{_MEDIA[images[0][0]]};base64,{data}" alt="{escape(family)}">' if images else ""
        cards.append(
            f'<div><a href="{escape(family)}.html">{picture}<h3>{escape(family)}</h3></a>'
            f'<p>{escape(description(family))}</p><p class="soft">{escape(", ".join(item.modalities))}; '
            f'<a href="{escape(family)}.png">contact sheet</a></p></div>'
        )
    body = f'<h1>Families</h1>\n<p>{len(families)} families.</p>\n<div class="families">{"".join(cards)}</div>'
    return document("Families: preview", body, style=_STYLE)
