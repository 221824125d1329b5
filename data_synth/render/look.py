"""How a figure looks: its paper, its ink, the font of its labels, and the shades of the plain colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_synth.render.palette import PAPER, Colour


@dataclass(frozen=True, slots=True)
class Look:
    """What a canvas paints with. shades: what stands for a plain colour of palette.py, ink included; others are as
    they are.
    """

    paper: Colour = PAPER
    face: str = "aileron"
    shades: Mapping[Colour, Colour] = field(default_factory=dict)

    def shade(self, colour: Colour) -> Colour:
        """The colour as it is drawn."""
        return self.shades.get(colour, colour)


PLAIN = Look()
