"""The Markdown that prompts are written in, as Typst markup: headings, lists, tables, code, paragraphs with formulas.

What is no such mark-up stays as it is.
"""

from __future__ import annotations

import re

from data_synth.render.fonts import FONTS, has_glyph
from data_synth.render.inline_markup import formula, inline, string
from data_synth.render.table_markup import TABLE_MACROS, table_markup

_FENCE = re.compile(r"^\s*(```|~~~)\s*([\w+-]*)\s*$")
_HEADING = re.compile(r"^(#{1,4})\s+(\S.*)$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,3}[.)])\s+(.*)$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULER = re.compile(r"^\s*\|(\s*:?-+:?\s*\|)+\s*$")
_DISPLAY = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]", re.DOTALL)
FALLBACK = "dejavu-mono"  # draws what the font of the text lacks


def to_markup(text: str, face: str) -> str:
    """Typst markup for Markdown text. Raises ValueError naming a character that no font has."""
    check_characters(text, face)
    parts: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    place = 0
    while place < len(lines):
        line = lines[place]
        if fence := _FENCE.match(line):
            end = next((n for n in range(place + 1, len(lines)) if lines[n].strip() == fence[1]), len(lines))
            parts.append(_code("\n".join(lines[place + 1 : end]), fence[2]))
            place = end + 1
        elif _ROW.match(line) and place + 1 < len(lines) and _RULER.match(lines[place + 1]):
            end = next((n for n in range(place + 2, len(lines)) if not _ROW.match(lines[n])), len(lines))
            parts.append(table_markup([lines[place], *lines[place + 2 : end]]))
            place = end
        elif heading := _HEADING.match(line):
            size = {1: 22, 2: 19, 3: 17, 4: 16}[len(heading[1])]
            parts.append(f"#text(size: {size}pt)[*{inline(heading[2])}*]")
            place += 1
        elif item := _ITEM.match(line):
            parts.append(
                f"#entry({min(len(item[1]), 8) * 5}pt, [{string(item[2].replace('*', '-'))}], [{inline(item[3])}])"
            )
            place += 1
        elif not line.strip():
            place += 1
        else:
            end = next((n for n in range(place + 1, len(lines)) if _starts_block(lines, n)), len(lines))
            parts.append(_paragraph("\n".join(lines[place:end])))
            place = end
    return _MACROS + "\n\n".join(parts)


# display: a formula up to twice as wide as the text is made smaller, a wider one is broken into lines if it can be.
# What sticks out all the same shows in the margins.
_MACROS = (
    """#let display(formula, breakable) = layout(size => {
  let wide = measure(formula).width
  if wide <= size.width { formula }
  else if wide <= 2 * size.width { scale(size.width / wide * 100%, reflow: true, formula) }
  else { breakable }
})
#let entry(indent, sign, body) = pad(left: indent, grid(columns: (auto, 1fr), gutter: 7pt, sign, body))
"""
    + TABLE_MACROS
)


def check_characters(text: str, face: str) -> None:
    """Raise ValueError naming the first character that neither the font nor its fallback has."""
    for character in text:
        if character not in "\n\r\t" and not has_glyph(character, face) and not has_glyph(character, FALLBACK):
            raise ValueError(
                f"no font here has a glyph for {character!r} (U+{ord(character):04X}); "
                f"{FONTS[face].name} and {FONTS[FALLBACK].name} were tried"
            )


def _starts_block(lines: list[str], place: int) -> bool:
    line = lines[place]
    table = _ROW.match(line) and place + 1 < len(lines) and _RULER.match(lines[place + 1])
    return bool(not line.strip() or _FENCE.match(line) or _HEADING.match(line) or _ITEM.match(line) or table)


def _code(text: str, language: str = "") -> str:
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    lang = f', lang: "{language}"' if language else ""
    return f'#block(fill: luma(128, 12%), inset: 8pt, radius: 3pt, width: 100%, raw("{inside}", block: true{lang}))'


def _paragraph(text: str) -> str:
    """Text with display formulas between its lines."""
    parts, end = [], 0
    for match in _DISPLAY.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(formula(match[1] or match[2], display=True))
        end = match.end()
    parts.append(text[end:])
    made = [part if number % 2 else inline(part.strip()) for number, part in enumerate(parts) if part.strip()]
    return "\n\n".join(made)
