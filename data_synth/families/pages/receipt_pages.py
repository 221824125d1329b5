"""How a purchase is written down: as a till receipt, an invoice or an e-mail, in plain text, as blocks, or by Typst.

All are made from the same lines, so the text twin says neither more nor less than the pictures. No total is printed.
"""

from __future__ import annotations

from data_synth.program import Scene
from data_synth.render.page import Block, Heading, Pairs, Paragraph, Rule, Table
from data_synth.render.style import Style
from data_synth.render.typeset import colour_of, literal, marked

KINDS = ("receipt", "invoice", "e-mail")
WIDTHS = {"receipt": 310, "invoice": 384, "e-mail": 384}


def money(cents: int) -> str:
    """1205 -> 12.05; two digits after the point, always."""
    return f"{cents // 100}.{cents % 100:02d}"


def head_lines(scene: Scene) -> list[str]:
    """What stands above the items."""
    return [f"{name}: {value}" for name, value in scene["head"]]


def item_lines(scene: Scene) -> list[list[str]]:
    """Rows of the list of items, headings first."""
    grouped, sums = "group" in scene["lines"][0], scene["sums"]
    rows = [["qty", "item", *(["type"] if grouped else []), "sum" if sums else "each"]]
    for line in scene["lines"]:
        price = line["qty"] * line["unit"] if sums else line["unit"]
        rows.append([str(line["qty"]), line["name"], *([line["group"]] if grouped else []), money(price)])
    return rows


def notes(scene: Scene) -> list[str]:
    """What stands below the items: discount, tax, what was paid."""
    found = []
    if scene["discount"]:
        what = f"all {scene['group']} items" if scene["group"] and scene["discount_on_group"] else "everything"
        found.append(f"Discount on {what}: {scene['discount']} %")
    if scene["tax"]:
        found.append(f"Tax, not included in the prices: {scene['tax']} %")
    if scene["paid"]:
        found.append(f"Paid: {money(scene['paid'])}")
    return found


def as_text(scene: Scene) -> str:
    """The document in plain text, a line for each entry."""
    rows = [" | ".join(row) for row in item_lines(scene)]
    return "\n".join([scene["shop"], *head_lines(scene), *rows, *notes(scene)])


def as_blocks(scene: Scene) -> list[Block]:
    """The document as blocks of a page."""
    kind, rows = scene["kind"], item_lines(scene)
    *most, last = head_lines(scene)
    head: list[Block] = [*(Paragraph(line, gap=1, tag="head") for line in most), Paragraph(last, gap=8, tag="head")]
    table = Table(rows, "rl" + "l" * (len(rows[0]) - 3) + "r", lines="none" if kind == "receipt" else "rows")
    below: list[Block] = [Paragraph(line, bold=kind != "receipt", gap=1, tag="note") for line in notes(scene)]
    end: list[Block] = [Rule()] if below else []  # else the last line of the table is one
    if kind == "e-mail":
        greeting = Paragraph("Hello, thank you for your order:", tag="greeting")
        return [Paragraph(f"From: {scene['shop']}", gap=1, tag="from"), *head, Rule(), greeting, table, *below, *end]
    if kind == "invoice":
        return [Heading(scene["shop"], 1), Paragraph("Invoice", bold=True, tag="kind"), *head, table, *below, *end]
    top: list[Block] = [Heading(scene["shop"].upper(), 2, "center"), Pairs(scene["head"])]
    thanks = Paragraph("Thank you for your visit", align="center", gap=14, tag="thanks")
    parted: list[Block] = [Rule(dashed=True)] if below else []
    return [*top, Rule(dashed=True), table, Rule(dashed=True), *below, *parted, thanks]


def as_markup(scene: Scene, style: Style) -> str:
    """The document as Typst markup."""
    return {"receipt": _receipt, "invoice": _invoice, "e-mail": _email}[scene["kind"]](scene, style)


def _table(scene: Scene, style: Style, stroke: str, face: str) -> str:
    rows = item_lines(scene)
    aligned = "right, left, " + "left, " * (len(rows[0]) - 3) + "right"
    cells = [
        f"[{'*' if number == 0 else ''}{marked(f'cell {number} {column}', text, face)}{'*' if number == 0 else ''}]"
        for number, row in enumerate(rows)
        for column, text in enumerate(row)
    ]
    columns = "auto, 1fr, " + "auto, " * (len(rows[0]) - 2)
    return f"#table(columns: ({columns}), align: ({aligned}), inset: (x: 6pt, y: 5pt), {stroke}, {', '.join(cells)})\n"


def _entries(texts: list[str], tag: str, face: str) -> str:
    return "".join(f"{marked(f'{tag} {number}', text, face)} \\\n" for number, text in enumerate(texts))


def _receipt(scene: Scene, style: Style) -> str:
    dashes = f'#line(length: 100%, stroke: (paint: {colour_of(style.theme.ink)}, thickness: 0.8pt, dash: "dashed"))\n'
    top = f"#align(center)[*{marked('shop', scene['shop'].upper(), style.face)}*]\n"
    body = _table(scene, style, "stroke: none", style.face)
    below = "".join(f"{marked(f'note {n}', text, style.face)} \\\n" for n, text in enumerate(notes(scene)))
    thanks = f"#align(center)[{marked('thanks', 'Thank you for your visit', style.face)}]\n"
    return top + _entries(head_lines(scene), "head", style.face) + dashes + body + dashes + below + thanks


def _invoice(scene: Scene, style: Style) -> str:
    theme, face = style.theme, style.face
    bar = (
        f"#block(fill: {colour_of(theme.accent)}, width: 100%, inset: 8pt, radius: 3pt)"
        f"[#text(fill: {colour_of(theme.on_accent)}, size: 18pt)[*{literal(scene['shop'], face)}* #h(1fr) "
        f"{literal('Invoice', face)}]]\n"
    )
    lines = f"stroke: (x: none, y: 0.7pt + {colour_of(theme.faint)})"
    fill = f"fill: (x, y) => if y == 0 {{ {colour_of(theme.panel)} }}"
    below = _entries(notes(scene), "note", face)
    return bar + _entries(head_lines(scene), "head", face) + _table(scene, style, f"{lines}, {fill}", face) + below


def _email(scene: Scene, style: Style) -> str:
    face, theme = style.face, style.theme
    top = [f"From: {scene['shop']}", *head_lines(scene)]
    rule = f"#line(length: 100%, stroke: 1pt + {colour_of(theme.faint)})\n"
    greeting = f"{literal('Hello, thank you for your order:', face)}\n"
    table = _table(scene, style, f"stroke: 0.7pt + {colour_of(theme.faint)}", face)
    return f"{_entries(top, 'head', face)}{rule}{greeting}{table}{_entries(notes(scene), 'note', face)}"
