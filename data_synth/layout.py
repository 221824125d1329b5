"""Where objects stand: jittered cells of a square grid, with boxes in design units."""

from __future__ import annotations

from data_synth.rng import Rng

SIDE = 384  # design units of a scene

Box = tuple[int, int, int, int]


def box_in_cell(rng: Rng, row: int, column: int, cell: int, width: int, spill: int = 0) -> Box:
    """A square box of this width, jittered inside its cell (rows and columns count from 0).

    spill: how far it may reach out of the cell; never out of the scene.
    """
    free = (cell - width) // 2
    jitter = max(0, free - 2) + spill
    left = column * cell + free + rng.between(-jitter, jitter)
    top = row * cell + free + rng.between(-jitter, jitter)
    left, top = min(max(left, 2), SIDE - width - 2), min(max(top, 2), SIDE - width - 2)
    return left, top, left + width, top + width


def overlap_share(a: Box, b: Box) -> float:
    """Area two boxes share, as a share of the smaller one."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))


def cells(rng: Rng, grid: int, count: int) -> list[tuple[int, int]]:
    """`count` different (row, column) of a grid, in reading order."""
    return sorted(divmod(place, grid) for place in rng.sample(range(grid * grid), count))
