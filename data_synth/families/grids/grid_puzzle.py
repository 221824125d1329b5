"""Puzzles with one solution: sudoku, nonogram, tents, minesweeper, spot the difference (two pictures), jigsaw.

Each is solved by steps that leave no choice, which proves the solution unique; the second solver tries everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.families.forms import Form, FormFamily
from data_synth.families.grids.puzzle_difference import Difference
from data_synth.families.grids.puzzle_jigsaw import Jigsaw
from data_synth.families.grids.puzzle_mines import Mines
from data_synth.families.grids.puzzle_nonogram import Nonogram
from data_synth.families.grids.puzzle_sudoku import Sudoku
from data_synth.families.grids.puzzle_tents import Tents


class GridPuzzle(FormFamily):
    """Solve a puzzle."""

    name = "grid_puzzle"
    forms: Mapping[str, Form] = {
        "sudoku": Sudoku(),
        "difference": Difference(),
        "jigsaw": Jigsaw(),
        "mines": Mines(),
        "nonogram": Nonogram(),
        "tents": Tents(),
    }
    by_level = (
        ("sudoku", "difference", "jigsaw"),
        ("sudoku", "difference", "jigsaw", "mines"),
        *((tuple(forms),) * 3),
    )
