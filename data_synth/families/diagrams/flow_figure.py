"""The drawing of a flowchart: one column, branches to the right, loops back on the left."""

from __future__ import annotations

from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look

Chart = dict[str, Any]
WIDTH, COLUMN, ASIDE = 384, 128, 148  # the main column, and how far right the other branch stands
BOX, DIAMOND, LINE, GAP = (104, 30), (128, 42), 20, 18
TEXT, SMALL = 15, 14


def draw_flow(scene: Scene, size: int) -> Canvas:
    pen = _Pen(None, scene)
    height = pen.run(scene["chart"], scene["output"])
    canvas = Canvas(WIDTH, max(height, WIDTH // 2), size, figure_look(scene))
    _Pen(canvas, scene).run(scene["chart"], scene["output"])
    return canvas


class _Pen:
    """Moves down the page; without a canvas it only measures."""

    def __init__(self, canvas: Canvas | None, scene: Scene) -> None:
        self.canvas, self.colour = canvas, COLOURS[scene["colour"]]
        straight = all(at["do"] in ("set", "step") for at in scene["chart"])
        self.column = WIDTH // 2 if straight else COLUMN
        self.y = 10

    def run(self, chart: list[Chart], output: str) -> int:
        """Draw everything; returns the height that it takes."""
        if self.canvas:
            self.canvas.ellipse((self.column - 6, self.y, self.column + 6, self.y + 12), INK, tag="start")
        self.y += 12
        first = [at for at in chart if at["do"] == "set"]
        self._arrow_down()
        self._box([f"{at['var']} = {at['value']}" for at in first])
        for at in chart[len(first) :]:
            self._arrow_down()
            self._statement(at)
        self._arrow_down()
        self._output(output)
        return self.y + 12

    def _statement(self, at: Chart) -> None:
        if at["do"] == "step":
            self._box([_step(at)])
        elif at["do"] == "if":
            self._if(at)
        else:
            self._while(at)

    def _if(self, at: Chart) -> None:
        top = self.y
        self._diamond(f"{at['var']} > {at['than']}?")
        middle = top + DIAMOND[1] // 2
        self._word("yes", (self.column - 24, self.y + 8))
        self._word("no", (self.column + DIAMOND[0] // 2 + 14, middle - 10))
        self._arrow_down()
        beside = self.y
        self._box([_step(at["yes"])])
        bottom, self.y = self.y, beside
        aside = self.column + ASIDE
        self._line([(self.column + DIAMOND[0] // 2, middle), (aside, middle), (aside, beside)], arrow=True)
        self._box([_step(at["no"])], aside)
        join = bottom + 12
        self._line([(aside, bottom), (aside, join), (self.column, join)], arrow=False)
        self._line([(self.column, bottom), (self.column, join)], arrow=False)
        self.y = join

    def _while(self, at: Chart) -> None:
        top = self.y
        self._diamond(f"{at['var']} < {at['than']}?")
        middle = top + DIAMOND[1] // 2
        self._word("yes", (self.column - 24, self.y + 8))
        self._word("no", (self.column + DIAMOND[0] // 2 + 14, middle - 10))
        for inner in at["body"]:
            self._arrow_down()
            self._statement(inner)
        back, left, right = self.y + 12, 22, WIDTH - 22
        self._line(
            [(self.column, self.y), (self.column, back), (left, back), (left, top - 10), (self.column, top - 10)],
            arrow=True,
        )
        self.y = back + 14
        self._line(
            [(self.column + DIAMOND[0] // 2, middle), (right, middle), (right, self.y), (self.column, self.y)],
            arrow=False,
        )

    # ------------------------------------------------------------------------------------------------------- pieces

    def _arrow_down(self) -> None:
        self._line([(self.column, self.y), (self.column, self.y + GAP)], arrow=True)
        self.y += GAP

    def _box(self, lines: list[str], x: int | None = None) -> None:
        x = self.column if x is None else x
        height = BOX[1] + LINE * (len(lines) - 1)
        if self.canvas:
            left, right = x - BOX[0] // 2, x + BOX[0] // 2
            self.canvas.rectangle((left, self.y, right, self.y + height), PAPER, self.colour, 2, "box")
            for number, line in enumerate(lines):
                self.canvas.text(x, self.y + BOX[1] // 2 + LINE * number, line, TEXT, tag=f"{line} at {x} {self.y}")
        self.y += height

    def _diamond(self, text: str) -> None:
        wide, high = DIAMOND[0] // 2, DIAMOND[1]
        if self.canvas:
            points = [(self.column, self.y), (self.column + wide, self.y + high // 2), (self.column, self.y + high)]
            self.canvas.polygon([*points, (self.column - wide, self.y + high // 2)], PAPER, self.colour, 2, "test")
            self.canvas.text(self.column, self.y + high // 2, text, TEXT, tag=f"{text} at {self.y}")
        self.y += high

    def _output(self, name: str) -> None:
        if self.canvas:
            left, right, bottom = self.column - 56, self.column + 56, self.y + BOX[1]
            points = [(left + 12, self.y), (right + 12, self.y), (right - 12, bottom), (left - 12, bottom)]
            self.canvas.polygon(points, PAPER, self.colour, 2, "output")
            self.canvas.text(self.column, self.y + BOX[1] // 2, f"output {name}", TEXT, tag="output text")
        self.y += BOX[1]

    def _word(self, word: str, spot: Point) -> None:
        if self.canvas:
            self.canvas.text(*spot, word, SMALL, tag=f"{word} at {spot}")

    def _line(self, points: list[Point], *, arrow: bool) -> None:
        if self.canvas:
            self.canvas.line(points, INK, 2, "flow")
            if arrow:
                draw_arrow_head(self.canvas, points[-2], points[-1])


def _step(at: Chart) -> str:
    return f"{at['var']} = {at['of']} {at['sign']} {at['other'] or at['by']}"
