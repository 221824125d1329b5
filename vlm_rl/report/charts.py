"""Line charts as inline SVG: axes, ticks, gaps, a running mean over light raw points, values on hover."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vlm_rl.report.escape import escape

WIDTH, HEIGHT = 500, 200
LEFT, RIGHT, TOP, BOTTOM = 46, 492, 8, 174  # the plot inside the figure
MAX_HOVER_STRIPS = 150

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """One line; `values` holds one number per x, None = gap."""

    label: str
    values: tuple[float | None, ...]
    color: str  # any CSS colour, e.g. var(--c1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps data to pixels, with the ticks that belong to it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    start: float  # pixel of low
    end: float  # pixel of high
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = (
            (math.log10(v) for v in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        )
        return self.start + (at - low) / (high - low) * (self.end - self.start)


def line_chart(
    label: str, xs: Sequence[int], series: Sequence[Series], *, percent: bool = False, log: bool = False
) -> str:
    """An <svg> of several series over the same x values. percent: 0.5 reads 50 %. log: values <= 0 become gaps."""
    if log:
        series = [Series(s.label, tuple(v if v and v > 0 else None for v in s.values), s.color) for s in series]
    numbers = [value for one in series for value in one.values if value is not None]
    if not numbers:
        raise ValueError(f"chart {label!r} has nothing to draw: every value is missing")
    x_scale = linear_scale(min(xs), max(xs), LEFT, RIGHT, whole=True)
    y_scale = (
        log_scale(min(numbers), max(numbers))
        if log
        else linear_scale(min(0.0, *numbers), max(0.0, *numbers), BOTTOM, TOP)
    )
    body = [_axes(x_scale, y_scale, percent)]
    window = smoothing_window(len(xs))
    for one in series:
        mean = running_mean(one.values, window)
        if window:
            body.append(_path("raw", one.color, [_dots(xs, one.values, x_scale, y_scale)]))
        body.append(_path("line", one.color, _lines(xs, mean, x_scale, y_scale)))
        body.append(_path("lone", one.color, [_dots(xs, lone_points(mean), x_scale, y_scale)]))
    body.append(_hover_strips(xs, series, x_scale, percent))
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(body)}</svg>'


# ----------------------------------------------------------------------------------------------------------- scales


def linear_scale(low: float, high: float, start: float, end: float, *, whole: bool = False) -> Scale:
    """From low to high, ticks at 1, 2 or 5 times a power of ten; whole: integer ticks and no room beyond the data."""
    if high <= low:
        high = low + (1.0 if whole else abs(low) or 1.0)
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if step * factor * 4.5 >= high - low)
    if whole:
        step = max(1.0, round(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if whole:
        first, last = math.ceil(low / step), math.floor(high / step)
    else:
        low, high = first * step, last * step
    return Scale(low, high, tuple(tick * step for tick in range(first, last + 1)), start, end)


def log_scale(low: float, high: float) -> Scale:
    """Whole decades around the positive values low .. high."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    last = max(last, first + 1)
    every = math.ceil((last - first) / 5)
    ticks = tuple(10.0**exponent for exponent in range(first, last + 1, every))
    return Scale(10.0**first, 10.0**last, ticks, BOTTOM, TOP, log=True)


# --------------------------------------------------------------------------------------------------------- smoothing


def smoothing_window(n: int) -> int:
    """Half-width of the running mean for n rows: 0 (no smoothing) below 20 rows."""
    return n // 20


def running_mean(values: Values, half_width: int) -> list[float | None]:
    """Mean of the values present within half_width on either side; a gap stays a gap."""
    means: list[float | None] = []
    for position, value in enumerate(values):
        near = values[max(0, position - half_width) : position + half_width + 1]
        present = [other for other in near if other is not None]
        means.append(None if value is None else sum(present) / len(present))
    return means


def lone_points(values: Values) -> list[float | None]:
    """The values with a gap on both sides, which a line would not show: evaluations now and then, for one."""
    padded = [None, *values, None]
    return [
        value if before is None and after is None else None
        for before, value, after in zip(padded, values, padded[2:], strict=False)
    ]


# ---------------------------------------------------------------------------------------------------------- drawing


def number(value: float, percent: bool = False) -> str:
    """A value for people: 3 significant digits, thousands as k and millions as M."""
    if percent:
        return f"{100 * value:.3g} %"
    for size, unit in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{value:.4g}".replace("e-0", "e-")


def _axes(x_scale: Scale, y_scale: Scale, percent: bool) -> str:
    parts = []
    for tick in y_scale.ticks:
        y = y_scale(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 3.5:.1f}" text-anchor="end">{number(tick, percent)}</text>')
    for tick in x_scale.ticks:
        parts.append(f'<text x="{x_scale(tick):.1f}" y="{BOTTOM + 16}" text-anchor="middle">{tick:.0f}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}"/>')
    return "".join(parts)


def _path(kind: str, color: str, strokes: list[str]) -> str:
    """One <path>; "" when there is nothing on it."""
    if not any(strokes):
        return ""
    return f'<path class="{kind}" style="stroke:{color}" d="{"".join(strokes)}"/>'


def _dots(xs: Sequence[int], values: Values, x_scale: Scale, y_scale: Scale) -> str:
    # a stroke of no length with round caps is a dot: one path instead of a thousand circles
    return "".join(f"M{x_scale(x):.1f} {y_scale(v):.1f}h0" for x, v in zip(xs, values, strict=True) if v is not None)


def _lines(xs: Sequence[int], values: Values, x_scale: Scale, y_scale: Scale) -> list[str]:
    """One stroke per stretch without a gap."""
    strokes, pen_down = [], False
    for x, value in zip(xs, values, strict=True):
        if value is not None:
            strokes.append(f"{'L' if pen_down else 'M'}{x_scale(x):.1f} {y_scale(value):.1f}")
        pen_down = value is not None
    return strokes


def _hover_strips(xs: Sequence[int], series: Sequence[Series], x_scale: Callable[[float], float], percent: bool) -> str:
    """Invisible columns whose titles tell the raw values at an iteration."""
    stride = math.ceil(len(xs) / MAX_HOVER_STRIPS)
    width = (RIGHT - LEFT) / math.ceil(len(xs) / stride)
    strips = []
    for position in range(0, len(xs), stride):
        told = [(one.label, one.values[position]) for one in series]
        lines = [f"{name}: {number(value, percent)}" for name, value in told if value is not None]
        title = escape("\n".join([f"iteration {xs[position]}", *(lines or ["not logged"])]))
        x = x_scale(xs[position]) - width / 2
        box = f'x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{BOTTOM - TOP}"'
        strips.append(f'<rect class="hit" {box}><title>{title}</title></rect>')
    return "".join(strips)
