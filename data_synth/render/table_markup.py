"""A table of Markdown as Typst markup: columns as wide as their words need, smaller letters where those do not fit.

Typst shares the width equally between columns that are too wide, and words that do not fit their share stand over the
next column. So the widths are worked out here: `whole` gives such a column what its widest word needs. A table that
does not fit in small letters either gets a line out of the page, which shows in its margin.
"""

from __future__ import annotations

from collections.abc import Sequence

from data_synth.render.inline_markup import LONG_WORD, Breaks, inline, unbreakable

# share: what Typst leaves to each column that is wider than that.
# widths: auto where that is enough for the longest word, else its width; none if the room is too small.
# whole: the first try that fits, at 16/16 of the letter size down to 11/16. A try is (words of each column, cells).
# A table of moderate height is not parted between pages.
TABLE_MACROS = """#let share(natural, room) = {
  let left = room
  for (place, width) in natural.sorted().enumerate() {
    let each = left / (natural.len() - place)
    if width > each { return each }
    left -= width
  }
  return 99999pt
}
#let widths(least, natural, room) = {
  let fixed = least.map(_ => auto)
  let tight = true
  while tight {
    let loose = range(least.len()).filter(place => fixed.at(place) == auto)
    let held = fixed.filter(width => width != auto).sum(default: 0pt)
    let each = share(loose.map(place => natural.at(place)), room - held)
    let narrow = loose.filter(place => least.at(place) > each + 0.01pt)
    for place in narrow { fixed.at(place) = least.at(place) + 0.01pt }
    tight = narrow.len() > 0
  }
  if fixed.filter(width => width != auto).sum(default: 0pt) > room { none } else { fixed }
}
#let whole(..tries) = layout(size => {
  let usual = text.size
  for (words, cells) in tries.pos() {
    let columns = words.len()
    let most(all) = calc.max(0pt, ..all.map(one => measure(one).width))
    let least = words.map(most)
    let natural = range(columns).map(column => most(range(column, cells.len(), step: columns).map(n => cells.at(n))))
    for part in range(16, 10, step: -1) {
      let inset = 3pt + (part - 11) * 0.6pt
      let scaled(all) = all.map(width => width * part / 16 + 2 * inset)
      let fitting = widths(scaled(least), scaled(natural), size.width)
      if fitting != none {
        let made = table(columns: fitting, inset: inset, ..cells)
        if part < 16 {
          made = {
            set text(size: usual * part / 16)
            show raw: set text(size: (usual - 2pt) * part / 16)
            made
          }
        }
        return block(breakable: measure(width: size.width, made).height > 400pt, made)
      }
    }
  }
  line(length: size.width + 99pt)
})
"""


def table_markup(rows: Sequence[str]) -> str:
    """The markup of a table; `rows` are its lines without the ruler, the first is set bold."""
    cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]
    columns = max(map(len, cells))
    cells = [[*row, *[""] * (columns - len(row))] for row in cells]
    short = LONG_WORD // 3
    few = Breaks(LONG_WORD if columns < 4 else short, "whole")
    tries = [_try(cells, breaks) for breaks in (few, Breaks(short, "groups"), Breaks(short, "digits"))]
    return f"#whole({', '.join(dict.fromkeys(tries))})"


def _try(cells: list[list[str]], breaks: Breaks) -> str:
    words: list[dict[str, None]] = [{} for _ in cells[0]]
    made = []
    for number, row in enumerate(cells):
        bold = "*" if number == 0 else ""
        for column, cell in enumerate(row):
            made.append(f"[{bold}{inline(cell, breaks)}{bold}]")
            words[column].update(dict.fromkeys(f"[{bold}{word}{bold}]" for word in unbreakable(cell, breaks)))
    columns = "".join(f"({''.join(f'{word}, ' for word in column)}), " for column in words)
    return f"(({columns}), ({''.join(f'{cell}, ' for cell in made)}))"
