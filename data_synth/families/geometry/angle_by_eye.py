"""A rough check of an angle: how it compares with a right one in a figure that is true to scale."""

from __future__ import annotations

ALIKE = 6  # degrees off a right angle that the eye does not tell

_LOOKS = (
    "By eye: {1} is {2} 90, and angle {0} does look {3}.",
    "A glance at the figure: angle {0} looks {3}, and {1} is {2} 90.",
    "In the figure angle {0} looks {3}, which fits {1}, as that is {2} 90.",
    "The drawing agrees: {1} is {2} 90, and angle {0} looks {3}.",
    "Compared with a right angle, {0} looks {3}; indeed {1} is {2} 90.",
    "Since {1} is {2} 90, angle {0} has to look {3}, as it does.",
)


def by_eye(angle: str, degrees: int, variant: int) -> str:
    """A sentence that compares the size found for an angle with the look of it."""
    if abs(degrees - 90) <= ALIKE:
        words = "just" if degrees == 90 else "close to", "like a right angle"
    else:
        words = ("less than", "acute") if degrees < 90 else ("more than", "obtuse")
    return _LOOKS[variant].format(angle, degrees, *words)
