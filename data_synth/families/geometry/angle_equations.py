"""Every equation between angles that a figure states, and their solution: the second solver of angle_chase."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from data_synth.program import Scene

Row = tuple[dict[str, int], int]  # coefficients of angles, right-hand side


def angle_key(angle: str) -> str:
    """An angle's name, whichever way round it is written."""
    return min(angle, angle[::-1])


def sums(scene: Scene) -> list[Row]:
    return [
        ({angle_key(b + a + c): 1, angle_key(a + b + c): 1, angle_key(a + c + b): 1}, 180)
        for a, b, c in scene["triangles"]
    ]


def on_lines(scene: Scene) -> list[Row]:
    """Neighbours on a line, and angles across from each other where two lines meet."""
    rows: list[Row] = []
    for p, v, x in scene["lines"]:
        for q in set("".join(scene["triangles"])) | set(scene["spots"]):
            if q not in (p, v, x):
                rows.append(({angle_key(p + v + q): 1, angle_key(q + v + x): 1}, 180))
    for (p, v, x), (q, w, y) in combinations(scene["lines"], 2):
        if v == w:
            rows.append(({angle_key(p + v + q): 1, angle_key(x + v + y): -1}, 0))
    return rows


def of_equal_sides(scene: Scene) -> list[Row]:
    rows: list[Row] = []
    for one, other in scene["equal"]:
        tip, p, q = one[0], one[1], other[1]
        rows.append(({angle_key(tip + p + q): 1, angle_key(tip + q + p): -1}, 0))
    return rows


def solve(rows: list[Row], wanted: str) -> int | None:
    """Gauss-Jordan elimination over fractions; None if the equations leave the wanted angle open."""
    names = sorted({name for coefficients, _ in rows for name in coefficients} - {wanted}) + [wanted]
    matrix = [[Fraction(row.get(name, 0)) for name in names] + [Fraction(value)] for row, value in rows]
    pivots = 0
    for column in range(len(names)):
        best = next((r for r in range(pivots, len(matrix)) if matrix[r][column]), None)
        if best is None:
            continue
        matrix[pivots], matrix[best] = matrix[best], matrix[pivots]
        head = matrix[pivots][column]
        matrix[pivots] = [value / head for value in matrix[pivots]]
        for r, row in enumerate(matrix):
            if r != pivots and row[column]:
                factor = row[column]
                matrix[r] = [a - factor * b for a, b in zip(row, matrix[pivots], strict=True)]
        pivots += 1
    for row in matrix:
        if row[-2] == 1 and not any(row[:-2]):
            return int(row[-1])
    return None
