"""What the height of a bar is worth: half grid lines of a linear axis, or drawn lines of a logarithmic one."""

from __future__ import annotations

from data_synth.program import Scene

LOG_LINES = (1, 2, 3, 4, 5, 6, 8)  # times a power of ten; nearer ones could not be told apart
DECADES = 2
LOG_TOP = len(LOG_LINES) * DECADES  # the highest line
LOG_UNITS = (1, 10, 100)  # what the lowest line is worth


def worth(scene: Scene, height: int) -> int:
    """Value of a height. scene["step"]: worth of a whole grid line, or of the lowest line of a logarithmic axis."""
    if not scene["log"]:
        return int(height * scene["step"] // 2)
    factor, power = log_line(scene, height)
    return factor * power


def log_line(scene: Scene, height: int) -> tuple[int, int]:
    """(factor, power of ten) of a line of a logarithmic axis: its value is their product."""
    decade, line = divmod(height, len(LOG_LINES))
    return LOG_LINES[line], int(scene["step"] * 10**decade)
