"""Boards and patterns: worlds to step through, puzzles with one solution, sequences to go on with."""
